// Package channel is the port to the carriers of messages: send a letter, believe and read a
// receipt.
//
// It is for dispatch, which renders and plans, and for the inbound door, which takes receipts. Each
// provider is one folder below; channeltest holds the contract that all of them pass. A channel only
// translates: whether and when to send, to fall back or to try again is for dispatch to judge.
package channel

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"paylink"
	"paylink/provider"
)

// Sender is one provider that carries messages on one or more channels. Its methods may be called by
// many goroutines at once.
type Sender interface {
	Capabilities() Capabilities

	// Send hands one letter to the provider and answers the provider's reference for it. The error
	// says how the call ended: *[Rejected], or *[Broken] that is NotSent or Unknown. Where the
	// provider is Idempotent, the same letter again gives the same reference and no second message.
	Send(ctx context.Context, a Account, l Letter) (providerReference string, err error)

	// Verify tells whether a posted body is the provider's own, for this account, and fresh. The
	// error is an *[Unverified]. An account without a secret verifies nothing. It is pure.
	Verify(a Account, h http.Header, body []byte, now time.Time) error

	// Read understands the receipts in one posted body. It refuses the whole body when any part is
	// not exactly in the provider's format, and bodies beyond its bound. It is pure.
	Read(body []byte) ([]Receipt, error)
}

// What the port shares with gateway; the steps need to know channel only.
type (
	Account    = provider.Account
	Broken     = provider.Broken
	Rejected   = provider.Rejected
	Unverified = provider.Unverified
)

// When a call broke, as Broken.When tells.
const (
	NotSent = provider.NotSent
	Unknown = provider.Unknown
)

// Capabilities is what a provider can do, as data.
type Capabilities struct {
	Name       string            // "sandbox", as in Message.Provider and in the path of receipts
	Channels   []paylink.Channel // that it carries
	Reads      []paylink.Channel // of those, where it can know that a message was read
	Idempotent bool              // a repeated Send is harmless
}

// Letter is one message, rendered for its channel. It prints and logs as its id and channel only:
// the rest is personal, or opens the link.
type Letter struct {
	ID                     paylink.MessageID // given to the provider, which deduplicates by it where it can
	Channel                paylink.Channel
	To                     string // E.164, an e-mail address, or for in_app the customer's id
	Sender                 string // as the customer sees it: "Acme"
	Subject                string // e-mail and in_app
	Text                   string
	HTML                   string // e-mail; empty: text only
	ButtonLabel, ButtonURL string // WhatsApp, e-mail and in_app; empty: no button
	ReceiptURL             string // where the provider posts its receipts
}

// LogValue keeps addresses, texts and links out of logs.
func (l Letter) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", string(l.ID)), slog.String("channel", string(l.Channel)))
}

// Format keeps addresses, texts and links out of every verb of fmt.
func (l Letter) Format(w fmt.State, _ rune) { io.WriteString(w, string(l.Channel)+" "+string(l.ID)) }

// MarshalText keeps addresses, texts and links out of JSON, also when a letter is a part of what is
// logged.
func (l Letter) MarshalText() ([]byte, error) {
	return []byte(string(l.Channel) + " " + string(l.ID)), nil
}

// Receipt is what the provider says became of one letter.
type Receipt struct {
	Message           paylink.MessageID
	ProviderReference string
	Status            paylink.MessageStatus // sent, delivered, read, failed or blocked
	ErrorCode         string                // the provider's, safe to log; set when failed or blocked
	At                time.Time             // when it became so, by the provider's clock
	Account           string                // as named in the receipt, to compare with Account.Name
}
