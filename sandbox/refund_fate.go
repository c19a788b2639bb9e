package sandbox

import (
	"net/http"
	"slices"
	"time"

	"paylink"
)

// refundFate is what the pretend bank does with a refund.
type refundFate string

const (
	refundSuccess    refundFate = "success"      // the customer has it at once
	refundPending    refundFate = "pending"      // and a while later the customer has it
	refundFail       refundFate = "fail"         // the bank refuses it
	refundFailAfter  refundFate = "fail_after"   // the customer has it, and a while later the bank sends it back
	refundUnknown    refundFate = "unknown"      // it is taken, and nobody is told for a while
	refundUndecided  refundFate = "undecided"    // pending until somebody decides
	refundNotAllowed            = "bank_refuses" // the code of a refund that failed
)

var fates = []refundFate{refundSuccess, refundPending, refundFail, refundFailAfter, refundUnknown, refundUndecided}

// fatesByAmount are amounts in minor units that a merchant can refund to see what happens; any other is
// a success, unless a switch says otherwise.
var fatesByAmount = map[int64]refundFate{191: refundPending, 192: refundFail, 193: refundFailAfter, 194: refundUnknown, 195: refundUndecided}

// fateOf takes the switch that was set for this account's merchant, or for everybody, or looks at the
// amount. The caller holds s.mu.
func (s *Sandbox) fateOf(account string, amount int64) refundFate {
	for _, who := range []paylink.MerchantID{merchant(account), ""} {
		if set, ok := s.world.nextRefund[who]; ok {
			delete(s.world.nextRefund, who)
			return set
		}
	}
	if f, ok := fatesByAmount[amount]; ok {
		return f
	}
	return refundSuccess
}

// beginRefund lets the bank answer for the first time. The caller holds s.mu.
func (s *Sandbox) beginRefund(f *refund, now time.Time) {
	switch f.Fate {
	case refundSuccess:
		s.moveRefund(f, paylink.RefundSucceeded, now)
	case refundFailAfter:
		f.DueAt = now.Add(s.cfg.LateAfter)
		s.moveRefund(f, paylink.RefundSucceeded, now)
	case refundFail:
		s.moveRefund(f, paylink.RefundFailed, now)
	case refundUnknown:
		f.Silent, f.DueAt = true, now.Add(s.cfg.LateAfter)
		s.moveRefund(f, paylink.RefundPending, now)
	case refundPending:
		f.DueAt = now.Add(s.cfg.LateAfter)
		s.moveRefund(f, paylink.RefundPending, now)
	default:
		s.moveRefund(f, paylink.RefundPending, now)
	}
	s.expectRefund(f)
}

// moveRefund gives a refund its next status and tells of it. The caller holds s.mu.
func (s *Sandbox) moveRefund(f *refund, to paylink.RefundStatus, now time.Time) {
	f.Status, f.ChangedAt, f.Code, f.Message = to, now, "", ""
	switch to {
	case paylink.RefundSucceeded:
		f.BankReference = digits(12)
	case paylink.RefundFailed:
		f.Code, f.Message = refundNotAllowed, "The customer's bank did not take the money."
	}
	s.write(record{Refund: f})
	if o := s.world.byPage[f.Order]; o != nil && !f.Silent {
		s.post("sbx_ntc", f.Account, o.NotifyURL, o.Page, "refund."+string(f.Status), f.word(), now)
	}
	s.changed(f.Account)
}

// expectRefund puts what is still to come on the agenda. The caller holds s.mu.
func (s *Sandbox) expectRefund(f *refund) {
	if f.DueAt.IsZero() {
		return
	}
	due := f.DueAt
	s.acts.add(entry{due: due, act: func(now time.Time) {
		if !f.DueAt.Equal(due) {
			return // decided by a button meanwhile
		}
		f.DueAt, f.Silent = time.Time{}, false
		to := paylink.RefundSucceeded
		if f.Fate == refundFailAfter {
			to = paylink.RefundFailed
		}
		s.moveRefund(f, to, now)
	}})
	s.ring()
}

// listRefunds shows what merchants gave back, the newest first.
func (s *Sandbox) listRefunds(w http.ResponseWriter, r *http.Request) {
	list := struct {
		Data []refundWord `json:"data"`
	}{[]refundWord{}}
	s.mu.Lock()
	for _, f := range slices.Backward(s.world.refunds) {
		if sees(merchantOf(r), f.Account) && len(list.Data) < 100 {
			list.Data = append(list.Data, f.word())
		}
	}
	s.mu.Unlock()
	answer(w, http.StatusOK, list)
}

// refundElsewhere begins a refund as somebody would at the gateway's own pages: paylink hears of it by a
// notice only.
func (s *Sandbox) refundElsewhere(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Of      string     `json:"of"` // the payment's reference
		Payment string     `json:"payment"`
		Amount  int64      `json:"amount"`
		Outcome refundFate `json:"outcome"`
	}
	if !s.readJSON(w, r, &req) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.world.orders, func(o *order) bool { return o.Reference == req.Of && sees(merchantOf(r), o.Account) })
	if i < 0 || req.Outcome != "" && !slices.Contains(fates, req.Outcome) {
		s.refuse(w, &paylink.NotFound{Kind: "payment", ID: req.Of})
		return
	}
	o := s.world.orders[i]
	f, _, code := s.takeRefund(o.Account, refundRequest{Of: req.Of, Payment: req.Payment, Amount: req.Amount, Currency: o.Amount.Currency}, req.Outcome)
	if code != "" || req.Amount <= 0 {
		s.refuse(w, &paylink.Conflict{Code: code, Detail: "The payment cannot be refunded by this amount.", Other: o.ID})
		return
	}
	answer(w, http.StatusCreated, f.word())
}

// decideRefund is the bank's answer by hand: for one refund, or for the next of this merchant.
func (s *Sandbox) decideRefund(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Outcome refundFate `json:"outcome"`
	}
	if !s.readJSON(w, r, &req) {
		return
	}
	if !slices.Contains(fates, req.Outcome) {
		wrong := &paylink.Invalid{}
		wrong.Add("/outcome", "unknown_outcome", "One of success, pending, fail, fail_after, unknown, undecided.")
		s.refuse(w, wrong)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := r.PathValue("id")
	if id == "next" {
		s.world.nextRefund[merchantOf(r)] = req.Outcome
		answer(w, http.StatusOK, req)
		return
	}
	i := slices.IndexFunc(s.world.refunds, func(f *refund) bool { return f.ID == id && sees(merchantOf(r), f.Account) })
	if i < 0 {
		s.refuse(w, &paylink.NotFound{Kind: "refund", ID: id})
		return
	}
	f, to := s.world.refunds[i], paylink.RefundSucceeded
	if req.Outcome == refundFail {
		to = paylink.RefundFailed
	}
	if !paylink.RefundMachine.Can(f.Status, to) {
		s.refuse(w, &paylink.Conflict{Code: "refund_settled", Detail: "The bank has already given its final answer.", Other: f.ID})
		return
	}
	f.DueAt, f.Silent = time.Time{}, false
	s.moveRefund(f, to, s.now())
	answer(w, http.StatusOK, f.word())
}
