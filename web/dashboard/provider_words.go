package dashboard

import (
	"cmp"
	"strings"

	"paylink"
	"paylink/provider"
)

// reasonWords say why a provider did not do what it was asked.
var reasonWords = map[provider.Reason]string{
	provider.InvalidAddress: "There is no such number, mailbox or device",
	provider.OptedOut:       "The customer does not want messages there",
	provider.Blocked:        "An operator or a filter stopped it",
	provider.Unreachable:    "The phone is off or out of reach, or the mailbox is full",
	provider.NotOnChannel:   "The address does not take this kind of message",
	provider.Expired:        "It could not be delivered in time",
	provider.BadTemplate:    "The template is not registered, or not as it was sent",
	provider.BadCredentials: "The provider does not accept the credentials",
	provider.NoBalance:      "The account with the provider has no balance",
	provider.Throttled:      "The provider asks to wait",
	provider.BadRequest:     "The provider does not understand what it was sent",
	provider.ProviderDown:   "The provider has trouble of its own",
}

// methodNames are the methods in the middle of a sentence.
var methodNames = map[paylink.Method]string{paylink.MethodCard: "cards", paylink.MethodUPI: "UPI", paylink.MethodNetbanking: "net banking"}

// methodTitles begin a line.
var methodTitles = map[paylink.Method]string{paylink.MethodCard: "Cards", paylink.MethodUPI: "UPI", paylink.MethodNetbanking: "Net banking"}

// used says what an account is for: "Carries SMS and WhatsApp", or "Takes cards and UPI".
func used(channels []paylink.Channel, methods []paylink.Method) string {
	if len(methods) == 0 {
		return "Carries " + carried(channels)
	}
	words := make([]string, len(methods))
	for i, m := range methods {
		words[i] = cmp.Or(methodNames[m], string(m))
	}
	return "Takes " + enumerated(words)
}

// carried names what an account carries: "SMS and WhatsApp".
func carried(channels []paylink.Channel) string {
	words := make([]string, len(channels))
	for i, c := range channels {
		words[i] = channelWords[c]
	}
	return enumerated(words)
}

// enumerated is a list as a sentence has it.
func enumerated(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
