package confirm_test

import (
	"context"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/provider/sandboxtest"
	"paylink/queue"
	"paylink/queue/queuetest"
	"paylink/store"
	"paylink/store/storetest"
)

// tidings does what is left to tell customers, and gives it.
func (sh *shop) tidings() (all []paylink.Tiding) {
	sh.t.Helper()
	var mu sync.Mutex
	queuetest.Drain(sh.t, sh.store, func() time.Time { return sh.now }, func(q *queue.Queue) {
		q.Handle(paylink.JobInform, func(ctx context.Context, r *queue.Run) error {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, *r.Job.Payload.Tiding)
			return r.Finish(ctx, nil)
		})
	})
	return all
}

// owe makes a link of a customer with a mailbox.
func (sh *shop) owe(change func(*paylink.Link)) (paylink.Link, paylink.Payment) {
	c := paylink.Customer{ID: paylink.NewCustomerID(sh.now), Merchant: sh.merchant, Email: "asha@example.com", CreatedAt: sh.now}
	sh.write(func(tx *store.Tx) error { tx.InsertCustomer(c); return nil })
	return sh.link(paylink.PaymentActionRequired, func(l *paylink.Link) {
		if l.Customer = c.ID; change != nil {
			change(l)
		}
	})
}

// However often a bank says yes, and whoever hears it, the customer is told once of one payment.
func TestCapturedMoneyIsToldToTheCustomerOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		_, p := sh.owe(nil)
		bodies := [][]byte{sh.body(p, "captured", nil), sh.body(p, "captured", nil), sh.body(p, "captured", nil)}
		var wait sync.WaitGroup
		for i := range 12 {
			body := bodies[i%3]
			wait.Go(func() {
				if _, err := sh.confirm.Receive(t.Context(), "sandbox", sh.account, gateway.Post{URL: &url.URL{}, Header: sandboxtest.Sign(sh.secret, body, sh.now), Body: body}); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		sh.work()
		told := sh.tidings()
		if len(told) != 1 || told[0].Kind != paylink.TemplateReceipt || told[0].About != string(p.ID) || told[0].Amount != 245000 || told[0].Reference != p.Reference || told[0].Unasked {
			t.Errorf("told %+v", told)
		}
	})
}

// A receipt for money that is about to go back, or that waits for a person, would be wrong; and so would one to
// nobody.
func TestMoneyThatDoesNotCountHasNoReceipt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		_, p := sh.owe(nil)
		sh.post(sh.body(p, "captured", nil))
		sh.post(sh.body(p, "captured", map[string]any{"id": "sbx_pay_second"})) // a duplicate, to be refunded
		_, late := sh.owe(func(l *paylink.Link) { l.ExpiresAt, l.OnLate = sh.now.Add(-time.Hour), paylink.PolicyHold })
		sh.post(sh.body(late, "captured", nil))
		_, stranger := sh.link(paylink.PaymentActionRequired, nil)
		sh.post(sh.body(stranger, "captured", nil))
		if told := sh.tidings(); len(told) != 1 || !slices.ContainsFunc(told, func(t paylink.Tiding) bool { return t.About == string(p.ID) }) {
			t.Errorf("told %+v", told)
		}
	})
}
