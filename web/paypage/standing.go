package paypage

import (
	"paylink"
	"paylink/checkout"
)

// standing is what the page shows: one face for each way a link and its payment can stand.
type standing string

const (
	standReady      standing = "ready"
	standRetry      standing = "retry" // ready, after a try that failed or was stopped
	standConnecting standing = "connecting"
	standRedirect   standing = "redirect" // the customer acts on the bank's page
	standApprove    standing = "approve"  // the customer approves in a UPI app
	standPending    standing = "pending"
	standReserved   standing = "reserved" // the bank reserves the money until the merchant delivers
	standUnknown    standing = "unknown"
	standElsewhere  standing = "elsewhere" // somebody pays on another device
	standBusy       standing = "busy"      // a link of many uses, whose last payments are being made

	standPaid     standing = "paid"
	standStranger standing = "paid_stranger" // paid, seen by a device that did not pay
	standLate     standing = "late"          // money that came too late, or too little, and does not count
	standUsedUp   standing = "used_up"
	standLimit    standing = "limit" // this browser has paid as often as each may

	standExpired   standing = "expired"
	standCancelled standing = "cancelled"
	standReplaced  standing = "replaced" // another link stands in for it
	standClosed    standing = "closed"
	standHold      standing = "hold"
	standNoMethod  standing = "no_method"

	standProve   standing = "prove"   // the visitor is to prove that the link is meant for them
	standCountry standing = "country" // it does not open where the visitor is

	standNotFound standing = "not_found"
	standError    standing = "error"
	standAway     standing = "away" // the server is being upgraded
)

// shown is the payment that this visitor may see anything of. Payments of a link of many uses are
// each their payer's own; again hides a finished one from a payer who wants to pay once more.
func shown(page checkout.Page, again bool) *paylink.Payment {
	p := page.Payment
	switch {
	case p == nil:
		return nil
	case page.Link.Usage.Mode == paylink.UsageMulti && (!page.Payer || again && !p.Status.Live()):
		return nil
	case again && page.Refusal == "" && !p.Status.Live(): // the rest of what is paid in parts
		return nil
	}
	return p
}

// stand decides what the page shows.
func stand(page checkout.Page, again bool) standing {
	p := shown(page, again)
	switch {
	case page.Ask != nil:
		return standProve
	case page.Link.Hold == paylink.HoldTakedown:
		return standHold
	case p != nil && p.Status.Live():
		return live(*p, page.Payer)
	case p != nil && p.Status == paylink.PaymentCaptured && page.Payer:
		if !p.Counts() && p.Abnormal != paylink.AbnormalDuplicate {
			return standLate
		}
		return standPaid
	}
	switch page.Refusal {
	case "paid":
		if page.Link.Usage.Mode == paylink.UsageMulti {
			return standUsedUp
		}
		return standStranger
	case "on_hold":
		if page.Link.Status == paylink.LinkPaid {
			return standStranger
		}
		return standHold
	case "cancelled":
		if page.Replacement != "" {
			return standReplaced
		}
		return standCancelled
	case "expired":
		return standExpired
	case "archived":
		return standClosed
	case "payment_in_flight":
		return standBusy
	case "no_method":
		return standNoMethod
	case checkout.CustomerLimit:
		return standLimit
	case checkout.CountryRefused:
		return standCountry
	}
	if p != nil && (p.Status == paylink.PaymentFailed || p.Status == paylink.PaymentAbandoned) {
		return standRetry
	}
	return standReady
}

// live is a payment whose outcome is open. Where to continue it is for the device that began it.
func live(p paylink.Payment, payer bool) standing {
	switch {
	case p.Status == paylink.PaymentUnknown:
		return standUnknown
	case !payer:
		return standElsewhere
	case p.Status == paylink.PaymentCreated:
		return standConnecting
	case p.Status == paylink.PaymentActionRequired && (p.Action.Kind == paylink.ActionRedirect || p.Action.Kind == paylink.ActionSubmit):
		return standRedirect
	case p.Status == paylink.PaymentActionRequired && p.Action.Kind == paylink.ActionApprove:
		return standApprove
	}
	if p.Status == paylink.PaymentAuthorised && p.Manual {
		return standReserved
	}
	return standPending
}

// waits tells that something will change by itself soon.
func (s standing) waits() bool {
	switch s {
	case standConnecting, standRedirect, standApprove, standPending, standUnknown, standElsewhere, standBusy:
		return true
	}
	return false
}

// final tells that nothing more happens here unless the merchant acts; streams end.
func (s standing) final() bool {
	switch s {
	case standPaid, standStranger, standLate, standUsedUp, standLimit, standExpired, standCancelled, standReplaced, standClosed, standProve, standCountry, standNotFound, standError, standAway:
		return true
	}
	return false
}

// leads tells that the customer may leave for the merchant's site: nothing is under way here.
func (s standing) leads() bool {
	switch s {
	case standReady, standRetry, standPaid, standLate, standUsedUp, standLimit, standExpired, standCancelled, standClosed:
		return true
	}
	return false
}

// payable tells that the page holds the form that starts a payment.
func (s standing) payable() bool { return s == standReady || s == standRetry }

// refresh is after how many seconds a browser without JavaScript looks again; zero: never.
func (s standing) refresh() int {
	switch s {
	case standConnecting:
		return 2
	case standRedirect, standApprove, standPending:
		return 5
	case standReserved, standUnknown, standElsewhere, standBusy, standAway:
		return 15
	}
	return 0
}

// mark is the sign before the title, which a customer sees on the tab while in the bank's app.
func (s standing) mark() string {
	switch {
	case s.waits():
		return "⏳ "
	case s == standPaid, s == standStranger, s == standUsedUp, s == standLimit:
		return "✓ "
	case s == standRetry, s == standExpired, s == standCancelled, s == standClosed, s == standHold, s == standNoMethod, s == standCountry, s == standError:
		return "✕ "
	}
	return ""
}
