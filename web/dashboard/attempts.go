package dashboard

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"paylink"
)

// attempt is one call to a provider, as the link's page shows it.
type attempt struct {
	Who  string // "twilio"
	How  string // "refused it"
	Why  string // in our words, then the provider's; may be empty
	Cost string // "₹0.14, 2 parts"; empty: not known
}

// attemptWords say how a call ended.
var attemptWords = map[paylink.AttemptState]string{
	paylink.AttemptCalling: "is being called", paylink.AttemptTaken: "took it", paylink.AttemptRefused: "refused it",
	paylink.AttemptBroken: "did not hear of it", paylink.AttemptUnknown: "may have it: no answer",
}

// reasonWords say why a provider did not do what it was asked, or why we did not ask.
var reasonWords = map[string]string{
	"invalid_address": "there is no such address", "opted_out": "the customer does not want messages", "blocked": "an operator or a filter stopped it",
	"unreachable": "the customer cannot be reached now", "not_on_channel": "the address cannot be reached on this channel", "expired": "the provider gave up in time",
	"bad_template": "the template is not registered, or not as sent", "bad_credentials": "the provider does not take your credentials",
	"no_balance": "your balance with the provider is used up", "throttled": "too many messages at once", "bad_request": "the provider does not take what we sent",
	"provider_down": "the provider cannot be reached", "cap_reached": "your message budget is used up", "no_price": "you have a message budget, but what a message costs is not known",
}

// attemptsOf reads how the messages of the ticks were handed over.
func (d *Dashboard) attemptsOf(ctx context.Context, s scene, link paylink.LinkID, ticks []tick) error {
	if !slices.ContainsFunc(ticks, func(t tick) bool { return t.Message.Attempts > 0 }) {
		return nil
	}
	made, err := d.Store.Read(ctx).AttemptsOfLinks(s.Merchant.ID, []paylink.LinkID{link})
	if err != nil {
		return err
	}
	for i, t := range ticks {
		for _, a := range made[t.Message.ID] {
			ticks[i].Attempts = append(ticks[i].Attempts, s.attempt(a))
		}
	}
	return nil
}

func (s scene) attempt(a paylink.Attempt) attempt {
	shown := attempt{Who: a.Provider, How: word(attemptWords, a.State)}
	var why []string
	if a.Reason != "" {
		why = append(why, word(reasonWords, a.Reason))
	}
	if a.Code != "" {
		why = append(why, "["+a.Code+"]")
	}
	if a.Words != "" {
		why = append(why, "“"+a.Words+"”")
	}
	shown.Why = strings.Join(why, " ")
	if a.Priced && a.Cost > 0 {
		shown.Cost = s.money((a.Cost+99)/100, a.Currency)
	}
	if a.Segments > 1 {
		shown.Cost = joined(", ", shown.Cost, fmt.Sprintf("%d parts", a.Segments))
	}
	return shown
}
