package bulk

import (
	"fmt"
	"strconv"
	"strings"

	"paylink"
	"paylink/issue"
)

const longest = 15 // digits: far above the limit, far below an overflow

// amount reads the amount exactly: there is no float on the way, and nothing is rounded.
func (d *drafted) amount(out *issue.Draft) {
	if _, major := d.columns[fieldAmountMajor]; major {
		d.major(out)
		return
	}
	text := d.cell(fieldAmount)
	switch {
	case text == "":
	case shortened.MatchString(text):
		d.fault(fieldAmount, "shortened_number", "A spreadsheet has shortened this number. Write it with all its digits.")
	case strings.ContainsAny(text, ".,"):
		d.fault(fieldAmount, "not_minor_units", "This column is in minor units, without decimals: 245000 stands for 2450.00. Call the column amount_major to write 2450.00.")
	default:
		n, ok := int64(0), len(text) <= longest
		if ok {
			n, ok = d.number(fieldAmount, text)
		} else {
			d.fault(fieldAmount, "too_large", "The amount is too large.")
		}
		out.Amount, out.HasAmount = n, ok
	}
}

// major reads an amount as people write it: 2450, 2,450.00 or 1,23,456.5.
func (d *drafted) major(out *issue.Draft) {
	text := d.cell(fieldAmountMajor)
	if text == "" {
		return
	}
	decimals, known := out.Currency.Exponent()
	if !known {
		out.HasAmount, out.Amount = true, 1 // the currency is what is wrong, and is told as such
		return
	}
	whole, fraction, point := strings.Cut(text, ".")
	whole, grouped := ungroup(whole)
	switch {
	case shortened.MatchString(text):
		d.fault(fieldAmountMajor, "shortened_number", "A spreadsheet has shortened this number. Write it with all its digits.")
	case !grouped || whole == "" || !digits(whole) || !digits(fraction) || point && fraction == "":
		d.fault(fieldAmountMajor, "bad_amount", "Write the amount with digits and a point only, such as 2450.00.")
	case len(strings.TrimRight(fraction, "0")) > decimals:
		d.fault(fieldAmountMajor, "too_precise", fmt.Sprintf("The currency has %d decimals; an amount is never rounded.", decimals))
	case len(strings.TrimLeft(whole, "0")) > longest-decimals:
		d.fault(fieldAmountMajor, "too_large", "The amount is too large.")
	default:
		fraction = strings.TrimRight(fraction, "0")
		n, err := strconv.ParseInt("0"+whole+fraction+strings.Repeat("0", decimals-len(fraction)), 10, 64)
		if err != nil {
			d.fault(fieldAmountMajor, "bad_amount", "The amount cannot be read.")
			return
		}
		out.Amount, out.HasAmount = n, true
	}
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
