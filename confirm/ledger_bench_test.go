package confirm_test

import (
	"net/url"
	"testing"

	"paylink"
	"paylink/gateway"
	"paylink/ledger"
	"paylink/provider/sandboxtest"
	"paylink/store"
	"paylink/store/storetest"
)

// What a payment costs from its notice to its place in the books, and what of that the books cost: compare the
// two by ns/payment. Both write 8 payments in a turn, so that neither is a measurement of commits alone.
func BenchmarkConfirmedPayment(b *testing.B) {
	for _, kind := range storetest.Kinds {
		b.Run(kind, func(b *testing.B) {
			sh := openShop(b, storetest.Open(b, kind))
			b.ResetTimer()
			for b.Loop() {
				b.StopTimer()
				var bodies [][]byte
				for range 8 {
					_, p := sh.link(paylink.PaymentActionRequired, nil)
					bodies = append(bodies, sh.body(p, "captured", nil))
				}
				b.StartTimer()
				for _, body := range bodies {
					if _, err := sh.confirm.Receive(b.Context(), "sandbox", sh.account, gateway.Post{URL: &url.URL{}, Header: sandboxtest.Sign(sh.secret, body, sh.now), Body: body}); err != nil {
						b.Fatal(err)
					}
				}
				sh.work()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(8*b.N), "ns/payment")
		})
	}
}

// Posting alone: the same entries, without notice, payment, link, events and jobs.
func BenchmarkPostedPayment(b *testing.B) {
	for _, kind := range storetest.Kinds {
		b.Run(kind, func(b *testing.B) {
			sh := openShop(b, storetest.Open(b, kind))
			for b.Loop() {
				for range 2 { // eight in two transactions of at most fifty rows
					err := sh.store.Write(b.Context(), func(tx *store.Tx) error {
						var entries []paylink.LedgerEntry
						for range 4 {
							l := paylink.Link{ID: paylink.NewLinkID(sh.now), Amount: paylink.Money{Minor: 245000, Currency: "INR"}}
							p := sh.payment(l, paylink.PaymentCaptured)
							p.AmountCaptured, p.Fee, p.Tax = 245000, 4900, 882
							entries = append(entries, paylink.PaymentEntries(p)...)
						}
						return ledger.Post(tx, sh.now, entries...)
					})
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(8*b.N), "ns/payment")
		})
	}
}
