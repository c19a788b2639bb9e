package dashboard

import (
	"context"
	"strings"
	"time"

	"paylink"
	"paylink/locale"
	"paylink/store"
)

// lane is the kind of thing that happened, by which a timeline is read.
type lane struct {
	Key, Word, Icon string
}

var (
	laneLifecycle = lane{"lifecycle", "Link", "link"}
	laneMessages  = lane{"messages", "Message", "message"}
	laneCustomer  = lane{"customer", "Customer", "person"}
	laneMoney     = lane{"money", "Money", "coin"}
)

// entry is one event as a sentence.
type entry struct {
	ID       paylink.EventID
	Sequence int64 // zero while it is not sealed
	Lane     lane
	Tone     string
	Subject  string // what the link is called, or what else the event is about
	Text     string // "paid ₹2,450.00 by card"
	Actor    string
	Link     paylink.LinkID
	Href     string
	At       time.Time
	When     when
	Clock    string // "18:00", for entries that stand below their day
	Raw      string // the event as it is kept, for those who look for more
}

// names finds out what links are called, for events that tell of a message or a payment alone.
type names struct {
	read  store.Reader
	scene scene
	known map[paylink.LinkID]string
}

// mostNames bounds what a long stream remembers; past it, it begins anew.
const mostNames = 1000

func (d *Dashboard) names(ctx context.Context, s scene) *names {
	return &names{read: d.Store.Read(ctx), scene: s, known: map[paylink.LinkID]string{}}
}

// entry says an event to the merchant's people, the link by what it is called.
func (n *names) entry(e paylink.Event) (entry, error) {
	t := n.scene.entry(e)
	if e.Link == "" || e.Data.Link != nil {
		return t, nil
	}
	name, ok := n.known[e.Link]
	if !ok {
		l, err := n.read.Link(e.Merchant, e.Live, e.Link)
		if err != nil && !paylink.IsNotFound(err) {
			return t, err
		}
		if name = called(l.Description, l.Reference, e.Link); len(n.known) >= mostNames {
			clear(n.known)
		}
		n.known[e.Link] = name
	}
	t.Subject = name
	return t, nil
}

// entry says an event; where it does not tell what the link is called, the subject is the link's id.
func (s scene) entry(e paylink.Event) entry {
	t := entry{
		ID: e.ID, Sequence: e.Sequence, Lane: laneOf(e.Type), Tone: toneOf(e.Type), Text: s.sentence(e), Actor: actorWord(e.Actor),
		Link: e.Link, At: e.At, When: s.when(e.At, s.Now), Clock: e.At.In(locale.Zone(s.Merchant.TimeZone)).Format("15:04:05"),
	}
	if e.Link != "" {
		t.Href = s.path("links", string(e.Link))
		t.Subject = string(e.Link)
	} else {
		t.Subject, _, t.Href = s.beside(e)
	}
	if l := e.Data.Link; l != nil {
		t.Subject = called(l.Description, l.Reference, l.ID)
	}
	return t
}

func laneOf(t paylink.EventType) lane {
	switch {
	case t == paylink.EventLinkOpened, t == paylink.EventPaymentStarted, t == paylink.EventPaymentAbandoned:
		return laneCustomer
	case t == paylink.EventLinkPaid, t == paylink.EventLinkPartiallyPaid, strings.HasPrefix(string(t), "payment."),
		strings.HasPrefix(string(t), "dispute."), strings.HasPrefix(string(t), "refund."):
		return laneMoney
	case t == paylink.EventLinkSent, t == paylink.EventLinkReminded, strings.HasPrefix(string(t), "message."):
		return laneMessages
	}
	return laneLifecycle
}

func toneOf(t paylink.EventType) string {
	switch t {
	case paylink.EventLinkPaid, paylink.EventPaymentCaptured, paylink.EventEndpointResumed:
		return "good"
	case paylink.EventLinkFailed, paylink.EventLinkTampered, paylink.EventLinkHeld, paylink.EventMessageFailed, paylink.EventMessageBlocked,
		paylink.EventPaymentFailed, paylink.EventEndpointParked, paylink.EventRefundFailed, paylink.EventDisputeOpened, paylink.EventDisputeDueSoon:
		return "bad"
	case paylink.EventRiskBlocked, paylink.EventPaymentUnknown, paylink.EventPaymentLate, paylink.EventPaymentDuplicate,
		paylink.EventPaymentOverpaid, paylink.EventPaymentUnderpaid, paylink.EventPaymentQuarantined:
		return "note"
	}
	return "calm"
}

func actorWord(actor string) string {
	switch {
	case strings.HasPrefix(actor, "key_"):
		return "by API key " + actor
	case strings.HasPrefix(actor, "usr_"):
		return "by staff " + actor
	case actor == "":
		return ""
	}
	return "by the " + actor
}

// sentence says what happened, beginning in lower case: it stands after what the link is called.
func (s scene) sentence(e paylink.Event) string {
	switch l, p, m := e.Data.Link, e.Data.Payment, e.Data.Message; {
	case m != nil && strings.HasPrefix(string(e.Type), "message."):
		return messageSentence(e.Type, m)
	case p != nil && strings.HasPrefix(string(e.Type), "payment."):
		return s.paymentSentence(e.Type, p)
	case e.Data.Refund != nil && strings.HasPrefix(string(e.Type), "refund."):
		return s.refundSentence(e.Type, e.Data.Refund)
	case l != nil && strings.HasPrefix(string(e.Type), "payment_link."):
		return s.linkSentence(e.Type, l, p)
	case e.Data.Dispute != nil:
		return s.disputeSentence(e.Type, e.Data.Dispute)
	case e.Type == paylink.EventRiskBlocked:
		return "locked for a while: too many wrong answers to who may open it"
	}
	if _, text, _ := s.beside(e); text != "" {
		return text
	}
	return strings.NewReplacer(".", " ", "_", " ").Replace(string(e.Type))
}

func (s scene) linkSentence(t paylink.EventType, l *paylink.LinkSnapshot, p *paylink.PaymentSnapshot) string {
	amount := s.money(l.Amount, l.Currency)
	if l.CustomerAmount != nil {
		amount = "any amount"
	}
	switch t {
	case paylink.EventLinkCreated:
		return "created for " + amount
	case paylink.EventLinkSent:
		return "first message handed over"
	case paylink.EventLinkOpened:
		return "opened by the customer"
	case paylink.EventLinkPartiallyPaid:
		return s.money(l.AmountPaid, l.Currency) + " of " + amount + " paid"
	case paylink.EventLinkPaid:
		if p != nil {
			return "paid " + s.money(p.AmountCaptured, p.Currency) + " by " + word(methodWords, p.Method)
		}
		return "paid " + s.money(l.AmountPaid, l.Currency)
	case paylink.EventLinkFailed:
		return "payment declined; the customer may try again"
	case paylink.EventLinkRefreshRequested:
		return "customer asks for more time"
	case paylink.EventLinkRefreshDeclined:
		return "more time declined"
	case paylink.EventLinkReminded:
		return "the customer is reminded"
	case paylink.EventLinkExpiring:
		if l.ExpiresAt == nil {
			return "expires soon"
		}
		return "expires soon: " + "valid until " + s.Lang.Moment(*l.ExpiresAt, s.Merchant.TimeZone)
	case paylink.EventLinkExpired:
		return "expired"
	case paylink.EventLinkRefreshed, paylink.EventLinkAmended:
		if l.ExpiresAt == nil {
			return "open again, without an end"
		}
		return "valid until " + s.Lang.Moment(*l.ExpiresAt, s.Merchant.TimeZone)
	case paylink.EventLinkCancelled:
		return "cancelled"
	case paylink.EventInstalmentDue, paylink.EventInstalmentMissed, paylink.EventPromised, paylink.EventPromiseKept,
		paylink.EventPromiseBroken, paylink.EventPromiseWithdrawn:
		return s.planSentence(t, l)
	case paylink.EventLinkHeld:
		return "put on hold"
	case paylink.EventLinkReleased:
		return "released from hold"
	case paylink.EventLinkTampered:
		return "put on hold, because its terms are not those that were signed"
	}
	return word(map[paylink.EventType]string{}, paylink.EventType(strings.TrimPrefix(string(t), "payment_link.")))
}

func (s scene) paymentSentence(t paylink.EventType, p *paylink.PaymentSnapshot) string {
	amount, how := s.money(p.Amount, p.Currency), means(p.Method, p.MethodDetails)
	switch t {
	case paylink.EventPaymentStarted:
		return "customer chose " + word(methodWords, p.Method) + " and pressed pay"
	case paylink.EventPaymentPending:
		return amount + " by " + how + ": waiting for the bank"
	case paylink.EventPaymentUnknown:
		return amount + " by " + how + ": no answer from the bank yet, we keep asking"
	case paylink.EventPaymentAuthorised:
		return amount + " reserved by " + how
	case paylink.EventCaptureAsked:
		return s.money(p.IntentAmount, p.Currency) + " of " + amount + " is being captured"
	case paylink.EventVoidAsked:
		return amount + " is being given back"
	case paylink.EventCaptureFailed:
		return amount + " is still reserved: the gateway did not do what was asked"
	case paylink.EventPaymentCaptured:
		return s.money(p.AmountCaptured, p.Currency) + " received by " + how
	case paylink.EventPaymentVoided:
		return amount + " was reserved and is given back"
	case paylink.EventPaymentFailed:
		if p.Decline == nil {
			return amount + " by " + how + " declined"
		}
		return amount + " by " + how + " declined: " + declined(*p.Decline)
	case paylink.EventPaymentAbandoned:
		return "customer stopped the payment by " + word(methodWords, p.Method)
	case paylink.EventPaymentLate:
		return amount + " came after the link had closed: " + word(dispositionWords, p.Disposition)
	case paylink.EventPaymentDuplicate:
		return amount + " came a second time: " + word(dispositionWords, p.Disposition)
	case paylink.EventPaymentOverpaid:
		return s.money(p.AmountCaptured, p.Currency) + " came instead of " + amount + ": what is too much is " + word(dispositionWords, p.Disposition)
	case paylink.EventPaymentUnderpaid:
		return s.money(p.AmountCaptured, p.Currency) + " came instead of " + amount + ": " + word(dispositionWords, p.Disposition)
	}
	switch t {
	case paylink.EventPaymentQuarantined:
		return "the gateway tells of other money than the " + amount + " that were asked for: nothing is counted"
	case paylink.EventPaymentResolved:
		return amount + " that was on hold is " + word(dispositionWords, p.Disposition)
	}
	return strings.TrimPrefix(string(t), "payment.") + " " + amount
}

func (s scene) refundSentence(t paylink.EventType, r *paylink.RefundSnapshot) string {
	amount := s.money(r.Amount, r.Currency)
	switch {
	case t == paylink.EventRefundCreated && r.Status == paylink.RefundAwaiting:
		return "a refund of " + amount + " waits for a second person"
	case t == paylink.EventRefundCreated:
		return amount + " is to go back to the customer"
	case t == paylink.EventRefundApproved:
		return "the refund of " + amount + " is approved"
	case t == paylink.EventRefundSucceeded:
		return amount + " given back to the customer"
	case t == paylink.EventRefundCancelled:
		return "the refund of " + amount + " is called off"
	}
	return "the refund of " + amount + " failed: the customer does not have the money"
}

// notice is what a browser tells a merchant who is doing something else: what was paid, and the
// merchant's own reference. It stands on screens that others see, so it holds nothing personal.
type notice struct {
	Title string `json:"title"`
	Body  string `json:"body"`
	Tag   string `json:"tag"` // two events about one payment are one notice
}

func (s scene) notice(e paylink.Event) *notice {
	l, p := e.Data.Link, e.Data.Payment
	if e.Type != paylink.EventLinkPaid && e.Type != paylink.EventPaymentCaptured || l == nil {
		return nil
	}
	n := &notice{Title: "Paid " + s.money(l.AmountPaid, l.Currency), Body: locale.Plain(l.Reference, 100), Tag: string(l.ID)}
	if p != nil {
		n.Title, n.Tag = "Paid "+s.money(p.AmountCaptured, p.Currency), string(p.ID)
	}
	if n.Body == "" {
		n.Body = string(l.ID)
	}
	return n
}
