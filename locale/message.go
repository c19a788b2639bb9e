package locale

import (
	"strings"
	"time"
	"unicode/utf8"

	"paylink"
)

// MessageFacts is what a message to a customer is made of. Names and words may be raw: they are
// cleaned and shortened here.
type MessageFacts struct {
	Merchant     string
	Amount       paylink.Money
	Open         bool   // the customer chooses, from Amount on
	Description  string // what the money is for; may be empty
	Reference    string // stands in for an empty description; may be empty
	CustomerName string // may be empty
	URL          string // the link's address, written as it is and never cut
	ExpiresAt    time.Time
	Kind         MessageKind
	DueAt        time.Time // zero: no day is named
	Zone         string    // IANA name of the merchant's time zone

	// Of a receipt or a refund notice; there Amount is what was paid or goes back.
	Number string        // of the payment or the refund, for whoever asks about it
	At     time.Time     // when the money moved
	Left   paylink.Money // what is still to be paid; zero: nothing, or nothing certain
}

// MessageKind is in which words a message asks. They are the prefix of its texts.
type MessageKind string

const (
	KindRequest  MessageKind = ""
	KindReminder MessageKind = "remind"
	KindExpiring MessageKind = "expiring" // a reminder that says when the request ends
	KindOverdue  MessageKind = "overdue"  // a reminder that says when the money was due
	KindReceipt  MessageKind = "receipt"  // money has arrived
	KindRefund   MessageKind = "refund"   // money goes back
)

// tiding tells whether a message says what became of money, and asks for none.
func (k MessageKind) tiding() bool { return k == KindReceipt || k == KindRefund }

// Text is a message as its channel carries it. Text of a WhatsApp message does not hold the URL,
// which is the button's; every other channel's text does.
type Text struct {
	Subject string // e-mail's subject, the title in the app; else empty
	Text    string
	HTML    string // e-mail only
	Button  string // label of the button that opens the URL; empty for SMS
}

// Longest pieces of other people's words in a message, in characters. WhatsApp's template body has
// room for 1,024 in all.
const (
	longestMerchant = 60
	longestSubject  = 120
	longestName     = 40
)

// Message writes the request for one channel. A text message holds one sender, one address and no
// urgency.
func (l Language) Message(channel paylink.Channel, f MessageFacts) Text {
	f.Merchant = plainWithout(f.Merchant, longestMerchant)
	f.CustomerName = plainWithout(f.CustomerName, longestName)
	subject := plainWithout(f.Description, longestSubject)
	if subject == "" {
		subject = plainWithout(f.Reference, longestSubject)
	}
	switch channel {
	case paylink.ChannelSMS:
		return Text{Text: l.sms(f, subject)}
	case paylink.ChannelWhatsApp:
		return Text{Text: l.greeting(f) + "\n\n" + l.request(f, subject) + "\n\n" + l.foot(f), Button: l.button(f)}
	case paylink.ChannelEmail:
		return l.email(f, subject)
	default: // the merchant's own app
		return Text{
			Subject: l.T(f.key("in_app.title"), "merchant", f.Merchant),
			Text:    l.request(f, subject) + " " + l.way(f),
			Button:  l.button(f),
		}
	}
}

// request is the sentence that every channel but SMS shares: who asks for how much, what for, until
// when.
func (l Language) request(f MessageFacts, subject string) string {
	text := l.T(f.key("message.ask.short"), "merchant", f.Merchant, "amount", l.sum(f, l.Money))
	if subject != "" {
		text = l.T(f.key("message.ask"), "merchant", f.Merchant, "amount", l.sum(f, l.Money), "subject", subject)
	}
	if f.Kind.tiding() {
		if f.Left.Minor > 0 {
			text += " " + l.T("tiding.left", "amount", l.Money(f.Left))
		}
		return text
	}
	if f.Kind == KindOverdue {
		text += " " + l.T("message.due", "day", l.Day(f.DueAt, f.Zone))
	}
	if !f.ExpiresAt.IsZero() {
		text += " " + l.T("message.until", "time", l.Moment(f.ExpiresAt, f.Zone))
	}
	return text
}

// key is the text of a kind that stands in for the request's own. Where a sentence is the same for all
// reminders, expiring and overdue share it.
func (f MessageFacts) key(of string) string {
	switch {
	case f.Kind == KindRequest:
		return of
	case f.Kind.tiding():
		return string(f.Kind) + "." + of
	}
	return "remind." + of
}

// way is where the message leads; button is the same in few words.
func (l Language) way(f MessageFacts) string {
	if f.Kind.tiding() {
		return l.T("tiding.see", "url", f.URL)
	}
	return l.T("message.pay", "url", f.URL)
}

func (l Language) button(f MessageFacts) string {
	if f.Kind.tiding() {
		return l.T("tiding.button")
	}
	return l.T("message.button")
}

// foot is what stands below: of a request what nobody needs for it, of a receipt by which number it is known.
func (l Language) foot(f MessageFacts) string {
	if f.Kind.tiding() {
		return l.T("tiding.facts", "time", l.Moment(f.At, f.Zone), "number", f.Number)
	}
	return l.T("message.careful")
}

// why is for whoever knows nothing of all this.
func (l Language) why(f MessageFacts) string {
	if f.Kind.tiding() {
		return l.T("tiding.why", "merchant", f.Merchant)
	}
	return l.T("email.why", "merchant", f.Merchant)
}

// sum is how much is asked for; where the customer chooses, from how much on.
func (l Language) sum(f MessageFacts, money func(paylink.Money) string) string {
	switch {
	case f.Open && f.Amount.Minor <= 1:
		return l.T("message.any")
	case f.Open:
		return l.T("amount.from", "amount", money(f.Amount))
	}
	return money(f.Amount)
}

func (l Language) greeting(f MessageFacts) string {
	if f.CustomerName == "" {
		return l.T("whatsapp.stranger")
	}
	return l.T("whatsapp.greeting", "name", f.CustomerName)
}

// sms shortens the subject, then leaves it out, until the message fits. In languages of Latin letters it
// is written in GSM-7: a subject that GSM-7 cannot write is left out; only a merchant's name that it cannot write
// makes the message Unicode, because a customer must read who asks.
func (l Language) sms(f MessageFacts, subject string) string {
	if l.writing.gsm {
		f.Merchant, subject = alike.Replace(f.Merchant), alike.Replace(subject)
		if !gsmOnly(subject) {
			subject = ""
			if r := alike.Replace(plainWithout(f.Reference, longestSubject)); gsmOnly(r) {
				subject = r
			}
		}
	}
	amount, prefix := l.sum(f, l.shortMoney), "sms."
	if f.Kind != KindRequest {
		prefix = string(f.Kind) + ".sms."
	}
	day := l.Moment(f.ExpiresAt, f.Zone)
	if f.Kind == KindOverdue {
		day = l.Day(f.DueAt, f.Zone)
	}
	if l.writing.gsm {
		day = alike.Replace(day)
	}
	for limit := utf8.RuneCountInString(subject); limit > 0; limit-- {
		text := l.T(prefix+"text", "merchant", f.Merchant, "amount", amount, "subject", clip(subject, limit), "day", day, "url", f.URL)
		if fits(text) {
			return text
		}
	}
	for limit := utf8.RuneCountInString(f.Merchant); limit > 11; limit-- { // 11: the longest sender name that operators know
		text := l.T(prefix+"short", "merchant", clip(f.Merchant, limit), "amount", amount, "day", day, "url", f.URL)
		if fits(text) {
			return text
		}
	}
	return l.T(prefix+"short", "merchant", clip(f.Merchant, 11), "amount", amount, "day", day, "url", f.URL)
}

// clip shortens without an ellipsis, which GSM-7 lacks.
func clip(s string, limit int) string {
	runes := []rune(s)
	return strings.TrimRight(string(runes[:min(len(runes), limit)]), " ")
}
