package gatewaytest

import (
	"context"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/provider"
	"paylink/provider/providertest"
)

// Refunding is what the contract of refunds needs of a far side. A World of a [gateway.Refunder] has one.
type Refunding struct {
	// Next makes the far side's bank do this with the next refund; one that nothing was said about it
	// pays out. Fates lists what Next can make.
	Next  func(t *testing.T, f Fate)
	Fates []Fate

	Repeats bool // the same reference again is the same refund, and no second one
	Silent  bool // the gateway posts nothing about refunds: look-ups have to tell
	// Deaf says that the gateway cannot be asked about a refund: notices have to tell, and a look-up ends unknown.
	// Where the gateway Repeats, one that was never answered looks up as NotFound, so that it is begun again.
	Deaf bool
	Late bool // the gateway takes what is beyond the rest of a payment, and refuses it by a notice

	// Elsewhere begins a refund at the gateway's own pages; nil: the far side has none.
	Elsewhere func(t *testing.T, of gateway.Known, amount paylink.Money)

	// Spoil makes unreadable bodies out of a genuine notice of a refund, by what is wrong with them, those
	// of SpoiledRefund at least. Nil where the gateway is Silent.
	Spoil func(genuine []byte) map[string][]byte
}

// Fate is what a bank does with a refund.
type Fate string

const (
	Refuses    Fate = "refuses"     // the customer does not get it
	Waits      Fate = "waits"       // pending first, and soon it succeeds
	FailsLater Fate = "fails later" // it succeeds, and soon the bank sends it back
)

// SpoiledRefund names what a World has to spoil in a notice of a refund.
var SpoiledRefund = []string{"an unknown status", "the amount twice", "a fraction of a minor unit", "no amount", "a negative amount", "an unknown currency"}

var refunding = map[string]func(*testing.T, suite){
	"a full refund is told by notice and by look-up alike":    refundFull,
	"parts are given back up to what was captured":            refundParts,
	"a refund is idempotent by reference":                     refundTwice,
	"look-up of an unknown refund is NotFound":                refundUnknown,
	"a refund may wait for the bank":                          refundWaits,
	"a refund that the bank refuses is told":                  refundRefused,
	"a refund that is sent back is told":                      refundSentBack,
	"a refund begun at the gateway is told":                   refundElsewhere,
	"another account can neither refund nor look up":          refundStrangers,
	"calls about refunds tell how they ended":                 refundEndings,
	"only whole notices of refunds are read":                  refundReading,
	"what the world says of refunds is what the adapter does": refundWorld,
}

// refunder is the gateway as one that gives money back; the part is over for one that does not.
func (s suite) refunder() (gateway.Refunder, *Refunding) {
	r, ok := gateway.As[gateway.Refunder](s.Gateway)
	if !ok || s.world.Refunding == nil {
		return nil, nil // refundWorld sees to it that both are missing together
	}
	return r, s.world.Refunding
}

// An adapter learns to refund, and nobody holds it to the contract.
func refundWorld(t *testing.T, s suite) {
	if _, can := gateway.As[gateway.Refunder](s.Gateway); can != (s.world.Refunding != nil) {
		t.Errorf("the adapter refunds: %t; its world has a Refunding: %t", can, !can)
	}
}

// paid is a payment that the customer has made, as it is known then.
func (s suite) paid(t *testing.T) gateway.Known {
	t.Helper()
	o := s.order(s.Capabilities().Methods[0])
	started := s.start(t, o)
	s.world.Pay(t, started, true)
	_, told := s.notice(t, o.Reference, paylink.PaymentCaptured)
	k := known(o, started)
	k.Payment = told.GatewayReference
	return k
}

// giveBack is a refund of an amount that was paid.
func (s suite) giveBack(of gateway.Known, minor int64) gateway.Refund {
	return gateway.Refund{
		Reference: paylink.NewPaymentReference(), Of: of, Amount: paylink.Money{Minor: minor, Currency: of.Amount.Currency},
		Reason: "requested_by_customer", Began: s.world.Now(),
	}
}

// refund begins one that the gateway takes.
func (s suite) refund(t *testing.T, r gateway.Refund) gateway.RefundWord {
	t.Helper()
	refunds, _ := s.refunder()
	w, err := refunds.Refund(t.Context(), s.account, r)
	if err != nil {
		t.Fatalf("refund: %v", err)
	}
	s.about(t, r, w)
	return w
}

// about holds a word to the refund that it is about.
func (s suite) about(t *testing.T, r gateway.Refund, w gateway.RefundWord) {
	t.Helper()
	of := w.Payment == r.Of.Payment && (w.Of == "" || w.Of == r.Of.Reference) || w.Payment == "" && w.Of == r.Of.Reference
	if w.Reference != r.Reference || w.Amount != r.Amount || !of || w.GatewayReference == "" || w.At.IsZero() ||
		(w.Status == paylink.RefundFailed) != (w.Code != "") || w.Fee < 0 || w.Tax < 0 {
		t.Errorf("a word about the refund %s of %v from %s: %+v", r.Reference, r.Amount, r.Of.Payment, w)
	}
}

// ends waits until the gateway says that a refund has come to a status: by its notice, and then by
// look-up, which has to say the same.
func (s suite) ends(t *testing.T, r gateway.Refund, status paylink.RefundStatus) (post providertest.Post, w gateway.RefundWord) {
	t.Helper()
	refunds, world := s.refunder()
	if !world.Silent {
		post, w = s.refundNotice(t, func(w gateway.RefundWord) bool { return w.Reference == r.Reference && w.Status == status })
		s.about(t, r, w)
		if w.Account != s.account.Name() && w.Account != "" {
			t.Errorf("the notice is for the account %q", w.Account)
		}
		r.Order = w.GatewayReference
	}
	if world.Deaf {
		return post, w
	}
	var found gateway.RefundWord
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var err error
		if found, err = refunds.LookupRefund(t.Context(), s.account, r); err != nil {
			t.Fatalf("look-up of a refund: %v", err)
		}
		if !world.Silent || found.Status == status || time.Now().After(deadline) {
			break
		}
	}
	s.about(t, r, found)
	if found.Status != status || !world.Silent && (found.GatewayReference != w.GatewayReference || found.Code != w.Code) {
		t.Errorf("the look-up says %+v, the notice said %+v, want %s", found, w, status)
	}
	return post, found
}

// refundNotice waits for a notice with a word about a refund.
func (s suite) refundNotice(t *testing.T, want func(gateway.RefundWord) bool) (providertest.Post, gateway.RefundWord) {
	t.Helper()
	var word gateway.RefundWord
	post := s.world.Far.Next(t, func(p providertest.Post) bool {
		if err := s.Verify(s.account, gateway.Post(p), s.world.Now()); err != nil {
			t.Errorf("a notice from the gateway itself: %v", err)
		}
		kept, err := provider.ParseKept(gateway.Post(p).Kept())
		if err != nil {
			t.Fatal(err)
		}
		news, err := s.Read(s.account, kept)
		if err != nil {
			t.Errorf("a notice from the gateway itself: %v", err)
		}
		for _, w := range news.Refunds {
			if want(w) {
				word = w
				return true
			}
		}
		return false
	})
	return post, word
}

// Money goes back, and paylink does not hear of it, or hears different things on its two ears.
func refundFull(t *testing.T, s suite) {
	if r, _ := s.refunder(); r == nil {
		return
	}
	of := s.paid(t)
	r := s.giveBack(of, of.Amount.Minor)
	if w := s.refund(t, r); w.Status != paylink.RefundSucceeded && w.Status != paylink.RefundPending {
		t.Errorf("a refund that nothing stands against answers %+v", w)
	}
	s.ends(t, r, paylink.RefundSucceeded)
}

// The parts of a payment are refused, or together are more than the customer paid.
func refundParts(t *testing.T, s suite) {
	refunds, world := s.refunder()
	if refunds == nil {
		return
	}
	of := s.paid(t)
	tooMuch := s.giveBack(of, of.Amount.Minor+1)
	if _, err := refunds.Refund(t.Context(), s.account, tooMuch); providertest.Ending(err) != "rejected" {
		t.Errorf("a refund of more than was paid ended %q, want rejected", providertest.Ending(err))
	}
	for _, part := range []int64{of.Amount.Minor / 2, of.Amount.Minor/2 - 1} {
		r := s.giveBack(of, part)
		s.refund(t, r)
		s.ends(t, r, paylink.RefundSucceeded)
	}
	beyond := s.giveBack(of, 2)
	if _, err := refunds.Refund(t.Context(), s.account, beyond); world.Late && err == nil {
		s.ends(t, beyond, paylink.RefundFailed)
	} else if providertest.Ending(err) != "rejected" {
		t.Errorf("a part beyond what is left ended %q, want rejected", providertest.Ending(err))
	}
	rest := s.giveBack(of, of.Amount.Minor-of.Amount.Minor/2-(of.Amount.Minor/2-1))
	s.refund(t, rest)
	s.ends(t, rest, paylink.RefundSucceeded)
}

// An answer was lost, the refund is begun again, and the customer has the money twice.
func refundTwice(t *testing.T, s suite) {
	refunds, world := s.refunder()
	if refunds == nil || !world.Repeats {
		return // the step looks up what it does not know before it tries again
	}
	of := s.paid(t)
	r := s.giveBack(of, 100)
	first, second := s.refund(t, r), s.refund(t, r)
	if first.GatewayReference != second.GatewayReference {
		t.Errorf("the same reference again is the refund %s, before %s", second.GatewayReference, first.GatewayReference)
	}
	r.Amount.Minor++
	if _, err := refunds.Refund(t.Context(), s.account, r); providertest.Ending(err) != "rejected" {
		t.Errorf("the same reference with another amount ended %q, want rejected", providertest.Ending(err))
	}
}

// A refund that never reached the gateway stays "unknown" for ever, and the customer waits.
func refundUnknown(t *testing.T, s suite) {
	refunds, world := s.refunder()
	if refunds == nil {
		return
	}
	of := s.paid(t)
	_, err := refunds.LookupRefund(t.Context(), s.account, s.giveBack(of, 100))
	if world.Deaf && !world.Repeats && providertest.Ending(err) != "unknown" || (!world.Deaf || world.Repeats) && !paylink.IsNotFound(err) {
		t.Errorf("look-up of a refund that was never begun: %v", err)
	}
	if !world.Deaf {
		return
	}
	begun := s.giveBack(of, 200)
	begun.Order = s.refund(t, begun).GatewayReference
	if _, err := refunds.LookupRefund(t.Context(), s.account, begun); providertest.Ending(err) != "unknown" {
		t.Errorf("look-up of a refund at a gateway that cannot be asked: %v", err)
	}
}

// One merchant gives another's money away, or reads of it, with credentials of its own.
func refundStrangers(t *testing.T, s suite) {
	refunds, world := s.refunder()
	if refunds == nil {
		return
	}
	of := s.paid(t)
	r := s.giveBack(of, 100)
	if w, err := refunds.Refund(t.Context(), s.world.Stranger, r); providertest.Ending(err) != "rejected" {
		t.Errorf("another account's refund of our payment: %+v (%v), want rejected", w, err)
	}
	s.refund(t, r)
	if w, err := refunds.LookupRefund(t.Context(), s.world.Stranger, r); !world.Deaf && !paylink.IsNotFound(err) {
		t.Errorf("another account's look-up of our refund: %+v (%v), want *NotFound", w, err)
	}
}

// A refund is begun twice, or given up while the bank is sending the money.
func refundEndings(t *testing.T, s suite) {
	refunds, world := s.refunder()
	if refunds == nil {
		return
	}
	of := s.paid(t)
	providertest.Calling(t, s.world.Far, s.account, func(ctx context.Context, a gateway.Account) error {
		_, err := refunds.Refund(ctx, a, s.giveBack(of, 100))
		return err
	})
	if world.Deaf {
		return
	}
	r := s.giveBack(of, 100)
	r.Order = s.refund(t, r).GatewayReference
	providertest.Calling(t, s.world.Far, s.account, func(ctx context.Context, a gateway.Account) error {
		_, err := refunds.LookupRefund(ctx, a, r)
		return err
	})
}
