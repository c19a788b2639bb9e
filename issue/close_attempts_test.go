package issue_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"paylink"
	"paylink/queue"
	"paylink/queue/queuetest"
	"paylink/store"
	"paylink/store/storetest"
)

// A link is cancelled or expires while a customer is on the gateway's page, and that page takes money for half an
// hour more.
func TestAttemptsAreClosedWithTheirLink(t *testing.T) {
	end := map[string]func(*world, paylink.LinkID){
		"cancelled": func(w *world, id paylink.LinkID) {
			if _, err := w.issuer.Cancel(w.t.Context(), w.actor(), id, nil); err != nil {
				w.t.Fatal(err)
			}
		},
		"expired": func(w *world, _ paylink.LinkID) { w.setClock(start.Add(24*time.Hour + paylink.ExpiryGrace)) },
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for name, do := range end {
			w := newWorld(t, s)
			id := w.create(draft()).Link.ID
			account := paylink.Account{ID: paylink.NewAccountID(start), Merchant: w.merchant.ID, Kind: paylink.AccountGateway, Provider: "sandbox", Secret: []byte("sealed")}
			var open []paylink.PaymentID
			w.write(func(tx *store.Tx) error {
				tx.InsertAccount(account, start)
				for _, status := range []paylink.PaymentStatus{paylink.PaymentActionRequired, paylink.PaymentUnknown, paylink.PaymentFailed, paylink.PaymentAbandoned, paylink.PaymentAuthorised} {
					p := paylink.Payment{
						ID: paylink.NewPaymentID(start), Merchant: w.merchant.ID, Link: id, Status: status, Amount: paylink.Money{Minor: 245000, Currency: "INR"}, Method: paylink.MethodCard,
						Gateway: "sandbox", Account: account.ID, Reference: paylink.NewPaymentReference(), CreatedAt: start, UpdatedAt: start, ExpiresAt: start.Add(paylink.AttemptLife),
					}
					tx.InsertPayment(p)
					if status == paylink.PaymentActionRequired || status == paylink.PaymentUnknown {
						open = append(open, p.ID)
					}
				}
				return nil
			})
			w.alter(id, func(l *paylink.Link) { l.InFlight = 3 })
			do(w, id)
			var asked []paylink.PaymentID
			queuetest.Drain(t, s, w.clock, func(q *queue.Queue) {
				w.issuer.Register(q)
				q.Handle(paylink.JobSend, func(context.Context, *queue.Run) error { return nil })
				q.Handle(paylink.JobAsk, func(_ context.Context, r *queue.Run) error {
					asked = append(asked, r.Job.Payload.Payment)
					return nil
				})
			})
			slices.Sort(asked)
			slices.Sort(open)
			if got := string(w.link(id).Status); got != name || !slices.Equal(asked, open) {
				t.Errorf("%s: the link is %s; asked about %v, want %v", name, got, asked, open)
			}
		}
	})
}
