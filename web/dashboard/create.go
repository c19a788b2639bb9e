package dashboard

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"paylink"
	"paylink/issue"
	"paylink/locale"
)

// create is the form for a new link.
type create struct {
	frame
	Form       form
	Key        string
	Problems   []problem
	Currencies []choice
	Channels   []channelChoice
	Expiries   []choice
	Methods    []choice
	Languages  []choice
	Reminders  []choice
	Earliest   string // the least custom end, as the field writes it
	Zone       string
	Placed     bool // a link can be kept to countries
	NoGateway  bool // nothing could be paid: the merchant has no gateway in this mode
}

// problem is one thing that is wrong with a form, by the field that it belongs to.
type problem struct{ Field, Text string }

// channelChoice is a channel that a link can be sent on, or cannot yet.
type channelChoice struct {
	choice
	Needs     string // "a phone number"
	Connected bool
}

// NewLink shows the form: GET /dashboard/{mode}/links/new.
func (d *Dashboard) NewLink(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		fresh := form{Currency: string(s.Merchant.Currency), Expiry: "259200", Mode: string(paylink.UsageSingle), sums: blankSums()}
		return d.showForm(w, r, s, http.StatusOK, fresh, nil)
	})
}

// Create makes a link of the form: POST /dashboard/{mode}/links. The form's hidden key makes sure that
// two presses of the button make one link.
func (d *Dashboard) Create(w http.ResponseWriter, r *http.Request) { d.enter(w, r, d.create) }

func (d *Dashboard) create(w http.ResponseWriter, r *http.Request, s scene) error {
	f := readForm(r)
	draft, problems := f.draft(s)
	var made issue.Created
	err := once(r.Context(), func() (err error) {
		made, err = d.Issuer.Create(r.Context(), s.actor(), draft, s.claim(r, "POST "+Root+"/links", ""))
		return err
	})
	var invalid *paylink.Invalid
	var conflict *paylink.Conflict
	switch {
	case err == nil:
		d.goToLink(w, r, s, made.Link.ID, "created")
		return nil
	case errors.As(err, &invalid):
		return d.showForm(w, r, s, http.StatusUnprocessableEntity, f, merge(problems, invalid))
	case errors.As(err, &conflict) && conflict.Code == "reference_in_use":
		taken := problem{"reference", "Another link uses this reference. References of cancelled and expired links can be used again."}
		return d.showForm(w, r, s, http.StatusConflict, f, []problem{taken})
	}
	return err
}

func (d *Dashboard) showForm(w http.ResponseWriter, r *http.Request, s scene, status int, f form, problems []problem) error {
	v := create{frame: d.frame(s, "Create a payment link", "create"), Form: f, Key: newFormKey(), Problems: problems}
	v.Zone = s.World.In(locale.Zone(s.Merchant.TimeZone)).Format("MST")
	v.Earliest = s.World.In(locale.Zone(s.Merchant.TimeZone)).Format(fieldTime)
	var err error
	if v.After, err = d.newest(r, s); err != nil {
		return err
	}
	gateways, err := d.Store.Read(r.Context()).Accounts(s.Merchant.ID, s.Live, paylink.AccountGateway)
	if err != nil {
		return err
	}
	v.NoGateway, v.Placed = len(gateways) == 0, d.Issuer.Placed()
	if v.Channels, err = d.channelChoices(r.Context(), s, f.Channels); err != nil {
		return err
	}
	v.Currencies, v.Expiries, v.Methods, v.Languages = f.currencies(s), f.expiries(), f.methods(), f.languages()
	v.Reminders = f.reminderChoices()
	return d.render(w, r, status, createPage(v))
}

func (d *Dashboard) channelChoices(ctx context.Context, s scene, chosen []string) ([]channelChoice, error) {
	connected, err := d.connected(ctx, s)
	if err != nil {
		return nil, err
	}
	var all []channelChoice
	for _, channel := range paylink.Channels {
		c := channelChoice{choice: choice{string(channel), channelWords[channel], slices.Contains(chosen, string(channel))}, Needs: "needs the phone number", Connected: connected[channel]}
		switch channel {
		case paylink.ChannelEmail:
			c.Needs = "needs the e-mail address"
		case paylink.ChannelInApp:
			c.Needs = "needs a phone number or an e-mail address"
		}
		all = append(all, c)
	}
	return all, nil
}

// fields are the form's fields by the pointers that issue uses, where the names differ.
var fields = map[string]string{
	"/customer/name": "name", "/customer/phone": "phone", "/customer/email": "email", "/customer/locale": "locale",
	"/usage/mode": "mode", "/usage/max_payments": "max_payments", "/expires_in": "expiry", "/expires_at": "expiry",
	"/usage/max_total": "max_total", "/usage/max_per_customer": "max_per_customer",
	"/customer_amount/minimum": "least", "/customer_amount/maximum": "most", "/partial": "parts",
	"/partial/minimum_first": "part_first", "/partial/minimum": "part_least",
	"/success_text": "success_text", "/closed_text": "closed_text", "/terms_url": "terms_url", "/due_at": "due_at",
	"/amount": "amount", "/currency": "currency", "/description": "description", "/reference": "reference", "/notes": "notes",
}

// sayings replace issue's words for API callers where a person at a form needs others.
var sayings = map[string]string{
	"/amount too_small":         "The amount must be more than nothing.",
	"/customer/phone bad_phone": "This is not a phone number that can exist. Write it with its country, such as +91 98123 45678.",
	" " + keyReused:             "This form has made a link already. Check the list of links; to make another one, press the button again.",
}

// merge gives one list of problems, in the order of the form, one for each field. What the form could
// not read is told in its own words.
func merge(own []problem, invalid *paylink.Invalid) []problem {
	all := slices.Clone(own)
	for _, f := range invalid.Fields {
		p := problem{fields[f.Pointer], f.Detail}
		switch {
		case strings.HasPrefix(f.Pointer, "/channels/"):
			p = problem{"channels", channelProblem(f)}
		case strings.HasPrefix(f.Pointer, "/methods/"):
			p.Field = "methods"
		case strings.HasPrefix(f.Pointer, "/customer_amount/presets"):
			p.Field = "presets"
		case strings.HasPrefix(f.Pointer, "/reminders"):
			p = problem{"reminders", reminderProblem(f)}
		case strings.HasPrefix(f.Pointer, "/line_items"):
			p.Field = "items"
		case strings.HasPrefix(f.Pointer, "/questions"):
			p.Field = "questions"
		case restrictField(f.Pointer) != "":
			p.Field = restrictField(f.Pointer)
		case p.Field == "":
			p.Field = extraField(f.Pointer)
		}
		if text := minorWords[f.Code]; text != "" && slices.Contains(moneyFields, p.Field) {
			p.Text = text
		}
		if text, ok := sayings[f.Pointer+" "+f.Code]; ok {
			p.Text = text
		}
		if !slices.ContainsFunc(all, func(q problem) bool { return q.Field == p.Field && p.Field != "" }) {
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b problem) int { return slices.Index(fieldOrder, a.Field) - slices.Index(fieldOrder, b.Field) })
	return all
}

var fieldOrder = []string{"amount", "currency", "description", "reference", "name", "phone", "email", "channels", "expiry",
	"due_at", "reminders", "least", "most", "presets", "items", "parts", "part_first", "part_least",
	"tip", "tip_percents", "tip_most", "shipping",
	"mode", "max_payments", "max_total", "max_per_customer", "proof", "pin", "countries", "methods", "success_text", "closed_text", "terms_url", "questions", "locale", "notes"}

// moneyFields hold money, of which issue speaks in minor units; a person at a form needs other words.
var (
	moneyFields = []string{"least", "most", "presets", "part_first", "part_least", "max_total", "tip_most"}
	minorWords  = map[string]string{
		"too_small": "This is too small for what the other fields say.", "too_large": "This is too large for what the other fields say.",
	}
)

func channelProblem(f paylink.Field) string {
	if f.Code == "needs_contact" {
		return "A chosen channel needs an address: SMS and WhatsApp the phone number, e-mail the e-mail address."
	}
	return f.Detail
}

// problemOf is what is wrong with one field; empty when nothing is.
func (v create) problemOf(field string) string {
	for _, p := range v.Problems {
		if p.Field == field {
			return p.Text
		}
	}
	return ""
}

// helped are the fields with a line of help below them.
var helped = []string{"description", "reference", "channels", "max_payments", "methods", "notes", "least", "most", "presets", "terms_url", "due_at", "reminders",
	"tip_percents", "tip_most", "questions", "proof", "pin", "countries"}

// described ties a control to the line below it, for readers of the screen.
func (v create) described(field string) templ.Attributes {
	if v.problemOf(field) == "" && !slices.Contains(helped, field) {
		return templ.Attributes{}
	}
	return templ.Attributes{"aria-describedby": field + "-below"}
}

// invalid is described, and marks a control whose value is wrong.
func (v create) invalid(field string) templ.Attributes {
	marks := v.described(field)
	if v.problemOf(field) != "" {
		marks["aria-invalid"] = "true"
	}
	return marks
}

// moreOpen shows the folded part when something in it is chosen or wrong.
func (v create) moreOpen() bool {
	f := v.Form
	for _, name := range fieldOrder[slices.Index(fieldOrder, "due_at"):] {
		if v.problemOf(name) != "" {
			return true
		}
	}
	return f.amountSaid() || f.DueAt != "" || len(f.Reminders) > 0 || f.Mode == string(paylink.UsageMulti) || f.MaxPayments != "" || len(f.Methods) > 0 || f.Locale != "" || f.Notes != ""
}

func problemsTitle(n int) string {
	if n == 1 {
		return "One thing is not right yet"
	}
	return strconv.Itoa(n) + " things are not right yet"
}
