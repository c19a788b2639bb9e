package audit_test

import (
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/audit"
	"paylink/audit/audittest"
	"paylink/ledger"
	"paylink/store"
)

// Whoever can write the database changes the books; each change is found, and what it was done to is named.
func TestEachChangeOfTheBooksIsNamed(t *testing.T) {
	eachBooks(t, func(t *testing.T, b *books) {
		second := audittest.Paid("mer_a", 1, noon).Payment.ID
		of := func(kind paylink.EntryKind) string {
			return `(SELECT id FROM ledger_entries WHERE merchant_id = 'mer_a' AND payment_id = '` + string(second) + `' AND kind = '` + string(kind) + `')`
		}
		capture, fee := of(paylink.EntryCapture), of(paylink.EntryFee)
		const postings = "UPDATE ledger_postings SET "
		const whole = " WHERE merchant_id = 'mer_a' AND entry_id = "
		entry := " WHERE merchant_id = 'mer_a' AND id = "
		restore := b.keep("ledger_entries", "ledger_postings", "ledger_totals")
		for _, c := range []struct {
			name string
			do   []string
			rule audit.Rule
			at   string // what the finding names: entry, payment or account
		}{
			{"one amount", []string{postings + "amount = amount + 1" + whole + capture + " AND amount > 0"}, audit.RuleEntry, "entry"},
			{"both amounts", []string{postings + "amount = amount * 2" + whole + capture}, audit.RulePosted, "entry"},
			{"an account that its kind never touches", []string{postings + "account = 'bank'" + whole + capture + " AND account = 'receipts'"}, audit.RuleEntry, "entry"},
			{"held instead of counted", []string{postings + "account = 'suspense'" + whole + capture + " AND account = 'receipts'"}, audit.RulePosted, "entry"},
			{"a line moves to another currency", []string{postings + "currency = 'USD'" + whole + capture + " AND amount > 0"}, audit.RuleEntry, "entry"},
			{"a line is gone", []string{"DELETE FROM ledger_postings" + whole + capture + " AND amount > 0"}, audit.RuleEntry, "entry"},
			{"all lines are gone", []string{"DELETE FROM ledger_postings" + whole + capture}, audit.RuleEntry, "entry"},
			{"the head is gone", []string{"DELETE FROM ledger_entries" + entry + capture}, audit.RuleEntry, "entry"},
			{"the whole is gone", []string{"DELETE FROM ledger_postings" + whole + capture, "DELETE FROM ledger_entries" + entry + capture}, audit.RulePosted, "payment"},
			{"a fee is gone", []string{"DELETE FROM ledger_postings" + whole + fee, "DELETE FROM ledger_entries" + entry + fee}, audit.RulePosted, "payment"},
			{"it moves to another payment", []string{"UPDATE ledger_entries SET payment_id = 'pay_x'" + entry + capture}, audit.RuleEntry, "entry"},
			{"it moves to another book", []string{"UPDATE ledger_entries SET account_id = 'acct_2'" + entry + capture, postings + "account_id = 'acct_2'" + whole + capture}, audit.RulePosted, "entry"},
			{"it moves to another day", []string{"UPDATE ledger_entries SET at = at - 86400000000" + entry + capture}, audit.RuleEntry, "entry"},
			{"another kind", []string{"UPDATE ledger_entries SET kind = 'gift'" + entry + capture}, audit.RuleEntry, "entry"},
			{"a total is more", []string{"UPDATE ledger_totals SET debits = debits + 1 WHERE merchant_id = 'mer_a' AND account = 'fees'"}, audit.RuleBalance, "account"},
			{"a total is gone", []string{"DELETE FROM ledger_totals WHERE merchant_id = 'mer_a' AND account = 'fees'"}, audit.RuleBalance, "account"},
			{"both sides of a total", []string{"UPDATE ledger_totals SET debits = debits + 1, credits = credits + 1 WHERE merchant_id = 'mer_a' AND account = 'fees'"}, audit.RuleBalance, "account"},
		} {
			var named string
			q := `SELECT COALESCE(MAX(id), '') FROM ledger_entries` + entry + capture
			if err := b.raw.QueryRowContext(t.Context(), q).Scan(&named); err != nil {
				t.Fatal(err)
			}
			b.exec(c.do...)
			f := b.verify().Broken
			if f == nil || f.Rule != c.rule || f.Merchant != "mer_a" || f.Mode != "test" && c.rule != audit.RuleEntry {
				t.Errorf("%s: found %+v, want %s", c.name, f, c.rule)
			} else if c.at == "entry" && string(f.Entry) != named || c.at == "payment" && f.Payment != second || c.at == "account" && !strings.HasSuffix(f.Account, "INR fees") {
				t.Errorf("%s: named %+v, want %s %s %s", c.name, f, c.at, named, second)
			}
			restore()
		}
		if f := b.verify().Broken; f != nil {
			t.Errorf("after all is put back: %v", f)
		}
	})
}

// The entries of a whole life of a payment agree with it, also where one was put right by another.
func TestTheBooksOfALongLifeHold(t *testing.T) {
	eachBooks(t, func(t *testing.T, b *books) {
		p := audittest.Paid("mer_a", 1, noon).Payment
		refund, dispute := paylink.RefundPart{ID: "rfnd_1", Amount: 100}, paylink.DisputePart{ID: "dspt_1", Turn: 1, Amount: 500}
		failed := paylink.RefundPart{ID: "rfnd_2", Amount: 70}
		entries := []paylink.LedgerEntry{
			paylink.RefundEntry(p, refund), paylink.RefundSucceededEntry(p, refund), paylink.FeeEntry(p, refund.ID, 5, 1),
			paylink.RefundEntry(p, failed), paylink.RefundFailedEntry(p, failed),
			paylink.DisputeWithdrawnEntry(p, dispute), paylink.DisputeReinstatedEntry(p, dispute),
			paylink.PayoutEntry(paylink.BookOf(p), "po_1", 48_000), paylink.PayoutCreditedEntry(paylink.BookOf(p), "po_1", 48_000),
			paylink.AdjustmentEntry(paylink.BookOf(p), "adj_1", paylink.LedgerReserve, 300),
		}
		write(t, b.Store, func(tx *store.Tx) {
			if err := ledger.Post(tx, noon.Add(30*time.Minute), entries...); err != nil {
				t.Error(err)
			}
		})
		b.exec(`UPDATE payments SET amount_refunded = 100 WHERE merchant_id = 'mer_a' AND id = '`+string(p.ID)+`'`,
			`UPDATE events SET data = replace(data, '"amount_refunded":0', '"amount_refunded":100') WHERE merchant_id = 'mer_a' AND payment_id = '`+string(p.ID)+`'`)
		b.rebuild("mer_a")
		b.exec("DELETE FROM checkpoints")
		if r := b.verify(); r.Broken != nil || r.Entries != 12+10 {
			t.Errorf("%+v, %v", r, r.Broken)
		}
		last, err := b.Read(t.Context()).LedgerEntries(store.EntryFilter{Merchant: "mer_a", Payment: p.ID, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range last {
			if e.Kind == paylink.EntryRefundSucceeded {
				write(t, b.Store, func(tx *store.Tx) {
					if err := ledger.Post(tx, noon.Add(31*time.Minute), paylink.CorrectionEntry(e)); err != nil {
						t.Error(err)
					}
				})
			}
		}
		if f := b.verify().Broken; f == nil || f.Rule != audit.RulePosted || !strings.HasPrefix(f.Detail, "refunded is 100, and the books have 0") {
			t.Errorf("a refund that the books do not have: %v", f)
		}
	})
}

// More is given back than was ever set apart, payment by payment right and in sum wrong: the account is named.
func TestAnAccountOnTheWrongSideIsNamed(t *testing.T) {
	eachBooks(t, func(t *testing.T, b *books) {
		book := paylink.Book{Merchant: "mer_a", Account: "acct_1", Currency: "INR"}
		e := paylink.AdjustmentEntry(book, "adj_1", paylink.LedgerReserve, -300)
		write(t, b.Store, func(tx *store.Tx) {
			if err := ledger.Post(tx, noon, e); err != nil {
				t.Error(err)
			}
		})
		if f := b.verify().Broken; f == nil || f.Rule != audit.RuleNegative || f.Account != "acct_1 INR reserve" {
			t.Errorf("found %+v", f)
		}
	})
}
