package checkout_test

import (
	"context"
	"testing"

	"paylink"
	"paylink/checkout"
	"paylink/gateway"
	"paylink/queue"
	"paylink/queue/queuetest"
	"paylink/store"
	"paylink/store/storetest"
)

// closer is the sandbox's gateway, as one that could close orders.
type closer struct{ gateway.Gateway }

func (closer) Cancel(context.Context, gateway.Account, gateway.Known) (gateway.Word, error) {
	panic("closing is another step's")
}

// A customer chooses another method, and the first one's page stays open for many minutes; or gateways that
// close nothing are asked for nothing.
func TestGivenUpPaymentIsClosedAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, closes := range []bool{true, false} {
			c := openCounter(t, s)
			if closes {
				c.checkout.Gateways["sandbox"] = closer{c.checkout.Gateways["sandbox"]}
			}
			l, code := c.link(nil)
			device := checkout.NewDevice()
			if _, err := c.checkout.Start(t.Context(), checkout.StartRequest{Code: code, Token: c.open(code, device).Token, Device: device, Method: paylink.MethodUPI}); err != nil {
				t.Fatal(err)
			}
			c.work()
			if err := c.checkout.Abandon(t.Context(), code, c.open(code, device).Token, checkout.Visitor{Device: device}); err != nil {
				t.Fatal(err)
			}
			_, payments := c.read(l)
			asked := 0
			queuetest.Drain(t, s, c.checkout.Now, func(q *queue.Queue) {
				q.Handle(paylink.JobAsk, func(ctx context.Context, r *queue.Run) error {
					if r.Job.Payload.Payment == payments[0].ID && r.Job.Payload.Once {
						asked++
					}
					return r.Finish(ctx, nil)
				})
			})
			if (asked == 1) != closes || asked > 1 {
				t.Errorf("a gateway that closes: %t; asked %d times at once", closes, asked)
			}
		}
	})
}
