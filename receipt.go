package paylink

import (
	"slices"
	"time"
)

// Receipts says on which channels customers are told that their money has arrived.
type Receipts struct {
	Channels []Channel `json:"channels" enum:"sms,whatsapp,email,in_app" maxItems:"4" doc:"as far as the customer has an address there; none: no receipts"`
}

// receiptDefault is where receipts go when nobody has chosen: mail costs next to nothing, and nobody is
// surprised by it.
var receiptDefault = []Channel{ChannelEmail}

// ReceiptChannels is where receipts of the link go: as it says itself, else as its merchant does. When nobody
// has said anything, chosen is false, and a channel that the merchant has nobody for is passed over.
func (l Link) ReceiptChannels(s Settings) (channels []Channel, chosen bool) {
	switch {
	case l.Terms.Receipts != nil:
		return l.Terms.Receipts.Channels, true
	case s.Receipts != nil:
		return s.Receipts.Channels, true
	}
	return receiptDefault, false
}

// Telling is what a message says beside its link's facts, as it was when there was reason to say it.
type Telling struct {
	Amount    int64     `json:"amount,omitempty"`    // minor units of the link's currency
	Reference string    `json:"reference,omitempty"` // of the payment or the refund, for whoever asks about it
	At        time.Time `json:"at,omitzero"`         // when the money moved
	Order     MessageID `json:"order,omitempty"`     // the message in which the link was shown as an order, which is paid by it
}

// Tiding is a reason to write to the customer that is no request: money has come, or goes back.
type Tiding struct {
	Kind    TemplateKind `json:"kind"`              // receipt or refund
	About   string       `json:"about"`             // pay_… or the refund's id: told once on each channel
	Unasked bool         `json:"unasked,omitempty"` // the customer did nothing just now: the merchant's hours hold
	Telling
}

// Inform is the job that tells the link's customer.
func (l Link) Inform(id JobID, t Tiding, now time.Time) Job {
	return Job{
		ID: id, Kind: JobInform, Key: string(t.Kind) + " " + t.About, Merchant: l.Merchant, Live: l.Live,
		Payload: JobPayload{Link: l.ID, Tiding: &t}, RunAt: now,
	}
}

// Receipt is the job that tells the customer of money that was captured and counts; false when nobody is to
// be told. Money that is held or goes back has no receipt.
func (l Link) Receipt(id JobID, p Payment, customer *Customer, s Settings, now time.Time) (Job, bool) {
	channels, _ := l.ReceiptChannels(s)
	if slices.Contains(l.Channels, ChannelWhatsApp) {
		channels = append(slices.Clone(channels), ChannelWhatsApp) // where it may stand as an order, which is to be closed
	}
	if !p.Counts() || !slices.ContainsFunc(channels, func(c Channel) bool { return customer.Address(c) != "" }) {
		return Job{}, false
	}
	return l.Inform(id, Tiding{
		Kind: TemplateReceipt, About: string(p.ID), Unasked: p.Gateway == "",
		Telling: Telling{Amount: p.AmountCaptured, Reference: p.Reference, At: p.CapturedAt},
	}, now), true
}

// Told makes the message that carries a tiding on one channel.
func (l Link) Told(id MessageID, t Tiding, c Channel, customer *Customer, now time.Time) Message {
	purpose := PurposeRequested // whoever has paid just now waits for the receipt
	if t.Unasked {
		purpose = PurposeTransactional
	}
	return Message{
		ID: id, Merchant: l.Merchant, Live: l.Live, Link: l.ID, Channel: c, Purpose: purpose, Kind: t.Kind, About: t.About, Tells: t.Telling,
		To: customer.Address(c), Status: MessageQueued, CreatedAt: now, UpdatedAt: now,
	}
}

// Words is in which words the message is, or will be as far as that is known.
func (m Message) Words() TemplateKind {
	switch {
	case m.Kind != "":
		return m.Kind
	case m.Purpose == PurposeReminder:
		return TemplateReminder
	}
	return TemplateRequest
}

// Asks tells whether the message carries the link to whoever is to pay it.
func (m Message) Asks() bool {
	switch m.Kind {
	case TemplateReceipt, TemplateRefund, TemplateCode:
		return false
	}
	return true
}
