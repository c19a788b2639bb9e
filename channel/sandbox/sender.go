// Package sandbox is the channel adapter for the sandbox, whose pretend carriers take SMS, WhatsApp
// messages, e-mail and in-app pushes and show them on its phone page.
//
// It is for dispatch, through the port channel.Sender, and speaks to the sandbox over HTTP as to any
// carrier far away. The wire's credentials, calls and signatures are sandboxwire's.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/outbound"
	"paylink/provider"
	"paylink/provider/sandboxwire"
)

// Sender speaks to the sandbox. Make it with New.
type Sender struct{ client *outbound.Client }

// New makes an adapter that calls out by client, which must be allowed to reach the sandbox's host.
func New(client *outbound.Client) *Sender { return &Sender{client: client} }

// Capabilities says what the sandbox's carriers can do: as in life, SMS cannot know who read.
func (s *Sender) Capabilities() channel.Capabilities {
	return channel.Capabilities{
		Name: "sandbox", Title: "Sandbox",
		Channels:   slices.Clone(paylink.Channels),
		Reads:      []paylink.Channel{paylink.ChannelWhatsApp, paylink.ChannelEmail, paylink.ChannelInApp},
		Idempotent: true,
	}
}

// message is the wire's request to carry a letter.
type message struct {
	ClientReference paylink.MessageID `json:"client_reference"`
	To              string            `json:"to"`
	Sender          string            `json:"sender"`
	Subject         string            `json:"subject"`
	Text            string            `json:"text"`
	HTML            string            `json:"html"`
	Button          *button           `json:"button"`
	ReceiptURL      string            `json:"receipt_url"`
}

type button struct {
	Label string `json:"label"`
	URL   string `json:"url"`
}

// Send hands one letter to the carrier of its channel and answers with the carrier's reference.
func (s *Sender) Send(ctx context.Context, a channel.Account, l channel.Letter) (channel.Sent, error) {
	body := message{
		ClientReference: l.ID, To: l.To, Sender: l.Sender, Subject: l.Subject, Text: l.Text, HTML: l.HTML,
		ReceiptURL: l.ReceiptURL,
	}
	if l.ButtonURL != "" {
		body.Button = &button{Label: l.ButtonLabel, URL: l.ButtonURL}
	}
	var answer struct {
		ID string `json:"id"`
	}
	err := sandboxwire.Do(ctx, s.client, sandboxwire.Call{
		Account: a, Method: http.MethodPost, Path: "/carrier/" + url.PathEscape(string(l.Channel)) + "/messages", Body: body,
	}, &answer)
	if err == nil && !isID(answer.ID) {
		err = &channel.Broken{When: channel.Unknown, Err: errors.New("the answer has no message id")}
	}
	if err != nil {
		return channel.Sent{}, fmt.Errorf("send %s: %w", l.ID, err)
	}
	return channel.Sent{Reference: answer.ID}, nil
}

// Verify tells whether the sandbox posted it for this account, and lately.
func (s *Sender) Verify(a channel.Account, p channel.Post, now time.Time) error {
	return sandboxwire.Verify(a, p.Header, p.Body, now)
}

// receipt is what the sandbox posts about one message.
type receipt struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	Data    struct {
		ID              string                `json:"id"`
		ClientReference paylink.MessageID     `json:"client_reference"`
		Status          paylink.MessageStatus `json:"status"`
		Error           string                `json:"error"`
		At              time.Time             `json:"at"`
	} `json:"data"`
}

// statuses are those that a carrier can tell about.
var statuses = []paylink.MessageStatus{
	paylink.MessageSent, paylink.MessageDelivered, paylink.MessageRead, paylink.MessageFailed, paylink.MessageBlocked,
}

// Read understands a receipt; the sandbox posts one at a time.
func (s *Sender) Read(_ channel.Account, p channel.Post) (channel.News, error) {
	var none channel.News
	var r receipt
	if err := sandboxwire.Decode(p.Body, &r); err != nil {
		return none, fmt.Errorf("read a receipt: %w", err)
	}
	d := r.Data
	bad := d.Status == paylink.MessageFailed || d.Status == paylink.MessageBlocked
	switch {
	case !isID(r.ID) || !isID(d.ID) || !isID(r.Account):
		return none, errors.New("read a receipt: it lacks its id, its message's or its account")
	case !paylink.HasTag(string(d.ClientReference), "msg"):
		return none, errors.New("read a receipt: it is not about a message of ours")
	case !slices.Contains(statuses, d.Status):
		return none, errors.New("read a receipt: the status is not one that we know")
	case !bad && d.Error != "":
		return none, errors.New("read a receipt: an error and success at once")
	case d.At.IsZero():
		return none, errors.New("read a receipt: it has no time")
	}
	told := channel.Receipt{Message: d.ClientReference, ProviderReference: d.ID, Status: d.Status, At: d.At.UTC(), Account: r.Account}
	if bad {
		told.ErrorCode = provider.SafeCode(d.Error, "unknown")
		told.Reason = reasons[told.ErrorCode]
	}
	return channel.News{Receipts: []channel.Receipt{told}}, nil
}

// reasons are the sandbox's error codes in our words.
var reasons = map[string]provider.Reason{
	"undelivered": provider.Unreachable, "unreachable": provider.Unreachable, "dlt_blocked": provider.Blocked, "blocked": provider.Blocked,
	"opted_out": provider.OptedOut, "bounced": provider.InvalidAddress,
}

// isID tells whether s can be an id: at most 128 bytes of ASCII without blanks or control characters.
func isID(s string) bool {
	return s != "" && len(s) <= 128 && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}
