package dashboard

import (
	"slices"
	"strings"

	"paylink"
	"paylink/provider"
)

// failure says why a message did not come to its customer, and what can be done about it.
type failure struct{ Why, Do string }

const (
	doOther   = "Send on another channel, or share the address yourself."
	doAddress = "Give another address: make the link anew with it, or send on another channel."
	doLater   = "Send it again later, or on another channel."
	doAccount = "Look at the account under Settings, Providers."
	doRules   = "See Settings, Sending."
	doIndia   = "See Settings, Sending, Registration."
)

// failures are by our own codes and reasons.
var failures = map[string]failure{
	"bounced_before":       {"an earlier message came back, because there is no such number or mailbox", doAddress},
	"country_not_allowed":  {"text messages to that country are not allowed", "Allow the country under Settings, Sending."},
	"budget":               {"your message budget is used up", "Raise it under Settings, Sending, and send again."},
	"no_price":             {"you have a message budget, but what a message costs is not known", "Say the price under Settings, Sending, and send again."},
	"pumping":              {"too many different numbers of one range were written to within an hour", "Wait an hour, or raise the limit under Settings, Sending."},
	"no_provider":          {"no account of yours carries it", "Connect one under Settings, Providers."},
	"no_template":          {"your provider has no registered template for it", "Word one under Settings, Messages."},
	"internal":             {"something went wrong with us", doLater},
	"dlt_entity_missing":   {"nothing is registered with India’s operators", doIndia},
	"dlt_header_missing":   {"the header is not registered with India’s operators", doIndia},
	"dlt_template_missing": {"the text is not registered with India’s operators", doIndia},
	"dlt_text_mismatch":    {"the text equals none that is registered with India’s operators", doIndia},
	"dlt_variable_type":    {"the text holds what its registered form does not allow", doIndia},
	"dlt_url_form":         {"the link’s address has not the form that India’s operators ask for", doIndia},
	"dlt_url_domain":       {"the link’s domain is not registered with India’s operators", doIndia},
	"dlt_category":         {"promotion and other messages need texts registered as such in India", doIndia},
	"quiet_hours":          {"it would have waited too long for your quiet hours", doRules},
	"contact_hours":        {"it would have waited too long for your contact hours", doRules},
	"frequency_cap":        {"the customer was written to as often as is allowed", doRules},
	"in_recovery":          {"the law of India does not allow it at that time", doRules},
	"us_recovery":          {"the law of the United States does not allow it at that time", doRules},
	"in_promotional":       {"the law of India does not allow it at that time", doRules},

	string(provider.InvalidAddress): {"there is no such number, mailbox or device", doAddress},
	string(provider.OptedOut):       {"the customer wants no messages there", doOther},
	string(provider.Blocked):        {"an operator or a filter stopped it", doOther},
	string(provider.Unreachable):    {"the phone is off or out of reach, or the mailbox is full", doLater},
	string(provider.NotOnChannel):   {"the address does not take this kind of message", doOther},
	string(provider.Expired):        {"it could not be delivered in time", doLater},
	string(provider.BadTemplate):    {"the template is not registered, or not as it was sent", "Compare it with what is registered: Settings, Messages."},
	string(provider.BadCredentials): {"the provider does not accept the credentials", doAccount},
	string(provider.NoBalance):      {"the account with the provider has no balance", "Top it up, and send again."},
	string(provider.Throttled):      {"the provider asks to wait", doLater},
	string(provider.BadRequest):     {"the provider does not understand what it was sent", doAccount},
	string(provider.ProviderDown):   {"the provider has trouble of its own", doLater},
}

// failureOf says why a message failed. What nobody knows words for has none.
func failureOf(m paylink.Message) failure {
	for _, code := range []string{m.Reason, m.ErrorCode} {
		if f, ok := failures[code]; ok {
			return f
		}
	}
	return failure{Do: doLater}
}

// unreached says of a link of which nothing has come to the customer, why and what can be done; empty when
// something has, or may yet.
func unreached(ticks []tick) string {
	messages := make([]paylink.Message, len(ticks))
	for i, t := range ticks {
		messages[i] = t.Message
	}
	if !paylink.Unreached(messages) {
		return ""
	}
	text, todo, why, who := "Nothing has reached the customer.", []string{}, []string{}, map[string][]string{}
	for _, t := range ticks {
		f := failureOf(t.Message)
		if f.Why != "" && who[f.Why] == nil {
			why = append(why, f.Why)
		}
		who[f.Why] = append(who[f.Why], t.Word)
		if !slices.Contains(todo, f.Do) {
			todo = append(todo, f.Do)
		}
	}
	for _, one := range why {
		text += " " + strings.Join(who[one], " and ") + ": " + one + "."
	}
	return text + " " + strings.Join(todo, " ")
}

// heldWords say for what a message waits.
var heldWords = map[string]string{
	"quiet_hours": "your quiet hours", "contact_hours": "your contact hours", "frequency_cap": "the customer was written to as often as is allowed",
	"in_recovery": "the law of India on recovery", "us_recovery": "the law of the United States on recovery", "in_promotional": "the law of India on promotion",
}

// whyText says why a message did not go on, after the sentence that it did not; empty when nobody knows.
func whyText(t paylink.EventType, m *paylink.MessageSnapshot) string {
	switch {
	case t == paylink.EventMessageHeld:
		return upperFirst(heldWords[m.Error])
	case m.Reason != "":
		return reasonSentence(m.Reason)
	case t == paylink.EventMessageFailed || t == paylink.EventMessageBlocked || t == paylink.EventMessageSkipped:
		return upperFirst(failures[m.Error].Why)
	}
	return ""
}
