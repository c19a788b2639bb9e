package razorpay

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider/httpwire"
)

const (
	perPage  = 50  // what fits into the longest answer that is read
	mostRead = 100 // pages
)

// listed is one entry of a list: what it says, and where it stands in time.
type listed[T any] struct {
	id   string
	at   int64 // Unix seconds
	word T
}

// page puts a list that Razorpay tells newest first into our order, oldest first, and gives the hundred after
// a cursor. A cursor is the time and id of the last that was given.
func page[T any](all []listed[T], cursor string) ([]T, string) {
	slices.SortFunc(all, func(a, b listed[T]) int { return cmp.Or(cmp.Compare(a.at, b.at), strings.Compare(a.id, b.id)) })
	mark := func(l listed[T]) string { return fmt.Sprintf("%012d.%s", l.at, l.id) }
	var out []T
	for _, l := range all {
		if mark(l) <= cursor {
			continue
		}
		if len(out) == 100 {
			return out, cursor
		}
		out, cursor = append(out, l.word), mark(l)
	}
	return out, ""
}

// all reads a list from a time until another; zero: no end. id tells an entry from the others: where Razorpay
// gives the same page again, reading ends.
func all[T any](ctx context.Context, g *Gateway, a gateway.Account, path string, from, until time.Time, id func(T) string) ([]T, error) {
	var out []T
	seen := map[string]bool{}
	for n := range mostRead {
		query := url.Values{"count": {strconv.Itoa(perPage)}, "skip": {strconv.Itoa(n * perPage)}}
		if !from.IsZero() {
			query.Set("from", strconv.FormatInt(from.Unix(), 10))
		}
		if !until.IsZero() {
			query.Set("to", strconv.FormatInt(until.Unix(), 10))
		}
		var list collection[T]
		if _, err := g.ask(ctx, a, http.MethodGet, path+"?"+query.Encode(), nil, &list); err != nil {
			return nil, err
		}
		fresh := 0
		for _, item := range list.Items {
			if !seen[id(item)] {
				seen[id(item)] = true
				out = append(out, item)
				fresh++
			}
		}
		if fresh == 0 || len(list.Items) < perPage {
			return out, nil
		}
	}
	return nil, httpwire.Unclear("the list is longer than is read")
}

// settlement is Razorpay's word about one payout, always in rupees.
type settlement struct {
	ID        string        `json:"id"`
	Amount    int64         `json:"amount"`
	Status    string        `json:"status"` // created, processed, failed
	Fees      int64         `json:"fees"`   // with their tax, as a payment's
	Tax       int64         `json:"tax"`
	UTR       httpwire.Word `json:"utr"`
	CreatedAt int64         `json:"created_at"`
}

// Settlements lists payouts.
func (g *Gateway) Settlements(ctx context.Context, a gateway.Account, from, until time.Time, cursor string) ([]gateway.Settlement, string, error) {
	told, err := all(ctx, g, a, "/v1/settlements", from, until, func(s settlement) string { return s.ID })
	if err != nil {
		return nil, "", fmt.Errorf("list settlements: %w", err)
	}
	var out []listed[gateway.Settlement]
	for _, s := range told {
		status, known := map[string]gateway.SettlementStatus{
			"created": gateway.SettlementPending, "processed": gateway.SettlementPaid, "failed": gateway.SettlementFailed,
		}[s.Status]
		within := s.Amount <= paylink.MaxMinor && s.Amount >= -paylink.MaxMinor
		if !known || !within || !paywire.IsID(s.ID) || !paywire.Plain(string(s.UTR), 64) || s.CreatedAt <= 0 {
			return nil, "", fmt.Errorf("list settlements: %w", httpwire.Unclear("a settlement cannot be"))
		}
		out = append(out, listed[gateway.Settlement]{s.ID, s.CreatedAt, gateway.Settlement{
			GatewayReference: s.ID, BankReference: string(s.UTR), Amount: paylink.Money{Minor: s.Amount, Currency: "INR"},
			Fee: s.Fees - s.Tax, Tax: s.Tax, Status: status, At: time.Unix(s.CreatedAt, 0).UTC(),
		}})
	}
	words, next := page(out, cursor)
	return words, next, nil
}
