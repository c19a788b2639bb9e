package confirm_test

import (
	"net/url"
	"sync"
	"testing"

	"paylink"
	"paylink/gateway"
	"paylink/provider/sandboxtest"
	"paylink/store"
	"paylink/store/storetest"
)

// A gateway's look-up says that an order is paid and not by which payment; its notice, which names it, counts
// as a second payment, and the customer's money is given back.
func TestPaymentThatIsNamedLaterCountsOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		l, p := sh.link(paylink.PaymentActionRequired, nil)
		sh.write(func(tx *store.Tx) error { // as ask does with the answer of such a gateway
			l, err := tx.Link(sh.merchant, false, l.ID)
			if err != nil {
				return err
			}
			p, err := tx.Payment(sh.merchant, false, p.ID)
			if err != nil {
				return err
			}
			read := l.UpdatedAt
			if _, ok := paylink.Advance(&l, &p, paylink.Outcome{Status: paylink.PaymentCaptured, Captured: 245000}, sh.now, sh.now); !ok {
				t.Error("the machine refuses it")
			}
			l.Touch(sh.now)
			tx.UpdatePayment(p, paylink.PaymentActionRequired)
			tx.UpdateLink(l, read)
			return nil
		})
		var wait sync.WaitGroup
		for range 10 { // each with an id of its own
			body := sh.body(p, "captured", nil)
			wait.Go(func() {
				if _, err := sh.confirm.Receive(t.Context(), "sandbox", sh.account, gateway.Post{URL: &url.URL{}, Header: sandboxtest.Sign(sh.secret, body, sh.now), Body: body}); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		sh.work()
		link, payments := sh.state(l)
		if link.AmountPaid != 245000 || len(payments) != 1 {
			t.Fatalf("%d paid in %d payments", link.AmountPaid, len(payments))
		}
		if got := payments[0]; got.GatewayReference != "sbx_pay_"+p.Reference || got.BankReference != "412345678901" || got.MethodDetails.App != "test_success" || got.Fee != 0 {
			t.Errorf("the payment is %+v", got)
		}
		counts := map[string]int{}
		for _, v := range sh.verdicts() {
			counts[v]++
		}
		if counts["applied "] != 1 || counts["stale known_already"] != 9 {
			t.Errorf("notices: %v", counts)
		}
		sh.post(sh.body(p, "captured", map[string]any{"id": "sbx_pay_another"}))
		if _, payments := sh.state(l); len(payments) != 2 || payments[1].Abnormal != paylink.AbnormalDuplicate {
			t.Errorf("after money that came once more there are %d payments", len(payments))
		}
	})
}

// A reservation that a look-up told of can never be captured, because its name at the gateway is not kept.
func TestReservationIsNamedLater(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		l, p := sh.link(paylink.PaymentAuthorised, nil)
		sh.post(sh.body(p, "authorised", nil))
		if _, payments := sh.state(l); payments[0].GatewayReference != "sbx_pay_"+p.Reference || payments[0].Status != paylink.PaymentAuthorised {
			t.Errorf("the payment is %+v", payments[0])
		}
	})
}
