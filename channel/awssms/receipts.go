package awssms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/carrierwire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// Verify believes a post whose address holds the account's secret; see the package's comment.
func (s *Sender) Verify(a channel.Account, p channel.Post, _ time.Time) error {
	return carrierwire.VerifyAddress(a, p)
}

// envelope is what SNS posts: a notice, or the question whether the subscription is wanted.
type envelope struct {
	Type         string  `json:"Type"`
	Message      *string `json:"Message"`
	SubscribeURL string  `json:"SubscribeURL"`
}

// event is what became of a message. The times are milliseconds since 1970.
type event struct {
	Type      string      `json:"eventType"`
	Timestamp int64       `json:"eventTimestamp"`
	MessageID string      `json:"messageId"`
	Price     json.Number `json:"totalMessagePrice"`
	Context   struct {
		Message paylink.MessageID `json:"message"`
	} `json:"context"`
}

// Read understands an event in SNS's envelope. The question whether a subscription is wanted holds no news;
// see Confirm.
func (s *Sender) Read(_ channel.Account, p channel.Post) (channel.News, error) {
	news, err := read(p)
	if err != nil {
		return channel.News{}, fmt.Errorf("read a receipt: %w", err)
	}
	return news, nil
}

func read(p channel.Post) (news channel.News, err error) {
	var outer envelope
	if err := httpwire.Decode(p.Body, &outer); err != nil {
		return news, err
	}
	switch {
	case outer.Type == "SubscriptionConfirmation" || outer.Type == "UnsubscribeConfirmation":
		return news, nil
	case outer.Type != "Notification" || outer.Message == nil:
		return news, errors.New("it is no notice of SNS's")
	}
	var e event
	if err := httpwire.Decode([]byte(*outer.Message), &e); err != nil {
		return news, err
	}
	meaning, known := events[e.Type]
	switch {
	case !known:
		return news, errors.New("the event is not one that we know")
	case !messageID.MatchString(e.MessageID):
		return news, errors.New("it names no message of AWS's")
	case !paylink.HasTag(string(e.Context.Message), "msg"):
		return news, errors.New("it is not about a message of ours")
	case e.Timestamp <= 0 || e.Timestamp >= 1e14:
		return news, errors.New("it tells no time")
	case meaning.status == "":
		return news, nil
	}
	r := channel.Receipt{
		Message: e.Context.Message, ProviderReference: e.MessageID, Status: meaning.status, Reason: meaning.reason, At: time.UnixMilli(e.Timestamp).UTC(),
	}
	if priced.MatchString(e.Price.String()) {
		r.Price = e.Price.String() + " USD"
	}
	if r.Reason != "" {
		r.ErrorCode = provider.SafeCode(e.Type, "aws_unknown")
	}
	return channel.News{Receipts: []channel.Receipt{r}}, nil
}

var priced = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,9})?$`)

// events are those of AWS's SDK. One without a status says no more than that AWS has the message.
var events = map[string]struct {
	status paylink.MessageStatus
	reason provider.Reason
}{
	"TEXT_QUEUED":     {},
	"TEXT_PENDING":    {},
	"TEXT_SENT":       {status: paylink.MessageSent},
	"TEXT_SUCCESSFUL": {status: paylink.MessageSent}, // the operator has it
	"TEXT_UNKNOWN":    {status: paylink.MessageSent}, // no operator's word came within three days: nothing is known to have failed
	"TEXT_DELIVERED":  {status: paylink.MessageDelivered},

	"TEXT_INVALID":             {paylink.MessageFailed, provider.InvalidAddress},
	"TEXT_INVALID_MESSAGE":     {paylink.MessageFailed, provider.BadRequest},
	"TEXT_UNREACHABLE":         {paylink.MessageFailed, provider.Unreachable},
	"TEXT_CARRIER_UNREACHABLE": {paylink.MessageFailed, provider.Unreachable},
	"TEXT_TTL_EXPIRED":         {paylink.MessageFailed, provider.Expired},
	"TEXT_BLOCKED":             {paylink.MessageBlocked, provider.Blocked},
	"TEXT_CARRIER_BLOCKED":     {paylink.MessageBlocked, provider.Blocked},
	"TEXT_SPAM":                {paylink.MessageBlocked, provider.Blocked},
	"TEXT_PROTECT_BLOCKED":     {paylink.MessageBlocked, provider.Blocked},
}

// snsHost is where SNS asks to be called.
var snsHost = regexp.MustCompile(`^sns\.[a-z0-9-]{1,40}\.amazonaws\.com(\.cn)?$`)

// Confirm answers SNS's question whether the subscription is wanted, which is a call of the address that
// stands in it, and does nothing for any other post. Only an address of SNS's own is called, or one at the
// account's base URL.
func (s *Sender) Confirm(ctx context.Context, a channel.Account, p channel.Post) error {
	var question envelope
	if httpwire.Decode(p.Body, &question) != nil || question.Type != "SubscriptionConfirmation" {
		return nil
	}
	to, err := url.Parse(question.SubscribeURL)
	asked := err == nil && to.Scheme == "https" && to.User == nil && snsHost.MatchString(to.Host)
	if a.BaseURL != "" {
		asked = err == nil && strings.HasPrefix(question.SubscribeURL, a.Base("")+"/")
	}
	if !asked {
		return &channel.Rejected{Code: "aws_subscribe_url", Reason: provider.BadRequest, Words: "The subscription is not confirmed at an address of SNS's."}
	}
	if _, err := carrier.Do(ctx, s.client, httpwire.Call{Method: http.MethodGet, URL: question.SubscribeURL, Header: http.Header{}}); err != nil {
		return fmt.Errorf("confirm the subscription: %w", err)
	}
	return nil
}
