// Package generic is the channel adapter for any carrier of text messages that takes one HTTP call per
// message: the account's fields describe the call, where its answer has the reference, what means a refusal,
// and how receipts come and are believed.
//
// It is for dispatch, through the port channel.Sender. There is no expression language: texts have a few
// named places such as {{to}}, each of which is replaced once and escaped for where it stands. What one
// carrier needs beyond that deserves an adapter of its own.
package generic

import (
	"paylink"
	"paylink/channel"
	"paylink/outbound"
	"paylink/provider"
)

// Sender speaks to the carriers that accounts describe. Make it with New.
type Sender struct{ client *outbound.Client }

// New makes an adapter that calls out by client.
func New(client *outbound.Client) *Sender { return &Sender{client: client} }

const placesHelp = "Places: {{to}} with its plus, {{digits}} without, {{text}}, {{sender}}, {{id}}, {{receipt_url}}, {{key}}; India: {{entity}}, {{template}}, {{header}}."

// Capabilities says what an account with a carrier of one's own needs.
func (s *Sender) Capabilities() channel.Capabilities {
	return channel.Capabilities{
		Name: "generic", Title: "HTTP provider", Channels: []paylink.Channel{paylink.ChannelSMS},
		Fields: append(callFields(), receiptFields()...),
	}
}

func callFields() []provider.Field {
	return []provider.Field{
		{Name: "method", Label: "Method", Options: []string{"POST", "PUT", "GET"}, Help: "Of the call that sends one message; POST when empty."},
		{Name: "url", Label: "Address", Required: true, Pattern: `https?://[^{}\s]+(/\S*)?`, Most: 1000, Example: "https://sms.example.com/v1/send", Help: placesHelp},
		{Name: "headers", Label: "Headers", Secret: true, Most: 2000, Example: "Authorization: Bearer {{key}}", Help: "One a line, Name: value, with the same places. They are kept like a password."},
		{Name: "body_type", Label: "Body's kind", Options: []string{"json", "form", "none"}, Help: "How places in the body are escaped; json when empty."},
		{Name: "body", Label: "Body", Most: 4000, Example: `{"to":"{{digits}}","message":"{{text}}"}`, Help: "With the same places."},
		{Name: "key", Label: "Key", Secret: true, Most: 500, Help: "What stands at the place {{key}}."},
		{Name: "sender", Label: "Sender", Most: 20, Help: "What stands at the place {{sender}}, unless the template names a header."},
		{Name: "most_text", Label: "Longest text", Pattern: `[1-9][0-9]{1,3}`, Example: "1600", Help: "In characters; 1,600 when empty."},
		{
			Name: "reference", Label: "Reference in the answer", Required: true, Pattern: `\*|(/[^/]*)+`, Example: "/messages/0/id",
			Help: "A JSON pointer to the carrier's id of the message, or * when the answer is nothing but the id.",
		},
		{
			Name: "refused", Label: "Texts that mean a refusal", Most: 2000, Example: "insufficient balance = no_balance",
			Help: "One a line. Where the answer has such a text, in any capitals, the message was refused, for the reason after the = if there is one.",
		},
	}
}

func receiptFields() []provider.Field {
	return []provider.Field{
		{Name: "receipt_format", Label: "Receipts come as", Options: []string{"json", "form"}, Help: "json when empty."},
		{Name: "receipt_reference", Label: "Reference in a receipt", Example: "/id", Help: "A JSON pointer, or the form's field, with the same id as the answer to the call."},
		{Name: "receipt_message", Label: "Our id in a receipt", Example: "/client_id", Help: "Where the carrier gives back what stood at the place {{id}}."},
		{Name: "receipt_status", Label: "Status in a receipt", Example: "/status"},
		{
			Name: "receipt_statuses", Label: "Statuses", Most: 2000, Example: "DELIVRD = delivered\nREJECTD = blocked opted_out",
			Help: "One a line: the carrier's word = sent, delivered, failed, blocked or ignore. After failed and blocked a reason may stand.",
		},
		{Name: "receipt_error", Label: "Error code in a receipt", Example: "/error"},
		{Name: "receipt_time", Label: "Time in a receipt", Example: "/at", Help: "RFC 3339, or seconds or milliseconds since 1970."},
		{
			Name: "receipt_proof", Label: "Receipts are believed by", Options: []string{"secret", "hmac-sha256-hex", "hmac-sha256-base64"},
			Help: "secret: the receipt address has ?secret= and the receipt secret. hmac: a header has the HMAC-SHA-256 of the body under it. secret when empty.",
		},
		{Name: "receipt_header", Label: "Header of the HMAC", Pattern: `[A-Za-z0-9-]{1,60}`, Example: "X-Signature"},
		{Name: "receipt_prefix", Label: "Before the HMAC", Most: 20, Example: "sha256="},
		{
			Name: provider.Secret, Label: "Receipt secret", Required: true, Secret: true, Pattern: `\S{20,200}`,
			Help: "Any long random word. It stands in the receipt address or makes the HMAC.",
		},
	}
}
