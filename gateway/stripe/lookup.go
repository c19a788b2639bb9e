package stripe

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider/httpwire"
)

// whole asks for an order with all that is known of its payment, in one call.
var whole = url.Values{"expand[]": {"payment_intent.latest_charge.balance_transaction"}}

// Lookup asks for the session, with its intent, charge and fee.
func (g *Gateway) Lookup(ctx context.Context, a gateway.Account, k gateway.Known) (gateway.Word, error) {
	s, err := g.find(ctx, a, k)
	var w gateway.Word
	if err == nil {
		w, err = s.found(k)
	}
	if err != nil {
		return gateway.Word{}, about("look up", k.Reference, err)
	}
	return w, nil
}

// find gives the session of an order.
func (g *Gateway) find(ctx context.Context, a gateway.Account, k gateway.Known) (session, error) {
	if !paywire.IsReference(k.Reference) {
		return session{}, &paylink.NotFound{Kind: "order", ID: k.Reference}
	}
	id := k.Order
	if id == "" {
		var err error
		if id, err = g.search(ctx, a, k); err != nil {
			return session{}, err
		}
	}
	if !isObject(id, "cs_") {
		return session{}, &paylink.NotFound{Kind: "order", ID: k.Reference}
	}
	var s session
	if err := g.get(ctx, a, "/v1/checkout/sessions/"+id, whole, &s); err != nil {
		return session{}, err
	}
	if s.ID != id || s.Object != "checkout.session" || s.Reference != k.Reference {
		return session{}, httpwire.Unclear("the answer is about another order")
	}
	return s, nil
}

// A session whose start was never answered is looked for among those of its time: Stripe finds none by our
// reference. early and late bound it around the beginning: clocks differ a little, and after spare
// Stripe would not have taken it.
const (
	early, late  = 5 * time.Minute, spare + 5*time.Minute
	searchPage   = 12  // a session is 4 KB
	mostSearches = 200 // pages: thousands of payments in a quarter of an hour
)

func (g *Gateway) search(ctx context.Context, a gateway.Account, k gateway.Known) (string, error) {
	query := url.Values{
		"created[gte]": {unix(k.Began.Add(-early))}, "created[lte]": {unix(k.Began.Add(late))}, "limit": {strconv.Itoa(searchPage)},
	}
	for range mostSearches {
		var page list[session]
		if err := g.get(ctx, a, "/v1/checkout/sessions", query, &page); err != nil {
			return "", err
		}
		if page.Object != "list" {
			return "", httpwire.Unclear("the answer is no list")
		}
		for _, s := range page.Data {
			if s.Reference == k.Reference {
				return s.ID, nil
			}
		}
		if !page.More || len(page.Data) == 0 {
			return "", &paylink.NotFound{Kind: "order", ID: k.Reference}
		}
		query.Set("starting_after", page.Data[len(page.Data)-1].ID)
	}
	return "", httpwire.Unclear("there are too many orders to find one among them")
}

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
