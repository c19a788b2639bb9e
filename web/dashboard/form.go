package dashboard

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/locale"
)

// form is what was typed, kept when something is wrong with it.
type form struct {
	Amount, Currency, Description, Reference string
	Name, Phone, Email, Locale               string
	Expiry, ExpiresAt                        string
	DueAt                                    string // a day
	Mode, MaxPayments, Notes                 string
	Channels, Methods                        []string
	Reminders                                []string // as reminderChoices name them
	sums
	keep
}

func readForm(r *http.Request) form {
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	return form{
		Amount: get("amount"), Currency: get("currency"), Description: get("description"), Reference: get("reference"),
		Name: get("name"), Phone: get("phone"), Email: get("email"), Locale: get("locale"),
		Expiry: get("expiry"), ExpiresAt: get("expires_at"), DueAt: get("due_at"), Mode: get("mode"), MaxPayments: get("max_payments"), Notes: get("notes"),
		Channels: r.PostForm["channel"], Methods: r.PostForm["method"],
		Reminders: r.PostForm["reminder"], sums: readSums(r, get), keep: readKeep(get),
	}
}

// draft makes of the form what issue judges. What cannot be read becomes a problem, and a value in the
// draft that issue refuses as well: so everything that is wrong is told at once and no link is made.
func (f form) draft(s scene) (issue.Draft, []problem) {
	var problems []problem
	wrong := func(field, text string) { problems = append(problems, problem{field, text}) }
	d := issue.Draft{
		Currency: paylink.Currency(f.Currency), Description: f.Description, Reference: f.Reference,
		Customer: issue.Contact{Name: f.Name, Phone: f.Phone, Email: f.Email},
		Usage:    issue.Usage{Mode: paylink.UsageMode(f.Mode)}, Notes: lines(f.Notes),
	}
	if f.Name != "" || f.Phone != "" || f.Email != "" {
		d.Customer.Locale = f.Locale // a language alone is nobody
	}
	d.Channels = []paylink.Channel{} // what is not ticked is not wanted
	for _, channel := range f.Channels {
		d.Channels = append(d.Channels, paylink.Channel(channel))
	}
	for _, method := range f.Methods {
		d.Methods = append(d.Methods, paylink.Method(method))
	}
	f.amounts(&d, wrong)
	d.Terms.Reminders = f.reminders()
	f.restrict(&d)
	if d.Usage.Mode == paylink.UsageMulti && f.MaxPayments != "" {
		most, err := strconv.ParseInt(f.MaxPayments, 10, 64)
		if err != nil {
			wrong("max_payments", "Write the number of payments as a whole number, or leave it empty.")
			most = 0
		}
		d.Usage.MaxPayments = &most
	}
	if why := f.expiry(&d, s); why != "" {
		wrong("expiry", why)
	}
	var why string
	if d.Terms.DueAt, why = s.typedDay(f.DueAt); why != "" {
		wrong("due_at", why)
	}
	return d, problems
}

// expiry puts the chosen end into the draft. The day and a custom time are those of the merchant's
// clock, in the link's world.
func (f form) expiry(d *issue.Draft, s scene) (why string) {
	zone := locale.Zone(s.Merchant.TimeZone)
	past := time.Unix(0, 0)
	switch f.Expiry {
	case expiryNever:
		d.NoExpiry = true
	case expiryToday:
		now := s.World.In(zone)
		end := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, zone)
		d.ExpiresAt = &end
	case expiryCustom:
		at, err := time.ParseInLocation(fieldTime, f.ExpiresAt, zone)
		if err != nil {
			d.ExpiresAt = &past
			return "Choose the date and the time at which the link ends."
		}
		d.ExpiresAt = &at
	default:
		seconds, err := strconv.ParseInt(f.Expiry, 10, 64)
		if err != nil {
			d.ExpiresAt = &past
			return "Choose how long the link is valid."
		}
		d.ExpiresIn = &seconds
	}
	return ""
}

// fieldTime is how a browser's field for date and time writes them.
const fieldTime = "2006-01-02T15:04"

const (
	expiryToday  = "today"
	expiryNever  = "never"
	expiryCustom = "custom"
)

func (f form) expiries() []choice {
	choices := []choice{
		{Value: "900", Word: "15 minutes"}, {Value: "7200", Word: "2 hours"}, {Value: expiryToday, Word: "End of today"},
		{Value: "259200", Word: "3 days"}, {Value: "604800", Word: "7 days"}, {Value: expiryNever, Word: "Never"}, {Value: expiryCustom, Word: "Other …"},
	}
	for i := range choices {
		choices[i].Chosen = choices[i].Value == f.Expiry
	}
	return choices
}

// currencies offers those that merchants of the first countries ask for, the merchant's own first.
func (f form) currencies(s scene) []choice {
	codes := []string{string(s.Merchant.Currency)}
	for _, code := range strings.Fields("INR USD EUR GBP AED SAR KWD BHD OMR QAR SGD MYR AUD CAD JPY LKR NPR BDT") {
		if !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	choices := make([]choice, len(codes))
	for i, code := range codes {
		choices[i] = choice{code, code, code == f.Currency}
	}
	return choices
}

func (f form) methods() []choice {
	choices := make([]choice, len(paylink.Methods))
	for i, m := range paylink.Methods {
		choices[i] = choice{string(m), upperFirst(methodWords[m]), slices.Contains(f.Methods, string(m))}
	}
	return choices
}

func (f form) languages() []choice {
	choices := []choice{{"", "As the customer’s browser says", f.Locale == ""}}
	for _, l := range locale.Languages() {
		choices = append(choices, choice{l.Tag, l.Name, l.Tag == f.Locale})
	}
	return choices
}
