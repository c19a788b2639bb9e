package sandbox

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"paylink"
)

// refund is money that a merchant gives back.
type refund struct {
	ID        string // sbx_rfd_…
	Account   string
	Reference string // the merchant's; empty: begun at the gateway's own pages
	Order     string // our page of the order, by which it is found
	Of        string // the order's reference
	Payment   string // sbx_pay_…: the debit that it is taken from
	Amount    paylink.Money
	Reason    string
	Instant   bool

	Status        paylink.RefundStatus // pending, succeeded, failed
	Fate          refundFate
	Silent        bool      // the bank has it and nobody is told
	DueAt         time.Time // when its fate goes on; zero: it has ended, or waits for a button
	BankReference string
	Code, Message string
	MadeAt        time.Time
	ChangedAt     time.Time
}

// refundRequest is what a merchant's gateway client sends.
type refundRequest struct {
	Reference string           `json:"reference"`
	Payment   string           `json:"payment"` // the gateway's name for the payment; empty: the order's first
	Of        string           `json:"of"`      // the order's reference, where Payment is empty
	Amount    int64            `json:"amount"`
	Currency  paylink.Currency `json:"currency"`
	Reason    string           `json:"reason"`
	Instant   bool             `json:"instant"`
}

// refundWord is what the gateway says about a refund, in a notice and in a look-up.
type refundWord struct {
	ID            string               `json:"id"`
	Reference     string               `json:"reference"`
	Of            string               `json:"of"`
	Payment       string               `json:"payment"`
	Amount        int64                `json:"amount"`
	Currency      paylink.Currency     `json:"currency"`
	Status        paylink.RefundStatus `json:"status"`
	Code          string               `json:"code"`
	Message       string               `json:"message"`
	BankReference string               `json:"bank_reference"`
	Fee           int64                `json:"fee"`
	Tax           int64                `json:"tax"`
	At            time.Time            `json:"at"`
}

func (f *refund) word() refundWord {
	w := refundWord{
		ID: f.ID, Reference: f.Reference, Of: f.Of, Payment: f.Payment, Amount: f.Amount.Minor, Currency: f.Amount.Currency,
		Status: f.Status, Code: f.Code, Message: f.Message, BankReference: f.BankReference, At: f.ChangedAt,
	}
	if f.Instant {
		w.Fee = f.Amount.Minor / 100 // 1 %, rounded down
		w.Tax = w.Fee * 18 / 100     // GST on the fee, rounded down
	}
	return w
}

// createRefund takes a refund, or answers the one that it has under this reference.
func (s *Sandbox) createRefund(w http.ResponseWriter, r *http.Request) {
	account, ok := s.login(w, r)
	if !ok {
		return
	}
	var req refundRequest
	if !s.readJSON(w, r, &req) {
		return
	}
	if !referenceForm.MatchString(req.Reference) || req.Amount <= 0 || req.Amount > paylink.MaxMinor || len(req.Reason) > 100 {
		gatewayError(w, http.StatusUnprocessableEntity, "invalid_value", "The reference, the amount or the reason cannot be.")
		return
	}
	s.mu.Lock()
	f, fresh, code := s.takeRefund(account, req, "")
	var told refundWord
	silent := false
	if f != nil {
		told, silent = f.word(), f.Silent
	}
	s.mu.Unlock()
	switch {
	case code == "payment_unknown":
		gatewayError(w, http.StatusUnprocessableEntity, code, "There is no such payment.")
	case code != "":
		gatewayError(w, http.StatusUnprocessableEntity, code, "The payment cannot be refunded by this amount.")
	case told.Amount != req.Amount || told.Currency != req.Currency || (req.Payment != "" && told.Payment != req.Payment):
		gatewayError(w, http.StatusConflict, "reference_in_use", "This reference stands for another refund.")
	case silent:
		gatewayError(w, http.StatusGatewayTimeout, "bank_silent", "The bank has not answered.")
	case fresh:
		s.log.Info("sandbox.refunded", "refund", told.ID, "account", account, "status", told.Status)
		answer(w, http.StatusCreated, told)
	default:
		answer(w, http.StatusOK, told)
	}
}

// takeRefund remembers a refund, or gives the one under this reference. A code is a refusal. An empty
// outcome is the usual one, by amount or by switch. The caller holds s.mu.
func (s *Sandbox) takeRefund(account string, req refundRequest, outcome refundFate) (f *refund, fresh bool, code string) {
	for _, known := range s.world.refunds {
		if known.Account == account && known.Reference == req.Reference && req.Reference != "" {
			return known, false, ""
		}
	}
	o, payment := s.world.paid(account, req)
	if o == nil {
		return nil, false, "payment_unknown"
	}
	left := cmp.Or(o.Captured, o.Amount.Minor)
	for _, other := range s.world.refunds {
		if other.Payment == payment && other.Status != paylink.RefundFailed {
			left -= other.Amount.Minor
		}
	}
	switch {
	case o.Status != paylink.PaymentCaptured:
		return nil, false, "not_captured"
	case req.Currency != o.Amount.Currency:
		return nil, false, "wrong_currency"
	case req.Amount > left:
		return nil, false, "refund_too_large"
	}
	now := s.now()
	f = &refund{
		ID: newID("sbx_rfd"), Account: account, Reference: req.Reference, Order: o.Page, Of: o.Reference, Payment: payment,
		Amount: paylink.Money{Minor: req.Amount, Currency: req.Currency}, Reason: req.Reason, Instant: req.Instant, MadeAt: now,
	}
	f.Fate = outcome
	if f.Fate == "" {
		f.Fate = s.fateOf(account, req.Amount)
	}
	s.world.addRefund(f)
	s.beginRefund(f, now)
	return f, true, ""
}

// paid finds the order and the debit that a refund is about.
func (w *world) paid(account string, req refundRequest) (*order, string) {
	if req.Payment == "" {
		if o := w.byReference[[2]string{account, req.Of}]; o != nil {
			return o, o.Payment.ID
		}
		return nil, ""
	}
	for _, o := range slices.Backward(w.orders) {
		if o.Account == account && (o.Payment.ID == req.Payment || o.Second != nil && o.Second.ID == req.Payment) {
			return o, req.Payment
		}
	}
	return nil, ""
}

// lookUpRefund says where a refund stands. While the bank is silent, so is the gateway.
func (s *Sandbox) lookUpRefund(w http.ResponseWriter, r *http.Request) {
	account, ok := s.login(w, r)
	if !ok {
		return
	}
	s.mu.Lock()
	i := slices.IndexFunc(s.world.refunds, func(f *refund) bool {
		return f.Account == account && (f.ID == r.PathValue("reference") || f.Reference == r.PathValue("reference") && f.Reference != "")
	})
	var told refundWord
	silent := false
	if i >= 0 {
		told, silent = s.world.refunds[i].word(), s.world.refunds[i].Silent
	}
	s.mu.Unlock()
	switch {
	case i < 0:
		gatewayError(w, http.StatusNotFound, "refund_unknown", "There is no refund under this reference.")
	case silent:
		gatewayError(w, http.StatusGatewayTimeout, "bank_silent", "The bank has not answered.")
	default:
		answer(w, http.StatusOK, told)
	}
}
