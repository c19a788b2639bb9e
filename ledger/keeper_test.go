package ledger_test

import (
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"paylink"
	"paylink/ledger"
	"paylink/store"
	"paylink/store/storetest"
)

var noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

func write(t *testing.T, s *store.Store, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := s.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// eachOld gives a database with a merchant that was there before the books were.
func eachOld(t *testing.T, fn func(t *testing.T, s *store.Store)) {
	t.Helper()
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			url := storetest.URL(t, kind)
			s := storetest.OpenURL(t, url)
			if err := s.Migrate(t.Context(), noon); err != nil {
				t.Fatal(err)
			}
			addMerchant(t, s)
			driver, source := "pgx", url
			if kind == "sqlite" {
				driver, source = "sqlite", strings.TrimPrefix(url, "sqlite://")+"?_pragma=busy_timeout(10000)"
			}
			raw, err := sql.Open(driver, source)
			if err != nil {
				t.Fatal(err)
			}
			defer raw.Close()
			// As the migration does with every merchant that it finds.
			if _, err := raw.ExecContext(t.Context(), `INSERT INTO ledger_backlog (merchant_id, after_id) VALUES ('mer_a', '')`); err != nil {
				t.Fatal(err)
			}
			fn(t, s)
		})
	}
}

func addMerchant(t *testing.T, s *store.Store) {
	t.Helper()
	write(t, s, func(tx *store.Tx) error {
		tx.InsertMerchant(paylink.Merchant{ID: "mer_a", Name: "Acme", Currency: "INR", CreatedAt: noon})
		return nil
	})
}

// payment is one of ₹100 with a fee of ₹2.36.
func payment(n int, status paylink.PaymentStatus, at time.Time) paylink.Payment {
	p := paylink.Payment{
		ID: paylink.NewPaymentID(at), Merchant: "mer_a", Link: "plink_1", Status: status, Amount: paylink.Money{Minor: 10_000, Currency: "INR"},
		Method: paylink.MethodUPI, Gateway: "sandbox", Account: "acct_1", Reference: fmt.Sprintf("REF%017d", n), CreatedAt: at, UpdatedAt: at,
	}
	if status == paylink.PaymentCaptured {
		p.AmountCaptured, p.Fee, p.Tax, p.CapturedAt = 10_000, 200, 36, at
	}
	return p
}

// Payments from before there were books are entered at the time when they came, once, also when an older node
// captures one beside us and when the work is ended and begun again.
func TestOldPaymentsAreEnteredOnce(t *testing.T) {
	eachOld(t, func(t *testing.T, s *store.Store) {
		now := noon
		k := ledger.NewKeeper(ledger.Deps{Store: s, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)})
		var open paylink.Payment
		for from := 0; from < 600; from += 20 {
			write(t, s, func(tx *store.Tx) error {
				for n := from; n < from+20; n++ {
					status := paylink.PaymentCaptured
					if n%3 == 0 {
						status = paylink.PaymentPending
					}
					p := payment(n, status, noon.Add(-time.Duration(600-n)*time.Minute))
					if tx.InsertPayment(p); status == paylink.PaymentPending {
						open = p
					}
				}
				return nil
			})
		}
		want := func(what string, captured int64) {
			t.Helper()
			all, err := s.Read(t.Context()).LedgerBalances(store.LedgerFilter{Merchant: "mer_a", Account: paylink.LedgerGatewayReceivable})
			if err != nil || len(all) != 1 || all[0].Debits != captured*10_000 || all[0].Credits != captured*236 {
				t.Errorf("%s: %+v, %v; want %d payments", what, all, err, captured)
			}
		}
		for range 2 { // the second time nothing is left
			if err := k.CatchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			want("after the first pass", 400)
		}
		entries, err := s.Read(t.Context()).LedgerEntries(store.EntryFilter{Merchant: "mer_a", Limit: 1})
		if err != nil || !entries[0].At.Equal(noon.Add(-time.Minute)) {
			t.Errorf("the newest entry: %+v, %v", entries, err)
		}
		captured := payment(0, paylink.PaymentCaptured, noon)
		captured.ID, captured.Reference = open.ID, open.Reference
		write(t, s, func(tx *store.Tx) error { tx.UpdatePayment(captured, paylink.PaymentPending); return nil }) // by an older node
		now = noon.Add(2 * time.Hour)
		if err := k.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		want("after the last pass", 401)
		if left, err := s.Read(t.Context()).LedgerBacklogs("", 10); err != nil || len(left) != 0 {
			t.Errorf("a backlog is left: %+v, %v", left, err)
		}
	})
}

// A mistake of ours must not reach the books.
func TestUnbalancedEntryFailsTheTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchant(t, s)
		e := paylink.PaymentEntries(payment(1, paylink.PaymentCaptured, noon))[0]
		e.Postings[0].Amount++
		if err := s.Write(t.Context(), func(tx *store.Tx) error { return ledger.Post(tx, noon, e) }); err == nil {
			t.Error("it was posted")
		}
	})
}
