package dashboard

import (
	"net/http"
	"strings"
	"testing"

	"paylink"
	"paylink/ledger"
	"paylink/store"
	"paylink/store/storetest"
)

// captured posts a payment of the link that a gateway captured.
func (o *office) captured(l paylink.Link, minor int64) paylink.Payment {
	o.t.Helper()
	now := o.clock()
	p := paylink.Payment{
		ID: paylink.NewPaymentID(now), Merchant: l.Merchant, Link: l.ID, Status: paylink.PaymentCaptured, Amount: paylink.Money{Minor: minor, Currency: "INR"},
		AmountCaptured: minor, Fee: 200, Tax: 36, Account: "acct_1", Method: paylink.MethodUPI, Reference: paylink.NewPaymentReference(), CreatedAt: now, UpdatedAt: now, CapturedAt: now,
	}
	o.write(func(tx *store.Tx) {
		tx.InsertPayment(p)
		must(o.t, ledger.Post(tx, now, paylink.PaymentEntries(p)...))
	})
	return p
}

// A shopkeeper sees what the gateway holds, finds why, and comes to the payment's link; nobody sees another's books.
func TestLedgerLeadsFromTheBalanceToThePayment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		if body := o.get("/dashboard/test/ledger").Body.String(); !strings.Contains(body, "Nothing in the books") {
			t.Error("empty books say nothing")
		}
		l := o.link(nil)
		o.captured(l, 245_000)
		foreign := o.linkOf(o.addMerchant("Other"), nil)
		o.captured(foreign, 777_000)

		const account = "/dashboard/test/ledger/acct_1/INR/gateway_receivable"
		for path, has := range map[string][]string{
			"/dashboard/test/ledger":                   {"At the gateway", "₹2,447.64", "₹2,450.00", `href="` + account + `"`, "gateway_receivable: "},
			"/dashboard/test/ledger?on=2026-11-01":     {"Nothing in the books", "At the end of 1 November 2026"},
			"/dashboard/test/ledger?on=tomorrow":       {"That is no day", "₹2,447.64"},
			"/dashboard/test/ledger/trial_balance.csv": {"acct_1,INR,receipts,income,what customers paid you,0.00,2450.00,"},
			account: {"Opening balance", "a customer paid through a gateway", "/dashboard/test/links/" + string(l.ID), "Closing balance", "₹2,447.64"},
			account + "?from=2026-11-22&until=2026-11-22":     {"₹2,447.64"},
			account + "?from=2026-12-22":                      {"₹2,447.64", "Closing balance"},
			account + "?from=x":                               {"That is no day", "₹2,447.64"},
			account + "/statement.csv?from=2026-11-22&until=": {"opening", ",capture,a customer paid through a gateway,", ",2450.00,0.00,2450.00,INR,acct_1,gateway_receivable\n", "closing"},
			"/dashboard/live/ledger":                          {"Nothing in the books"},
		} {
			w := o.get(path)
			if w.Code != http.StatusOK {
				t.Errorf("%s: %d", path, w.Code)
			}
			body := w.Body.String()
			for _, text := range has {
				if !strings.Contains(body, text) {
					t.Errorf("%s: no %q", path, text)
				}
			}
			if strings.Contains(body, "7,770") || strings.Contains(body, string(foreign.ID)) {
				t.Errorf("%s shows another merchant's books", path)
			}
		}
		for _, path := range []string{
			"/dashboard/test/ledger/acct_2/INR/receipts", "/dashboard/test/ledger/acct_1/USD/receipts", "/dashboard/test/ledger/acct_1/INR/petty_cash",
			"/dashboard/live/ledger/acct_1/INR/receipts", "/dashboard/test/ledger/acct_1/INR/bank/statement.csv",
		} {
			if w := o.get(path); w.Code != http.StatusNotFound {
				t.Errorf("%s: %d", path, w.Code)
			}
		}
	})
}

// A statement of many lines goes on on the next page with the balance that the last one ended with.
func TestStatementGoesOnWhereItsPageEnded(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	l := o.link(nil)
	for range shownLines + 3 {
		o.captured(l, 1_000)
		o.pass(1_000_000_000)
	}
	const account = "/dashboard/test/ledger/acct_1/INR/receipts"
	first := o.get(account).Body.String()
	if strings.Count(first, "a customer paid") != shownLines || strings.Contains(first, "Closing balance") {
		t.Errorf("the first page has %d lines", strings.Count(first, "a customer paid"))
	}
	_, rest, _ := strings.Cut(first, `<a class="button second" href="`+account+"?")
	next, _, _ := strings.Cut(rest, `"`)
	second := o.get(account + "?" + strings.ReplaceAll(next, "&amp;", "&")).Body.String()
	if strings.Count(second, "a customer paid") != 3 || !strings.Contains(second, "Carried forward") || !strings.Contains(second, "₹500.00") || !strings.Contains(second, "₹530.00") {
		t.Errorf("the second page has %d lines by %q", strings.Count(second, "a customer paid"), next)
	}
}
