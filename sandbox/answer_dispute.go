package sandbox

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"paylink"
)

// maxEvidence bounds a request about a dispute: its receipt is a file, written in base64.
const maxEvidence = 4 << 20

// evidence is what the merchant says for itself.
type evidence struct {
	Summary       string    `json:"summary"`
	Description   string    `json:"description"`
	CustomerName  string    `json:"customer_name"`
	CustomerEmail string    `json:"customer_email"`
	CustomerIP    string    `json:"customer_ip"`
	DeliveredAt   time.Time `json:"delivered_at"`
	Receipt       []byte    `json:"receipt"`
	ReceiptType   string    `json:"receipt_type"`
}

// listDisputes answers the disputes of an account that changed since a time, the oldest change first.
func (s *Sandbox) listDisputes(w http.ResponseWriter, r *http.Request) {
	account, ok := s.login(w, r)
	if !ok {
		return
	}
	since, err := time.Parse(time.RFC3339Nano, cmp.Or(r.URL.Query().Get("cursor"), r.URL.Query().Get("since")))
	if err != nil {
		gatewayError(w, http.StatusUnprocessableEntity, "invalid_value", "The value of since or cursor cannot be.")
		return
	}
	s.mu.Lock()
	var changed []disputeWord
	for _, d := range s.world.disputes {
		if d.Account == account && !d.ChangedAt.Before(since) {
			changed = append(changed, d.word())
		}
	}
	s.mu.Unlock()
	slices.SortFunc(changed, func(a, b disputeWord) int { return a.At.Compare(b.At) })
	page := struct {
		Disputes []disputeWord `json:"disputes"`
		Next     string        `json:"next"` // the cursor of the page after; empty: this is the last
	}{Disputes: changed[:min(len(changed), disputesOnPage)]}
	if len(changed) > disputesOnPage {
		page.Next = changed[disputesOnPage].At.Format(time.RFC3339Nano)
	}
	answer(w, http.StatusOK, page)
}

// takeEvidence sends the merchant's answer to the bank, once.
func (s *Sandbox) takeEvidence(w http.ResponseWriter, r *http.Request) {
	account, ok := s.login(w, r)
	if !ok {
		return
	}
	var said evidence
	if !s.readJSON(w, r, &said) {
		return
	}
	if strings.TrimSpace(said.Summary) == "" || len(said.Summary) > 80_000 {
		gatewayError(w, http.StatusUnprocessableEntity, "invalid_value", "The value of summary cannot be.")
		return
	}
	s.answerDispute(w, account, r.PathValue("id"), paylink.DisputeUnderReview, func(d *dispute) {
		d.Evidence, d.Receipt = said.Summary, len(said.Receipt)
	})
}

// acceptDispute lets the customer have the money.
func (s *Sandbox) acceptDispute(w http.ResponseWriter, r *http.Request) {
	if account, ok := s.login(w, r); ok {
		s.answerDispute(w, account, r.PathValue("id"), paylink.DisputeAccepted, func(*dispute) {})
	}
}

func (s *Sandbox) answerDispute(w http.ResponseWriter, account, id string, status paylink.DisputeStatus, note func(*dispute)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.world.dispute(id)
	switch {
	case d == nil || d.Account != account:
		gatewayError(w, http.StatusNotFound, "dispute_unknown", "There is no such dispute.")
	case !d.open(s.now()):
		gatewayError(w, http.StatusConflict, "dispute_answered", "This dispute takes no answer any more.")
	default:
		note(d)
		s.moveDispute(d, status, s.now())
		s.log.Info("sandbox.dispute_answered", "dispute", d.ID, "account", account, "status", d.Status)
		answer(w, http.StatusOK, d.word())
	}
}

// disputeOrder is a button of the phone page, and a call for programs: the customer objects to a payment.
func (s *Sandbox) disputeOrder(w http.ResponseWriter, r *http.Request) {
	reason := cmp.Or(r.FormValue("reason"), paylink.DisputeReasons[0])
	s.mu.Lock()
	var word disputeWord
	o := s.seenOrder(r)
	trouble, err := "gone", error(&paylink.NotFound{Kind: "order", ID: r.PathValue("page")})
	if o != nil && slices.Contains(paylink.DisputeReasons, reason) {
		var d *dispute
		trouble = "dispute"
		if d, err = s.object(o, reason, s.now()); err == nil {
			trouble, word = "", d.word()
		}
	}
	s.mu.Unlock()
	s.switched(w, r, trouble, err, word)
}

// decideDispute is a button of the phone page, and a call for programs: the bank decides, whether the merchant
// has answered or not, and may change its mind.
func (s *Sandbox) decideDispute(w http.ResponseWriter, r *http.Request) {
	status := paylink.DisputeStatus(r.FormValue("outcome"))
	s.mu.Lock()
	d := s.world.dispute(r.PathValue("id"))
	var word disputeWord
	trouble, err := "", error(nil)
	switch {
	case d == nil || !sees(merchantOf(r), d.Account) || status != paylink.DisputeWon && status != paylink.DisputeLost:
		trouble, err = "gone", &paylink.NotFound{Kind: "dispute", ID: r.PathValue("id")}
	case !paylink.DisputeMachine.Can(d.Status, status):
		trouble, err = "dispute", &paylink.Conflict{Code: "dispute_decided", Detail: troubles["dispute"], Other: d.ID}
	default:
		s.moveDispute(d, status, s.now())
		word = d.word()
	}
	s.mu.Unlock()
	s.switched(w, r, trouble, err, word)
}

// seenOrder finds the order that a switch is for, by its page or its reference, among those that the request
// may see; nil: there is none. The caller holds s.mu.
func (s *Sandbox) seenOrder(r *http.Request) *order {
	name := r.PathValue("page")
	for _, o := range s.world.orders {
		if (o.Page == name || o.Reference == name) && sees(merchantOf(r), o.Account) {
			return o
		}
	}
	return nil
}

// switched answers a switch: a browser goes back to the phone page, a program is told.
func (s *Sandbox) switched(w http.ResponseWriter, r *http.Request, trouble string, err error, now any) {
	switch {
	case wantsPage(r):
		s.backToPhone(w, r, trouble)
	case err != nil:
		s.refuse(w, err)
	default:
		answer(w, http.StatusOK, now)
	}
}
