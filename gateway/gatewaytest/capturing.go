package gatewaytest

import (
	"context"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/provider/providertest"
)

// capturer gives what the gateway can do with reserved money; ok is false for one that is no Capturer. Its
// capabilities say by which methods. void is nil where the gateway gives back only when the time is over.
func (s suite) capturer(t *testing.T) (capture gateway.Capturer, void gateway.Voider, ok bool) {
	t.Helper()
	capture, captures := gateway.As[gateway.Capturer](s.Gateway)
	void, voids := gateway.As[gateway.Voider](s.Gateway)
	if voids && !captures || captures != (len(s.Capabilities().Reserves) > 0) {
		t.Fatal("a gateway that reserves money says for how long in Reserves, and is a Capturer")
	}
	if captures && !voids && s.world.Lapse == nil {
		t.Fatal("what is reserved is given back in no way: the gateway is no Voider, and its world has no Lapse")
	}
	return capture, void, captures
}

// reserving lists the methods by which the gateway reserves money, in the order of its methods.
func (s suite) reserving() (methods []paylink.Method) {
	c := s.Capabilities()
	for _, m := range c.Methods {
		if c.Reserves[m] > 0 {
			methods = append(methods, m)
		}
	}
	return methods
}

// reserve makes a customer's bank reserve money, and answers what we know of it.
func (s suite) reserve(t *testing.T) (gateway.Known, gateway.Word) {
	t.Helper()
	return s.reserveBy(t, s.reserving()[0])
}

func (s suite) reserveBy(t *testing.T, m paylink.Method) (gateway.Known, gateway.Word) {
	t.Helper()
	o := s.order(m)
	o.Manual = true
	started := s.start(t, o)
	s.world.Pay(t, started, true)
	_, told := s.notice(t, o.Reference, paylink.PaymentAuthorised)
	k := known(o, started)
	k.Payment = told.GatewayReference
	return k, told
}

// reaches waits until a payment stands as it should, by the answer itself or by the notice that the answer
// promised, and holds the look-up to it.
func (s suite) reaches(t *testing.T, k gateway.Known, answered gateway.Word, status paylink.PaymentStatus, minor int64) {
	t.Helper()
	if answered.Reference != k.Reference || (answered.Status != status && answered.Status != paylink.PaymentAuthorised) {
		t.Errorf("the answer says %+v, want %s or still authorised", answered, status)
	}
	if s.world.Unposted {
		s.comesTo(t, k, status, minor)
		return
	}
	_, told := s.notice(t, k.Reference, status)
	if told.Amount != (paylink.Money{Minor: minor, Currency: k.Amount.Currency}) || told.At.IsZero() {
		t.Errorf("the notice says %+v, want %d minor units", told, minor)
	}
	if s.world.Later {
		return
	}
	found, err := s.Lookup(t.Context(), s.account, k)
	s.sameFound(t, told, found, err)
}

// comesTo asks until a payment stands as it should.
func (s suite) comesTo(t *testing.T, k gateway.Known, status paylink.PaymentStatus, minor int64) {
	t.Helper()
	var found gateway.Word
	var err error
	for range 50 {
		if found, err = s.Lookup(t.Context(), s.account, k); err != nil || found.Status == status {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil || found.Status != status || found.Amount != (paylink.Money{Minor: minor, Currency: k.Amount.Currency}) {
		t.Errorf("the look-up says %+v (%v), want %s of %d minor units", found, err, status, minor)
	}
}

// refused tells whether what was asked of a payment was refused: by the answer, or by the notice that tells
// that the payment is as it was.
func (s suite) refused(t *testing.T, k gateway.Known, err error) bool {
	t.Helper()
	if s.world.Later && err == nil {
		s.notice(t, k.Reference, paylink.PaymentAuthorised)
		return true
	}
	return providertest.Ending(err) == "rejected"
}

// A merchant delivers against money that nobody reserved, or calls it paid already.
func reserved(t *testing.T, s suite) {
	if _, _, ok := s.capturer(t); !ok {
		return
	}
	for m, holds := range s.Capabilities().Reserves {
		if holds < time.Hour {
			t.Errorf("%s is reserved for %v: nothing is delivered so fast", m, holds)
		}
		k, told := s.reserveBy(t, m)
		if told.Amount != k.Amount || told.GatewayReference == "" || told.Method != m || told.At.IsZero() {
			t.Errorf("%s: the notice says %+v", m, told)
		}
		found, err := s.Lookup(t.Context(), s.account, k)
		s.sameFound(t, told, found, err)
	}
}

// The money of a delivery is captured twice, or the second answer reads as a failure and is tried for ever.
func captureWhole(t *testing.T, s suite) {
	capture, _, ok := s.capturer(t)
	if !ok {
		return
	}
	k, _ := s.reserve(t)
	w, err := capture.Capture(t.Context(), s.account, k, k.Amount)
	if err != nil {
		t.Fatalf("capture: %v", err)
	}
	s.reaches(t, k, w, paylink.PaymentCaptured, k.Amount.Minor)
	s.twice(t, k, k.Amount)
	s.voidRejected(t, k, "after a capture")
}

// A part was delivered, and the customer pays the whole, or the merchant's books say so.
func capturePart(t *testing.T, s suite) {
	capture, _, ok := s.capturer(t)
	if !ok {
		return
	}
	k, _ := s.reserve(t)
	part := paylink.Money{Minor: k.Amount.Minor - 45001, Currency: k.Amount.Currency}
	w, err := capture.Capture(t.Context(), s.account, k, part)
	if s.world.Whole {
		if providertest.Ending(err) != "rejected" {
			t.Errorf("a part of what is captured as a whole only ended %q with %+v, want rejected", providertest.Ending(err), w)
		}
		return
	}
	if err != nil {
		t.Fatalf("capture of a part: %v", err)
	}
	s.reaches(t, k, w, paylink.PaymentCaptured, part.Minor)
	s.twice(t, k, part)
	rest := paylink.Money{Minor: 45001, Currency: k.Amount.Currency}
	w, err = capture.Capture(t.Context(), s.account, k, rest)
	if s.world.Later && s.refused(t, k, err) {
		return
	}
	if err == nil && w.Amount != part {
		t.Errorf("a capture of the rest, which was given back, answered %+v", w)
	}
}

// twice repeats a capture that was answered: it is refused, or answers the same, and takes no more.
func (s suite) twice(t *testing.T, k gateway.Known, amount paylink.Money) {
	t.Helper()
	capture, _, _ := s.capturer(t)
	again, err := capture.Capture(t.Context(), s.account, k, amount)
	if end := providertest.Ending(err); end != "rejected" && (err != nil || again.Amount != amount) {
		t.Errorf("the same capture again ended %q with %+v", end, again)
	}
	if s.world.Later {
		return
	}
	if found, err := s.Lookup(t.Context(), s.account, k); err != nil || found.Amount != amount || found.Status != paylink.PaymentCaptured {
		t.Errorf("after the same capture again the look-up says %+v (%v)", found, err)
	}
}

func (s suite) voidRejected(t *testing.T, k gateway.Known, when string) {
	t.Helper()
	_, voider, _ := s.capturer(t)
	if voider == nil {
		return
	}
	if w, err := voider.Void(t.Context(), s.account, k); !s.refused(t, k, err) {
		t.Errorf("a void %s ended %q with %+v, want rejected", when, providertest.Ending(err), w)
	}
}

// More is taken from the customer than the customer has agreed to.
func captureMore(t *testing.T, s suite) {
	capture, _, ok := s.capturer(t)
	if !ok {
		return
	}
	k, _ := s.reserve(t)
	more := paylink.Money{Minor: k.Amount.Minor + 1, Currency: k.Amount.Currency}
	if w, err := capture.Capture(t.Context(), s.account, k, more); providertest.Ending(err) != "rejected" {
		t.Errorf("a capture of more ended %q with %+v, want rejected", providertest.Ending(err), w)
	}
	if found, err := s.Lookup(t.Context(), s.account, k); err != nil || found.Status != paylink.PaymentAuthorised {
		t.Errorf("after a capture that was refused the look-up says %+v (%v)", found, err)
	}
}

// An order is called off and its customer's money stays blocked, or is captured all the same.
func void(t *testing.T, s suite) {
	capture, voider, ok := s.capturer(t)
	if !ok || voider == nil {
		return
	}
	k, _ := s.reserve(t)
	w, err := voider.Void(t.Context(), s.account, k)
	if err != nil {
		t.Fatalf("void: %v", err)
	}
	s.reaches(t, k, w, paylink.PaymentVoided, k.Amount.Minor)
	if w, err := capture.Capture(t.Context(), s.account, k, k.Amount); !s.refused(t, k, err) {
		t.Errorf("a capture after a void ended %q with %+v, want rejected", providertest.Ending(err), w)
	}
	again, err := voider.Void(t.Context(), s.account, k)
	if end := providertest.Ending(err); end != "rejected" && (err != nil || again.Status != paylink.PaymentVoided && !s.world.Later) {
		t.Errorf("the same void again ended %q with %+v", end, again)
	}
}

// The bank has given the money back, and the merchant still believes in it and delivers.
func lapse(t *testing.T, s suite) {
	if _, _, ok := s.capturer(t); !ok || s.world.Lapse == nil {
		return
	}
	k, told := s.reserve(t)
	s.world.Lapse(t, k)
	told.Status = paylink.PaymentAuthorised
	s.reaches(t, k, told, paylink.PaymentVoided, k.Amount.Minor)
}

// One merchant takes or gives back what another's customer reserved.
func strangersReserve(t *testing.T, s suite) {
	capture, voider, ok := s.capturer(t)
	if !ok {
		return
	}
	k, _ := s.reserve(t)
	if w, err := capture.Capture(t.Context(), s.world.Stranger, k, k.Amount); err == nil {
		t.Errorf("another account's capture answered %+v", w)
	}
	if voider != nil {
		if w, err := voider.Void(t.Context(), s.world.Stranger, k); err == nil {
			t.Errorf("another account's void answered %+v", w)
		}
	}
	if found, err := s.Lookup(t.Context(), s.account, k); err != nil || found.Status != paylink.PaymentAuthorised {
		t.Errorf("after a stranger's tries the look-up says %+v (%v)", found, err)
	}
}

// A capture whose answer was lost counts as refused, and the goods are kept although they are paid.
func reservedEndings(t *testing.T, s suite) {
	capture, voider, ok := s.capturer(t)
	if !ok {
		return
	}
	k, _ := s.reserve(t)
	providertest.Calling(t, s.world.Far, s.account, func(ctx context.Context, a gateway.Account) error {
		_, err := capture.Capture(ctx, a, k, k.Amount)
		return err
	})
	if voider == nil {
		return
	}
	k, _ = s.reserve(t)
	providertest.Calling(t, s.world.Far, s.account, func(ctx context.Context, a gateway.Account) error {
		_, err := voider.Void(ctx, a, k)
		return err
	})
}
