package simulation_test

import (
	"errors"
	"fmt"
	"slices"
	"testing/synctest"

	"paylink"
	"paylink/store"
)

// books is what a merchant sees.
type books struct {
	links    []link
	payments []paylink.PaymentSnapshot
	events   []event
}

// check holds the books against each other, as a merchant sees them.
func (w *world) check() books {
	w.t.Helper()
	b := w.read()
	counted := map[paylink.LinkID]int64{}
	captures := map[string]paylink.PaymentID{}
	for _, p := range b.payments {
		if p.Status != paylink.PaymentCaptured {
			continue
		}
		if other, twice := captures[p.GatewayReference]; twice {
			w.t.Errorf("one success is counted twice: %s and %s are both %s", p.ID, other, p.GatewayReference)
		}
		captures[p.GatewayReference] = p.ID
		if p.Disposition == "" || p.Disposition == paylink.PolicyAccept {
			counted[p.LinkID] += p.AmountCaptured
		}
	}
	for _, l := range b.links {
		if l.AmountPaid != counted[l.ID] {
			w.t.Errorf("link %s says %d paid, its payments say %d", l.ID, l.AmountPaid, counted[l.ID])
		}
		if l.Usage.Mode == paylink.UsageSingle && l.AmountPaid > l.Amount {
			w.t.Errorf("link %s over %d took %d", l.ID, l.Amount, l.AmountPaid)
		}
		if l.Usage.MaxPayments != nil && l.PaymentsCount > *l.Usage.MaxPayments {
			w.t.Errorf("link %s for %d payments counts %d", l.ID, *l.Usage.MaxPayments, l.PaymentsCount)
		}
		if w.paid[l.ID] && l.Status != paylink.LinkPaid {
			w.t.Errorf("link %s was paid and is %s", l.ID, l.Status)
		}
		if l.Status == paylink.LinkPaid {
			w.paid[l.ID] = true
		}
	}
	w.checkEvents(b.events)
	if err := w.merchant.underOneID(b.events, false); err != nil {
		w.t.Error(err)
	}
	back := map[paylink.LinkID]int{}
	for _, p := range b.payments {
		if p.AmountRefunded+p.AmountRefunding > 0 {
			back[p.LinkID]++
		}
	}
	payments, refunded := map[string]int{}, map[string]int{}
	for _, l := range b.links {
		payments[l.URL], refunded[l.URL] = int(l.PaymentsCount), back[l.ID]
	}
	for message, n := range w.outside.messages(w.merchant) {
		switch {
		case message[1] == receipts && n > payments[message[0]]:
			w.t.Errorf("the link %s has %d receipts for %d payments", message[0], n, payments[message[0]])
		case message[1] == refunds && n > refunded[message[0]]:
			w.t.Errorf("the link %s has %d notices of refunds for %d payments that go back", message[0], n, refunded[message[0]])
		case message[1] != receipts && message[1] != refunds && n > 1:
			w.t.Errorf("the link %s was sent %d times by %s", message[0], n, message[1])
		}
	}
	return b
}

// read takes the three lists at one moment: while a node was away between two of them, it begins anew.
func (w *world) read() books {
	w.t.Helper()
	for {
		synctest.Wait()
		waits := w.merchant.waits.Load()
		b := books{
			links:    list[link](w.merchant, "/v1/payment_links"),
			payments: list[paylink.PaymentSnapshot](w.merchant, "/v1/payments"),
			events:   list[event](w.merchant, "/v1/events"),
		}
		if w.merchant.waits.Load() == waits {
			return b
		}
	}
}

// checkEvents wants one gapless sequence, and no expiry after the paying.
func (w *world) checkEvents(events []event) {
	w.t.Helper()
	slices.Reverse(events) // oldest first
	paid := map[paylink.LinkID]bool{}
	for i, e := range events {
		if e.Sequence != int64(i+1) {
			w.t.Fatalf("event %d has the sequence %d", i+1, e.Sequence)
		}
		if e.Data.Link == nil {
			continue
		}
		switch id := e.Data.Link.ID; e.Type {
		case paylink.EventLinkPaid:
			if paid[id] {
				w.t.Errorf("link %s was told paid twice", id)
			}
			paid[id] = true
		case paylink.EventLinkExpired, paylink.EventLinkCancelled, paylink.EventLinkFailed:
			if paid[id] {
				w.t.Errorf("link %s was paid, and then told %s", id, e.Type)
			}
		}
	}
}

// unsettled tells what has not come right yet: an attempt that nobody ended, a link past its time, a
// capture that was not told exactly once, an event that has not reached everybody.
func (w *world) unsettled(b books) error {
	for _, p := range b.payments {
		if p.Status.Live() {
			return fmt.Errorf("payment %s is still %s", p.ID, p.Status)
		}
	}
	for _, l := range b.links {
		if l.Status == paylink.LinkPending || l.Status == paylink.LinkFailed {
			return fmt.Errorf("link %s is still %s", l.ID, l.Status)
		}
	}
	told := map[paylink.PaymentID]int{}
	for _, e := range b.events {
		if e.Type == paylink.EventPaymentCaptured {
			told[e.Data.Payment.ID]++
		}
	}
	for _, p := range b.payments {
		want := 0
		if p.Status == paylink.PaymentCaptured {
			want = 1
		}
		if told[p.ID] != want {
			return fmt.Errorf("payment %s is %s and was told captured %d times", p.ID, p.Status, told[p.ID])
		}
	}
	if err := errors.Join(w.outside.agrees(b.payments), w.outside.agreesOnRefunds(b.payments)); err != nil {
		return err
	}
	return w.merchant.underOneID(b.events, true)
}

// inspect looks at the rows that no merchant sees, when every node has stopped: no link waits for a
// payment that has ended, which would keep it busy for ever, and no job is held by a node that is gone.
func (w *world) inspect() {
	w.t.Helper()
	s, err := store.Open(w.t.Context(), w.database.plain, store.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	read := s.Read(w.t.Context())
	for _, made := range w.links {
		l, err := read.Link(w.id, false, made.ID)
		if err != nil {
			w.t.Error(err)
		}
		if l.InFlight != 0 {
			w.t.Errorf("link %s is busy with %d payments, and all have ended", l.ID, l.InFlight)
		}
	}
	jobs, err := read.Jobs()
	if err != nil || jobs["running"] != 0 {
		w.t.Errorf("%d jobs are held by nodes that are gone, %v", jobs["running"], err)
	}
	proveBooks(w.t, s, w.keys, len(w.paid))
}
