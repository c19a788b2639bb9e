package sandbox

import (
	"cmp"
	"slices"
	"time"

	"paylink"
)

// What a dispute costs the merchant, in minor units, whoever wins; and how many stand on a page of the list.
const (
	disputeFee     = 1500
	disputesOnPage = 50
	maxDisputes    = 2_000
)

// dispute is a customer's objection to a captured payment.
type dispute struct {
	ID        string // sbx_dsp_…
	Account   string
	Page      string // of the order
	Reference string // of the order
	Payment   string // sbx_pay_…
	Amount    paylink.Money
	NotifyURL string
	Reason    string
	Status    paylink.DisputeStatus
	OpenedAt  time.Time
	DueAt     time.Time
	ChangedAt time.Time
	Evidence  string // the merchant's summary; empty: none was sent
	Receipt   int    // bytes of the receipt that came with it
}

// disputeWord is what the gateway says about a dispute, in a notice, in the list and in answers.
type disputeWord struct {
	ID        string                `json:"id"`
	Reference string                `json:"reference"`
	Payment   string                `json:"payment"`
	Amount    int64                 `json:"amount"`
	Currency  paylink.Currency      `json:"currency"`
	Status    paylink.DisputeStatus `json:"status"`
	Reason    string                `json:"reason"`
	Withdrawn bool                  `json:"withdrawn"`
	Fee       int64                 `json:"fee"`
	DueAt     time.Time             `json:"due_at"`
	At        time.Time             `json:"at"`
}

// word tells where a dispute stands. The money is with the merchant only while it has won.
func (d *dispute) word() disputeWord {
	return disputeWord{
		ID: d.ID, Reference: d.Reference, Payment: d.Payment, Amount: d.Amount.Minor, Currency: d.Amount.Currency,
		Status: d.Status, Reason: d.Reason, Withdrawn: d.Status != paylink.DisputeWon,
		Fee: min(disputeFee, d.Amount.Minor), DueAt: d.DueAt, At: d.ChangedAt,
	}
}

// open tells whether the merchant may still answer.
func (d *dispute) open(now time.Time) bool {
	return d.Status == paylink.DisputeNeedsResponse && now.Before(d.DueAt)
}

// view shows a dispute with what its bank may still decide.
func (d *dispute) view() disputeView {
	v := disputeView{ID: d.ID, Status: string(d.Status), Says: disputeSays[d.Status], Evidence: d.Evidence}
	for _, decision := range []paylink.DisputeStatus{paylink.DisputeWon, paylink.DisputeLost} {
		if paylink.DisputeMachine.Can(d.Status, decision) {
			v.Decisions = append(v.Decisions, decision)
		}
	}
	return v
}

// dispute finds one by its id; nil: there is none.
func (w *world) dispute(id string) *dispute {
	i := slices.IndexFunc(w.disputes, func(d *dispute) bool { return d.ID == id })
	if i < 0 {
		return nil
	}
	return w.disputes[i]
}

// disputeOf finds the newest dispute of an order; nil: nobody objected.
func (w *world) disputeOf(page string) *dispute {
	for _, d := range slices.Backward(w.disputes) {
		if d.Page == page {
			return d
		}
	}
	return nil
}

// object opens a dispute over a captured order: the bank takes the money back until it has decided. The
// caller holds s.mu. A *paylink.Conflict says that there is nothing to object to, or an objection already.
func (s *Sandbox) object(o *order, reason string, now time.Time) (*dispute, error) {
	if o.Status != paylink.PaymentCaptured || s.world.disputeOf(o.Page) != nil {
		return nil, &paylink.Conflict{Code: "not_disputable", Detail: troubles["dispute"], Other: o.ID}
	}
	d := &dispute{
		ID: newID("sbx_dsp"), Account: o.Account, Page: o.Page, Reference: o.Reference, Payment: o.Payment.ID,
		Amount:    paylink.Money{Minor: cmp.Or(o.Captured, o.Amount.Minor), Currency: o.Amount.Currency},
		NotifyURL: o.NotifyURL, Reason: reason, OpenedAt: now, DueAt: now.Add(s.cfg.AnswerWithin),
	}
	s.world.disputes = append(s.world.disputes, d)
	if len(s.world.disputes) > maxDisputes {
		s.world.disputes = s.world.disputes[1:]
	}
	s.moveDispute(d, paylink.DisputeNeedsResponse, now)
	s.arrangeSilence(d)
	return d, nil
}

// moveDispute gives a dispute a status and tells paylink. Changes are dated one after the other, because
// the list is asked for what changed since a moment. The caller holds s.mu.
func (s *Sandbox) moveDispute(d *dispute, status paylink.DisputeStatus, now time.Time) {
	d.Status, d.ChangedAt = status, now
	for _, other := range s.world.disputes {
		if other != d && !d.ChangedAt.After(other.ChangedAt) {
			d.ChangedAt = other.ChangedAt.Add(time.Microsecond)
		}
	}
	s.post("sbx_ntc", d.Account, d.NotifyURL, d.Page, "dispute."+string(status), d.word(), now)
	s.write(record{Dispute: d})
	s.changed(d.Account)
}

// arrangeSilence puts the end of the time to answer on the agenda: who is silent has lost. The caller
// holds s.mu.
func (s *Sandbox) arrangeSilence(d *dispute) {
	s.acts.add(entry{due: d.DueAt, act: func(now time.Time) {
		if d.Status == paylink.DisputeNeedsResponse {
			s.moveDispute(d, paylink.DisputeLost, now)
		}
	}})
	s.ring()
}
