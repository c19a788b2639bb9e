package dispatch

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/provider"
)

const (
	// maxTries is how often a message is offered to one account: for a good hour by the queue's back-off.
	// A request to pay that comes later than that does more harm than good.
	maxTries = 14
	// patience is how long a message waits for accounts that are all left alone, before it was tried once.
	patience = 90 * time.Minute
)

// choice is what is found for a message among the accounts of its merchant.
type choice struct {
	account paylink.Account
	sender  channel.Sender // nil: there is nobody now
	first   bool           // it is whom anybody would choose who knows of no attempt and of no outage

	wait    time.Time // without a sender: when somebody may be there; zero: never
	outage  bool      // it is waited for an account that is left alone
	nowhere bool      // without a sender: the merchant has nobody at all for the channel
	inbox   bool      // without a sender: it goes into the customer's inbox, which is this house's own
}

// candidates are the accounts that can carry a message, in the order of their ranks. An account without a
// channel of its own carries whatever its provider can.
func (d *Dispatch) candidates(p *parcel) []paylink.Account {
	var able []paylink.Account
	for _, a := range p.accounts {
		if sender := d.senders[a.Provider]; sender != nil && !a.Off && !sender.Capabilities().Device && carries(a, sender, p.message.Channel) && reaches(a, p.country) {
			able = append(able, a)
		}
	}
	return p.named(able)
}

// carries tells whether a message of the channel can go through the account.
func carries(a paylink.Account, s channel.Sender, c paylink.Channel) bool {
	return (a.Channel == c || a.Channel == "") && slices.Contains(s.Capabilities().Channels, c)
}

// reaches tells whether the account carries to a country. What has none, such as an e-mail, it carries.
func reaches(a paylink.Account, country string) bool {
	only := a.Fields[provider.FieldCountries]
	if only == "" || country == "" {
		return true
	}
	for _, c := range strings.Split(only, ",") {
		if strings.EqualFold(strings.TrimSpace(c), country) {
			return true
		}
	}
	return false
}

// choose finds who is called next for a message: of the accounts that may still be called for it, the first
// by the merchant's preference that is not left alone.
func (d *Dispatch) choose(p *parcel, now time.Time) choice {
	able := d.candidates(p)
	if len(able) == 0 {
		return choice{nowhere: !p.fitsInbox(), inbox: p.fitsInbox()}
	}
	var c choice
	later := func(t time.Time, outage bool) {
		if c.wait.IsZero() || t.Before(c.wait) {
			c.wait, c.outage = t, outage
		}
	}
	for _, a := range d.preferred(p, able, now) {
		again, may := p.may(a.ID)
		switch free, until := d.healths.free(a.ID, now); {
		case !may || slices.Contains(p.unfit, a.ID):
		case again.After(now):
			later(again, false)
		case !free:
			later(until, true)
		default:
			return choice{account: a, sender: d.senders[a.Provider], first: len(p.attempts) == 0 && a.ID == able[0].ID}
		}
	}
	return c
}

// may tells whether an account may be called for the message, and from when.
func (p *parcel) may(id paylink.AccountID) (from time.Time, may bool) {
	if n := len(p.attempts); n > 0 {
		// What only time can change, such as a phone that is off, is not better elsewhere.
		last := p.attempts[n-1]
		if last.Account != id && last.State == paylink.AttemptRefused && !provider.Reason(last.Reason).Elsewhere() {
			return from, false
		}
	}
	tries := 0
	for _, a := range p.attempts {
		if a.Account != id {
			continue
		}
		tries++
		if a.AgainAt.IsZero() || tries >= maxTries {
			return from, false
		}
		from = a.AgainAt
	}
	return from, true
}

// preferred puts accounts, which come in the order of their ranks, into the merchant's order.
func (d *Dispatch) preferred(p *parcel, able []paylink.Account, now time.Time) []paylink.Account {
	if p.message.Providers != "" {
		return able // its step says in which order
	}
	switch p.merchant.Settings.Routing.For(p.message.Channel) {
	case paylink.RouteCheapest:
		able = slices.Clone(able)
		slices.SortStableFunc(able, func(a, b paylink.Account) int {
			costA, knownA := p.price(a)
			costB, knownB := p.price(b)
			if knownA != knownB {
				return map[bool]int{true: -1, false: 1}[knownA]
			}
			return cmp.Compare(costA, costB)
		})
	case paylink.RouteHealthiest:
		able = slices.Clone(able)
		share := map[paylink.AccountID]int64{}
		for _, a := range able {
			share[a.ID] = d.healths.see(a.ID, now).share()
		}
		slices.SortStableFunc(able, func(a, b paylink.Account) int { return cmp.Compare(share[b.ID], share[a.ID]) })
	}
	return able
}

// price is what a hundred messages like this one cost at an account, in minor units; which is also what one
// costs in hundredths of them.
func (p *parcel) price(a paylink.Account) (minor int64, known bool) {
	said := a.Fields[provider.FieldPrice]
	for _, one := range strings.Split(a.Fields[provider.FieldCountryPrices], ",") {
		if country, price, ok := strings.Cut(strings.TrimSpace(one), "="); ok && p.country != "" && strings.EqualFold(country, p.country) {
			said = price
		}
	}
	if price, err := strconv.ParseInt(said, 10, 64); err == nil && price >= 0 && price <= 1_000_000_000 {
		return price, true
	}
	return p.merchant.Settings.Prices.Price(p.message.Channel)
}

// carried ends a message that nobody carries for the merchant, and holds one that nobody carries now.
func (d *Dispatch) carried(_ context.Context, p *parcel, now time.Time) (verdict, error) {
	c := p.choice
	switch {
	case c.sender != nil || c.inbox:
		return verdict{}, nil
	case c.nowhere && len(p.attempts) == 0:
		return verdict{status: paylink.MessageFailed, code: "no_provider"}, nil
	case c.wait.IsZero():
		last := p.attempts[len(p.attempts)-1]
		return verdict{status: paylink.MessageFailed, code: last.Code, reason: last.Reason}, nil
	case c.outage && len(p.attempts) == 0 && !p.offered.IsZero() && now.Sub(p.offered) > patience:
		return verdict{status: paylink.MessageFailed, code: "unreachable", reason: string(provider.ProviderDown)}, nil
	}
	return hold("", c.wait), nil
}
