package ledger_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/ledger"
	"paylink/store"
	"paylink/store/storetest"
)

// A statement's lines have to lead from its opening to its closing balance, in any stretch, whatever was gathered
// meanwhile, and in pages.
func TestAStatementLeadsFromItsOpeningToItsClosing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchant(t, s)
		r := rand.New(rand.NewPCG(6, 1))
		book := paylink.Book{Merchant: "mer_a", Account: "acct_1", Currency: "INR"}
		for n := range 120 {
			at := noon.Add(-time.Duration(r.IntN(200*24)) * time.Hour)
			p := payment(n, paylink.PaymentCaptured, at)
			write(t, s, func(tx *store.Tx) error { return ledger.Post(tx, at, paylink.PaymentEntries(p)...) })
		}
		k := ledger.NewKeeper(ledger.Deps{Store: s, Now: func() time.Time { return noon }})
		if err := k.Gather(t.Context()); err != nil {
			t.Fatal(err)
		}
		read := s.Read(t.Context())
		for range 40 {
			from, until := noon.Add(-time.Duration(r.IntN(220*24))*time.Hour), noon.Add(-time.Duration(r.IntN(220*24))*time.Hour)
			if until.Before(from) {
				from, until = until, from
			}
			st, err := ledger.ReadStatement(read, book, paylink.LedgerGatewayReceivable, from, until, noon)
			if err != nil {
				t.Fatal(err)
			}
			at, debits, credits := st.Begin(), int64(0), int64(0)
			for {
				lines, err := st.Lines(read, at, 7)
				if err != nil {
					t.Fatal(err)
				}
				for _, l := range lines {
					if l.At.Before(from) || !l.At.Before(until) {
						t.Errorf("a line of %s in %s to %s", l.At, from, until)
					}
					debits, credits = debits+l.Debit(), credits+l.Credit()
				}
				if len(lines) == 0 {
					break
				}
				var ok bool
				if at, ok = ledger.ReadMark(lines[len(lines)-1].Mark().String()); !ok {
					t.Fatalf("%s cannot be read", lines[len(lines)-1].Mark())
				}
			}
			if at.Balance != st.Closing || debits != st.Debits || credits != st.Credits || st.Opening+debits-credits != st.Closing {
				t.Errorf("%s to %s: %+v, and the lines lead to %d by %d and %d", from, until, st, at.Balance, debits, credits)
			}
		}
	})
}

// Money of two currencies in one sum would be no money at all, and a trial balance that is uneven no balance.
func TestTrialBalanceKeepsBooksApart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchant(t, s)
		dollars, cash := payment(2, paylink.PaymentCaptured, noon), payment(3, paylink.PaymentCaptured, noon)
		dollars.Amount.Currency = "USD"
		cash.Account, cash.Fee, cash.Tax = "", 0, 0
		for _, p := range []paylink.Payment{payment(1, paylink.PaymentCaptured, noon), dollars, cash} {
			write(t, s, func(tx *store.Tx) error { return ledger.Post(tx, noon, paylink.PaymentEntries(p)...) })
		}
		trials, err := ledger.TrialBalance(s.Read(t.Context()), store.LedgerFilter{Merchant: "mer_a"}, time.Time{}, noon)
		if err != nil || len(trials) != 3 {
			t.Fatalf("%+v, %v", trials, err)
		}
		for _, trial := range trials {
			if trial.Debit != trial.Credit || trial.Debit != 10_000 {
				t.Errorf("%+v", trial)
			}
		}
		var text strings.Builder
		if err := ledger.WriteTrialBalance(&text, trials, noon); err != nil {
			t.Fatal(err)
		}
		for _, row := range []string{
			"outside,INR,outside,asset,\"taken without a gateway: cash, cheques, transfers\",100.00,0.00,2026-11-22T12:00:00Z\n",
			"acct_1,INR,gateway_receivable,asset,what the gateway holds for you; below zero: what you owe it,97.64,0.00,", "acct_1,USD,total,,,100.00,100.00,",
		} {
			if !strings.Contains(text.String(), row) {
				t.Errorf("no row %q in\n%s", row, text.String())
			}
		}
		text.Reset()
		st, err := ledger.ReadStatement(s.Read(t.Context()), paylink.BookOf(dollars), paylink.LedgerFees, time.Time{}, noon.Add(time.Second), noon)
		if err == nil {
			err = ledger.WriteStatement(&text, s.Read(t.Context()), st)
		}
		if rows := strings.Split(strings.TrimSpace(text.String()), "\n"); err != nil || len(rows) != 4 || !strings.HasSuffix(rows[3], ",0.00,0.00,2.00,USD,acct_1,fees") {
			t.Errorf("%q, %v", rows, err)
		}
	})
}
