package dashboard

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"paylink"
	"paylink/locale"
)

// label is a word with an icon and a colour; no state is told by colour alone.
type label struct {
	Word string
	Icon string
	Tone string // good, bad, note, calm or info
}

// statusLabels are for a link's status.
var statusLabels = map[paylink.LinkStatus]label{
	paylink.LinkPending:       {"Pending", "clock", "info"},
	paylink.LinkFailed:        {"Failed", "cross", "bad"},
	paylink.LinkPartiallyPaid: {"Partly paid", "half", "note"},
	paylink.LinkPaid:          {"Paid", "tick", "good"},
	paylink.LinkExpired:       {"Expired", "hourglass", "calm"},
	paylink.LinkCancelled:     {"Cancelled", "stop", "calm"},
}

// statusLabel is the status as it is now in the link's world; a hold comes before it.
func statusLabel(l paylink.Link, world time.Time) label {
	if l.Hold != "" {
		return label{"On hold", "pause", "bad"}
	}
	return statusLabels[l.StatusAt(world)]
}

// messageLabels are for how far a message has come.
var messageLabels = map[paylink.MessageStatus]label{
	paylink.MessageScheduled: {"Scheduled", "clock", "calm"},
	paylink.MessageQueued:    {"Queued", "clock", "calm"},
	paylink.MessageSent:      {"Sent", "tick", "info"},
	paylink.MessageDelivered: {"Delivered", "ticks", "good"},
	paylink.MessageRead:      {"Read", "eye", "good"},
	paylink.MessageFailed:    {"Not delivered", "cross", "bad"},
	paylink.MessageBlocked:   {"Blocked", "stop", "bad"},
	paylink.MessageSkipped:   {"Not sent", "stop", "calm"},
	paylink.MessageUnknown:   {"Not known yet", "half", "note"},
}

// paymentLabels are for one attempt to pay.
var paymentLabels = map[paylink.PaymentStatus]label{
	paylink.PaymentCreated:        {"Starting", "clock", "info"},
	paylink.PaymentActionRequired: {"Waiting for the customer", "clock", "info"},
	paylink.PaymentPending:        {"Waiting for the bank", "clock", "info"},
	paylink.PaymentUnknown:        {"Asking the bank", "half", "note"},
	paylink.PaymentAuthorised:     {"Reserved", "half", "info"},
	paylink.PaymentCaptured:       {"Received", "tick", "good"},
	paylink.PaymentFailed:         {"Declined", "cross", "bad"},
	paylink.PaymentAbandoned:      {"Abandoned", "stop", "calm"},
	paylink.PaymentVoided:         {"Given back", "stop", "calm"},
}

var channelWords = map[paylink.Channel]string{
	paylink.ChannelSMS: "SMS", paylink.ChannelWhatsApp: "WhatsApp", paylink.ChannelEmail: "E-mail", paylink.ChannelInApp: "In-app",
}

var methodWords = map[paylink.Method]string{
	paylink.MethodCard: "card", paylink.MethodUPI: "UPI", paylink.MethodNetbanking: "net banking",
	paylink.MethodCash: "cash", paylink.MethodCheque: "cheque", paylink.MethodBankTransfer: "bank transfer", paylink.MethodOther: "another way",
}

// declineWords say to staff why a bank said no; the gateway's own code stands behind them.
var declineWords = map[string]string{
	"insufficient_funds": "balance or limit", "expired_card": "card expired", "wrong_code": "wrong security code",
	"not_approved": "not approved by the bank", "authentication_failed": "customer not confirmed (3-D Secure)",
	"upi_declined": "declined in the UPI app", "timeout": "the bank did not answer in time", "provider_down": "gateway not working",
}

// dispositionWords say what was decided about money that came late or twice.
var dispositionWords = map[paylink.Policy]string{
	paylink.PolicyAccept: "accepted", paylink.PolicyHold: "held for a decision", paylink.PolicyRefund: "to be refunded", paylink.PolicyCredit: "kept as credit",
}

// word gives the word of a key, or the key itself made readable for one that is new.
func word[K ~string](words map[K]string, key K) string {
	if w, ok := words[key]; ok {
		return w
	}
	return strings.ReplaceAll(string(key), "_", " ")
}

// labelOf gives the label of a state, or the state's own name for one that is new.
func labelOf[K ~string](labels map[K]label, key K) label {
	if l, ok := labels[key]; ok {
		return l
	}
	return label{strings.ReplaceAll(string(key), "_", " "), "half", "calm"}
}

// means is how money came: "card (Visa ••4242)". Only masks are known.
func means(method paylink.Method, details paylink.MethodDetails) string {
	var more []string
	if details.Network != "" {
		more = append(more, upperFirst(locale.Plain(details.Network, 20)))
	}
	if details.Last4 != "" {
		more = append(more, "••"+locale.Plain(details.Last4, 4))
	}
	for _, name := range []string{details.Bank, details.App} {
		if name != "" {
			more = append(more, locale.Plain(name, 40))
		}
	}
	if len(more) == 0 {
		return word(methodWords, method)
	}
	return word(methodWords, method) + " (" + strings.Join(more, " ") + ")"
}

// declined is why a payment failed, for staff: in words, then the gateway's code.
func declined(d paylink.Decline) string {
	why := word(declineWords, d.Group)
	if why == "" {
		why = "no reason given"
	}
	if d.Code != "" {
		why += " [" + locale.Plain(d.Code, 60) + "]"
	}
	return why
}

// when is a moment as a page shows it.
type when struct {
	Machine  string // RFC 3339
	Text     string // "24 Nov 2026, 18:00 IST"; empty for never
	Relative string // "2 hours ago", for the tooltip
}

// when writes a time on the merchant's clock. The other time is the now of the time's own world.
func (s scene) when(t, now time.Time) when {
	if t.IsZero() {
		return when{}
	}
	return when{t.UTC().Format(time.RFC3339), s.Lang.Moment(t, s.Merchant.TimeZone), relative(t.Sub(now))}
}

func relative(d time.Duration) string {
	past := d < 0
	d = d.Abs()
	var text string
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		text = count(int(d/time.Minute), "minute")
	case d < 48*time.Hour:
		text = count(int(d/time.Hour), "hour")
	default:
		text = count(int(d/(24*time.Hour)), "day")
	}
	if past {
		return text + " ago"
	}
	return "in " + text
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func upperFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

// called is what a person calls a link by: what it is for, else its reference, else its id.
func called(description, reference string, id paylink.LinkID) string {
	for _, name := range []string{description, reference} {
		if name = locale.Plain(name, 80); name != "" {
			return name
		}
	}
	return string(id)
}

// maskOf is MaskAddress, for templates.
func maskOf(address string) string { return paylink.MaskAddress(address) }

// joined puts a separator between the texts that are not empty.
func joined(separator string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), separator)
}

// decimal writes a number for an attribute.
func decimal(n int64) string { return strconv.FormatInt(n, 10) }
