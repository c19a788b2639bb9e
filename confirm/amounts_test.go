package confirm_test

import (
	"slices"
	"testing"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// A gateway says that it took another amount than we asked for. Where the merchant has said what to do,
// that is done and told; what came is never lost, and never pays more of the link than it is.
func TestAnotherAmountGoesByTheMerchantsWord(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		for _, c := range []struct {
			captured int64
			policy   paylink.Policy
			paid     int64
			status   paylink.LinkStatus
			told     paylink.EventType
		}{
			{245500, paylink.PolicyAccept, 245500, paylink.LinkPaid, paylink.EventPaymentOverpaid},
			{245500, paylink.PolicyRefund, 245000, paylink.LinkPaid, paylink.EventPaymentOverpaid},
			{100, paylink.PolicyAccept, 100, paylink.LinkPartiallyPaid, paylink.EventPaymentUnderpaid},
			{100, paylink.PolicyHold, 0, paylink.LinkPending, paylink.EventPaymentUnderpaid},
		} {
			l, p := sh.link(paylink.PaymentActionRequired, func(l *paylink.Link) { l.Terms.OnOver, l.Terms.OnUnder = c.policy, c.policy })
			sh.post(sh.body(p, "captured", map[string]any{"amount": c.captured, "fee": 0, "tax": 0}))
			after, payments := sh.state(l)
			if after.AmountPaid != c.paid || after.Status != c.status || payments[0].AmountCaptured != c.captured || payments[0].Counted() != c.paid ||
				payments[0].Disposition != c.policy || !slices.Contains(sh.told(l), c.told) {
				t.Errorf("%d, %s: %s, %d paid, captured %d, told %v", c.captured, c.policy, after.Status, after.AmountPaid, payments[0].AmountCaptured, sh.told(l))
			}
			// A decline or a step on the way that names another amount is nobody's money.
			l, p = sh.link(paylink.PaymentActionRequired, func(l *paylink.Link) { l.Terms.OnOver, l.Terms.OnUnder = c.policy, c.policy })
			sh.post(sh.body(p, "pending", map[string]any{"amount": c.captured}))
			if _, payments := sh.state(l); payments[0].Status != paylink.PaymentActionRequired {
				t.Errorf("a step with another amount was believed: %s", payments[0].Status)
			}
		}
	})
}

// Somebody pays one rupee in the name of our order, and the merchant holds what is too little. The
// customer's own money comes after it, and pays the link.
func TestTooLittleDoesNotStandInTheWayOfTheWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		l, p := sh.link(paylink.PaymentActionRequired, func(l *paylink.Link) { l.Terms.OnUnder = paylink.PolicyHold })
		sh.post(sh.body(p, "captured", map[string]any{"id": "sbx_pay_little", "amount": 100, "fee": 0, "tax": 0}))
		sh.post(sh.body(p, "captured", nil))
		after, payments := sh.state(l)
		if after.Status != paylink.LinkPaid || after.AmountPaid != 245000 || len(payments) != 2 || payments[1].Abnormal != "" || !payments[1].Counts() || payments[0].Counts() {
			t.Errorf("%s, %d paid by %+v", after.Status, after.AmountPaid, payments)
		}
		// The same little once more is the same little.
		sh.post(sh.body(p, "captured", map[string]any{"id": "sbx_pay_little", "amount": 100, "fee": 0, "tax": 0}))
		if again, payments := sh.state(l); again.AmountPaid != 245000 || len(payments) != 2 {
			t.Errorf("told again: %d paid by %d payments", again.AmountPaid, len(payments))
		}
	})
}
