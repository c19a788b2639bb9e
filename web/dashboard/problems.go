package dashboard

import (
	"slices"
	"strconv"
	"strings"

	"paylink"
)

// problem is one thing that is wrong with a form, by the field that it belongs to.
type problem struct{ Field, Text string }

// fields are the forms' fields by the pointers that issue uses, where the names differ.
var fields = map[string]string{
	"/customer/name": "name", "/customer/phone": "phone", "/customer/email": "email", "/customer/locale": "locale",
	"/usage/mode": "mode", "/usage/max_payments": "max_payments", "/expires_in": "expiry", "/expires_at": "expiry",
	"/usage/max_total": "max_total", "/usage/max_per_customer": "max_per_customer",
	"/customer_amount/minimum": "least", "/customer_amount/maximum": "most", "/partial": "paid",
	"/partial/minimum_first": "part_first", "/partial/minimum": "part_least",
	"/success_text": "success_text", "/closed_text": "closed_text", "/terms_url": "terms_url", "/due_at": "due_at",
	"/amount": "amount", "/currency": "currency", "/description": "description", "/reference": "reference", "/notes": "notes",
	"/return_url": "return_url", "/template": "template", "/plan": "paid", "/plan/grace_days": "grace_days", "/grace_days": "grace_days",
	"/method": "method", "/bank_reference": "bank_reference", "/date": "date", "/promise_amount": "promise_amount", "/note": "note",
}

// fieldsBelow are the fields for all pointers that begin so.
var fieldsBelow = []struct{ pointer, field string }{
	{"/channels/", "channels"}, {"/methods/", "methods"}, {"/customer_amount/presets", "presets"}, {"/reminders", "reminders"},
	{"/line_items", "items"}, {"/questions", "questions"}, {"/plan/instalments", "instalments"}, {"/instalments", "instalments"},
	{"/delivery", "delivery"}, {"/surcharge", "surcharge_rate"}, {"/allow_discount_codes", "codes"}, {"/attachments", "attachments"},
	{"/tip/maximum", "tip_most"}, {"/tip/", "tip_percents"}, {"/tip", "tip"}, {"/shipping_options", "shipping"},
}

func fieldOf(pointer string) string {
	if name := fields[pointer]; name != "" {
		return name
	}
	for _, f := range fieldsBelow {
		if strings.HasPrefix(pointer, f.pointer) {
			return f.field
		}
	}
	return restrictField(pointer)
}

// sayings replace issue's words for API callers where a person at a form needs others.
var sayings = map[string]string{
	"/amount too_small":         "The amount must be more than nothing.",
	"/customer/phone bad_phone": "This is not a phone number that can exist. Write it with its country, such as +91 98123 45678.",
	"/return_url origin_not_registered": "Customers can be led back only to an address that begins with one of your registered origins. " +
		"Register it in your settings first.",
	"/line_items too_small":   "That is less than is paid already.",
	"/line_items too_large":   "Not even one payment of these lines fits under the link’s cap on the total.",
	"/due_at conflicting":     "The instalments of the plan have their own dates.",
	"/plan conflicting":       "A plan is for one payment of an amount that stands, and its instalments have their own dates: leave the due date empty.",
	"/date after_expiry":      "The link expires before that day is over. Make it valid for longer first.",
	"/date required":          "Choose the day.",
	"/date unreadable":        "Choose the day.",
	"/template unknown_value": "This template is no longer there. Begin without it.",
	" " + keyReused:           "This form has made a link already. Check the list of links; to make another one, press the button again.",
}

// merge gives one list of problems, in the order of the forms. What a form could not read is told in its
// own words.
func merge(own []problem, invalid *paylink.Invalid) flaws {
	return flawsOf(own, invalid, fieldOrder, func(f paylink.Field) problem {
		p := problem{Field: fieldOf(f.Pointer)}
		switch {
		case sayings[f.Pointer+" "+f.Code] != "":
			p.Text = sayings[f.Pointer+" "+f.Code]
		case p.Field == "channels":
			p.Text = channelProblem(f)
		case p.Field == "delivery":
			p.Text = deliveryProblem(f)
		case p.Field == "reminders":
			p.Text = reminderProblem(f)
		case p.Field == "instalments":
			if p.Text = instalmentProblem(f); placeIn(f.Pointer, "instalments") >= 0 {
				p.Text = instalmentAt(placeIn(f.Pointer, "instalments"), p.Text)
			}
		case placeIn(f.Pointer, "line_items") >= 0:
			p.Text = lineProblem(placeIn(f.Pointer, "line_items"), f.Detail)
		case minorWords[f.Code] != "" && slices.Contains(moneyFields, p.Field):
			p.Text = minorWords[f.Code]
		}
		return p
	})
}

var fieldOrder = []string{"template", "amount", "currency", "description", "reference", "name", "phone", "email", "delivery", "channels", "expiry",
	"least", "most", "presets", "items", "tip", "tip_percents", "tip_most", "shipping", "surcharge_rate", "codes",
	"paid", "part_first", "part_least", "plan_parts", "plan_first", "plan_deposit", "instalments", "grace_days", "due_at", "reminders",
	"mode", "max_payments", "max_total", "max_per_customer", "proof", "pin", "countries", "methods",
	"success_text", "closed_text", "terms_url", "questions", "attachments", "return_url", "locale", "notes", "method", "bank_reference", "date", "promise_amount", "note"}

// moneyFields hold money, of which issue speaks in minor units; a person at a form needs other words.
var (
	moneyFields = []string{"least", "most", "presets", "part_first", "part_least", "max_total", "tip_most"}
	minorWords  = map[string]string{
		"too_small": "This is too small for what the other fields say.", "too_large": "This is too large for what the other fields say.",
	}
)

// placeIn is the place in a list, from 0, that a pointer leads to; -1 when it leads to the whole list, or
// elsewhere.
func placeIn(pointer, list string) int {
	_, rest, ok := strings.Cut(pointer, "/"+list+"/")
	place, _, _ := strings.Cut(rest, "/")
	if n, err := strconv.Atoi(place); ok && err == nil {
		return n
	}
	return -1
}

func channelProblem(f paylink.Field) string {
	if f.Code == "needs_contact" {
		return "A chosen channel needs an address: SMS and WhatsApp the phone number, e-mail the e-mail address."
	}
	return f.Detail
}

// instalmentProblem says to a person at the form what is wrong with a plan.
func instalmentProblem(f paylink.Field) string {
	switch f.Code {
	case "wrong_sum":
		return "The instalments do not come to the amount that is to be paid."
	case "conflicting":
		return "The link ends before the last instalment is due. Make it valid for longer."
	case "in_the_past":
		return "The dates must be in the future."
	case "out_of_order":
		return "The dates must follow one another."
	case "too_small", "too_large", "out_of_range":
		return "Each instalment must be more than nothing."
	case "required":
		return "Write at least one instalment."
	}
	return f.Detail
}

func problemsTitle(n int) string {
	if n == 1 {
		return "One thing is not right yet"
	}
	return strconv.Itoa(n) + " things are not right yet"
}
