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
	Template                                 string // the name of the one that it began with
	Amount, Currency, Description, Reference string
	Name, Phone, Email, Locale               string
	Expiry, ExpiresAt                        string
	DueAt                                    string // a day
	Mode, MaxPayments, MaxTotal, MaxEach     string // of a link of many uses, its caps
	ReturnURL, Notes                         string
	Channels, Methods                        []string
	Reminders                                []string // as reminderChoices name them

	Send  string      // how it goes out
	Steps []stepTyped // where it goes one after the other
	Like  string      // what sendLike is, in a sentence; empty: there is no such plan

	sums
	payForm
	pageForm
	keep
}

func readForm(r *http.Request) form {
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	return form{
		Template: get("template"), Amount: get("amount"), Currency: get("currency"), Description: get("description"), Reference: get("reference"),
		Name: get("name"), Phone: get("phone"), Email: get("email"), Locale: get("locale"),
		Expiry: get("expiry"), ExpiresAt: get("expires_at"), DueAt: get("due_at"),
		Mode: get("mode"), MaxPayments: get("max_payments"), MaxTotal: get("max_total"), MaxEach: get("max_per_customer"),
		ReturnURL: get("return_url"), Notes: get("notes"), Channels: r.PostForm["channel"], Methods: r.PostForm["method"],
		Send: get("send"), Steps: readSending(r),
		Reminders: r.PostForm["reminder"], sums: readSums(r, get), payForm: readPay(get), pageForm: readPage(r, get), keep: readKeep(get),
	}
}

// draft makes of the form what issue judges; of the template it takes what the form does not show. What
// cannot be read becomes a problem, and a value in the draft that issue refuses as well: so everything that
// is wrong is told at once and no link is made.
func (f form) draft(s scene, like linkTemplate) (issue.Draft, []problem) {
	var problems []problem
	wrong := func(field, text string) { problems = append(problems, problem{field, text}) }
	d := like.draft()
	d.Currency, d.Description, d.Reference = paylink.Currency(f.Currency), f.Description, f.Reference
	d.Customer = issue.Contact{Name: f.Name, Phone: f.Phone, Email: f.Email}
	d.Usage, d.Notes, d.ReturnURL, d.Terms.Template = issue.Usage{Mode: paylink.UsageMode(f.Mode)}, lines(f.Notes), f.ReturnURL, f.Template
	if f.Name != "" || f.Phone != "" || f.Email != "" {
		d.Customer.Locale = f.Locale // a language alone is nobody
	}
	f.steps(&d, s.Merchant, like.Delivery, wrong)
	for _, method := range f.Methods {
		d.Methods = append(d.Methods, paylink.Method(method))
	}
	money := moneyReader(d.Currency, wrong)
	f.amounts(&d, s, money, wrong)
	if why := f.expiry(&d, s); why != "" {
		wrong("expiry", why)
	}
	f.payForm.into(&d, s, money, wrong)
	f.pageForm.into(&d)
	d.Terms.Reminders = f.reminders(like.Reminders)
	d.Terms.Restrict, d.PIN = f.restriction()
	f.caps(&d, money, wrong)
	var why string
	if d.Terms.DueAt, why = s.typedDay(f.DueAt); why != "" {
		wrong("due_at", why)
	}
	return d, problems
}

// channels puts the ticked ones into the draft; what is not ticked is not wanted. Where nobody is named, the
// merchant's own channels, which the form begins with, are not said: then they are left out.
func (f form) channels(d *issue.Draft, m paylink.Merchant) {
	if f.Phone == "" && f.Email == "" && len(f.Channels) > 0 && slices.Equal(f.Channels, words(m.Settings.Channels)) {
		return
	}
	d.Channels = []paylink.Channel{}
	for _, channel := range f.Channels {
		d.Channels = append(d.Channels, paylink.Channel(channel))
	}
}

// caps puts those of a link of many uses into the draft.
func (f form) caps(d *issue.Draft, money func(field, text string) int64, wrong func(field, text string)) {
	if d.Usage.Mode != paylink.UsageMulti {
		return
	}
	if f.MaxPayments != "" {
		most, err := strconv.ParseInt(f.MaxPayments, 10, 64)
		if err != nil {
			wrong("max_payments", "Write the number of payments as a whole number, or leave it empty.")
			most = 0
		}
		d.Usage.MaxPayments = &most
	}
	if total := money("max_total", f.MaxTotal); f.MaxTotal != "" {
		d.Usage.MaxTotal = &total
	}
	if f.MaxEach != "" {
		each := whole(f.MaxEach, "max_per_customer", wrong)
		d.Usage.MaxPerCustomer = &each
	}
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
	for _, code := range strings.Fields(f.Currency + " INR USD EUR GBP AED SAR KWD BHD OMR QAR SGD MYR AUD CAD JPY LKR NPR BDT") {
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
