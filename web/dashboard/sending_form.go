package dashboard

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"paylink"
	"paylink/issue"
)

// sendingForm is what was typed about how messages go out. Its parts are compared as they were shown, so that
// what nobody touched stays as it was said.
type sendingForm struct {
	Hours     hoursTyped
	Caps      capsTyped
	Budget    budgetTyped
	Prices    pricesTyped
	Countries string // of text messages: "AE, US"
	Range     string // numbers of one range within an hour; empty: as usual
	Unknown   string
	Routes    routesTyped
	Seen      string // the settings that the page showed, as JSON
}

type (
	hoursTyped  struct{ Quiet, QuietFrom, QuietTo, Contact, ContactFrom, ContactTo string }
	capsTyped   struct{ Day, Week string }
	budgetTyped struct{ Day, Month, Link string }
	pricesTyped struct{ SMS, WhatsApp, Email string }
	routesTyped struct{ SMS, WhatsApp, Email, InApp string }
)

// How hours are chosen.
const (
	hoursUsual  = "usual"
	hoursChosen = "chosen"
	hoursNone   = "none"
)

func sendingFormOf(m paylink.Merchant) sendingForm {
	c := m.Settings
	f := sendingForm{
		Hours:     hoursTyped{Quiet: hoursUsual, QuietFrom: "21:00", QuietTo: "09:00", Contact: hoursUsual, ContactFrom: "08:00", ContactTo: "20:00"},
		Countries: strings.Join(c.SMSCountries, ", "), Unknown: string(c.OnUnknownSend), Seen: seenOf(m),
	}
	if q := c.QuietHours; q != nil && q.From == q.To {
		f.Hours.Quiet = hoursNone
	} else if q != nil {
		f.Hours.Quiet, f.Hours.QuietFrom, f.Hours.QuietTo = hoursChosen, q.From, q.To
	}
	if h := c.ContactHours; h != nil {
		f.Hours.Contact, f.Hours.ContactFrom, f.Hours.ContactTo = hoursChosen, h.From, h.To
	}
	if caps := c.ContactCaps; caps != nil {
		f.Caps = capsTyped{above(caps.Day), above(caps.Week)}
	}
	money := func(minor *int64) string {
		if minor == nil {
			return ""
		}
		return paylink.Money{Minor: *minor, Currency: m.Currency}.Decimal()
	}
	if b := c.Budget; b != nil {
		f.Budget = budgetTyped{money(b.Day), money(b.Month), money(b.Link)}
	}
	if p := c.Prices; p != nil {
		f.Prices = pricesTyped{money(p.SMS), money(p.WhatsApp), money(p.Email)}
	}
	if c.SMSRange != nil {
		f.Range = strconv.FormatInt(*c.SMSRange, 10)
	}
	if r := c.Routing; r != nil {
		f.Routes = routesTyped{string(r.SMS), string(r.WhatsApp), string(r.Email), string(r.InApp)}
	}
	return f
}

// above writes a count; none is an empty field.
func above(n int64) string {
	if n <= 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func readSendingForm(r *http.Request) sendingForm {
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	return sendingForm{
		Hours:     hoursTyped{get("quiet"), get("quiet_from"), get("quiet_to"), get("contact"), get("contact_from"), get("contact_to")},
		Caps:      capsTyped{get("caps_day"), get("caps_week")},
		Budget:    budgetTyped{get("budget_day"), get("budget_month"), get("budget_link")},
		Prices:    pricesTyped{get("price_sms"), get("price_whatsapp"), get("price_email")},
		Countries: get("countries"), Range: get("range"), Unknown: get("unknown"),
		Routes: routesTyped{get("route_sms"), get("route_whatsapp"), get("route_email"), get("route_in_app")}, Seen: r.PostForm.Get("seen"),
	}
}

// decision makes of the form what issue judges: what is different from what the page showed. What cannot be
// read becomes a problem, and a value that issue refuses, so that all that is wrong is told at once.
func (f sendingForm) decision(s scene) (issue.Decision, []problem) {
	var problems []problem
	wrong := func(field, text string) { problems = append(problems, problem{field, text}) }
	seen := s.seen(f.Seen)
	wanted, was := seen.Settings, sendingFormOf(seen)
	if f.Hours != was.Hours {
		f.Hours.into(&wanted)
	}
	if f.Caps != was.Caps {
		if wanted.ContactCaps = nil; f.Caps != (capsTyped{}) {
			wanted.ContactCaps = &paylink.ContactCaps{Day: often(f.Caps.Day, "caps_day", wrong), Week: often(f.Caps.Week, "caps_week", wrong)}
		}
	}
	money := func(field, text string) *int64 {
		if text == "" {
			return nil
		}
		minor, why := parseAmount(text, s.Merchant.Currency)
		if why != "" {
			wrong(field, why)
			minor = unreadable
		}
		return &minor
	}
	if f.Budget != was.Budget {
		if wanted.Budget = nil; f.Budget != (budgetTyped{}) {
			wanted.Budget = &paylink.MessageBudget{
				Day: money("budget_day", f.Budget.Day), Month: money("budget_month", f.Budget.Month), Link: money("budget_link", f.Budget.Link),
			}
		}
	}
	if f.Prices != was.Prices {
		if wanted.Prices = nil; f.Prices != (pricesTyped{}) {
			wanted.Prices = &paylink.MessagePrices{
				SMS: money("price_sms", f.Prices.SMS), WhatsApp: money("price_whatsapp", f.Prices.WhatsApp), Email: money("price_email", f.Prices.Email),
			}
		}
	}
	f.travels(&wanted, was, wrong)
	return issue.Decision{Members: seen.Settings.Changes(wanted), Seen: &seen}, problems
}

// travels says to where and by whom messages go.
func (f sendingForm) travels(to *paylink.Settings, was sendingForm, wrong func(field, text string)) {
	if f.Countries != was.Countries {
		to.SMSCountries = nil
		for _, country := range strings.FieldsFunc(strings.ToUpper(f.Countries), between) {
			if !slices.Contains(to.SMSCountries, country) {
				to.SMSCountries = append(to.SMSCountries, country)
			}
		}
	}
	if f.Range != was.Range {
		if to.SMSRange = nil; f.Range != "" {
			most, err := strconv.ParseInt(f.Range, 10, 64)
			if err != nil {
				wrong("range", "Write a whole number, or leave it empty.")
				most = unreadable
			}
			to.SMSRange = &most
		}
	}
	to.OnUnknownSend = paylink.UnknownSend(f.Unknown)
	if f.Routes != was.Routes {
		if to.Routing = nil; f.Routes != (routesTyped{}) {
			to.Routing = &paylink.MessageRouting{
				SMS: paylink.RoutePreference(f.Routes.SMS), WhatsApp: paylink.RoutePreference(f.Routes.WhatsApp),
				Email: paylink.RoutePreference(f.Routes.Email), InApp: paylink.RoutePreference(f.Routes.InApp),
			}
		}
	}
}

func (h hoursTyped) into(c *paylink.Settings) {
	switch h.Quiet {
	case hoursUsual:
		c.QuietHours = nil
	case hoursChosen:
		c.QuietHours = &paylink.DailyHours{From: h.QuietFrom, To: h.QuietTo}
	default:
		if c.QuietHours == nil || c.QuietHours.From != c.QuietHours.To { // those that are none already stay as they were said
			c.QuietHours = &paylink.DailyHours{From: "00:00", To: "00:00"}
		}
	}
	if c.ContactHours = nil; h.Contact == hoursChosen {
		c.ContactHours = &paylink.DailyHours{From: h.ContactFrom, To: h.ContactTo}
	}
}

// often reads how many messages; empty is none.
func often(text, field string, wrong func(field, text string)) int64 {
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		wrong(field, "Write how many as a whole number, or leave it empty.")
		return unreadable
	}
	return n
}

// sendingOrder is the order of the form's fields.
var sendingOrder = []string{"", "contact", "quiet", "caps_day", "caps_week", "budget_day", "budget_month", "budget_link",
	"price_sms", "price_whatsapp", "price_email", "countries", "range", "route_sms", "route_whatsapp", "route_email", "route_in_app", "unknown"}

// sendingFields are the form's fields by the pointers that issue uses.
var sendingFields = map[string]string{
	"/settings/quiet_hours/from": "quiet", "/settings/quiet_hours/to": "quiet",
	"/settings/contact_hours/from": "contact", "/settings/contact_hours/to": "contact",
	"/settings/contact_caps/per_day": "caps_day", "/settings/contact_caps/per_week": "caps_week",
	"/settings/message_budget/day": "budget_day", "/settings/message_budget/month": "budget_month", "/settings/message_budget/link": "budget_link",
	"/settings/message_prices/sms": "price_sms", "/settings/message_prices/whatsapp": "price_whatsapp", "/settings/message_prices/email": "price_email",
	"/settings/sms_range_limit": "range", "/settings/on_unknown_send": "unknown",
	"/settings/message_routing/sms": "route_sms", "/settings/message_routing/whatsapp": "route_whatsapp",
	"/settings/message_routing/email": "route_email", "/settings/message_routing/in_app": "route_in_app",
}

func sendingProblem(f paylink.Field) problem {
	p := problem{Field: sendingFields[f.Pointer]}
	switch p.Field {
	case "price_sms", "price_whatsapp", "price_email":
		p.Text = "This price is too large."
	case "budget_day", "budget_month", "budget_link":
		p.Text = "This amount is too large."
	case "caps_day":
		p.Text = "Write a number from 1 to 100, or leave it empty."
	case "caps_week":
		p.Text = "Write a number from 1 to 500, or leave it empty."
	case "range":
		p.Text = "Write a number from 1 to 10000; 0 is no limit."
	}
	if strings.HasPrefix(f.Pointer, "/settings/sms_countries") {
		p = problem{"countries", "Write countries by their two letters, with commas between: AE, US."}
	}
	return p
}
