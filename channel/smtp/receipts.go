package smtp

import (
	"errors"
	"fmt"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/provider"
)

// largest is how much of a returned mail is read; ours come back whole within it.
const largest = 256 << 10

// Verify tells whether the post carries the account's bounce secret in its query. Mail signs nothing, so
// whoever hands it over must be known: see docs/email.md.
func (s *Sender) Verify(a channel.Account, p channel.Post, _ time.Time) error {
	given := p.URL.Query()["secret"]
	if len(given) == 0 || given[0] == "" {
		return &channel.Unverified{Reason: provider.MissingSignature}
	}
	if !provider.Same(given[0], a.Secret) || a.Secret == "" || len(given) != 1 || len(p.Body) == 0 {
		return &channel.Unverified{Reason: provider.BadSignature}
	}
	return nil
}

// Read understands a returned mail: a report by RFC 3464, a complaint by RFC 5965, or a bounce in words.
// Mail that is neither, such as a holiday greeting, has no news.
func (s *Sender) Read(a channel.Account, p channel.Post) (channel.News, error) {
	if kind := p.ContentType(); kind != "message/rfc822" && kind != "" {
		return channel.News{}, errors.New("read returned mail: it is not message/rfc822")
	}
	if len(p.Body) > largest {
		return channel.News{}, errors.New("read returned mail: it is too large")
	}
	m, err := parseMail(p.Body)
	if err != nil {
		return channel.News{}, fmt.Errorf("read returned mail: %w", err)
	}
	told, err := m.tells()
	if err != nil {
		return channel.News{}, fmt.Errorf("read returned mail: %w", err)
	}
	if told == nil {
		return channel.News{}, nil
	}
	// The recipient to whom it came is the envelope's, and sure; everything else is what somebody wrote.
	id, ok := namedIn(a.Secret, p.URL.Query().Get("recipient"))
	if !ok {
		id, ok = namedIn(a.Secret, m.text)
	}
	if !ok || a.Secret == "" {
		return channel.News{}, errors.New("read returned mail: it names no letter of this account")
	}
	told.Message, told.ProviderReference = id, messageID(a, id)
	return channel.News{Receipts: []channel.Receipt{*told}}, nil
}

// receiptOf is what a report's action and codes make of a letter.
func receiptOf(action string, v verdict) (*channel.Receipt, error) {
	switch action {
	case "failed":
		told := &channel.Receipt{Status: paylink.MessageFailed, ErrorCode: v.code, Reason: v.reason}
		if v.reason == provider.Blocked {
			told.Status = paylink.MessageBlocked
		}
		if v.temporary {
			told.Reason = provider.Expired // tried until it was too late
		}
		return told, nil
	case "delivered":
		return &channel.Receipt{Status: paylink.MessageDelivered}, nil
	case "relayed", "expanded", "delayed":
		return &channel.Receipt{Status: paylink.MessageSent}, nil
	}
	return nil, errors.New("the action is not one of a report")
}
