package paylink_test

import (
	"slices"
	"testing"

	"paylink"
)

// A state that nobody explains, that follows itself, or that is left out of the table is a hole
// through which money falls.
func TestMachinesAreWhole(t *testing.T) {
	whole(t, paylink.LinkMachine)
	whole(t, paylink.PaymentMachine)
	whole(t, paylink.MessageMachine)
	whole(t, paylink.VisitMachine)
	whole(t, paylink.EndpointMachine)
	whole(t, paylink.DeliveryMachine)
	whole(t, paylink.NoticeMachine)
	whole(t, paylink.BulkMachine)
}

func whole[S ~string](t *testing.T, m paylink.Machine[S]) {
	t.Helper()
	if m.Name == "" || m.Says[m.Start] == "" {
		t.Errorf("machine %q starts in %q, which it does not explain", m.Name, m.Start)
	}
	for from, next := range m.Moves {
		if m.Says[from] == "" {
			t.Errorf("%s: %s is not explained", m.Name, from)
		}
		for i, to := range next {
			if m.Says[to] == "" || to == from || slices.Contains(next[:i], to) {
				t.Errorf("%s: the move %s → %s is unexplained, leads back to itself or stands twice", m.Name, from, to)
			}
			if !m.Can(from, to) || !slices.Contains(m.Before(to), from) {
				t.Errorf("%s: %s → %s stands in the table, but Can or Before deny it", m.Name, from, to)
			}
		}
		if m.Final(from) {
			t.Errorf("%s: %s has an empty row; leave a final state out of Moves", m.Name, from)
		}
	}
	for s := range m.Says {
		if m.Can(s, s) {
			t.Errorf("%s: %s follows itself", m.Name, s)
		}
	}
}

// A bank's yes after our no is the customer's money: a payment that could not become captured any
// more would lose it.
func TestBanksYesIsAlwaysHeard(t *testing.T) {
	for _, s := range []paylink.PaymentStatus{
		paylink.PaymentCreated, paylink.PaymentActionRequired, paylink.PaymentPending, paylink.PaymentUnknown,
		paylink.PaymentAuthorised, paylink.PaymentFailed, paylink.PaymentAbandoned,
	} {
		if !paylink.PaymentMachine.Can(s, paylink.PaymentCaptured) {
			t.Errorf("a payment that is %s cannot become captured", s)
		}
	}
	if !paylink.PaymentMachine.Final(paylink.PaymentCaptured) || !paylink.PaymentMachine.Final(paylink.PaymentVoided) {
		t.Error("something follows captured or voided; refunds and disputes stand beside the status")
	}
}

// A payment whose outcome is open guards its link against a second try; one that is over must not.
func TestLivePaymentsAreThoseWithoutAnOutcome(t *testing.T) {
	var live []paylink.PaymentStatus
	for s := range paylink.PaymentMachine.Says {
		if s.Live() {
			live = append(live, s)
		}
	}
	slices.Sort(live)
	want := []paylink.PaymentStatus{
		paylink.PaymentActionRequired, paylink.PaymentAuthorised, paylink.PaymentCreated, paylink.PaymentPending, paylink.PaymentUnknown,
	}
	if !slices.Equal(live, want) {
		t.Errorf("live: %v, want %v", live, want)
	}
}

// Money that is held, refunded or credited is not revenue; counting it marks an unpaid link paid.
func TestOnlyAcceptedCapturesCount(t *testing.T) {
	for _, c := range []struct {
		payment paylink.Payment
		want    bool
	}{
		{paylink.Payment{Status: paylink.PaymentCaptured}, true},
		{paylink.Payment{Status: paylink.PaymentCaptured, Abnormal: paylink.AbnormalLate, Disposition: paylink.PolicyAccept}, true},
		{paylink.Payment{Status: paylink.PaymentCaptured, Abnormal: paylink.AbnormalLate, Disposition: paylink.PolicyHold}, false},
		{paylink.Payment{Status: paylink.PaymentCaptured, Abnormal: paylink.AbnormalDuplicate, Disposition: paylink.PolicyRefund}, false},
		{paylink.Payment{Status: paylink.PaymentCaptured, Abnormal: paylink.AbnormalDuplicate, Disposition: paylink.PolicyCredit}, false},
		{paylink.Payment{Status: paylink.PaymentAuthorised}, false},
		{paylink.Payment{Status: paylink.PaymentFailed}, false},
	} {
		if got := c.payment.Counts(); got != c.want {
			t.Errorf("%s %s %s counts: %t, want %t", c.payment.Status, c.payment.Abnormal, c.payment.Disposition, got, c.want)
		}
	}
}

// Carriers send receipts in any order and more than once; the message must end where the best of
// them says, or a merchant resends what was long read.
func TestReceiptsInAnyOrderEndAlike(t *testing.T) {
	for _, c := range []struct{ heard []paylink.MessageStatus }{
		{[]paylink.MessageStatus{paylink.MessageSent, paylink.MessageDelivered, paylink.MessageRead}},
		{[]paylink.MessageStatus{paylink.MessageSent, paylink.MessageFailed}},
		{[]paylink.MessageStatus{paylink.MessageSent, paylink.MessageBlocked}},
		{[]paylink.MessageStatus{paylink.MessageSent, paylink.MessageFailed, paylink.MessageDelivered}},
		{[]paylink.MessageStatus{paylink.MessageSent, paylink.MessageFailed, paylink.MessageDelivered, paylink.MessageRead}},
		{[]paylink.MessageStatus{paylink.MessageBlocked, paylink.MessageDelivered, paylink.MessageSent}},
		{[]paylink.MessageStatus{paylink.MessageUnknown, paylink.MessageSent, paylink.MessageDelivered}},
	} {
		ends := map[paylink.MessageStatus]int{}
		permute(c.heard, func(order []paylink.MessageStatus) {
			at := paylink.MessageQueued
			for _, next := range append(slices.Clone(order), order...) { // each is heard twice
				if paylink.MessageMachine.Can(at, next) {
					at = next
				}
			}
			ends[at]++
		})
		if len(ends) != 1 {
			t.Errorf("%v ends differently by order: %v", c.heard, ends)
		}
	}
}

// permute calls each with every order of the items.
func permute[T any](items []T, each func([]T)) {
	if len(items) < 2 {
		each(items)
		return
	}
	for i := range items {
		rest := slices.Delete(slices.Clone(items), i, i+1)
		permute(rest, func(tail []T) { each(append([]T{items[i]}, tail...)) })
	}
}
