package paylink

import (
	"encoding/json"
	"time"
)

// EventType is one of the names that webhooks carry.
type EventType string

const (
	EventLinkCreated          EventType = "payment_link.created"
	EventLinkSent             EventType = "payment_link.sent"
	EventLinkOpened           EventType = "payment_link.opened"
	EventLinkReminded         EventType = "payment_link.reminded"
	EventLinkPartiallyPaid    EventType = "payment_link.partially_paid"
	EventLinkPaid             EventType = "payment_link.paid"
	EventLinkFailed           EventType = "payment_link.failed"
	EventLinkExpiring         EventType = "payment_link.expiring"
	EventLinkExpired          EventType = "payment_link.expired"
	EventLinkAmended          EventType = "payment_link.amended"
	EventLinkRefreshed        EventType = "payment_link.refreshed"
	EventLinkRefreshRequested EventType = "payment_link.refresh_requested"
	EventLinkRefreshDeclined  EventType = "payment_link.refresh_declined"
	EventLinkCancelled        EventType = "payment_link.cancelled"
	EventLinkHeld             EventType = "payment_link.held"
	EventLinkReleased         EventType = "payment_link.released"
	EventLinkTampered         EventType = "payment_link.tampered"
	EventInstalmentDue        EventType = "payment_link.instalment_due"
	EventInstalmentMissed     EventType = "payment_link.instalment_missed"
	EventPromised             EventType = "payment_link.promised"
	EventPromiseKept          EventType = "payment_link.promise_kept"
	EventPromiseBroken        EventType = "payment_link.promise_broken"
	EventPromiseWithdrawn     EventType = "payment_link.promise_withdrawn"

	EventMessageSent      EventType = "message.sent"
	EventMessageDelivered EventType = "message.delivered"
	EventMessageRead      EventType = "message.read"
	EventMessageFailed    EventType = "message.failed"
	EventMessageBlocked   EventType = "message.blocked"
	EventMessageSkipped   EventType = "message.skipped"
	EventMessageHeld      EventType = "message.held"

	EventPaymentStarted    EventType = "payment.started"
	EventPaymentPending    EventType = "payment.pending"
	EventPaymentUnknown    EventType = "payment.unknown"
	EventPaymentAuthorised EventType = "payment.authorised"
	EventPaymentCaptured   EventType = "payment.captured"
	EventPaymentVoided     EventType = "payment.voided"
	EventPaymentFailed     EventType = "payment.failed"
	EventPaymentAbandoned  EventType = "payment.abandoned"
	EventPaymentLate       EventType = "payment.late"
	EventPaymentDuplicate  EventType = "payment.duplicate"
	EventPaymentOverpaid   EventType = "payment.overpaid"
	EventPaymentUnderpaid  EventType = "payment.underpaid"

	EventPaymentQuarantined EventType = "payment.quarantined" // its gateway tells of money in another currency or amount, which nobody said what to do about

	EventRefundCreated   EventType = "refund.created"
	EventRefundApproved  EventType = "refund.approved"
	EventRefundSucceeded EventType = "refund.succeeded"
	EventRefundFailed    EventType = "refund.failed"
	EventRefundCancelled EventType = "refund.cancelled"
	EventPaymentResolved EventType = "payment.resolved"

	EventCaptureAsked   EventType = "payment.capture_requested"
	EventVoidAsked      EventType = "payment.void_requested"
	EventCaptureFailed  EventType = "payment.capture_failed"
	EventDisputeOpened  EventType = "dispute.opened"
	EventDisputeUpdated EventType = "dispute.updated"
	EventDisputeDueSoon EventType = "dispute.due_soon"
	EventDisputeClosed  EventType = "dispute.closed"

	EventEndpointParked  EventType = "webhook_endpoint.parked"
	EventEndpointResumed EventType = "webhook_endpoint.resumed"

	EventBulkFinished EventType = "bulk.finished"

	EventRiskBlocked     EventType = "risk.blocked"
	EventMerchantUpdated EventType = "merchant.updated"

	EventDiscountCodeCreated EventType = "discount_code.created"
	EventDiscountCodeUpdated EventType = "discount_code.updated"

	EventCustomerCreated        EventType = "customer.created"
	EventCustomerUpdated        EventType = "customer.updated"
	EventCustomerMerged         EventType = "customer.merged"
	EventCustomerErased         EventType = "customer.erased"
	EventCustomerRevealed       EventType = "customer.revealed"
	EventCustomerConsentChanged EventType = "customer.consent_changed"

	EventAccountConnected    EventType = "account.connected"
	EventAccountChanged      EventType = "account.changed"
	EventAccountDisconnected EventType = "account.disconnected"

	EventSuppressionLifted EventType = "suppression.lifted"
)

// EventTypes lists every type that this version can tell, for endpoint filters and documents.
var EventTypes = []EventType{
	EventLinkCreated, EventLinkSent, EventLinkOpened, EventLinkReminded, EventLinkPartiallyPaid, EventLinkPaid, EventLinkFailed,
	EventLinkExpiring, EventLinkExpired, EventLinkAmended, EventLinkRefreshed, EventLinkRefreshRequested, EventLinkRefreshDeclined, EventLinkCancelled, EventLinkHeld, EventLinkReleased, EventLinkTampered,
	EventInstalmentDue, EventInstalmentMissed, EventPromised, EventPromiseKept, EventPromiseBroken, EventPromiseWithdrawn,
	EventMessageSent, EventMessageDelivered, EventMessageRead, EventMessageFailed, EventMessageBlocked, EventMessageSkipped, EventMessageHeld,
	EventPaymentStarted, EventPaymentPending, EventPaymentUnknown, EventPaymentAuthorised, EventPaymentCaptured,
	EventPaymentVoided, EventPaymentFailed, EventPaymentAbandoned, EventPaymentLate, EventPaymentDuplicate,
	EventPaymentOverpaid, EventPaymentUnderpaid, EventPaymentQuarantined, EventPaymentResolved, EventCaptureAsked, EventVoidAsked, EventCaptureFailed,
	EventDisputeOpened, EventDisputeUpdated, EventDisputeDueSoon, EventDisputeClosed,
	EventRefundCreated, EventRefundApproved, EventRefundSucceeded, EventRefundFailed, EventRefundCancelled,
	EventEndpointParked, EventEndpointResumed, EventBulkFinished,
	EventRiskBlocked,
	EventMerchantUpdated,
	EventDiscountCodeCreated, EventDiscountCodeUpdated,
	EventAccountConnected, EventAccountChanged, EventAccountDisconnected,
	EventCustomerCreated, EventCustomerUpdated, EventCustomerMerged, EventCustomerErased, EventCustomerRevealed, EventCustomerConsentChanged,
	EventSuppressionLifted,
}

// Event is one thing that happened, written in the transaction that made it happen and never
// changed. Data holds snapshots with ids and masks only.
type Event struct {
	ID       EventID
	Merchant MerchantID
	Live     bool
	Sequence int64 // its place among the merchant's events of this mode; zero until sealed
	At       time.Time
	Type     EventType
	Link     LinkID // empty when the event is about no link
	Payment  PaymentID
	Message  MessageID
	Actor    string // key_…, usr_…, "customer", "gateway", "carrier" or "system"
	Data     EventData
	Hash     string // 64 hexadecimal digits that bind it to the event before it; empty until it is hashed
}

// StaffNews are the types among which [Event.TellsStaff] chooses.
var StaffNews = []EventType{
	EventLinkPaid, EventLinkPartiallyPaid, EventPaymentCaptured, EventPaymentDuplicate, EventPaymentLate, EventPaymentQuarantined, EventLinkHeld, EventLinkTampered,
	EventRefundCreated, EventRefundFailed,
	EventCaptureFailed, EventDisputeOpened, EventDisputeDueSoon, EventDisputeClosed,
}

// TellsStaff tells whether the merchant's people hear of the event on their devices: money came, or something
// waits for a person. Of a link that is paid many times every payment is told, and not what it does to the link.
func (e Event) TellsStaff() bool {
	l := e.Data.Link
	many := l != nil && l.Usage.Mode == UsageMulti
	switch e.Type {
	case EventLinkPaid, EventLinkPartiallyPaid:
		return !many
	case EventPaymentCaptured:
		return many
	case EventLinkHeld: // not when they have paused it themselves; a tampered one is told by its own event
		return l != nil && l.Hold != nil && l.Hold.Reason != HoldPaused && l.Hold.Reason != HoldTampered
	case EventPaymentDuplicate, EventPaymentLate, EventPaymentQuarantined, EventLinkTampered, EventRefundFailed,
		EventCaptureFailed, EventDisputeOpened, EventDisputeDueSoon, EventDisputeClosed:
		return true
	case EventRefundCreated: // not when it needs nobody
		return e.Data.Refund != nil && e.Data.Refund.Status == RefundAwaiting
	}
	return false
}

// EventData names each object that an event is about, as it was at the event.
type EventData struct {
	Link     *LinkSnapshot     `json:"payment_link,omitempty"`
	Step     *Step             `json:"instalment,omitempty" doc:"the instalment that it is about, as it was"`
	Refund   *RefundSnapshot   `json:"refund,omitempty"`
	Dispute  *DisputeSnapshot  `json:"dispute,omitempty"`
	Payment  *PaymentSnapshot  `json:"payment,omitempty"`
	Message  *MessageSnapshot  `json:"message,omitempty"`
	Endpoint *EndpointSnapshot `json:"webhook_endpoint,omitempty"`
	Bulk     *BulkSnapshot     `json:"bulk,omitempty"`
	Risk     *RiskSnapshot     `json:"risk,omitempty"`
	Merchant *MerchantSnapshot `json:"merchant,omitempty"`

	DiscountCode *DiscountCodeSnapshot `json:"discount_code,omitempty"`
	Account      *AccountSnapshot      `json:"account,omitempty"`
	Customer     *PersonSnapshot       `json:"customer,omitempty"`

	Suppression *SuppressionSnapshot `json:"suppression,omitempty"`
}

// JSON writes the data as it is stored, hashed and told.
func (d EventData) JSON() []byte {
	b, err := json.Marshal(d)
	if err != nil {
		panic("event data: " + err.Error()) // plain structs always marshal
	}
	return b
}
