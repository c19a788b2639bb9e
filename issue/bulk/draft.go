package bulk

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
)

// reading makes drafts of rows.
type reading struct {
	by      issue.Actor
	head    head
	issuer  *issue.Issuer
	columns map[string]int // of each field
}

func newReading(by issue.Actor, h head, issuer *issue.Issuer) *reading {
	r := &reading{by: by, head: h, issuer: issuer, columns: map[string]int{}}
	r.learn()
	return r
}

// learn looks at the mapping again, which grows with the fields that NDJSON names.
func (r *reading) learn() {
	for i, field := range r.head.Mapping {
		if field != "" {
			r.columns[field] = i
		}
	}
}

// drafted is a row on its way to a draft.
type drafted struct {
	*reading
	cells  []string
	faults []store.BulkFault
}

func (d *drafted) cell(field string) string {
	i, ok := d.columns[field]
	if !ok || i >= len(d.cells) {
		return ""
	}
	return unquoted(d.cells[i])
}

// unquoted takes off the quote that errors.csv sets before what a spreadsheet would calculate.
func unquoted(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && calculates(cell[1:]) {
		return cell[1:]
	}
	return cell
}

func (d *drafted) fault(field, code, detail string) {
	column, ok := d.columns[field]
	if !ok {
		column = -1
	}
	d.faults = append(d.faults, store.BulkFault{Column: column, Field: field, Code: code, Detail: detail})
}

// draft makes of a row what issue judges, or tells what is wrong with its cells.
func (r *reading) draft(cells []string) (issue.Draft, []store.BulkFault) {
	d := &drafted{reading: r, cells: cells}
	out := r.head.blank()
	out.Reference = d.whole(fieldReference)
	out.Customer = issue.Contact{Name: d.cell(fieldName), Phone: d.whole(fieldPhone), Email: d.cell(fieldEmail), Locale: d.cell(fieldLocale)}
	out.Currency = cmp.Or(paylink.Currency(strings.ToUpper(d.cell(fieldCurrency))), out.Currency, r.by.Merchant.Currency)
	d.over(&out.Description, fieldDescription)
	d.over(&out.ReturnURL, fieldReturnURL)
	d.over(&out.Notes, fieldNotes)
	d.amount(&out)
	d.terms(&out)
	d.expiry(&out)
	d.due(&out)
	d.ways(&out)
	if text := d.cell(fieldUses); text != "" {
		if n, ok := d.number(fieldUses, text); ok {
			out.Usage = issue.Usage{Mode: paylink.UsageMulti, MaxPayments: &n}
		}
	}
	if mode := d.cell(fieldMode); mode != "" {
		out.Usage.Mode = paylink.UsageMode(strings.ToLower(mode))
	}
	for field := range d.columns {
		if key, ok := strings.CutPrefix(field, metadataPrefix); ok && d.cell(field) != "" {
			if out.Metadata == nil {
				out.Metadata = map[string]string{}
			}
			out.Metadata[key] = d.cell(field)
		}
	}
	return out, d.faults
}

// over puts a cell that says something in the place of a text.
func (d *drafted) over(text *string, field string) {
	if cell := d.cell(field); cell != "" {
		*text = cell
	}
}

// ways reads where the link goes and how it may be paid: as the row says, or for all rows of the file, or as
// the template does.
func (d *drafted) ways(out *issue.Draft) {
	names, plan := list(d.cell(fieldChannels)), d.cell(fieldDelivery)
	if len(names) > 0 {
		out.Channels, out.Terms.Delivery = nil, nil // not in the steps of the template
		for _, name := range names {
			out.Channels = append(out.Channels, paylink.Channel(name))
		}
	} else if plan == "" && len(d.head.Channels) > 0 {
		out.Channels, out.Terms.Delivery = d.head.Channels, nil
	}
	if plan != "" {
		d.plan(out, plan, len(names) > 0)
	}
	if names := list(d.cell(fieldMethods)); len(names) > 0 {
		out.Methods = nil
		for _, name := range names {
			out.Methods = append(out.Methods, paylink.Method(name))
		}
	}
}

// plan reads the steps in which a link goes out. Channels beside them are refused by issue.
func (d *drafted) plan(out *issue.Draft, text string, channels bool) {
	if !channels {
		out.Channels = nil // not where the template sends it
	}
	p, ok := paylink.ParseDelivery(text)
	if !ok {
		d.fault(fieldDelivery, "bad_plan", "Write steps with semicolons between: whatsapp; sms after 60s unless delivered.")
		return
	}
	out.Terms.Delivery = &p
}

// shortened is how a spreadsheet shows a long number; its other digits are lost in the file.
var shortened = regexp.MustCompile(`^[+-]?\d([.,]\d+)?[eE]\+?\d+$`)

// whole gives a cell that must not have been a number in a spreadsheet's eyes.
func (d *drafted) whole(field string) string {
	cell := d.cell(field)
	if shortened.MatchString(cell) {
		d.fault(field, "shortened_number", "A spreadsheet has shortened this number and lost digits. Format the column as text and enter it again.")
		return ""
	}
	return cell
}

func (d *drafted) number(field, text string) (int64, bool) {
	if shortened.MatchString(text) {
		d.fault(field, "shortened_number", "A spreadsheet has shortened this number. Write it with all its digits.")
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		d.fault(field, "not_a_number", "This must be a whole number.")
	}
	return n, err == nil
}

func (d *drafted) expiry(out *issue.Draft) {
	if d.cell(fieldExpiresIn)+d.cell(fieldExpiresAt) != "" {
		out.ExpiresIn, out.ExpiresAt, out.NoExpiry = nil, nil, false
	}
	if text := d.cell(fieldExpiresIn); text != "" {
		if n, ok := d.number(fieldExpiresIn, text); ok {
			out.ExpiresIn = &n
		}
	}
	text := d.cell(fieldExpiresAt)
	switch {
	case text == "":
	case strings.EqualFold(text, "never"):
		out.NoExpiry = true
	default:
		at, ok := moment(text, d.by.Merchant.TimeZone)
		if !ok {
			d.fault(fieldExpiresAt, "bad_time", "Write a day as 2026-12-01 or a time as 2026-12-01T18:00.")
			return
		}
		out.ExpiresAt = &at
	}
}

func (d *drafted) due(out *issue.Draft) {
	text := d.cell(fieldDueAt)
	if text == "" {
		return
	}
	at, ok := moment(text, d.by.Merchant.TimeZone)
	if !ok {
		d.fault(fieldDueAt, "bad_time", "Write a day as 2026-12-01 or a time as 2026-12-01T18:00.")
		return
	}
	out.Terms.DueAt = &at
}

// moment reads a time. One without a zone is in the merchant's, and a day stands for its end. Days that
// are written the American or the European way are not read: 03/04 is two days.
func moment(text, zone string) (time.Time, bool) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, true
	}
	place, err := time.LoadLocation(zone)
	if err != nil {
		place = time.UTC
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, place); err == nil {
		return day.AddDate(0, 0, 1).Add(-time.Second), true
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04"} {
		if at, err := time.ParseInLocation(layout, text, place); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// list reads names that are separated by commas, semicolons or blanks.
func list(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r == ',' || r == ';' || r == ' ' })
}

// told turns what issue says of a draft into faults of the row's columns.
func (r *reading) told(err error) ([]store.BulkFault, error) {
	var bad *paylink.Invalid
	if !errors.As(err, &bad) {
		return nil, err
	}
	d := &drafted{reading: r}
	for _, f := range bad.Fields {
		d.fault(r.field(f.Pointer), f.Code, f.Detail)
	}
	return d.faults, nil
}

// field is the field that a pointer into a draft leads to.
func (r *reading) field(pointer string) string {
	name := strings.ReplaceAll(strings.Trim(pointer, "/"), "/", ".")
	if slices.Contains(r.head.Mapping, name+major) {
		return name + major
	}
	for _, field := range r.head.Mapping {
		if strings.HasPrefix(field, name+".") {
			return field // what is wrong with all of an object is shown at its first column
		}
	}
	for _, whole := range []string{fieldChannels, fieldDelivery, fieldMethods, fieldCodes, fieldCountries, fieldReminders} {
		if strings.HasPrefix(name, whole+".") {
			return whole
		}
	}
	return name
}
