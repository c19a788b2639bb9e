package dashboard

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"paylink"
	"paylink/provider"
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

// stopWords say why we did not ask a provider.
var stopWords = map[string]string{
	"cap_reached": "Your message budget is used up", "no_price": "You have a message budget, but what a message costs is not known",
}

// reasonSentence says in a merchant's words why a message did not go on.
func reasonSentence(reason string) string {
	if said, ok := stopWords[reason]; ok {
		return said
	}
	return word(reasonWords, provider.Reason(reason))
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
	if a.Device != "" {
		shown.Who += ", for a device"
	}
	var why []string
	if a.Reason != "" {
		why = append(why, reasonSentence(a.Reason))
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
