package issue

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"paylink"
)

// delivery judges a plan, at the pointer where it stands; nil is in order.
func (j *judgement) delivery(pointer string, p *paylink.DeliveryPlan) {
	if p == nil {
		return
	}
	at := pointer + "/steps"
	switch {
	case len(p.Steps) == 0:
		j.bad.Add(at, "required", "A plan has at least one step.")
	case len(p.Steps) > paylink.MaxDeliverySteps:
		j.bad.Add(at, "too_many", fmt.Sprintf("A plan has at most %d steps.", paylink.MaxDeliverySteps))
		return
	}
	unknown := []paylink.UnknownPolicy{paylink.UnknownWaits, paylink.UnknownNext}
	if p.OnUnknown != "" && !slices.Contains(unknown, p.OnUnknown) {
		j.bad.Add(pointer+"/on_unknown", "unknown_value", oneOf(unknown))
	}
	var together []paylink.Channel // that go out in the same moment
	for i, s := range p.Steps {
		here := fmt.Sprintf("%s/%d", at, i)
		if s.After != "" {
			together = nil
		}
		switch {
		case s.Channel == "":
			j.bad.Add(here+"/channel", "required", "The channel is missing.")
		case !slices.Contains(paylink.Channels, s.Channel):
			j.bad.Add(here+"/channel", "unknown_value", oneOf(paylink.Channels))
		case slices.Contains(together, s.Channel):
			j.bad.Add(here+"/channel", "duplicate_value", "The same message would go out twice in one moment.")
		}
		together = append(together, s.Channel)
		j.pause(here+"/after", s.After)
		j.unless(here, i, s)
		j.providers(here+"/providers", s.Providers)
	}
}

// ways judges where a link goes, by its channels or by its plan, and gives the channels.
func (j *judgement) ways(d Draft, t *paylink.Terms, known *paylink.Customer) []paylink.Channel {
	if t.Delivery == nil {
		j.reachable(d.Channels, d.Customer, known)
		return list(j, "/channels", d.Channels, paylink.Channels)
	}
	if d.Channels != nil {
		j.bad.Add("/delivery", "conflicting", "Say either channels or delivery.")
	}
	j.delivery("/delivery", t.Delivery)
	j.planReaches("/delivery", t.Delivery, d.Customer, known)
	return t.Delivery.Channels()
}

func (j *judgement) pause(pointer, text string) {
	if text == "" {
		return
	}
	switch pause, ok := paylink.ParsePause(text); {
	case !ok:
		j.bad.Add(pointer, "bad_time", "Write a time such as 60s, 5m, 2h or 1d.")
	case pause > paylink.MaxDeliveryPause:
		j.bad.Add(pointer, "too_far", "A step waits for at most 7 days.")
	}
}

func (j *judgement) unless(at string, i int, s paylink.DeliveryStep) {
	switch {
	case s.Unless == "":
	case !slices.Contains(paylink.Unlesses, s.Unless):
		j.bad.Add(at+"/unless", "unknown_value", oneOf(paylink.Unlesses))
	case i == 0 && s.Unless != paylink.UnlessOpened:
		j.bad.Add(at+"/unless", "conflicting", "No step comes before the first.")
	case s.After == "":
		j.bad.Add(at+"/after", "required", "Say how long the step waits to see whether it is needed.")
	}
}

// carrierName is what a provider or an account may be called.
var carrierName = regexp.MustCompile(`^[a-zA-Z0-9_]{1,64}$`)

func (j *judgement) providers(pointer string, names []string) {
	if len(names) > paylink.MaxDeliveryProviders {
		j.bad.Add(pointer, "too_many", fmt.Sprintf("A step names at most %d providers.", paylink.MaxDeliveryProviders))
		return
	}
	for i, name := range names {
		here := fmt.Sprintf("%s/%d", pointer, i)
		if !carrierName.MatchString(name) {
			j.bad.Add(here, "unknown_value", "There is no provider or account of this name.")
		} else if slices.Contains(names[:i], name) {
			j.bad.Add(here, "duplicate_value", "This is in the list already.")
		}
	}
}

// planReaches asks that the customer has an address for one step at least; any other is skipped when it is its
// turn.
func (j *judgement) planReaches(at string, p *paylink.DeliveryPlan, c Contact, known *paylink.Customer) {
	if p == nil || c.ID != "" && known == nil || reaches(p, c, known) {
		return
	}
	for i, s := range p.Steps[:min(len(p.Steps), paylink.MaxDeliverySteps)] {
		j.bad.Add(fmt.Sprintf("%s/steps/%d/channel", at, i), "needs_contact", needs(s.Channel, c, known))
	}
}

// reaches tells whether a step of the plan has somebody to go to. A channel that there is not is told elsewhere.
func reaches(p *paylink.DeliveryPlan, c Contact, known *paylink.Customer) bool {
	return slices.ContainsFunc(p.Steps, func(s paylink.DeliveryStep) bool { return needs(s.Channel, c, known) == "" })
}

// carried asks that somebody whom the plan names carries for the merchant. Only a plan that names somebody
// costs the look. invalid is *paylink.Invalid or nil.
func (x *Issuer) carried(ctx context.Context, by Actor, p *paylink.DeliveryPlan) (invalid, err error) {
	if p == nil || !slices.ContainsFunc(p.Steps, func(s paylink.DeliveryStep) bool { return len(s.Providers) > 0 }) {
		return nil, nil
	}
	accounts, err := x.store.Read(ctx).Accounts(by.Merchant.ID, by.Live, paylink.AccountChannel)
	if err != nil {
		return nil, err
	}
	var bad paylink.Invalid
	for i, s := range p.Steps {
		for n, name := range s.Providers {
			if !slices.ContainsFunc(accounts, func(a paylink.Account) bool { return a.Provider == name || string(a.ID) == name }) {
				bad.Add(fmt.Sprintf("/delivery/steps/%d/providers/%d", i, n), "unknown_value", "There is no provider or account of this name.")
			}
		}
	}
	return bad.OrNil(), nil
}
