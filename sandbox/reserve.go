package sandbox

import (
	"net/http"
	"time"

	"paylink"
)

// reserve holds the customer's money for the merchant. The caller holds s.mu.
func (s *Sandbox) reserve(o *order, now time.Time) {
	o.Status, o.ReservedUntil = paylink.PaymentAuthorised, now.Add(s.cfg.ReserveFor)
	o.Payment.Decline, o.Payment.BankReference, o.Payment.At = nil, digits(12), now
	s.arrangeLapse(o)
	s.notify(o, o.Payment, now)
}

// arrangeLapse puts the end of a reservation on the agenda. The caller holds s.mu.
func (s *Sandbox) arrangeLapse(o *order) {
	due := o.ReservedUntil
	s.acts.add(entry{due: due, act: func(now time.Time) {
		if o.Status == paylink.PaymentAuthorised && o.ReservedUntil.Equal(due) {
			s.giveBack(o, now)
		}
	}})
	s.ring()
}

// giveBack ends a reservation without a capture. The caller holds s.mu.
func (s *Sandbox) giveBack(o *order, now time.Time) {
	o.Status, o.Payment.At = paylink.PaymentVoided, now
	s.notify(o, o.Payment, now)
	s.keepOrder(o, now)
}

// CaptureRefused is the amount in minor units of a capture that is refused, whatever is reserved, so that
// merchants see what they do then; the money stays reserved.
const CaptureRefused = 196

// captureRequest is how much of a reservation the merchant takes; the rest is given back.
type captureRequest struct {
	Amount   int64            `json:"amount"`
	Currency paylink.Currency `json:"currency"`
}

// captureOrder takes reserved money. The same capture again answers the same.
func (s *Sandbox) captureOrder(w http.ResponseWriter, r *http.Request) {
	account, ok := s.login(w, r)
	if !ok {
		return
	}
	var req captureRequest
	if !s.readJSON(w, r, &req) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.world.byReference[[2]string{account, r.PathValue("reference")}]
	switch {
	case o == nil:
		gatewayError(w, http.StatusNotFound, "order_unknown", "There is no order under this reference.")
		return
	case req.Currency != o.Amount.Currency || req.Amount <= 0 || req.Amount > o.Amount.Minor:
		gatewayError(w, http.StatusUnprocessableEntity, "amount_not_reserved", "That is not an amount that was reserved.")
		return
	case o.Manual && o.Status == paylink.PaymentCaptured && req.Amount == o.Captured: // told once more
	case o.Status != paylink.PaymentAuthorised:
		gatewayError(w, http.StatusConflict, "nothing_reserved", "No money is reserved for this order.")
		return
	case req.Amount == CaptureRefused:
		gatewayError(w, http.StatusUnprocessableEntity, "capture_refused", "The bank does not give this money now.")
		return
	default:
		o.Captured = req.Amount
		o.Status, o.Payment.At = paylink.PaymentCaptured, s.now()
		s.notify(o, o.Payment, s.now())
		s.keepOrder(o, s.now())
		s.log.Info("sandbox.captured", "order", o.ID, "account", account)
	}
	answer(w, http.StatusOK, wordOn(*o, o.Payment))
}

// voidOrder gives reserved money back. The same again answers the same.
func (s *Sandbox) voidOrder(w http.ResponseWriter, r *http.Request) {
	account, ok := s.login(w, r)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.world.byReference[[2]string{account, r.PathValue("reference")}]
	switch {
	case o == nil:
		gatewayError(w, http.StatusNotFound, "order_unknown", "There is no order under this reference.")
		return
	case o.Status == paylink.PaymentVoided: // told once more
	case o.Status != paylink.PaymentAuthorised:
		gatewayError(w, http.StatusConflict, "nothing_reserved", "No money is reserved for this order.")
		return
	default:
		s.giveBack(o, s.now())
		s.log.Info("sandbox.voided", "order", o.ID, "account", account)
	}
	answer(w, http.StatusOK, wordOn(*o, o.Payment))
}

// lapseOrder is a button of the phone page, and a call for programs: the bank gives a reservation back before
// its time.
func (s *Sandbox) lapseOrder(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	o := s.seenOrder(r)
	var now word
	trouble, err := "", error(nil)
	switch {
	case o == nil:
		trouble, err = "gone", &paylink.NotFound{Kind: "order", ID: r.PathValue("page")}
	case o.Status != paylink.PaymentAuthorised:
		trouble, err = "settled", &paylink.Conflict{Code: "nothing_reserved", Detail: "No money is reserved for this order.", Other: o.ID}
	default:
		s.giveBack(o, s.now())
		now = wordOn(*o, o.Payment)
	}
	s.mu.Unlock()
	s.switched(w, r, trouble, err, now)
}
