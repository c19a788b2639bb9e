package twilio

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/carrierwire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// signatureHeader carries Twilio's signature.
const signatureHeader = "X-Twilio-Signature"

// Verify tells whether Twilio signed the post with the account's Auth Token. The signature covers the
// address as Twilio called it and every field; it holds no time, so a repeated receipt is genuine too.
func (s *Sender) Verify(a channel.Account, p channel.Post, _ time.Time) error {
	given := p.Header.Values(signatureHeader)
	if len(given) == 0 || given[0] == "" {
		return &channel.Unverified{Reason: provider.MissingSignature}
	}
	fields, known := signedFields(p)
	if len(given) != 1 || a.Secret == "" || !known {
		return &channel.Unverified{Reason: provider.BadSignature}
	}
	for _, address := range spellings(p.URL) {
		mac := hmac.New(sha1.New, []byte(a.Secret))
		mac.Write([]byte(address + fields))
		if hmac.Equal([]byte(given[0]), []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil)))) {
			return nil
		}
	}
	return &channel.Unverified{Reason: provider.BadSignature}
}

// signedFields is what is signed after the address: every field and its value, sorted by the field's name
// and without anything between. A body that is no form is signed by its hash, which stands in the address.
func signedFields(p channel.Post) (string, bool) {
	if hash := p.URL.Query().Get("bodySHA256"); hash != "" {
		sum := sha256.Sum256(p.Body)
		return "", hmac.Equal([]byte(hash), []byte(hex.EncodeToString(sum[:])))
	}
	form, err := url.ParseQuery(string(p.Body))
	if err != nil || len(p.Body) > httpwire.MaxBody {
		return "", false
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if len(form[name]) != 1 {
			return "", false // Twilio signs the first only, and says nothing twice
		}
		b.WriteString(name + form.Get(name))
	}
	return b.String(), true
}

// spellings are the address with and without the port that its scheme implies: Twilio signs now the one
// and now the other.
func spellings(u *url.URL) []string {
	implied := map[string]string{"https": "443", "http": "80"}[u.Scheme]
	other := *u
	switch u.Port() {
	case "":
		other.Host = u.Host + ":" + implied
	case implied:
		other.Host = strings.TrimSuffix(u.Host, ":"+implied)
	default:
		return []string{u.String()}
	}
	return []string{u.String(), other.String()}
}

var (
	apiVersion = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	errorCode  = regexp.MustCompile(`^[0-9]{1,6}$`)
)

// Read understands a status callback, or a message that a customer sent to the account's number. Twilio
// tells no time in either.
func (s *Sender) Read(a channel.Account, p channel.Post) (channel.News, error) {
	news, err := read(a, p)
	if err != nil {
		return channel.News{}, fmt.Errorf("read a receipt: %w", err)
	}
	return news, nil
}

func read(a channel.Account, p channel.Post) (news channel.News, err error) {
	form, err := httpwire.Form(p)
	if err != nil {
		return news, err
	}
	switch {
	case !messageSID.MatchString(form.Get("MessageSid")):
		return news, errors.New("it names no message of Twilio's")
	case form.Get("AccountSid") == "" || form.Get("AccountSid") != a.Fields["account_sid"]:
		return news, errors.New("it is about another account")
	case !apiVersion.MatchString(form.Get("ApiVersion")):
		return news, errors.New("it names no version")
	}
	if !form.Has("MessageStatus") {
		reply, err := replied(form)
		return channel.News{Replies: []channel.Reply{reply}}, err
	}
	status, told, err := carried(form.Get("MessageStatus"))
	if err != nil || !told {
		return news, err
	}
	id, err := carrierwire.Message(p)
	if err != nil {
		return news, err
	}
	r := channel.Receipt{Message: id, ProviderReference: form.Get("MessageSid"), Status: status, Account: a.Name()}
	if status == paylink.MessageFailed {
		r.ErrorCode, r.Reason = failure(form.Get("MessageStatus"), form.Get("ErrorCode"))
		if r.Reason == provider.Blocked {
			r.Status = paylink.MessageBlocked
		}
	}
	return channel.News{Receipts: []channel.Receipt{r}}, nil
}

// carried puts Twilio's status into ours; told is false for one that says no more than that Twilio has it.
func carried(status string) (_ paylink.MessageStatus, told bool, err error) {
	switch status {
	case "accepted", "scheduled", "queued", "sending":
		return "", false, nil
	case "sent":
		return paylink.MessageSent, true, nil
	case "delivered":
		return paylink.MessageDelivered, true, nil
	case "undelivered", "failed", "canceled":
		return paylink.MessageFailed, true, nil
	}
	return "", false, errors.New("the status is not one that we know")
}

// failure is why a message failed. A code that is not in the table is judged by the status: one that was
// undelivered reached the operators, one that failed did not.
func failure(status, code string) (string, provider.Reason) {
	if !errorCode.MatchString(code) {
		code = ""
	}
	reason := refused[code].Reason
	switch {
	case reason != "":
	case status == "undelivered":
		reason = provider.Unreachable
	default:
		reason = provider.ProviderDown
	}
	return carrier.Code(code, "twilio_"+status), reason
}

func replied(form url.Values) (channel.Reply, error) {
	from, ok := carrierwire.Number(form.Get("From"))
	if !ok || !form.Has("Body") || form.Get("SmsStatus") != "received" {
		return channel.Reply{}, errors.New("it is neither a receipt nor a message from a phone")
	}
	return channel.Reply{Channel: paylink.ChannelSMS, From: from, Text: carrierwire.ReplyText(form.Get("Body"))}, nil
}
