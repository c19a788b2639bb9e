package customer

import (
	"context"
	"slices"
	"strings"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/token"
)

// Standing is how a merchant stands with a person.
type Standing struct {
	Links       int64
	Part        bool            // there may be more links than were counted
	Open        []paylink.Money // what his links still ask for, by currency
	Paid        []paylink.Money // what he paid, by currency
	LastContact time.Time       // when a provider last took a message to him; zero: never
	Best        paylink.Channel // on which most messages arrived; empty: none did
	OptedOut    []paylink.Channel
}

// Standing counts the links and messages of a person, at most a thousand links of them, and looks where he gets
// no more messages. now is the time of his world.
func (g *People) Standing(ctx context.Context, p paylink.Customer, now time.Time) (Standing, error) {
	read := g.Store.Read(ctx)
	f, err := read.PersonFigures(p)
	if err != nil {
		return Standing{}, about(err, "count the links of customer", p.ID)
	}
	s := Standing{Links: f.Links, Part: f.Part, OptedOut: []paylink.Channel{}}
	open := map[paylink.Currency]int64{}
	for _, l := range f.Open {
		if status := l.StatusAt(now); status == paylink.LinkPending || status == paylink.LinkFailed || status == paylink.LinkPartiallyPaid {
			open[l.Amount.Currency] += l.AmountDue()
		}
	}
	s.Open, s.Paid = sums(open), sums(f.Paid)
	for _, c := range paylink.Channels {
		r, sent := f.Reached[c]
		if sent && r.Last.After(s.LastContact) {
			s.LastContact = r.Last
		}
		if r.Arrived > f.Reached[s.Best].Arrived {
			s.Best = c
		}
		to := address(p, c)
		if to == "" {
			continue
		}
		keys, err := token.AddressKeys(g.Ring, p.Merchant, p.Live, c, to)
		if err != nil {
			return s, err
		}
		no, err := read.Suppressed(p.Merchant, p.Live, c, keys...)
		if err != nil {
			return s, about(err, "look for the opt-outs of customer", p.ID)
		}
		if no != nil && no.Reason.OptOut() {
			s.OptedOut = append(s.OptedOut, c)
		}
	}
	return s, nil
}

// address is where a channel reaches a person; empty when it cannot.
func address(p paylink.Customer, c paylink.Channel) string {
	switch c {
	case paylink.ChannelEmail:
		return p.Email
	case paylink.ChannelInApp:
		return string(p.ID)
	}
	return p.Phone
}

// sums are in the order of their currencies.
func sums(of map[paylink.Currency]int64) []paylink.Money {
	all := []paylink.Money{}
	for currency, sum := range of {
		if sum != 0 {
			all = append(all, paylink.Money{Minor: sum, Currency: currency})
		}
	}
	slices.SortFunc(all, func(a, b paylink.Money) int { return strings.Compare(string(a.Currency), string(b.Currency)) })
	return all
}

// Asked adds to a filter what somebody typed into a search box: a phone number as people of the merchant's country
// write it, an e-mail address, or a part of a name.
func Asked(m paylink.Merchant, f store.PersonFilter, text string) store.PersonFilter {
	text = strings.TrimSpace(text)
	phone, ok := issue.Phone(m.Country, text)
	switch {
	case ok && f.Phone == "":
		f.Phone = phone
	case strings.Contains(text, "@") && f.Email == "":
		f.Email = text
	default:
		f.Name = text
	}
	return f
}
