package api

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"paylink"
	"paylink/token"
)

// linkView is a link as its merchant sees it: the snapshot, with the customer's own details in the
// place of the masks, and with the link's secrets.
type linkView struct {
	paylink.LinkSnapshot
	URL        string         `json:"url" doc:"opens the payment page: as secret as the code in it"`
	Code       string         `json:"code" doc:"22 characters; whoever has it can open the page"`
	Token      string         `json:"token,omitempty" doc:"at creation and with include=token: the signed terms of this revision"`
	Deliveries *[]messageView `json:"deliveries,omitempty" doc:"the messages that carry the link; absent after a change"`
	Payments   *[]paymentView `json:"payments,omitempty" doc:"the last 10, newest first; absent after a change, and in lists without include=payments"`

	Timeline    *[]eventView `json:"timeline,omitempty" doc:"with include=timeline of one link: what happened, in its order"`
	LockedUntil *time.Time   `json:"proof_locked_until,omitempty" doc:"of one restricted link: until when wrong proofs keep it, or one browser, locked; absent: it is not"`

	// It stands in the place of the snapshot's bare rules.
	Reminders []reminderView `json:"reminders,omitempty" doc:"further messages and what becomes of them"`

	// It stands in the place of the snapshot's bare plan.
	Delivery *planView `json:"delivery,omitempty" doc:"the steps in which it is sent, and what becomes of them; absent: on all of its channels at once"`
}

// messageView is one message on its way to the customer.
type messageView struct {
	ID          paylink.MessageID     `json:"id" doc:"msg_…"`
	Channel     paylink.Channel       `json:"channel" enum:"sms,whatsapp,email,in_app"`
	Purpose     paylink.Purpose       `json:"purpose" enum:"requested,transactional,reminder,recovery,promotional" doc:"transactional: the request itself; requested: asked for by the customer just now; reminder: once more, later; recovery, promotional: as the link says"`
	Kind        paylink.TemplateKind  `json:"kind" enum:"request,reminder,expiring,overdue,receipt,refund,code" doc:"in which words it is; of a reminder that waits, reminder"`
	About       string                `json:"about,omitempty" maxLength:"40" doc:"of a receipt or refund notice: the payment or refund that it tells of"`
	Provider    string                `json:"provider" doc:"who carries it; empty until it is handed over"`
	To          string                `json:"to" doc:"the address; for in_app the customer's id"`
	Status      paylink.MessageStatus `json:"status" enum:"scheduled,queued,sent,delivered,read,failed,blocked,skipped,unknown"`
	SentAt      *time.Time            `json:"sent_at"`
	DeliveredAt *time.Time            `json:"delivered_at"`
	ReadAt      *time.Time            `json:"read_at"`
	FailedAt    *time.Time            `json:"failed_at"`
	Error       string                `json:"error" doc:"the provider's code, or ours"`
	Reason      string                `json:"reason" doc:"the same in our words, as of an attempt; empty: there is no more to say"`
	Attempts    *[]attemptView        `json:"attempts,omitempty" doc:"with include=attempts: each call to a provider, in its order"`

	Step   int64          `json:"step,omitempty" minimum:"1" maximum:"8" doc:"of a delivery plan: its place, from 1"`
	DueAt  *time.Time     `json:"due_at,omitempty" doc:"of a delivery plan: when it goes out or went out, or would have; in test mode by the sandbox clock"`
	Unless paylink.Unless `json:"unless,omitempty" enum:"sent,delivered,read,opened" doc:"of a delivery plan: how far an earlier message must have come for it not to be needed"`
}

type paymentView = paylink.PaymentSnapshot

// view renders a link. Lists that are not known yet are empty, never null.
func (a *API) view(l paylink.Link, customer *paylink.Customer) (linkView, error) {
	code, err := token.CodeFor(a.Ring, l.CodeKey, l.CodeSlot)
	if err != nil {
		return linkView{}, fmt.Errorf("render link %s: %w", l.ID, err)
	}
	v := linkView{LinkSnapshot: *l.Snapshot(nil), Code: code, URL: a.PublicURL + "/" + code}
	v.Delivery = viewPlan(l, nil)
	if v.Channels == nil {
		v.Channels = []paylink.Channel{}
	}
	if v.Methods == nil {
		v.Methods = []paylink.Method{}
	}
	if v.Metadata == nil {
		v.Metadata = map[string]string{}
	}
	if customer != nil {
		v.Customer = &paylink.CustomerSnapshot{
			ID: customer.ID, Name: customer.Name, Phone: customer.Phone, Email: customer.Email, Locale: customer.Locale, TaxID: customer.TaxID,
		}
	}
	return v, nil
}

func viewMessage(m paylink.Message) messageView {
	return messageView{
		ID: m.ID, Channel: m.Channel, Purpose: cmp.Or(m.Purpose, paylink.PurposeTransactional), Kind: m.Words(), About: m.About, Provider: m.Provider, To: m.To, Status: m.Status, Error: m.ErrorCode, Reason: m.Reason,
		SentAt: timeOrNil(m.SentAt), DeliveredAt: timeOrNil(m.DeliveredAt), ReadAt: timeOrNil(m.ReadAt), FailedAt: timeOrNil(m.FailedAt),
		Step: m.Step, DueAt: timeOrNil(m.DueAt), Unless: m.Unless,
	}
}

// viewPayment renders a payment with what the customer answered.
func (a *API) viewPayment(p paylink.Payment) (paymentView, error) {
	replies, err := p.Replies(a.Ring.Unseal)
	return p.Snapshot().WithReplies(replies), err
}

func (a *API) viewPayments(payments []paylink.Payment) ([]paymentView, error) {
	views := make([]paymentView, 0, len(payments))
	for _, p := range payments {
		v, err := a.viewPayment(p)
		if err != nil {
			return nil, err
		}
		views = append(views, v)
	}
	return views, nil
}

// etag is the link's revision, as If-Match names it.
func etag(revision int64) string { return strconv.Quote(strconv.FormatInt(revision, 10)) }

// timeOrNil gives null for the zero time.
func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
