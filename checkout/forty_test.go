package checkout_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"paylink"
	"paylink/checkout"
	"paylink/store"
	"paylink/store/storetest"
)

// forty browsers, which all have the page of one new single-use link, press pay at once: one payment starts,
// and 39 are told that it is under way.
func (c *counter) forty() {
	c.t.Helper()
	l, code := c.link(nil)
	var started, refused atomic.Int32
	var wait sync.WaitGroup
	press := make(chan struct{})
	for range 40 {
		device := checkout.NewDevice()
		page := c.open(code, device)
		wait.Go(func() {
			<-press
			_, err := c.checkout.Start(c.t.Context(), checkout.StartRequest{Code: code, Token: page.Token, Device: device, Method: paylink.MethodUPI})
			var conflict *paylink.Conflict
			switch {
			case err == nil:
				started.Add(1)
			case errors.As(err, &conflict) && conflict.Code == "payment_in_flight":
				refused.Add(1)
			default:
				c.t.Error(err)
			}
		})
	}
	close(press)
	wait.Wait()
	link, payments := c.read(l)
	if started.Load() != 1 || refused.Load() != 39 || len(payments) != 1 || link.InFlight != 1 {
		c.t.Errorf("%d started, %d refused, %d payments, %d in flight", started.Load(), refused.Load(), len(payments), link.InFlight)
	}
}

// Forty browsers press pay on one single-use link at once: one payment goes forward.
func TestFortySimultaneousSubmissionsStartOnePayment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) { openCounter(t, s).forty() })
}

// A race that is lost once in some hundred tries is not seen by trying once.
func TestOneOfFortyStartsInEachOfFiveHundredRounds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		for range 500 {
			if c.forty(); t.Failed() {
				return
			}
		}
	})
}
