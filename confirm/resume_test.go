package confirm_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/provider/sandboxtest"
	"paylink/sandbox"
	"paylink/store"
	"paylink/store/storetest"
)

// remembering is a gateway whose look-up tells of an order that waits what the customer has to do.
type remembering struct {
	gateway.Gateway
	action paylink.Action
	asked  *gateway.Known
}

func (r remembering) Lookup(_ context.Context, _ gateway.Account, k gateway.Known) (gateway.Word, error) {
	*r.asked = k
	return gateway.Word{Reference: k.Reference, Order: "order_1", Amount: k.Amount, Status: paylink.PaymentActionRequired, Action: r.action, At: k.Began}, nil
}

// The answer to a start was lost. The order stands at the gateway, and the customer sees "we are asking your
// bank" until the half hour is over instead of the gateway's page.
func TestAttemptWhoseStartWasNeverAnsweredGoesOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		far := sandboxtest.Serve(t, sandbox.Config{Now: time.Now})
		sh.secret = sandboxtest.Account(far, sh.merchant, sh.account).Secret
		sh.connect(far.Origin + "/sandbox")
		far.Break(http.StatusGatewayTimeout)
		l, p := sh.link(paylink.PaymentActionRequired, nil)
		ask := func() paylink.Payment {
			sh.write(func(tx *store.Tx) error {
				tx.Enqueue(paylink.Job{
					ID: paylink.NewJobID(sh.now), Kind: paylink.JobAsk, Key: string(p.ID), Merchant: sh.merchant,
					Payload: paylink.JobPayload{Payment: p.ID, Once: true}, RunAt: sh.now,
				}, sh.now)
				return nil
			})
			sh.work()
			_, payments := sh.state(l)
			return payments[0]
		}
		if got := ask(); got.Status != paylink.PaymentUnknown || got.Action.Kind != "" {
			t.Fatalf("a payment whose gateway does not answer is %s, %+v", got.Status, got.Action)
		}
		var asked gateway.Known
		sh.confirm.Gateways["sandbox"] = remembering{sh.confirm.Gateways["sandbox"], paylink.Action{Kind: paylink.ActionSubmit}, &asked}
		got := ask()
		want := paylink.Action{Kind: paylink.ActionSubmit, ExpiresAt: got.ExpiresAt}
		if got.Status != paylink.PaymentActionRequired || got.Action != want || got.GatewayOrder != "order_1" {
			t.Errorf("found again it is %s, %+v, of %q", got.Status, got.Action, got.GatewayOrder)
		}
	})
}
