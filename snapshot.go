package paylink

import (
	"cmp"
	"time"
)

// The snapshots are the public shapes of api.md with ids and masks in the place of personal data,
// and without the link's secrets. Events keep them; the API and webhooks add personal fields and
// secrets for those who may see them.

// LinkSnapshot is a payment link as it was at one moment.
type LinkSnapshot struct {
	ID               LinkID            `json:"id" doc:"plink_…"`
	Object           string            `json:"object" enum:"payment_link"`
	Livemode         bool              `json:"livemode"`
	Status           LinkStatus        `json:"status" enum:"pending,failed,partially_paid,paid,expired,cancelled"`
	Revision         int64             `json:"revision"`
	Amount           int64             `json:"amount" doc:"minor units; of line items: as they stand; 0 where the customer chooses"`
	Currency         Currency          `json:"currency"`
	AmountPaid       int64             `json:"amount_paid"`
	AmountAdded      int64             `json:"amount_added,omitempty" doc:"the part of amount_paid that is tips and the like, on top of what the link asks for"`
	AmountDiscounted int64             `json:"amount_discounted,omitempty" doc:"what discount codes took off; amount_due counts it as paid"`
	AmountDue        int64             `json:"amount_due" doc:"what is asked for next; where the customer chooses, the least"`
	AmountRefunded   int64             `json:"amount_refunded"`
	PaymentsCount    int64             `json:"payments_count"`
	Description      string            `json:"description"`
	Reference        string            `json:"reference"`
	Customer         *CustomerSnapshot `json:"customer"`
	Usage            UsageSnapshot     `json:"usage"`
	Totals           *Totals           `json:"totals,omitempty" doc:"what the line items come to, as they stand"`
	Channels         []Channel         `json:"channels"`
	Methods          []Method          `json:"methods"`
	OnLatePayment    Policy            `json:"on_late_payment"`
	OnDuplicate      Policy            `json:"on_duplicate"`
	ReturnURL        string            `json:"return_url"`
	Metadata         map[string]string `json:"metadata"`
	Notes            string            `json:"notes"`
	Hold             *HoldSnapshot     `json:"hold"`
	ArchivedAt       *time.Time        `json:"archived_at"`
	ReplacedBy       *LinkID           `json:"replaced_by"`
	NextInstalment   *Step             `json:"next_instalment,omitempty" doc:"of a plan: the first that is not paid; absent when there is none"`
	Promise          *Promise          `json:"promise,omitempty" doc:"the latest promise to pay, whatever became of it; absent: there was none"`
	OpenedAt         *time.Time        `json:"opened_at"`
	PaidAt           *time.Time        `json:"paid_at"`
	ExpiresAt        *time.Time        `json:"expires_at"`
	CreatedAt        time.Time         `json:"created_at"`
	UpdatedAt        time.Time         `json:"updated_at"`
	CreatedBy        string            `json:"created_by"`

	Refreshes         int64      `json:"refreshes,omitempty" minimum:"0" doc:"how often it was given new time because its customer asked, or by itself"`
	RefreshAskedAt    *time.Time `json:"refresh_requested_at,omitempty" doc:"since when the customer waits for your answer to a wish for new time"`
	RefreshDeclinedAt *time.Time `json:"refresh_declined_at,omitempty" doc:"when you declined to give it new time"`

	Terms
}

// UsageSnapshot is a link's usage; max_payments is null for a permanent link and for single use, and a
// cap that there is not is left out.
type UsageSnapshot struct {
	Mode           UsageMode `json:"mode" enum:"single,multi"`
	MaxPayments    *int64    `json:"max_payments"`
	MaxTotal       int64     `json:"max_total,omitempty" doc:"of all payments together, in minor units"`
	MaxPerCustomer int64     `json:"max_per_customer,omitempty" doc:"payments that one browser may make"`
}

// HoldSnapshot says why and since when a link takes no payment.
type HoldSnapshot struct {
	Reason HoldReason `json:"reason" enum:"tampered,paused,takedown,risk"`
	Since  time.Time  `json:"since"`
}

// CustomerSnapshot is the customer with masks in an event; the API and webhooks show the addresses
// themselves.
type CustomerSnapshot struct {
	ID     CustomerID `json:"id"`
	Name   string     `json:"name"`
	Phone  string     `json:"phone"`
	Email  string     `json:"email"`
	Locale string     `json:"locale"`
	TaxID  string     `json:"tax_id,omitempty"`
}

// PaymentSnapshot is a payment as it was at one moment.
type PaymentSnapshot struct {
	ID               PaymentID        `json:"id" doc:"pay_…"`
	Object           string           `json:"object" enum:"payment"`
	Livemode         bool             `json:"livemode"`
	LinkID           LinkID           `json:"link_id"`
	Status           PaymentStatus    `json:"status" enum:"created,action_required,pending,authorised,captured,failed,abandoned,voided,unknown"`
	Amount           int64            `json:"amount" doc:"minor units"`
	Currency         Currency         `json:"currency"`
	LineItems        []LineItem       `json:"line_items,omitempty" doc:"as the customer chose them"`
	Extras           *Extras          `json:"extras,omitempty" doc:"what the amount has in it beside what the link asks for"`
	TermsAcceptedAt  *time.Time       `json:"terms_accepted_at,omitempty" doc:"when the customer accepted the link's terms_url"`
	Answers          []AnswerSnapshot `json:"answers,omitempty" doc:"to the link's questions"`
	AmountCaptured   int64            `json:"amount_captured"`
	AmountExcess     int64            `json:"amount_excess,omitempty" doc:"the part of what was captured that does not count, although the rest does"`
	AmountRefunded   int64            `json:"amount_refunded"`
	AmountRefunding  int64            `json:"amount_refunding,omitempty" doc:"what refunds that have not ended are to give back"`
	AmountReversed   int64            `json:"amount_reversed"`
	Method           Method           `json:"method" enum:"card,upi,netbanking,cash,cheque,bank_transfer,other"`
	MethodDetails    MethodDetails    `json:"method_details"`
	Gateway          string           `json:"gateway"`
	AccountID        AccountID        `json:"account_id,omitempty" doc:"acct_…: your account with the gateway; absent: the money was taken outside, or the event is older"`
	Reference        string           `json:"reference"`
	GatewayReference string           `json:"gateway_reference"`
	BankReference    string           `json:"bank_reference"`
	Fee              int64            `json:"fee"`
	Tax              int64            `json:"tax"`
	Net              int64            `json:"net" doc:"captured less fee and tax"`
	Decline          *Decline         `json:"decline"`
	CaptureBefore    *time.Time       `json:"capture_before,omitempty" doc:"of reserved money: until when the customer's bank reserves it"`
	Intent           Intent           `json:"intent,omitempty" enum:"capture,void" doc:"of reserved money: what was asked to become of it; the gateway is being told"`
	IntentAmount     int64            `json:"intent_amount,omitempty" doc:"how much is being captured, in minor units"`
	Dispute          DisputeStatus    `json:"dispute,omitempty" enum:"needs_response,under_review,won,lost,accepted" doc:"where the customer's latest objection stands; absent: nobody objects"`
	AmountDisputed   int64            `json:"amount_disputed,omitempty" doc:"what the bank took back for disputes and has not returned, in minor units"`
	Abnormal         Abnormal         `json:"abnormal" doc:"late, duplicate, overpaid or underpaid, else empty"`
	Disposition      Policy           `json:"disposition" doc:"what was decided about abnormal money"`
	CreatedAt        time.Time        `json:"created_at"`
	UpdatedAt        time.Time        `json:"updated_at"`
	CapturedAt       *time.Time       `json:"captured_at"`
}

// MessageSnapshot is a message as it was at one moment; To is a mask.
type MessageSnapshot struct {
	ID          MessageID     `json:"id" doc:"msg_…"`
	LinkID      LinkID        `json:"link_id"`
	Channel     Channel       `json:"channel" enum:"sms,whatsapp,email,in_app"`
	Purpose     Purpose       `json:"purpose" enum:"requested,transactional,reminder,recovery,promotional" doc:"transactional: the request itself; requested: asked for by the customer just now; reminder: once more, later; recovery, promotional: as the link says"`
	Kind        TemplateKind  `json:"kind,omitempty" enum:"request,reminder,expiring,overdue,receipt,refund,code" doc:"in which words it is; absent: the request, or a reminder that is not written yet"`
	About       string        `json:"about,omitempty" maxLength:"40" doc:"of a receipt or refund notice: the payment or refund that it tells of"`
	Provider    string        `json:"provider"`
	To          string        `json:"to"`
	Status      MessageStatus `json:"status" enum:"scheduled,queued,sent,delivered,read,failed,blocked,skipped,unknown"`
	SentAt      *time.Time    `json:"sent_at"`
	DeliveredAt *time.Time    `json:"delivered_at"`
	ReadAt      *time.Time    `json:"read_at"`
	FailedAt    *time.Time    `json:"failed_at"`
	Error       string        `json:"error" doc:"the provider's code, or ours"`
	Reason      string        `json:"reason" doc:"the same in our words: invalid_address, throttled, provider_down, …; empty: there is no more to say"`

	Step   int64      `json:"step,omitempty" minimum:"1" maximum:"8" doc:"of a delivery plan: its place, from 1"`
	DueAt  *time.Time `json:"due_at,omitempty" doc:"of a delivery plan: when it goes out or went out, or would have"`
	Unless Unless     `json:"unless,omitempty" enum:"sent,delivered,read,opened" doc:"of a delivery plan: how far an earlier message must have come for it not to be needed"`
}

// RiskReason says what somebody did who was stopped.
type RiskReason string

// RiskProof is too many wrong proofs of whom a link is meant for.
const RiskProof RiskReason = "wrong_proofs"

// RiskSnapshot is what was stopped, and for how long.
type RiskSnapshot struct {
	Reason    RiskReason `json:"reason" enum:"wrong_proofs" doc:"what was done too often"`
	Until     time.Time  `json:"until" doc:"nothing of the kind is looked at before"`
	Everybody bool       `json:"everybody" doc:"for all browsers, not only for the one that did it"`
}

// Snapshot is the link for an event. customer is nil when the link has none; its fields are masked
// here.
func (l Link) Snapshot(customer *Customer) *LinkSnapshot {
	s := &LinkSnapshot{
		ID: l.ID, Object: "payment_link", Livemode: l.Live, Status: l.Status, Revision: l.Revision,
		Amount: l.Amount.Minor, Currency: l.Amount.Currency, AmountPaid: l.AmountPaid, AmountAdded: l.AmountAdded, AmountDiscounted: l.AmountDiscounted, AmountDue: l.AmountDue(), AmountRefunded: l.AmountRefunded,
		PaymentsCount: l.PaymentsCount, Description: l.Description, Reference: l.Reference,
		Usage: UsageSnapshot{Mode: l.Usage.Mode, MaxTotal: l.Usage.MaxTotal, MaxPerCustomer: l.Usage.MaxPerCustomer}, Terms: l.Terms, Channels: l.Channels, Methods: l.Methods,
		OnLatePayment: l.OnLate, OnDuplicate: l.OnDuplicate, ReturnURL: l.ReturnURL, Metadata: l.Metadata, Notes: l.Notes,
		ArchivedAt: timeOrNil(l.ArchivedAt), OpenedAt: timeOrNil(l.OpenedAt), PaidAt: timeOrNil(l.PaidAt),
		ExpiresAt: timeOrNil(l.ExpiresAt), CreatedAt: l.CreatedAt, UpdatedAt: l.UpdatedAt, CreatedBy: l.CreatedBy,
	}
	if step, ok := l.toldInstalment(); ok {
		s.NextInstalment = &step
	}
	s.Promise = l.Course.Promise
	if l.Usage.Mode == UsageMulti && l.Usage.MaxPayments > 0 {
		s.Usage.MaxPayments = &l.Usage.MaxPayments
	}
	s.Refreshes, s.RefreshAskedAt, s.RefreshDeclinedAt = l.Refreshes, timeOrNil(l.RefreshAskedAt), timeOrNil(l.RefreshDeclinedAt)
	if l.ReplacedBy != "" {
		s.ReplacedBy = &l.ReplacedBy
	}
	s.Restrict = l.Terms.Restrict.Shown()
	if t, err := TotalOf(l.Terms.Items); err == nil && len(l.Terms.Items) > 0 {
		s.Totals = &t
	}
	if l.Hold != "" {
		s.Hold = &HoldSnapshot{l.Hold, l.HoldSince}
	}
	if customer != nil {
		s.Customer = &CustomerSnapshot{
			ID: customer.ID, Name: MaskName(customer.Name), Phone: MaskAddress(customer.Phone), Email: MaskAddress(customer.Email), Locale: customer.Locale,
		}
	}
	return s
}

// Snapshot is the payment for an event and for the API: it holds no personal data.
func (p Payment) Snapshot() *PaymentSnapshot {
	s := &PaymentSnapshot{
		ID: p.ID, Object: "payment", Livemode: p.Live, LinkID: p.Link, Status: p.Status,
		Amount: p.Amount.Minor, Currency: p.Amount.Currency, AmountCaptured: p.AmountCaptured,
		LineItems: p.Items, TermsAcceptedAt: timeOrNil(p.TermsAccepted), Answers: answerSnapshots(p.Answers), AmountExcess: p.AmountExcess,
		AmountRefunded: p.AmountRefunded, AmountRefunding: p.AmountRefunding, AmountReversed: p.AmountReversed,
		Method: p.Method, MethodDetails: p.MethodDetails, Gateway: p.Gateway, AccountID: p.Account, Reference: p.Reference,
		GatewayReference: p.GatewayReference, BankReference: p.BankReference,
		Fee: p.Fee, Tax: p.Tax, Abnormal: p.Abnormal, Disposition: p.Disposition,
		CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt, CapturedAt: timeOrNil(p.CapturedAt),
	}
	s.CaptureBefore, s.Dispute, s.AmountDisputed = timeOrNil(p.CaptureBefore), p.Dispute, p.AmountDisputed
	if p.Status == PaymentAuthorised {
		s.Intent, s.IntentAmount = p.Intent, p.IntentAmount
	}
	if !p.Extras.IsZero() {
		s.Extras = &p.Extras
	}
	if p.AmountCaptured > 0 {
		s.Net = p.AmountCaptured - p.Fee - p.Tax
	}
	if p.Decline.Group != "" {
		s.Decline = &p.Decline
	}
	return s
}

// Snapshot is the message for an event, its address masked.
func (m Message) Snapshot() *MessageSnapshot {
	return &MessageSnapshot{
		ID: m.ID, LinkID: m.Link, Channel: m.Channel, Purpose: cmp.Or(m.Purpose, PurposeTransactional), Kind: m.Kind, About: m.About, Provider: m.Provider, To: MaskAddress(m.To), Status: m.Status,
		SentAt: timeOrNil(m.SentAt), DeliveredAt: timeOrNil(m.DeliveredAt), ReadAt: timeOrNil(m.ReadAt),
		FailedAt: timeOrNil(m.FailedAt), Error: m.ErrorCode, Reason: m.Reason,
		Step: m.Step, DueAt: timeOrNil(m.DueAt), Unless: m.Unless,
	}
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
