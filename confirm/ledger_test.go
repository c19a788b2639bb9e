package confirm_test

import (
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/provider/sandboxtest"
	"paylink/queue/queuetest"
	"paylink/store"
	"paylink/store/storetest"
)

// entered lists the kinds of a payment's entries with their amounts, oldest first.
func (sh *shop) entered(p paylink.Payment) (all []string) {
	sh.t.Helper()
	entries, err := sh.store.Read(sh.t.Context()).LedgerEntries(store.EntryFilter{Merchant: sh.merchant, Payment: p.ID, Limit: 100})
	if err != nil {
		sh.t.Fatal(err)
	}
	for i := len(entries) - 1; i >= 0; i-- {
		text := string(entries[i].Kind)
		for _, l := range entries[i].Postings {
			text += fmt.Sprintf(" %s %d", l.Account, l.Amount)
		}
		all = append(all, text)
	}
	return all
}

// Forty notices about one payment, each under another name, are understood at the same moment: the money stands
// in the books once.
func TestFortyConfirmationsLeaveOneEntry(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		_, p := sh.link(paylink.PaymentActionRequired, nil)
		var ready, all sync.WaitGroup
		begin := make(chan struct{})
		for range 40 {
			body := sh.body(p, "captured", nil)
			if _, err := sh.confirm.Receive(t.Context(), "sandbox", sh.account, gateway.Post{URL: &url.URL{}, Header: sandboxtest.Sign(sh.secret, body, sh.now), Body: body}); err != nil {
				t.Fatal(err)
			}
		}
		for range 40 {
			ready.Add(1)
			all.Go(func() {
				ready.Done()
				<-begin
				queuetest.Drain(t, s, func() time.Time { return sh.now }, sh.confirm.Register)
			})
		}
		ready.Wait()
		close(begin)
		all.Wait()
		want := []string{"capture gateway_receivable 245000 receipts -245000", "fee fees 4900 input_tax 882 gateway_receivable -5782"}
		if got := sh.entered(p); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("the books hold %q, want %q", got, want)
		}
		balances, err := s.Read(t.Context()).LedgerBalances(store.LedgerFilter{Merchant: sh.merchant, Account: paylink.LedgerGatewayReceivable})
		if err != nil || len(balances) != 1 || balances[0].Amount() != 245000-5782 {
			t.Errorf("%+v, %v", balances, err)
		}
	})
}

// Money that comes otherwise than asked stands where it is decided about, and not among the receipts.
func TestAbnormalMoneyIsEnteredWhereItWaits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		held, p := sh.link(paylink.PaymentActionRequired, func(l *paylink.Link) { l.OnLate, l.Terms.OnOver = paylink.PolicyHold, paylink.PolicyHold })
		sh.post(sh.body(p, "captured", map[string]any{"amount": 245500, "fee": 0, "tax": 0}))
		if got, want := sh.entered(p), "[capture gateway_receivable 245500 receipts -245000 suspense -500]"; fmt.Sprint(got) != want {
			t.Errorf("too much: %q, want %s", got, want)
		}
		sh.post(sh.body(p, "captured", map[string]any{"id": "another", "fee": 0, "tax": 0})) // once more
		_, payments := sh.state(held)
		if len(payments) != 2 {
			t.Fatalf("%d payments", len(payments))
		}
		if got, want := sh.entered(payments[1])[0], "capture gateway_receivable 245000 suspense -245000"; got != want {
			t.Errorf("twice: %q, want %q", got, want)
		}
	})
}
