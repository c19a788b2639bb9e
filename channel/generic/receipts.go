package generic

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/carrierwire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// Verify believes a post whose address holds the account's secret, or one whose body is signed with it, as
// the account says. Neither proves a time.
func (s *Sender) Verify(a channel.Account, p channel.Post, _ time.Time) error {
	encode := map[string]func([]byte) string{"hmac-sha256-hex": hex.EncodeToString, "hmac-sha256-base64": base64.StdEncoding.EncodeToString}[a.Fields["receipt_proof"]]
	if encode == nil {
		return carrierwire.VerifyAddress(a, p)
	}
	given := p.Header.Values(a.Fields["receipt_header"])
	if len(given) == 0 || given[0] == "" {
		return &channel.Unverified{Reason: provider.MissingSignature}
	}
	mac := hmac.New(sha256.New, []byte(a.Secret))
	mac.Write(p.Body)
	want := a.Fields["receipt_prefix"] + encode(mac.Sum(nil))
	if len(given) != 1 || a.Secret == "" || !hmac.Equal([]byte(given[0]), []byte(want)) {
		return &channel.Unverified{Reason: provider.BadSignature}
	}
	return nil
}

// Read understands a receipt by where the account says that its parts are.
func (s *Sender) Read(a channel.Account, p channel.Post) (channel.News, error) {
	news, err := read(a, p)
	if err != nil {
		return channel.News{}, fmt.Errorf("read a receipt: %w", err)
	}
	return news, nil
}

func read(a channel.Account, p channel.Post) (news channel.News, err error) {
	look, err := parts(a, p)
	if err != nil {
		return news, err
	}
	r := channel.Receipt{ProviderReference: look("receipt_reference")}
	if r.Message, err = message(a, p, look); err != nil {
		return news, err
	}
	if a.Fields["receipt_reference"] != "" && !isReference.MatchString(r.ProviderReference) || r.ProviderReference == "" && r.Message == "" {
		return news, errors.New("it names no message")
	}
	if a.Fields["receipt_time"] != "" {
		if r.At, err = moment(look("receipt_time")); err != nil {
			return news, err
		}
	}
	status, reason, known := meaning(a, look("receipt_status"))
	switch {
	case !known:
		return news, errors.New("the status is not one that the account names")
	case status == "":
		return news, nil
	}
	if r.Status = status; status == paylink.MessageFailed || status == paylink.MessageBlocked {
		r.Reason, r.ErrorCode = reason, httpwire.API{Name: "generic"}.Code(look("receipt_error"), "generic_"+string(status))
	}
	return channel.News{Receipts: []channel.Receipt{r}}, nil
}

// parts gives a function that finds the part of a receipt which one of the account's fields names.
func parts(a channel.Account, p channel.Post) (func(field string) string, error) {
	if a.Fields["receipt_format"] == "form" {
		form, err := httpwire.Form(p)
		return func(field string) string { return form.Get(a.Fields[field]) }, err
	}
	var said any
	if err := httpwire.Decode(p.Body, &said); err != nil {
		return nil, err
	}
	return func(field string) string {
		found, _ := at(said, a.Fields[field])
		return found
	}, nil
}

// message is the message that a receipt names, in its body or, where the whole address is believed, there.
func message(a channel.Account, p channel.Post, look func(string) string) (paylink.MessageID, error) {
	if a.Fields["receipt_message"] != "" {
		id := look("receipt_message")
		if !paylink.HasTag(id, "msg") {
			return "", errors.New("it is not about a message of ours")
		}
		return paylink.MessageID(id), nil
	}
	if strings.HasPrefix(a.Fields["receipt_proof"], "hmac") {
		return "", nil // the address is not signed
	}
	return carrierwire.Message(p)
}

// meaning is what the account says that a carrier's status means; without a status it means nothing to us.
func meaning(a channel.Account, said string) (_ paylink.MessageStatus, _ provider.Reason, known bool) {
	for _, l := range textLines(a.Fields["receipt_statuses"]) {
		if l.left != said {
			continue
		}
		word, why, _ := strings.Cut(l.right, " ")
		reason := provider.Reason(strings.TrimSpace(why))
		switch status := paylink.MessageStatus(word); status {
		case paylink.MessageSent, paylink.MessageDelivered:
			return status, "", true
		case paylink.MessageFailed, paylink.MessageBlocked:
			if !slices.Contains(reasons, reason) {
				reason = map[paylink.MessageStatus]provider.Reason{paylink.MessageFailed: provider.Unreachable, paylink.MessageBlocked: provider.Blocked}[status]
			}
			return status, reason, true
		case "ignore":
			return "", "", true
		}
	}
	return "", "", false
}

// moment reads a time: RFC 3339, or seconds or milliseconds since 1970.
func moment(said string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, said); err == nil && !at.IsZero() {
		return at.UTC(), nil
	}
	n, err := strconv.ParseInt(said, 10, 64)
	switch {
	case err != nil || n <= 0 || n >= 1e14:
		return time.Time{}, errors.New("it tells no time that can be read")
	case n >= 1e11:
		return time.UnixMilli(n).UTC(), nil
	}
	return time.Unix(n, 0).UTC(), nil
}
