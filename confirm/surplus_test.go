package confirm_test

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/confirm"
	"paylink/gateway"
	"paylink/provider"
	"paylink/provider/sandboxtest"
	"paylink/queue"
	"paylink/queue/queuetest"
	"paylink/refund"
	"paylink/store"
	"paylink/store/storetest"
)

// A link of one use is paid eight times at once: in tabs, by methods, and at two gateways. One of the successes is
// kept, and every other goes back once, at the gateway where it came.
func TestOfSurplusSuccessesOneIsKeptAndEveryOtherGoesBackOnce(t *testing.T) {
	const tries, asked = 8, 245000
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for round := range 4 {
			sh := openShop(t, s)
			banks := map[paylink.AccountID]*bank{sh.account: newBank(sh.confirm.Gateways["sandbox"])}
			other := paylink.NewAccountID(sh.now.Add(time.Millisecond))
			banks[other] = newBank(sh.confirm.Gateways["sandbox"])
			sh.write(func(tx *store.Tx) error {
				tx.InsertAccount(paylink.Account{
					ID: other, Merchant: sh.merchant, Kind: paylink.AccountGateway, Provider: "sandbox",
					Name: "second", BaseURL: "http://127.0.0.1:1/other", Secret: provider.SealSecret(sh.ring, other, sh.secret),
				}, sh.now)
				return nil
			})
			sh.confirm.Gateways["sandbox"] = &town{Gateway: banks[sh.account].Gateway, banks: banks}
			l, first := sh.link(paylink.PaymentAbandoned, func(l *paylink.Link) { l.InFlight = 0 })
			payments := []paylink.Payment{first}
			for i := 1; i < tries; i++ {
				sh.now = sh.now.Add(time.Millisecond)
				p := sh.payment(l, paylink.PaymentAbandoned)
				p.Method = paylink.Methods[i%len(paylink.Methods)]
				if i%2 == 1 {
					p.Account = other
				}
				sh.write(func(tx *store.Tx) error { tx.InsertPayment(p); return nil })
				payments = append(payments, p)
			}
			bodies := make([][]byte, tries)
			for i, p := range payments {
				banks[p.Account].orders[p.Reference] = &order{paid: true, amount: asked}
				bodies[i] = sh.body(p, "captured", map[string]any{"account": string(sh.merchant) + "." + string(p.Account), "fee": 0, "tax": 0})
			}
			refunds := refund.New(refund.Deps{Store: s, Ring: sh.ring, Gateways: sh.confirm.Gateways, Now: sh.confirm.Now, Log: slog.New(slog.DiscardHandler)})
			work := func() {
				queuetest.Drain(t, s, func() time.Time { return sh.now }, func(q *queue.Queue) {
					sh.confirm.Register(q)
					refunds.Register(q)
				})
			}
			var all sync.WaitGroup
			begin := make(chan struct{})
			for i, p := range payments {
				all.Go(func() {
					<-begin
					post := gateway.Post{URL: nowhere, Header: sandboxtest.Sign(sh.secret, bodies[i], sh.now), Body: bodies[i]}
					if _, err := sh.confirm.Receive(t.Context(), "sandbox", p.Account, post); err != nil {
						t.Error(err)
					}
					work()
				})
			}
			close(begin)
			all.Wait()
			for range 10 { // what lost a race is tried again
				sh.now = sh.now.Add(time.Minute)
				work()
			}
			link, is := sh.state(l)
			kept, back := 0, 0
			for _, p := range is {
				began := banks[p.Account].begun[p.Reference]
				switch {
				case p.Status == paylink.PaymentCaptured && p.Counts() && p.AmountRefunded == 0 && began == 0:
					kept++
				case p.Status == paylink.PaymentCaptured && p.Abnormal == paylink.AbnormalDuplicate && p.AmountRefunded == asked && began == 1:
					back++
				default:
					t.Errorf("round %d: %s is %s, %q, %d given back in %d refunds", round, p.ID, p.Status, p.Abnormal, p.AmountRefunded, began)
				}
			}
			calls := 0
			for _, b := range banks {
				calls += b.calls
			}
			if kept != 1 || back != tries-1 || calls != tries-1 || link.Status != paylink.LinkPaid || link.AmountPaid != asked || link.AmountRefunded != (tries-1)*asked {
				t.Errorf("round %d: %d kept, %d given back by %d calls; the link is %s, %d paid, %d refunded",
					round, kept, back, calls, link.Status, link.AmountPaid, link.AmountRefunded)
			}
			balances, err := s.Read(t.Context()).LedgerBalances(store.LedgerFilter{Merchant: sh.merchant, Account: paylink.LedgerGatewayReceivable})
			owed := int64(0)
			for _, b := range balances {
				owed += b.Amount()
			}
			if err != nil || owed != asked {
				t.Errorf("round %d: the gateways owe %d (%v): %s", round, owed, err, fmt.Sprint(balances))
			}
		}
	})
}

// Money waits on hold, somebody gives a part of it back at the gateway itself, and then it is accepted or credited:
// the books have the part once.
func TestHeldMoneyOfWhichAPartWentBackIsDecided(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for to, want := range map[paylink.Policy][3]int64{ // in suspense, refunded, credited
			paylink.PolicyAccept: {0, 5000, 0}, paylink.PolicyCredit: {0, 0, -239500}, paylink.PolicyRefund: {0, 0, 0}, // the rest is set apart for the refund
		} {
			sh := openShop(t, s)
			_, p := sh.link(paylink.PaymentActionRequired, func(l *paylink.Link) { l.Terms.OnUnder = paylink.PolicyHold })
			sh.post(sh.body(p, "captured", map[string]any{"amount": 244500, "fee": 0, "tax": 0}))
			sh.post(sh.about("refund", "succeeded", map[string]any{
				"id": "sbx_rfd_1", "reference": "", "of": p.Reference, "payment": "sbx_pay_" + p.Reference, "amount": 5000, "code": "", "message": "",
				"bank_reference": "", "fee": 0, "tax": 0, "at": sh.now,
			}))
			m, err := s.Read(t.Context()).Merchant(sh.merchant)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := sh.confirm.Resolve(t.Context(), confirm.Resolution{Merchant: m, By: "key_a", Payment: p.ID, Outcome: to}, nil); err != nil {
				t.Fatalf("%s: %v", to, err)
			}
			for i, account := range []paylink.LedgerAccount{paylink.LedgerSuspense, paylink.LedgerRefunds, paylink.LedgerCustomerCredit} {
				balances, err := s.Read(t.Context()).LedgerBalances(store.LedgerFilter{Merchant: sh.merchant, Account: account})
				got := int64(0)
				for _, b := range balances {
					got += b.Amount()
				}
				if err != nil || got != want[i] {
					t.Errorf("%s: %s is %d, want %d (%v)", to, account, got, want[i], err)
				}
			}
		}
	})
}
