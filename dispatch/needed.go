package dispatch

import (
	"context"
	"slices"
	"strings"
	"time"

	"paylink"
)

// Of a delivery plan: whether a later step is still needed when it waited for its provider, and who carries it.

// freshFor is for how long nobody asks again whether a step is needed that was taken up just now.
const freshFor = 2 * time.Second

// mostMessages is how many of a link's messages are looked at for those of a plan.
const mostMessages = 1000

// stillNeeded skips a later step of a delivery plan for which the reason not to go out came while it waited:
// for its provider, or for the end of quiet hours. A message of no plan costs no reading.
func (d *Dispatch) stillNeeded(ctx context.Context, p *parcel, now time.Time) (verdict, error) {
	if m := p.message; m.Plan == "" || m.Step == 1 || now.Sub(m.UpdatedAt) < freshFor {
		return verdict{}, nil
	}
	read := d.store.Read(ctx)
	all, err := read.MessagesOf(p.message.Merchant, p.message.Link, mostMessages)
	if err != nil {
		return verdict{}, err
	}
	run := slices.DeleteFunc(all, func(m paylink.Message) bool { return m.Plan != p.message.Plan })
	if len(run) == 0 {
		return verdict{}, nil
	}
	opened, err := read.OpenedSince(p.link.Merchant, p.link.ID, run[0].CreatedAt)
	if err != nil {
		return verdict{}, err
	}
	if why := (paylink.DeliveryRun{Messages: run, Link: p.link, Opened: opened}).Needless(p.message); why != "" {
		return skip(why), nil
	}
	return verdict{}, nil
}

// named leaves of the accounts those that a message's step names, in its order; all of them when it names none.
func (p *parcel) named(able []paylink.Account) []paylink.Account {
	if p.message.Providers == "" {
		return able
	}
	var chosen []paylink.Account
	for _, name := range strings.Split(p.message.Providers, ",") {
		for _, a := range able {
			if (a.Provider == name || string(a.ID) == name) && !slices.ContainsFunc(chosen, func(c paylink.Account) bool { return c.ID == a.ID }) {
				chosen = append(chosen, a)
			}
		}
	}
	return chosen
}
