package refund_test

import (
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// One person gives away what should have taken two.
func TestSecondPersonApprovesAboveTheThreshold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		above := int64(100000)
		sh.merchant.Settings.Refunds = &paylink.RefundRules{ApproveAbove: &above}
		p := sh.paid()
		small := sh.begin(p, 100000)
		sh.work()
		sh.stands(small, paylink.RefundSucceeded, 100000, 0)
		// Cut into small pieces it is the same sum.
		second := sh.begin(p, 1)
		sh.work()
		sh.stands(second, paylink.RefundAwaiting, 100000, 1)
		if _, err := sh.refunds.Approve(t.Context(), sh.as("key_a"), second.ID, nil); code(err) != "same_person" {
			t.Errorf("the one who asked approved: %v", err)
		}
		done, err := sh.refunds.Approve(t.Context(), sh.as("usr_boss"), second.ID, nil)
		if err != nil || done.Refund.ApprovedBy != "usr_boss" {
			t.Fatalf("approved as %+v (%v)", done.Refund, err)
		}
		sh.work()
		sh.stands(second, paylink.RefundSucceeded, 100001, 0)
		if _, err := sh.refunds.Approve(t.Context(), sh.as("usr_boss"), second.ID, nil); code(err) != "refund_succeeded" {
			t.Errorf("approved twice: %v", err)
		}
		third := sh.begin(p, 500)
		if _, err := sh.refunds.Cancel(t.Context(), sh.as("usr_boss"), third.ID, nil); err != nil {
			t.Fatal(err)
		}
		sh.work()
		sh.stands(third, paylink.RefundCancelled, 100001, 0)
	})
}

// Called off too late, or sent although it was called off.
func TestRefundCanBeCalledOffUntilTheGatewayIsTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		sh.merchant.Settings.Refunds = &paylink.RefundRules{CancelWithin: 60}
		p := sh.paid()
		r := sh.begin(p, 5000)
		sh.later(59 * time.Second)
		sh.stands(r, paylink.RefundCreated, 0, 5000)
		if _, err := sh.refunds.Cancel(t.Context(), sh.as("key_a"), r.ID, nil); err != nil {
			t.Fatal(err)
		}
		sh.later(time.Minute)
		sh.stands(r, paylink.RefundCancelled, 0, 0)
		if n := sh.atTheGateway(); n != 0 {
			t.Errorf("%d refunds at the gateway", n)
		}
		sent := sh.begin(p, 5000)
		sh.later(time.Minute)
		if _, err := sh.refunds.Cancel(t.Context(), sh.as("key_a"), sent.ID, nil); code(err) != "refund_succeeded" {
			t.Errorf("called off after it was sent: %v", err)
		}
	})
}

// Somebody calls it off in the moment in which the gateway is told: one of them wins, and both know who.
func TestCallingOffAgainstSending(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		p := sh.paid()
		for range 10 {
			_, before, _ := sh.read(sh.begin(p, 1000)) // and one more that nobody calls off
			r := sh.begin(p, 1000)
			sent := sh.atTheGateway()
			var both sync.WaitGroup
			var cancelled error
			both.Go(func() { _, cancelled = sh.refunds.Cancel(t.Context(), sh.as("key_a"), r.ID, nil) })
			both.Go(sh.work)
			both.Wait()
			sh.work()
			is, now, _ := sh.read(r)
			want := 1
			if is.Status == paylink.RefundSucceeded {
				want = 2
			}
			if (cancelled == nil) != (is.Status == paylink.RefundCancelled) || sh.atTheGateway()-sent != want || now.AmountRefunded-before.AmountRefunded != int64(want)*1000 {
				t.Fatalf("called off: %v; it is %s; %d refunds more at the gateway", cancelled, is.Status, sh.atTheGateway()-sent)
			}
		}
	})
}

// A request is sent twice with one key, and the customer gets the money twice.
func TestSameKeyIsTheSameRefund(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		p := sh.paid()
		claim := func() *store.Claim {
			return &store.Claim{Merchant: sh.merchant.ID, Route: "POST /v1/payments/{id}/refunds", Key: "k1"}
		}
		first, err := sh.refunds.Create(t.Context(), sh.as("key_a"), wish(p, 1000), claim())
		if err != nil {
			t.Fatal(err)
		}
		sh.work()
		second, err := sh.refunds.Create(t.Context(), sh.as("key_a"), wish(p, 1000), claim())
		if err != nil || !second.Replayed || second.Refund.ID != first.Refund.ID || second.Snapshot.Status != paylink.RefundCreated {
			t.Errorf("again: %+v (%v)", second, err)
		}
		sh.stands(first.Refund, paylink.RefundSucceeded, 1000, 0)
	})
}
