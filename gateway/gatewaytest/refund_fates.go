package gatewaytest

import (
	"slices"
	"testing"

	"paylink"
	"paylink/gateway"
	"paylink/provider/providertest"
)

// fated begins a refund that the bank will do this with; ok is false where the far side cannot.
func (s suite) fated(t *testing.T, f Fate) (r gateway.Refund, w gateway.RefundWord, err error, ok bool) {
	t.Helper()
	refunds, world := s.refunder()
	if refunds == nil || !slices.Contains(world.Fates, f) {
		return r, w, nil, false
	}
	r = s.giveBack(s.paid(t), 10000)
	world.Next(t, f)
	w, err = refunds.Refund(t.Context(), s.account, r)
	return r, w, err, true
}

// A refund that the bank thinks about counts as done, or as lost.
func refundWaits(t *testing.T, s suite) {
	r, w, err, ok := s.fated(t, Waits)
	if !ok {
		return
	}
	if err != nil || w.Status != paylink.RefundPending {
		t.Fatalf("a refund that waits for the bank answers %+v (%v)", w, err)
	}
	s.about(t, r, w)
	s.ends(t, r, paylink.RefundSucceeded)
}

// The merchant believes that the customer has the money.
func refundRefused(t *testing.T, s suite) {
	r, w, err, ok := s.fated(t, Refuses)
	switch {
	case !ok:
	case err != nil && providertest.Ending(err) != "rejected":
		t.Errorf("a refund that the bank refuses ended %q, want rejected", providertest.Ending(err))
	case err == nil:
		s.about(t, r, w)
		if _, w = s.ends(t, r, paylink.RefundFailed); w.Code == "" {
			t.Errorf("a refund that the bank refuses is told without a reason: %+v", w)
		}
	}
}

// The bank sends the money back days later, and nobody learns that the customer never had it.
func refundSentBack(t *testing.T, s suite) {
	r, w, err, ok := s.fated(t, FailsLater)
	if !ok {
		return
	}
	if err != nil || w.Status == paylink.RefundFailed {
		t.Fatalf("a refund that is sent back later answers %+v (%v)", w, err)
	}
	s.about(t, r, w)
	if _, world := s.refunder(); !world.Silent {
		s.refundNotice(t, func(w gateway.RefundWord) bool {
			return w.Reference == r.Reference && w.Status == paylink.RefundSucceeded
		})
	}
	s.ends(t, r, paylink.RefundFailed)
}

// Somebody refunds at the gateway's own pages, and the books say that the merchant still has the money.
func refundElsewhere(t *testing.T, s suite) {
	refunds, world := s.refunder()
	if refunds == nil || world.Elsewhere == nil {
		return
	}
	of := s.paid(t)
	amount := paylink.Money{Minor: 12300, Currency: of.Amount.Currency}
	world.Elsewhere(t, of, amount)
	_, w := s.refundNotice(t, func(w gateway.RefundWord) bool { return w.Reference == "" && w.Status == paylink.RefundSucceeded })
	if w.Amount != amount || w.GatewayReference == "" || (w.Payment != of.Payment && w.Of != of.Reference) {
		t.Errorf("a refund begun at the gateway is told as %+v", w)
	}
}

// A notice is misread: money given back in the wrong amount.
func refundReading(t *testing.T, s suite) {
	refunds, world := s.refunder()
	if refunds == nil || world.Silent {
		return
	}
	of := s.paid(t)
	r := s.giveBack(of, of.Amount.Minor)
	s.refund(t, r)
	genuine, _ := s.ends(t, r, paylink.RefundSucceeded)
	read := func(body []byte) error {
		_, err := s.Read(s.account, gateway.Post{URL: genuine.URL, Header: genuine.Header, Body: body})
		return err
	}
	providertest.Reading(t, read, genuine.Body, world.Spoil(genuine.Body), SpoiledRefund...)
}
