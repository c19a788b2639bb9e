package checkout_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/checkout"
	"paylink/store"
	"paylink/store/storetest"
)

// The bank says yes between our two reads of a page: it must not show a captured payment on a link that
// still waits for one.
func TestPageNeverShowsAPaymentWithoutItsLink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		device := checkout.NewDevice()
		for range 20 {
			l, code := c.link(nil)
			started, err := c.checkout.Start(t.Context(), checkout.StartRequest{
				Code: code, Token: c.open(code, device).Token, Device: device, Method: paylink.MethodUPI,
			})
			if err != nil {
				t.Fatal(err)
			}
			now := c.now.Add(time.Second)
			var captured sync.WaitGroup
			captured.Go(func() {
				c.write(func(tx *store.Tx) error {
					l, err := tx.Link(c.merchant, false, l.ID)
					if err != nil {
						return err
					}
					p, err := tx.Payment(c.merchant, false, started.ID)
					if err != nil {
						return err
					}
					readLink, readStatus := l.UpdatedAt, p.Status
					paylink.Advance(&l, &p, paylink.Outcome{Status: paylink.PaymentCaptured}, now, now)
					l.Touch(now)
					tx.UpdatePayment(p, readStatus)
					tx.UpdateLink(l, readLink)
					return nil
				})
			})
			for paid := false; !paid; {
				page, err := c.checkout.State(t.Context(), code, checkout.Visitor{Device: device})
				if err != nil {
					t.Fatal(err)
				}
				link, payments, err := s.Read(t.Context()).LinkAndPayments(c.merchant, false, l.ID, 10)
				if err != nil || (payments[0].Status == paylink.PaymentCaptured) != (link.Status == paylink.LinkPaid) {
					t.Errorf("read together: the payment is %s, the link %s, %v", payments[0].Status, link.Status, err)
				}
				paid = page.Payment.Status == paylink.PaymentCaptured
				if paid != (page.Link.Status == paylink.LinkPaid) {
					t.Errorf("the payment is %s, the link %s", page.Payment.Status, page.Link.Status)
				}
			}
			captured.Wait()
		}
	})
}

// Fetching is counted and proves nothing; opening is an event, once.
func TestOpenedIsToldOnceAndFetchingNever(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		l, code := c.link(nil)
		device := checkout.NewDevice()
		for range 3 {
			c.checkout.Fetched(c.open(code, device).Link)
		}
		for range 2 {
			if err := c.checkout.Opened(t.Context(), code, device); err != nil {
				t.Fatal(err)
			}
		}
		c.flush()
		counts, err := s.Read(t.Context()).VisitCounts(c.merchant, l.ID)
		if err != nil || counts[paylink.VisitFetched] != 3 || counts[paylink.VisitOpened] != 2 {
			t.Errorf("visits %v, %v", counts, err)
		}
		if got := c.told(l); !slices.Equal(got, []paylink.EventType{paylink.EventLinkOpened}) {
			t.Errorf("told %v", got)
		}
	})
}
