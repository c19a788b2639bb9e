package plivo

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
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

// The headers of Plivo's signature and of what it is made with.
const (
	signatureHeader = "X-Plivo-Signature-V3"
	nonceHeader     = "X-Plivo-Signature-V3-Nonce"
)

// Verify tells whether Plivo signed the post with the account's Auth Token. The signature covers the address
// and every field; it holds no time, so a repeated receipt is genuine too.
func (s *Sender) Verify(a channel.Account, p channel.Post, _ time.Time) error {
	given, nonce := p.Header.Values(signatureHeader), p.Header.Values(nonceHeader)
	if len(given) == 0 || given[0] == "" {
		return &channel.Unverified{Reason: provider.MissingSignature}
	}
	text, known := signed(p)
	if len(given) != 1 || len(nonce) != 1 || a.Secret == "" || !known {
		return &channel.Unverified{Reason: provider.BadSignature}
	}
	mac := hmac.New(sha256.New, []byte(a.Secret))
	mac.Write([]byte(text + "." + nonce[0]))
	want := []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	for _, one := range strings.Split(given[0], ",") { // several while a token is changed
		if hmac.Equal([]byte(one), want) {
			return nil
		}
	}
	return &channel.Unverified{Reason: provider.BadSignature}
}

// signed is what Plivo signs: the address, its query sorted, and the fields sorted and without anything
// between. Between a query and fields stands a dot.
func signed(p channel.Post) (string, bool) {
	query, ok := sorted(p.URL.RawQuery, "=", "&")
	fields, good := sorted(string(p.Body), "", "")
	if !ok || !good || len(p.Body) > httpwire.MaxBody {
		return "", false
	}
	text := p.URL.Scheme + "://" + p.URL.Host + p.URL.EscapedPath()
	if query != "" || fields != "" {
		text += "?" + query
	}
	if query != "" && fields != "" {
		text += "."
	}
	return text + fields, true
}

// sorted is a form's fields by their names; one that stands twice is nothing that Plivo says.
func sorted(form, between, after string) (string, bool) {
	values, err := url.ParseQuery(form)
	if err != nil {
		return "", false
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if len(values[name]) != 1 {
			return "", false
		}
		all = append(all, name+between+values.Get(name))
	}
	return strings.Join(all, after), true
}

var (
	unitCount = regexp.MustCompile(`^[0-9]{1,3}$`)
	errorCode = regexp.MustCompile(`^[0-9]{1,4}$`)
)

// Read understands a status callback, or a message that a customer sent to the account's number.
func (s *Sender) Read(_ channel.Account, p channel.Post) (channel.News, error) {
	news, err := read(p)
	if err != nil {
		return channel.News{}, fmt.Errorf("read a receipt: %w", err)
	}
	return news, nil
}

func read(p channel.Post) (news channel.News, err error) {
	form, err := httpwire.Form(p)
	switch {
	case err != nil:
		return news, err
	case !uuid.MatchString(form.Get("MessageUUID")):
		return news, errors.New("it names no message of Plivo's")
	case !unitCount.MatchString(form.Get("Units")):
		return news, errors.New("it counts no units")
	}
	if !form.Has("Status") {
		from, ok := carrierwire.Number(form.Get("From"))
		if !ok || !form.Has("Text") {
			return news, errors.New("it is neither a receipt nor a message from a phone")
		}
		reply := channel.Reply{Channel: paylink.ChannelSMS, From: from, Text: carrierwire.ReplyText(form.Get("Text"))}
		return channel.News{Replies: []channel.Reply{reply}}, nil
	}
	id, err := carrierwire.Message(p)
	if err != nil {
		return news, err
	}
	r := channel.Receipt{Message: id, ProviderReference: form.Get("MessageUUID")}
	r.Segments, _ = strconv.ParseInt(form.Get("Units"), 10, 32)
	switch form.Get("Status") {
	case "queued":
		return news, nil // no more than that Plivo has it
	case "sent":
		r.Status = paylink.MessageSent
	case "delivered":
		r.Status = paylink.MessageDelivered
	case "failed", "undelivered", "rejected":
		r.Status = paylink.MessageFailed
		r.ErrorCode, r.Reason = failure(form.Get("Status"), form.Get("ErrorCode"))
		if r.Reason == provider.Blocked {
			r.Status = paylink.MessageBlocked
		}
	default:
		return news, errors.New("the status is not one that we know")
	}
	return channel.News{Receipts: []channel.Receipt{r}}, nil
}

// failure is why a message failed. A code that is not in the table is judged by the status: what was
// undelivered reached the operators.
func failure(status, code string) (string, provider.Reason) {
	if !errorCode.MatchString(code) {
		code = ""
	}
	reason := carrier.Refused[strings.TrimLeft(code, "0")].Reason
	switch {
	case reason != "":
	case status == "undelivered":
		reason = provider.Unreachable
	default:
		reason = provider.ProviderDown
	}
	return carrier.Code(code, "plivo_"+status), reason
}
