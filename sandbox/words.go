package sandbox

import (
	"cmp"
	"net/url"

	"github.com/a-h/templ"

	"paylink"
)

// The pages' words. They are for people who test, so they are in English only.

// bankSays tells what each pretend bank and UPI app does.
var bankSays = map[outcome]string{
	success:   "paid at once",
	declined:  "declined",
	pending:   "stays pending until you decide on the sandbox phone",
	late:      "declined as too slow, paid a few seconds later",
	unknown:   "no answer until you decide on the sandbox phone",
	duplicate: "paid, and the same money debited a second time",
}

// testPhones are the endings that a carrier knows, with what it does.
var testPhones = [][2]string{
	{"01", "delivered, like any other"},
	{"02", "undelivered"},
	{"03", "blocked by DLT"},
	{"04", "slow: delivered after 5 s"},
	{"05", "opted out"},
	{"bounce…@", "an e-mail address that bounces"},
}

var methodSays = map[string]string{"card": "Card", "upi": "UPI", "netbanking": "Net banking"}

// orderSays names the states of a payment.
var orderSays = map[string]string{
	"created": "waiting for the customer", "action_required": "3-D Secure", "pending": "pending",
	"captured": "paid", "failed": "declined", "unknown": "no answer", "authorised": "reserved", "voided": "given back",
}

// disputeSays names the states of a dispute; disputeDecisions what the bank's buttons say.
var (
	disputeSays = map[paylink.DisputeStatus]string{
		paylink.DisputeNeedsResponse: "objection: waits for the merchant", paylink.DisputeUnderReview: "objection: evidence is in",
		paylink.DisputeWon: "objection: merchant was right", paylink.DisputeLost: "objection: customer was right",
		paylink.DisputeAccepted: "objection: merchant gave in",
	}
	disputeDecisions = map[paylink.DisputeStatus]string{
		paylink.DisputeWon: "The merchant is right", paylink.DisputeLost: "The customer is right",
	}
)

var errorSays = map[string]string{
	"undelivered": "undelivered", "bounced": "bounced", "dlt_blocked": "blocked by DLT", "opted_out": "opted out",
}

// statusSays is a message's status in words and a mark, so that colour is never alone.
func statusSays(m messageView) string {
	switch m.Status {
	case "accepted":
		return "○ accepted"
	case "sent":
		return "✓ sent"
	case "delivered":
		return "✓✓ delivered"
	case "read":
		return "✓✓ read"
	}
	return "✕ " + cmp.Or(errorSays[m.Error], m.Status)
}

func orAll(show string) string { return cmp.Or(show, "all") }

func orMerchant(name string) string { return cmp.Or(name, "the merchant") }

func tabURL(base, show string) templ.SafeURL {
	if show == "" {
		return templ.SafeURL(base + "/")
	}
	return templ.SafeURL(base + "/?show=" + url.QueryEscape(show))
}
