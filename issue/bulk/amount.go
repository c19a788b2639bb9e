package bulk

import (
	"fmt"
	"strconv"
	"strings"

	"paylink"
	"paylink/issue"
)

const longest = 15 // digits: far above the limit, far below an overflow

// amount reads the amount of the link, or between which the customer chooses. What the row says stands in the
// place of all that a template says.
func (d *drafted) amount(out *issue.Draft) {
	minor, said := d.sum(fieldAmount, out.Currency)
	least, most, chosen := d.sums(fieldChosenLeast, fieldChosenMost, out.Currency)
	if said || chosen {
		out.Amount, out.HasAmount, out.Terms.CustomerAmount, out.Terms.Items = minor, said, nil, nil
	}
	if chosen {
		out.Terms.CustomerAmount = &paylink.CustomerAmount{Minimum: least, Maximum: most}
	}
}

// sum reads an amount exactly, from the column in minor units or from the one in major units: there is no
// float on the way, and nothing is rounded. ok is false when it is blank or cannot be read.
func (d *drafted) sum(field string, currency paylink.Currency) (minor int64, ok bool) {
	if _, written := d.columns[field+major]; written {
		return d.major(field+major, currency)
	}
	text := d.cell(field)
	switch {
	case text == "":
	case shortened.MatchString(text):
		d.fault(field, "shortened_number", "A spreadsheet has shortened this number. Write it with all its digits.")
	case strings.ContainsAny(text, ".,"):
		d.fault(field, "not_minor_units", "This column is in minor units, without decimals: 245000 stands for 2450.00. Call the column "+field+major+" to write 2450.00.")
	case len(text) > longest:
		d.fault(field, "too_large", "The amount is too large.")
	default:
		return d.number(field, text)
	}
	return 0, false
}

// major reads an amount as people write it: 2450, 2,450.00 or 1,23,456.5.
func (d *drafted) major(field string, currency paylink.Currency) (minor int64, ok bool) {
	text := d.cell(field)
	if text == "" {
		return 0, false
	}
	decimals, known := currency.Exponent()
	if !known {
		return 1, true // the currency is what is wrong, and is told as such
	}
	whole, fraction, point := strings.Cut(text, ".")
	whole, grouped := ungroup(whole)
	switch {
	case shortened.MatchString(text):
		d.fault(field, "shortened_number", "A spreadsheet has shortened this number. Write it with all its digits.")
	case !grouped || whole == "" || !digits(whole) || !digits(fraction) || point && fraction == "":
		d.fault(field, "bad_amount", "Write the amount with digits and a point only, such as 2450.00.")
	case len(strings.TrimRight(fraction, "0")) > decimals:
		d.fault(field, "too_precise", fmt.Sprintf("The currency has %d decimals; an amount is never rounded.", decimals))
	case len(strings.TrimLeft(whole, "0")) > longest-decimals:
		d.fault(field, "too_large", "The amount is too large.")
	default:
		fraction = strings.TrimRight(fraction, "0")
		n, err := strconv.ParseInt("0"+whole+fraction+strings.Repeat("0", decimals-len(fraction)), 10, 64)
		if err != nil {
			d.fault(field, "bad_amount", "The amount cannot be read.")
		}
		return n, err == nil
	}
	return 0, false
}

// ungroup takes out commas that group thousands or lakhs. A comma anywhere else may be a decimal point,
// and a guess would ask for a hundred times the money.
func ungroup(whole string) (string, bool) {
	groups := strings.Split(whole, ",")
	for i, group := range groups {
		last := i == len(groups)-1
		switch {
		case len(groups) == 1:
		case i == 0 && (len(group) < 1 || len(group) > 3):
			return "", false
		case last && len(group) != 3:
			return "", false
		case i > 0 && !last && len(group) != 2 && len(group) != 3:
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// total adds up what is asked for, by currency: a million rows of the largest amount, 10^18, still fit.
func total(totals map[paylink.Currency]int64, d issue.Draft) { totals[d.Currency] += d.Amount }
