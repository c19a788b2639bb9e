package ledger_test

import (
	"log/slog"
	"testing"
	"time"

	"paylink"
	"paylink/ledger"
	"paylink/store"
	"paylink/store/storetest"
)

// The balance of an account over five years, each day with its postings, as the keeper leaves it. How many stand on
// a day makes no difference: they are one row of the totals, and no posting is read.
func BenchmarkBalanceOverFiveYears(b *testing.B) {
	for _, kind := range storetest.Kinds {
		b.Run(kind, func(b *testing.B) {
			s := storetest.Open(b, kind)
			add := func(tx *store.Tx) error {
				tx.InsertMerchant(paylink.Merchant{ID: "mer_a", Name: "Acme", Currency: "INR", CreatedAt: noon})
				return nil
			}
			if err := s.Write(b.Context(), add); err != nil {
				b.Fatal(err)
			}
			for day := range 5 * 365 {
				at := noon.AddDate(0, 0, -day)
				err := s.Write(b.Context(), func(tx *store.Tx) error {
					return ledger.Post(tx, at, paylink.PaymentEntries(payment(day, paylink.PaymentCaptured, at))...)
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			k := ledger.NewKeeper(ledger.Deps{Store: s, Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler)})
			if err := k.Gather(b.Context()); err != nil {
				b.Fatal(err)
			}
			account := paylink.AccountID("acct_1")
			f := store.LedgerFilter{Merchant: "mer_a", Gateway: &account, Currency: "INR", Account: paylink.LedgerReceipts}
			for b.Loop() {
				if all, err := s.Read(b.Context()).LedgerBalances(f); err != nil || len(all) != 1 || all[0].Postings != 5*365 {
					b.Fatal(all, err)
				}
			}
		})
	}
}
