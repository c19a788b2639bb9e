package customer

import (
	"context"
	"fmt"
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

// Standing is how a merchant stands with one person; see Standings.
func (g *People) Standing(ctx context.Context, p paylink.Customer, now time.Time) (Standing, error) {
	all, err := g.Standings(ctx, []paylink.Customer{p}, now)
	return all[p.ID], err
}

// Standings counts, for a page of people of one merchant and mode, the links and messages of each, at most a
// thousand links, and looks where they get no more messages. now is the time of their world.
func (g *People) Standings(ctx context.Context, people []paylink.Customer, now time.Time) (map[paylink.CustomerID]Standing, error) {
	figures, err := g.Store.Read(ctx).FiguresOf(people)
	if err != nil {
		return nil, fmt.Errorf("count the links of customers: %w", err)
	}
	refused, err := g.refused(ctx, people)
	if err != nil {
		return nil, err
	}
	all := map[paylink.CustomerID]Standing{}
	for _, p := range people {
		all[p.ID] = standing(figures[p.ID], refused[p.ID], now)
	}
	return all, nil
}

func standing(f store.PersonFigures, refused []paylink.Channel, now time.Time) Standing {
	s := Standing{Links: f.Links, Part: f.Part, OptedOut: append([]paylink.Channel{}, refused...)}
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
	}
	return s
}

// refused are the channels on which each of the people said no, in the order of all channels.
func (g *People) refused(ctx context.Context, people []paylink.Customer) (map[paylink.CustomerID][]paylink.Channel, error) {
	type place struct {
		person  paylink.CustomerID
		channel paylink.Channel
	}
	var keys [][]byte
	var order []place
	at := map[string][]place{} // two people may share an address
	for _, p := range people {
		for _, c := range paylink.Channels {
			to := address(p, c)
			if to == "" {
				continue
			}
			some, err := token.AddressKeys(g.Ring, p.Merchant, p.Live, c, to)
			if err != nil {
				return nil, err
			}
			here := place{p.ID, c}
			order = append(order, here)
			for _, key := range some {
				if at[string(key)] == nil {
					keys = append(keys, key)
				}
				at[string(key)] = append(at[string(key)], here)
			}
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	found, err := g.Store.Read(ctx).SuppressedOf(people[0].Merchant, people[0].Live, keys)
	if err != nil {
		return nil, fmt.Errorf("look for the opt-outs of customers: %w", err)
	}
	no := map[place]bool{}
	for _, s := range found {
		for _, here := range at[string(s.Address)] {
			no[here] = no[here] || s.Channel == here.channel && s.Reason.OptOut()
		}
	}
	all := map[paylink.CustomerID][]paylink.Channel{}
	for _, here := range order {
		if no[here] {
			all[here.person] = append(all[here.person], here.channel)
		}
	}
	return all, nil
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
