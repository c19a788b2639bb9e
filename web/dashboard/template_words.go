package dashboard

import (
	"maps"
	"slices"
	"strings"

	"paylink"
)

// restWords name what a template can say and the form has no place for.
var restWords = map[string]string{
	"customer_amount": "The customer chooses the amount", "line_items": "Line items", "partial": "Payment in parts", "plan": "A plan with dates",
	"promises": "The customer may promise a day", "tip": "A tip", "shipping_options": "Ways to deliver", "surcharge": "A surcharge",
	"allow_discount_codes": "Discount codes", "attachments": "Files", "questions": "Questions to the customer", "return_url": "A return address",
	"refresh": "Who may give it more time", "metadata": "Data of your programs", "notes": "Notes for you", "notify_expiry": "The reminder before its end",
	"on_late_payment": "What becomes of late money", "on_duplicate": "What becomes of money that is not due", "on_overpayment": "What becomes of too much money",
	"on_underpayment": "What becomes of too little money", "due_at": "A due date", "expires_at": "A day on which it ends", "reminders": "Reminders on channels of their own",
	"delivery": "Sending in steps",
}

// rest are the fields that the form has no place for, chosen when they are to be taken away.
func (f templateForm) rest(said saidOfLinks) []choice {
	var all []choice
	for _, field := range slices.Sorted(maps.Keys(said)) {
		if slices.Contains(templateFields, field) && (field != "reminders" || said.simpleReminders() != nil) {
			continue
		}
		all = append(all, choice{field, upperFirst(word(restWords, field)), slices.Contains(f.Drop, field)})
	}
	return all
}

// templateSummary says in a line what a template is about.
func (s scene) templateSummary(said saidOfLinks) string {
	f := s.templateForm("", said)
	var parts []string
	if f.Amount != "" {
		minor, _ := parseAmount(f.Amount, paylink.Currency(f.Currency))
		parts = append(parts, s.money(minor, paylink.Currency(f.Currency)))
	}
	if f.Description != "" {
		parts = append(parts, f.Description)
	}
	switch {
	case f.LifeSaid && f.Life.Unit == spanNever:
		parts = append(parts, "never ends")
	case f.LifeSaid:
		parts = append(parts, "valid for "+f.Life.words())
	}
	if f.Mode == string(paylink.UsageMulti) {
		parts = append(parts, "many payments")
	}
	var channels []string
	for _, c := range f.Channels {
		channels = append(channels, word(channelWords, paylink.Channel(c)))
	}
	if len(channels) > 0 {
		parts = append(parts, "sent by "+strings.Join(channels, ", "))
	}
	for _, c := range f.rest(said) {
		parts = append(parts, strings.ToLower(c.Word[:1])+c.Word[1:])
	}
	if len(parts) == 0 {
		return "Says nothing yet"
	}
	return strings.Join(parts, " · ")
}

// templateOrder is the order of the form's fields.
var templateOrder = []string{"", "name", "description", "amount", "currency", "life", "mode", "max_payments", "channels", "reminders", "methods",
	"proof", "pin", "countries", "success_text", "closed_text", "terms_url", "rest"}

// templateProblem is the form's field of a pointer. What is wrong with something that the form has no place for
// is told where that stands.
func templateProblem(f paylink.Field) problem {
	pointer := strings.TrimPrefix(f.Pointer, "/settings")
	switch {
	case pointer == "/name", pointer == "/currency", pointer == "/description", pointer == "/success_text", pointer == "/closed_text", pointer == "/terms_url":
		return problem{Field: pointer[1:]}
	case pointer == "/amount":
		if f.Code == "too_small" {
			return problem{"amount", "The amount must be more than nothing, or left empty."}
		}
		return problem{Field: "amount"}
	case pointer == "/expires_in":
		return problem{Field: "life"}
	case pointer == "/usage/max_payments":
		return problem{Field: "max_payments"}
	case pointer == "/usage/mode":
		return problem{Field: "mode"}
	case strings.HasPrefix(pointer, "/channels"):
		return problem{Field: "channels"}
	case strings.HasPrefix(pointer, "/methods"):
		return problem{Field: "methods"}
	case strings.HasPrefix(pointer, "/reminders"):
		return problem{"reminders", reminderProblem(f)}
	case strings.HasPrefix(pointer, "/restrict/pin"):
		return problem{"proof", "A PIN is a secret of one link. Choose it when you make the link."}
	case strings.HasPrefix(pointer, "/restrict"):
		return problem{Field: fieldOf(pointer)}
	}
	field, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	return problem{"rest", upperFirst(word(restWords, field)) + ": " + f.Detail}
}

// more shows the folded part when something in it is said or wrong.
func (v template) more() bool {
	f := v.Form
	return len(f.Methods) > 0 || f.keep != (keep{}) || f.SuccessText+f.ClosedText+f.TermsURL != "" ||
		v.any("methods", "proof", "countries", "success_text", "closed_text", "terms_url")
}
