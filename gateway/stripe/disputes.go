package stripe

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"paylink/gateway"
	"paylink/provider/httpwire"
)

// Stripe lists disputes by when they were opened only. What changed since then is in its events, which it keeps
// for 30 days: whoever asks less often misses what changed before.
const (
	eventPage      = 10 // an event about a dispute holds its evidence, which may be long
	mostEventPages = 100
	disputesPage   = 10
)

var disputeEvents = url.Values{
	"types[0]": {"charge.dispute.created"}, "types[1]": {"charge.dispute.updated"}, "types[2]": {"charge.dispute.closed"},
	"types[3]": {"charge.dispute.funds_withdrawn"}, "types[4]": {"charge.dispute.funds_reinstated"},
}

// Disputes lists those that changed, each once and as it stands after its latest change.
func (g *Gateway) Disputes(ctx context.Context, a gateway.Account, since time.Time, cursor string) ([]gateway.DisputeWord, string, error) {
	changed, err := g.changedDisputes(ctx, a, since)
	if err != nil {
		return nil, "", fmt.Errorf("list disputes: %w", err)
	}
	after, err := readPlace(cursor)
	if err != nil {
		return nil, "", fmt.Errorf("list disputes: %w", err)
	}
	changed = slices.DeleteFunc(changed, func(w gateway.DisputeWord) bool { return placeOf(w).compare(after) <= 0 })
	if len(changed) <= disputesPage {
		return changed, "", nil
	}
	changed = changed[:disputesPage]
	return changed, placeOf(changed[disputesPage-1]).String(), nil
}

// changedDisputes reads all events since a time, which Stripe gives with the newest first.
func (g *Gateway) changedDisputes(ctx context.Context, a gateway.Account, since time.Time) ([]gateway.DisputeWord, error) {
	query := url.Values{"created[gte]": {unix(later(since, time.Unix(0, 0)))}, "limit": {strconv.Itoa(eventPage)}}
	maps.Copy(query, disputeEvents)
	latest := map[string]gateway.DisputeWord{}
	for range mostEventPages {
		var page list[event]
		if err := g.get(ctx, a, "/v1/events", query, &page); err != nil {
			return nil, err
		}
		if page.Object != "list" {
			return nil, httpwire.Unclear("the answer is no list")
		}
		for _, e := range page.Data {
			words, err := e.disputeWords(a)
			if err != nil {
				return nil, httpwire.Unclear("an event is not understood: %w", err)
			}
			for _, w := range words {
				if _, newer := latest[w.GatewayReference]; !newer {
					w.Account = ""
					latest[w.GatewayReference] = w
				}
			}
		}
		if !page.More || len(page.Data) == 0 {
			list := slices.Collect(maps.Values(latest))
			slices.SortFunc(list, func(a, b gateway.DisputeWord) int { return placeOf(a).compare(placeOf(b)) })
			return list, nil
		}
		query.Set("starting_after", page.Data[len(page.Data)-1].ID)
	}
	return nil, httpwire.Unclear("more disputes changed than can be read")
}

// place is where a dispute stands in the list: by its latest change, then by its name.
type place struct {
	at int64 // Unix seconds
	id string
}

func placeOf(w gateway.DisputeWord) place { return place{w.At.Unix(), w.GatewayReference} }

func (p place) compare(o place) int {
	return cmp.Or(cmp.Compare(p.at, o.at), strings.Compare(p.id, o.id))
}

func (p place) String() string { return strconv.FormatInt(p.at, 10) + "." + p.id }

func readPlace(cursor string) (place, error) {
	if cursor == "" {
		return place{}, nil
	}
	at, id, _ := strings.Cut(cursor, ".")
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || !isObject(id, "dp_", "du_") {
		return place{}, &gateway.Rejected{Code: "stripe_cursor"}
	}
	return place{seconds, id}, nil
}
