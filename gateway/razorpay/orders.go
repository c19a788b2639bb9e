package razorpay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider/httpwire"
)

// newOrder is the request to make an order.
type newOrder struct {
	Amount         int64             `json:"amount"`
	Currency       paylink.Currency  `json:"currency"`
	Receipt        string            `json:"receipt"`
	PartialPayment bool              `json:"partial_payment"`
	Notes          map[string]string `json:"notes"`
	Payment        captureRule       `json:"payment"`
}

// captureRule says when authorised money is taken. Without it the setting in the merchant's dashboard holds,
// and a late yes of the bank would be given back unseen.
type captureRule struct {
	Capture string         `json:"capture"` // automatic, manual
	Options captureOptions `json:"capture_options"`
}

type captureOptions struct {
	Automatic   int    `json:"automatic_expiry_period,omitempty"` // minutes after the beginning
	Manual      int    `json:"manual_expiry_period"`
	RefundSpeed string `json:"refund_speed"`
}

// longest is how long Razorpay keeps an authorisation, in minutes: five days.
const longest = 7200

// order is Razorpay's word about an order.
type order struct {
	ID        string           `json:"id"`
	Amount    int64            `json:"amount"`
	Currency  paylink.Currency `json:"currency"`
	Receipt   string           `json:"receipt"`
	Status    string           `json:"status"` // created, attempted, paid
	Notes     notes            `json:"notes"`
	CreatedAt int64            `json:"created_at"`
}

// Start makes an order; the customer pays it on the page that Form opens. By UPI it makes a code instead, where the
// account can.
func (g *Gateway) Start(ctx context.Context, a gateway.Account, o gateway.Order) (gateway.Started, error) {
	if o.Method == paylink.MethodUPI && !o.Manual && a.Fields[fieldQR] == "on" {
		started, made, err := g.startQR(ctx, a, o)
		if err != nil {
			return gateway.Started{}, fmt.Errorf("start payment %s: %w", o.Reference, err)
		}
		if made {
			return started, nil
		}
	}
	rule := captureRule{"automatic", captureOptions{longest, longest, "normal"}}
	if o.Manual {
		rule = captureRule{"manual", captureOptions{0, longest, "normal"}}
	}
	var made order
	_, err := g.ask(ctx, a, http.MethodPost, "/v1/orders", newOrder{
		Amount: o.Amount.Minor, Currency: o.Amount.Currency, Receipt: o.Reference, Notes: ours(a, o.Reference), Payment: rule,
	}, &made)
	if err == nil && (made.Receipt != o.Reference || made.Amount != o.Amount.Minor || made.Currency != o.Amount.Currency || !paywire.IsID(made.ID)) {
		// The order may well stand there, so this is no refusal.
		err = httpwire.Unclear("the answer is about another order")
	}
	if err != nil {
		return gateway.Started{}, fmt.Errorf("start payment %s: %w", o.Reference, err)
	}
	return gateway.Started{Order: made.ID, Action: paylink.Action{Kind: paylink.ActionSubmit, ExpiresAt: o.ExpiresAt.UTC()}}, nil
}

// Lookup asks what became of an order: by its own name, or by our receipt where the answer of Start was lost.
func (g *Gateway) Lookup(ctx context.Context, a gateway.Account, k gateway.Known) (gateway.Word, error) {
	if !paywire.IsReference(k.Reference) {
		return gateway.Word{}, &paylink.NotFound{Kind: "order", ID: k.Reference}
	}
	if isQR(k.Order) {
		return g.lookupQR(ctx, a, k)
	}
	o, err := g.order(ctx, a, k)
	if err == nil && o.Status == "created" {
		return o.waits(k)
	}
	var told []payment
	if err == nil {
		told, err = g.payments(ctx, a, o)
	}
	if err != nil {
		return gateway.Word{}, lookup(k, err)
	}
	chosen, any := telling(told, k.Payment)
	if !any {
		return o.waits(k)
	}
	w, err := chosen.word(k.Reference)
	if err == nil && w.Order != o.ID {
		err = errors.New("the payment is of another order")
	}
	if err != nil {
		return gateway.Word{}, lookup(k, &gateway.Broken{When: gateway.Unknown, Err: err})
	}
	if w.Status == paylink.PaymentActionRequired {
		return o.waits(k)
	}
	return w, nil
}

// lookup says what was looked up; that there is nothing is said as it is.
func lookup(k gateway.Known, err error) error {
	if paylink.IsNotFound(err) {
		return err
	}
	return fmt.Errorf("look up payment %s: %w", k.Reference, err)
}

// order finds the order that we know.
func (g *Gateway) order(ctx context.Context, a gateway.Account, k gateway.Known) (order, error) {
	var found order
	if k.Order == "" {
		var list collection[order]
		if _, err := g.ask(ctx, a, http.MethodGet, "/v1/orders?"+url.Values{"receipt": {k.Reference}, "count": {"100"}}.Encode(), nil, &list); err != nil {
			return order{}, err
		}
		same := slices.DeleteFunc(list.Items, func(o order) bool { return o.Receipt != k.Reference })
		if len(same) == 0 {
			return order{}, &paylink.NotFound{Kind: "order", ID: k.Reference}
		}
		// A start that was tried again may have made two: the one that went further counts.
		rank := []string{"paid", "attempted", "created"}
		found = slices.MinFunc(same, func(a, b order) int { return slices.Index(rank, a.Status) - slices.Index(rank, b.Status) })
	} else {
		if !paywire.IsID(k.Order) {
			return order{}, &paylink.NotFound{Kind: "order", ID: k.Reference}
		}
		res, err := g.ask(ctx, a, http.MethodGet, "/v1/orders/"+k.Order, nil, &found)
		if missing(res) {
			return order{}, &paylink.NotFound{Kind: "order", ID: k.Reference}
		}
		if err != nil {
			return order{}, err
		}
	}
	amount := paylink.Money{Minor: found.Amount, Currency: found.Currency}
	switch {
	case found.Receipt != k.Reference || !paywire.IsID(found.ID) || k.Order != "" && found.ID != k.Order:
		return order{}, httpwire.Unclear("the answer is about another order")
	case !slices.Contains([]string{"created", "attempted", "paid"}, found.Status) || !paywire.Possible(amount) || found.CreatedAt <= 0:
		return order{}, httpwire.Unclear("the order's status, amount or time cannot be")
	}
	return found, nil
}

// payments are those that customers tried for an order.
func (g *Gateway) payments(ctx context.Context, a gateway.Account, o order) ([]payment, error) {
	var list collection[payment]
	_, err := g.ask(ctx, a, http.MethodGet, "/v1/orders/"+o.ID+"/payments?"+url.Values{"expand[]": {"card"}}.Encode(), nil, &list)
	return list.Items, err
}

// telling is the payment of an order that says how it stands: one that took money, else one that may yet,
// else the latest that failed.
func telling(told []payment, known string) (payment, bool) {
	if len(told) == 0 {
		return payment{}, false
	}
	return slices.MaxFunc(told, func(a, b payment) int {
		if a.rank() != b.rank() {
			return a.rank() - b.rank()
		}
		if (a.ID == known) != (b.ID == known) {
			if a.ID == known {
				return 1
			}
			return -1
		}
		return int(a.CreatedAt - b.CreatedAt)
	}), true
}

// waits is the word about an order whose customer has still to do something.
func (o order) waits(k gateway.Known) (gateway.Word, error) {
	return gateway.Word{
		Reference: k.Reference, Order: o.ID, Amount: paylink.Money{Minor: o.Amount, Currency: o.Currency}, Method: k.Method,
		Status: paylink.PaymentActionRequired, At: time.Unix(o.CreatedAt, 0).UTC(), Action: paylink.Action{Kind: paylink.ActionSubmit},
	}, nil
}
