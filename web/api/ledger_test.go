package api_test

import (
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/ledger"
	"paylink/store"
	"paylink/store/storetest"
)

// bookkept posts a captured payment of Acme's, and one of Zenith's.
func (w *town) bookkept(minor int64, currency paylink.Currency) paylink.Payment {
	w.Helper()
	at := w.clock()
	p := paylink.Payment{
		ID: paylink.NewPaymentID(at), Merchant: w.acme, Link: paylink.NewLinkID(at), Status: paylink.PaymentCaptured, Amount: paylink.Money{Minor: minor, Currency: currency},
		AmountCaptured: minor, Fee: 200, Tax: 36, Account: "acct_1", Method: paylink.MethodUPI, Reference: paylink.NewPaymentReference(), CreatedAt: at, UpdatedAt: at, CapturedAt: at,
	}
	foreign := p
	foreign.ID, foreign.Merchant = paylink.NewPaymentID(at), w.zenith
	for _, p := range []paylink.Payment{p, foreign} {
		err := w.store.Write(w.Context(), func(tx *store.Tx) error { return ledger.Post(tx, at, paylink.PaymentEntries(p)...) })
		if err != nil {
			w.Fatal(err)
		}
	}
	return p
}

// What a merchant reads of its books: sums by currency that are never mixed, entries by every filter, statements
// whose pages go on where the last one ended, and files; nothing of anybody else's.
func TestBooksAreReadByTheirMerchantAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newTown(t, s, nil)
		first := w.bookkept(245_000, "INR")
		w.pass(48 * time.Hour)
		w.bookkept(100_000, "INR")
		get := func(path string) answer { return w.ask(w.test, "GET", path, "") }

		b := get("/v1/balance").want(200)
		if b.at("books.0.at_gateway") != 345_000.0-472 || b.text("books.0.account_id") != "acct_1" || len(b.at("books").([]any)) != 1 {
			t.Errorf("balance: %s", b.body)
		}
		dollars := w.bookkept(900, "USD")
		if b := get("/v1/balance?currency=USD").want(200); b.at("books.0.at_gateway") != 664.0 || len(b.at("books").([]any)) != 1 {
			t.Errorf("balance in dollars: %s", b.body)
		}
		for path, count := range map[string]int{
			"accounts": 8, "accounts?currency=USD": 4, "accounts?account_id=outside": 0, "accounts?at=2026-11-23T00:00:00Z": 4,
			"entries": 6, "entries?account=fees": 3, "entries?account=receipts&currency=USD": 1, "entries?account=bank": 0, "entries?account_id=acct_2": 0,
			"entries?payment=" + string(first.ID): 2, "entries?payment=" + string(first.ID) + "&account=fees": 1,
			"entries?created_after=2026-11-23T00:00:00Z": 4, "entries?created_before=2026-11-23T00:00:00Z": 2,
			"entries?created_before=2026-11-23T00:00:00Z&account=receipts": 1,
		} {
			n, cursor := 0, ""
			for {
				glue := "?"
				if strings.Contains(path, "?") {
					glue = "&"
				}
				page := get("/v1/ledger/" + path + glue + "limit=3" + cursor).want(200)
				n += len(page.at("data").([]any))
				if page.at("next_cursor") == nil {
					break
				}
				cursor = "&cursor=" + page.text("next_cursor")
			}
			if n != count {
				t.Errorf("%s: %d, want %d", path, n, count)
			}
		}
		id := get("/v1/ledger/entries?payment=" + string(dollars.ID) + "&account=receipts").want(200).text("data.0.id")
		if e := get("/v1/ledger/entries/" + id).want(200); e.text("kind") != "capture" || e.at("postings.0.debit") != 900.0 || e.at("postings.1.credit") != 900.0 {
			t.Errorf("entry: %s", e.body)
		}
		w.ask(w.stranger, "GET", "/v1/ledger/entries/"+id, "").want(404)
		w.ask(w.live, "GET", "/v1/ledger/entries/"+id, "").want(404)
		if trial := get("/v1/ledger/trial_balance").want(200); trial.at("books.1.debit") != 900.0 || trial.at("books.1.credit") != 900.0 {
			t.Errorf("trial balance: %s", trial.body)
		}

		get("/v1/ledger/statement?account=receipts").want(422) // which currency?
		get("/v1/ledger/statement?account=bank").want(404)
		get("/v1/ledger/statement").want(422)
		const of = "/v1/ledger/statement?account=gateway_receivable&currency=INR&from=2026-11-22T00:00:00Z&limit=3"
		page := get(of).want(200)
		last := get(of + "&cursor=" + page.text("next_cursor")).want(200)
		if len(page.at("lines").([]any)) != 3 || page.at("closing") != 344_528.0 || last.at("lines.0.balance") != 344_528.0 || last.at("next_cursor") != nil {
			t.Errorf("statement: %s\n%s", page.body, last.body)
		}
		if page.at("opening") != 0.0 || page.at("debits") != 345_000.0 || page.at("credits") != 472.0 {
			t.Errorf("statement: %s", page.body)
		}
		for path, row := range map[string]string{
			"trial_balance.csv": "\nacct_1,USD,total,,,9.00,9.00,",
			"statement.csv?account=gateway_receivable&currency=INR": ",capture,a customer paid through a gateway," + string(first.ID) + ",",
		} {
			file := get("/v1/ledger/" + path).want(200)
			if file.header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.Contains(file.body, row) {
				t.Errorf("%s: %s", path, file.body)
			}
		}
	})
}
