package paylink

import "time"

// LinkStatus is what a merchant reads about a link. It is never set: [Link.StatusAt] recomputes it
// from facts.
type LinkStatus string

const (
	LinkPending       LinkStatus = "pending"
	LinkFailed        LinkStatus = "failed"
	LinkPartiallyPaid LinkStatus = "partially_paid"
	LinkPaid          LinkStatus = "paid"
	LinkExpired       LinkStatus = "expired"
	LinkCancelled     LinkStatus = "cancelled"
)

// LinkMachine lists the changes of status that the facts can cause.
var LinkMachine = Machine[LinkStatus]{
	Name: "Link", Start: LinkPending,
	Moves: map[LinkStatus][]LinkStatus{
		LinkPending:       {LinkFailed, LinkPartiallyPaid, LinkPaid, LinkExpired, LinkCancelled},
		LinkFailed:        {LinkPending, LinkPartiallyPaid, LinkPaid, LinkExpired, LinkCancelled},
		LinkPartiallyPaid: {LinkPaid, LinkExpired, LinkCancelled, LinkPending, LinkFailed},
		LinkExpired:       {LinkPending, LinkFailed, LinkPartiallyPaid, LinkPaid, LinkCancelled},
		LinkCancelled:     {LinkPending, LinkFailed, LinkPartiallyPaid, LinkExpired, LinkPaid},
		LinkPaid:          {LinkPending, LinkFailed, LinkPartiallyPaid, LinkExpired, LinkCancelled},
	},
	Says: map[LinkStatus]string{
		LinkPending:       "waiting for the customer",
		LinkFailed:        "single use, nothing paid, and the latest payment was declined; the customer may try again",
		LinkPartiallyPaid: "some of the amount is paid",
		LinkPaid:          "nothing is due; for a link of many uses, its cap is reached",
		LinkExpired:       "past its expiry with no payment in flight; a refresh revives it, a late success may still pay it",
		LinkCancelled:     "withdrawn by the merchant; reactivating revives it, a late success may still pay it",
	},
}

// UsageMode says how many payments a link is made for.
type UsageMode string

const (
	UsageSingle UsageMode = "single"
	UsageMulti  UsageMode = "multi"
)

// Usage is single, or multi with caps; without any, a multi link is permanent. A cap of zero is none.
type Usage struct {
	Mode           UsageMode
	MaxPayments    int64
	MaxTotal       int64 // of all payments together, in minor units
	MaxPerCustomer int64 // payments; a customer is a browser, known by its cookie
}

// Policy is what happens to money that comes at a wrong time or twice.
type Policy string

const (
	PolicyAccept Policy = "accept"
	PolicyHold   Policy = "hold"
	PolicyRefund Policy = "refund"
	PolicyCredit Policy = "credit"
)

// HoldReason says why a link takes no payment for now.
type HoldReason string

const (
	HoldTampered HoldReason = "tampered"
	HoldPaused   HoldReason = "paused"
	HoldTakedown HoldReason = "takedown"
	HoldRisk     HoldReason = "risk"
)

// Link is one request for money: its terms, which change only with a new Revision, and the facts
// from which its status follows.
type Link struct {
	ID       LinkID
	Merchant MerchantID
	Live     bool
	Status   LinkStatus // the last one computed; StatusAt tells today's
	Revision int64

	// Terms.
	Amount      Money // of line items: as they stand; zero where the customer chooses
	Terms       Terms
	Description string
	Reference   string
	Customer    CustomerID // empty when no contact was given
	Usage       Usage
	ExpiresAt   time.Time // zero: never
	Channels    []Channel
	Methods     []Method
	ReturnURL   string
	Metadata    map[string]string
	Notes       string
	OnLate      Policy
	OnDuplicate Policy

	// Facts.
	AmountPaid     int64 // captured + recorded − reversed, in minor units
	AmountRefunded int64 // what its customers got back; it settles nothing
	AmountAdded    int64 // the part of AmountPaid that is tips and the like, and settles nothing

	AmountDiscounted int64 // what discount codes settled without money

	PaymentsCount  int64 // payments that count towards the cap
	InFlight       int64 // payments started whose outcome is not known
	AmountInFlight int64 // what those come to, in minor units; of no meaning when there are none
	Attempts       int64 // payments ever started
	LatestDeclined bool  // the latest payment to end was declined
	CancelledAt    time.Time
	SentAt         time.Time // the first message was handed to a provider
	OpenedAt       time.Time // a person opened the page
	PaidAt         time.Time
	ArchivedAt     time.Time
	AnnounceAt     time.Time // when the merchant is told that it expires soon; zero: not, or told already
	Course         Course    // what was told of its plan, and the latest promise
	PromisedFor    time.Time // until when an open promise to pay holds, in the time of its world; zero: none is open
	ReplacedBy     LinkID    // another link that stands in for this one, which is cancelled
	Reminding      Reminding // what became of its reminders
	Hold           HoldReason
	HoldSince      time.Time

	Refreshes         int64     // how often the link was given new time because its customer asked, or by itself
	RefreshAskedAt    time.Time // since when the customer waits for the merchant's answer; zero: nobody waits
	RefreshDeclinedAt time.Time // when the merchant last said no; zero: not, or for an expiry that is over

	// The short code's random key and key slot; the code itself is derived and never kept.
	CodeKey  uint64
	CodeSlot int
	Token    string // the link token of this revision

	CreatedAt time.Time
	UpdatedAt time.Time
	CreatedBy string // key_… or usr_…
}

// ExpiryGrace is how long a payment in flight may keep a link past its expiry from turning expired.
const ExpiryGrace = 30 * time.Minute

// StatusAt recomputes the status from the facts, in DESIGN's order. now is the time of the link's
// world: real time, or the sandbox clock's in test mode.
func (l Link) StatusAt(now time.Time) LinkStatus {
	switch {
	case l.AmountDue() == 0:
		return LinkPaid
	case !l.CancelledAt.IsZero():
		return LinkCancelled
	case l.lapsed(now):
		return LinkExpired
	case l.Usage.Mode == UsageSingle && l.AmountPaid > 0:
		return LinkPartiallyPaid
	case l.Usage.Mode == UsageSingle && l.LatestDeclined && l.InFlight == 0:
		return LinkFailed
	}
	return LinkPending
}

// ExpireAt gives the link its expiry, zero for never, and plans when its merchant is told that it comes
// near: a day before, or for shorter lives two hours before; not at all for the shortest. What was asked
// about the expiry before is answered by that.
func (l *Link) ExpireAt(until, now time.Time) {
	l.ExpiresAt, l.AnnounceAt = until, time.Time{}
	l.RefreshAskedAt, l.RefreshDeclinedAt = time.Time{}, time.Time{}
	switch life := until.Sub(now); {
	case until.IsZero():
	case life >= 48*time.Hour:
		l.AnnounceAt = until.Add(-24 * time.Hour)
	case life >= 4*time.Hour:
		l.AnnounceAt = until.Add(-2 * time.Hour)
	}
}

// Overdue tells whether money is still due after the day that was named for it. It stops no payment.
func (l Link) Overdue(now time.Time) bool {
	return l.Terms.DueAt != nil && now.After(*l.Terms.DueAt) && l.AmountDue() > 0
}

// NextDue is when money of the link is due next: the date of the first instalment that is not paid, or the
// day that was named for the whole. Zero: no day is named, or there is nothing to come.
func (l Link) NextDue() time.Time {
	if l.AmountDue() == 0 || !l.CancelledAt.IsZero() {
		return time.Time{}
	}
	if s, ok := l.toldInstalment(); ok {
		return s.DueAt
	}
	if l.Terms.DueAt != nil {
		return *l.Terms.DueAt
	}
	return time.Time{}
}

// PastExpiry tells whether new payments are refused because of the expiry: the instant itself is
// already too late.
func (l Link) PastExpiry(now time.Time) bool {
	return !l.ExpiresAt.IsZero() && !now.Before(l.ExpiresAt)
}

func (l Link) lapsed(now time.Time) bool {
	return l.PastExpiry(now) && (l.InFlight == 0 || !now.Before(l.ExpiresAt.Add(ExpiryGrace)))
}

// Refusal says why no payment may start now; the empty string means that one may. The codes are
// those that the payment page and the API show: paid, cancelled, expired, on_hold, archived,
// payment_in_flight.
func (l Link) Refusal(now time.Time) string {
	switch {
	case l.Hold != "":
		return "on_hold"
	case l.AmountDue() == 0:
		return "paid"
	case !l.CancelledAt.IsZero():
		return "cancelled"
	case !l.ArchivedAt.IsZero():
		return "archived"
	case l.PastExpiry(now):
		return "expired"
	case l.Usage.Mode == UsageSingle && l.InFlight > 0:
		return "payment_in_flight"
	case l.Full():
		return "payment_in_flight"
	}
	return ""
}

// Touch dates a change. Order inside a link survives clock skew between nodes: a change is always
// later than the one before it, by a microsecond if need be.
func (l *Link) Touch(now time.Time) time.Time {
	l.UpdatedAt = later(now, l.UpdatedAt)
	return l.UpdatedAt
}

// Resettle recomputes the status after the facts changed, and returns the type of the event that
// the change of status is; empty when there is none to tell. worldNow judges the expiry; at dates
// the payment.
func (l *Link) Resettle(worldNow, at time.Time) EventType {
	before := l.Status
	l.Status = l.StatusAt(worldNow)
	if l.Status == before {
		return ""
	}
	if before == LinkPaid {
		l.PaidAt = time.Time{} // money went back: a cheque bounced
	}
	switch l.Status {
	case LinkPaid:
		l.PaidAt = at
		return EventLinkPaid
	case LinkPartiallyPaid:
		return EventLinkPartiallyPaid
	case LinkFailed:
		return EventLinkFailed
	case LinkExpired:
		return EventLinkExpired
	case LinkCancelled:
		return EventLinkCancelled
	case LinkPending:
		if before == LinkExpired || before == LinkCancelled {
			return EventLinkRefreshed
		}
	}
	return ""
}

// later returns now in whole microseconds, or just after before if now is not later than that.
func later(now, before time.Time) time.Time {
	now = now.UTC().Truncate(time.Microsecond)
	if !now.After(before) {
		return before.Add(time.Microsecond)
	}
	return now
}
