package refund_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// The customer gets the money, the merchant hears of it, and the books of the link say so.
func TestRefundInPartsUntilNothingIsLeft(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		p := sh.paid()
		first := sh.begin(p, 100000)
		sh.stands(first, paylink.RefundCreated, 0, 100000)
		sh.work()
		if is := sh.stands(first, paylink.RefundSucceeded, 100000, 0); is.GatewayReference == "" || is.BankReference == "" || is.EndedAt.IsZero() {
			t.Errorf("the refund is %+v", is)
		}
		if _, err := sh.refunds.Create(t.Context(), sh.as("key_a"), wish(p, 145001), nil); code(err) != "refund_too_large" {
			t.Errorf("more than is left: %v", err)
		}
		rest := sh.begin(p, 0)
		sh.work()
		if is := sh.stands(rest, paylink.RefundSucceeded, 245000, 0); is.Amount.Minor != 145000 {
			t.Errorf("the rest is %d", is.Amount.Minor)
		}
		if _, err := sh.refunds.Create(t.Context(), sh.as("key_a"), wish(p, 0), nil); code(err) != "nothing_to_refund" {
			t.Errorf("when nothing is left: %v", err)
		}
		want := []paylink.EventType{paylink.EventRefundCreated, paylink.EventRefundSucceeded, paylink.EventRefundCreated, paylink.EventRefundSucceeded}
		if got := sh.told(p.Link); !slices.Equal(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
	})
}

// Thirty people press the button at once, and the customer gets more than was paid.
func TestThirtyRefundsAtOnceAreNeverMoreThanWasCaptured(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		p := sh.paid()
		var all sync.WaitGroup
		results := make([]string, 30)
		for i := range results {
			all.Go(func() {
				if _, err := sh.refunds.Create(t.Context(), sh.as("key_a"), wish(p, 10000), nil); err != nil {
					results[i] = code(err) + " "
				}
			})
		}
		all.Wait()
		made := 0
		for _, r := range results {
			switch r {
			case "":
				made++
			case "refund_too_large ":
			default:
				t.Errorf("one ended with %q", r)
			}
		}
		is, err := s.Read(t.Context()).Payment(p.Merchant, p.Live, p.ID)
		if err != nil || made != 24 || is.AmountRefunding != 240000 {
			t.Errorf("%d were made, %d under way (%v); want 24", made, is.AmountRefunding, err)
		}
		sh.work()
		if is, err = s.Read(t.Context()).Payment(p.Merchant, p.Live, p.ID); err != nil || is.AmountRefunded != 240000 || is.AmountRefunding != 0 || sh.atTheGateway() != 24 {
			t.Errorf("%d given back, %d under way, %d at the gateway (%v)", is.AmountRefunded, is.AmountRefunding, sh.atTheGateway(), err)
		}
	})
}

// The reservation itself holds, whoever forgets to look before: two that read the same state.
func TestReservationIsDecidedByTheStatement(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		p := sh.paid()
		take := func(minor int64) error {
			return s.Write(t.Context(), func(tx *store.Tx) error {
				wanted := p
				wanted.AmountRefunding += minor
				tx.MoveRefunded(wanted, p)
				return nil
			})
		}
		if err := take(200000); err != nil {
			t.Fatal(err)
		}
		if err := take(45001); code(err) != "refund_too_large" {
			t.Errorf("beyond what is left: %v", err)
		}
		if err := take(45000); err != nil {
			t.Errorf("what is left: %v", err)
		}
		if err := take(-245001); code(err) != "refund_too_large" {
			t.Errorf("more freed than was reserved: %v", err)
		}
	})
}

// An answer is lost, the gateway is told again, and the customer has the money twice.
func TestWhatEndedUnknownIsLookedUpAndNotToldAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		p := sh.paid()
		sh.next("unknown") // it is taken, and the answer is an error
		r := sh.begin(p, 5000)
		sh.work()
		sh.stands(r, paylink.RefundUnknown, 0, 5000)
		time.Sleep(100 * time.Millisecond) // the sandbox's bank thinks, in real time
		sh.later(time.Minute)
		sh.stands(r, paylink.RefundSucceeded, 5000, 0)
		if n := sh.atTheGateway(); n != 1 {
			t.Errorf("%d refunds at the gateway", n)
		}
	})
}

// The request never arrived, and the customer waits for ever; or it is told again before that is known.
func TestWhatNeverArrivedIsToldAgainUnderTheSameReference(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		p := sh.paid()
		sh.far.Break(502)
		r := sh.begin(p, 5000)
		sh.work()
		sh.stands(r, paylink.RefundUnknown, 0, 5000)
		sh.far.Break(0)
		sh.later(20 * time.Second) // it could still be on its way
		sh.stands(r, paylink.RefundUnknown, 0, 5000)
		if n := sh.atTheGateway(); n != 0 {
			t.Errorf("%d refunds at the gateway before anybody could know", n)
		}
		sh.later(time.Minute)
		sh.stands(r, paylink.RefundSucceeded, 5000, 0)
	})
}

// A gateway that has too much to do for a moment looks like one that refuses the refund.
func TestGatewayThatIsBusyIsToldLater(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		r := sh.begin(sh.paid(), 5000)
		sh.far.Break(429)
		sh.work()
		if is := sh.stands(r, paylink.RefundCreated, 0, 5000); !is.SentAt.IsZero() {
			t.Error("it counts as told")
		}
		sh.far.Break(0)
		sh.later(time.Minute)
		sh.stands(r, paylink.RefundSucceeded, 5000, 0)
	})
}

// The gateway or the bank refuses, and the money is neither given back nor free to be given back again.
func TestRefundThatFailsFreesItsAmount(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		p := sh.paid()
		sh.next("fail")
		r := sh.begin(p, 0)
		sh.work()
		if is := sh.stands(r, paylink.RefundFailed, 0, 0); is.Code == "" {
			t.Error("nobody knows why")
		}
		sh.far.Break(422)
		refused := sh.begin(p, 0)
		sh.work()
		sh.stands(refused, paylink.RefundFailed, 0, 0)
		sh.far.Break(0)
		again := sh.begin(p, 0)
		sh.work()
		sh.stands(again, paylink.RefundSucceeded, 245000, 0)
		waiting, err := s.Read(t.Context()).RefundsWaiting(sh.merchant.ID, false, 10)
		if err != nil || len(waiting) != 0 {
			t.Errorf("after one that succeeded %d need a person (%v)", len(waiting), err)
		}
	})
}
