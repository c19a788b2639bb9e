package refund_test

import (
	"net/url"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/confirm"
	"paylink/ledger"
	"paylink/store"
	"paylink/store/storetest"
)

// entered writes a payment into the books, as its capture would have.
func (sh *shop) entered(p paylink.Payment) paylink.Payment {
	sh.Helper()
	sh.write(func(tx *store.Tx) error { return ledger.Enter(tx, p) })
	return p
}

// The customer objects while the merchant gives the money back, thirty times at once: the customer has the money
// once, from the refund or from the bank, unless the gateway was told before anybody objected.
func TestRefundAgainstDispute(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		given := int64(0)
		for round := range 6 {
			p := sh.entered(sh.paid())
			var all sync.WaitGroup
			begin := make(chan struct{})
			all.Go(func() {
				<-begin
				sh.press("/orders/"+p.Reference+"/dispute", url.Values{"reason": {"not_received"}})
				hearing := confirm.New(confirm.Deps{Store: sh.store, Ring: sh.refunds.Ring, Gateways: sh.refunds.Gateways, Now: sh.refunds.Now, Log: sh.refunds.Log})
				if err := hearing.LookAtDisputes(t.Context()); err != nil {
					t.Error(err)
				}
			})
			made := make([]bool, 30)
			for i := range made {
				all.Go(func() {
					<-begin
					switch _, err := sh.refunds.Create(t.Context(), sh.as("key_a"), wish(p, 0), nil); code(err) {
					case "", "nothing_to_refund", "refund_too_large", "payment_disputed":
						made[i] = err == nil
					default:
						t.Errorf("refused with %v", err)
					}
				})
			}
			close(begin)
			all.Wait()
			n := 0
			for _, m := range made {
				if m {
					n++
				}
			}
			before := sh.atTheGateway()
			sh.workAll()
			sh.look()
			is := sh.payment(p)
			sent := sh.atTheGateway() - before
			if n > 1 || is.AmountRefunding != 0 || is.Dispute != paylink.DisputeNeedsResponse || is.AmountDisputed != 245000 {
				t.Errorf("round %d: %d refunds were made, and the payment is %+v", round, n, is)
			}
			if is.AmountRefunded != int64(sent)*245000 || sent > 1 {
				t.Errorf("round %d: %d given back here, %d refunds at the gateway", round, is.AmountRefunded, sent)
			}
			given += is.AmountRefunded
			pending, owed := sh.book(paylink.LedgerRefundsPending), sh.book(paylink.LedgerGatewayReceivable)+sh.book(paylink.LedgerFees)
			if held := sh.book(paylink.LedgerDisputeReceivable); pending != 0 || owed != -given || held != int64(round+1)*245000 {
				t.Errorf("round %d: the books hold %d for refunds, %d at the gateway and %d in dispute; %d were given back", round, pending, owed, held, given)
			}
		}
	})
}

// The customer objects while a refund can still be called off: the gateway is never told, and the money goes back
// once, by the bank.
func TestObjectionBeforeTheGatewayIsToldStopsTheRefund(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		sh.merchant.Settings.Refunds = &paylink.RefundRules{CancelWithin: 60}
		p := sh.entered(sh.paid())
		r := sh.begin(p, 0)
		sh.press("/orders/"+p.Reference+"/dispute", url.Values{"reason": {"not_received"}})
		sh.look()
		sh.later(time.Hour)
		if is := sh.stands(r, paylink.RefundFailed, 0, 0); is.Code != "payment_disputed" || sh.atTheGateway() != 0 {
			t.Errorf("it failed for %q, %d at the gateway", is.Code, sh.atTheGateway())
		}
		if pending, owed := sh.book(paylink.LedgerRefundsPending), sh.book(paylink.LedgerGatewayReceivable)+sh.book(paylink.LedgerFees); pending != 0 || owed != 0 {
			t.Errorf("the books hold %d for refunds, and %d at the gateway", pending, owed)
		}
	})
}
