package whatsapp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// header carries the signature under what Meta posts.
const header = "X-Hub-Signature-256"

// Verify tells whether Meta signed the body with the app's secret, by HMAC-SHA256 over its raw bytes. It
// signs no time: a body that is posted again is recognised by dispatch, and nothing goes back by it.
func (s *Sender) Verify(a channel.Account, p channel.Post, _ time.Time) error {
	values := p.Header.Values(header)
	if len(values) == 0 || len(values) == 1 && values[0] == "" {
		return &channel.Unverified{Reason: provider.MissingSignature}
	}
	text, prefixed := strings.CutPrefix(values[0], "sha256=")
	sum, err := hex.DecodeString(text)
	mac := hmac.New(sha256.New, []byte(a.Secret))
	mac.Write(p.Body)
	if len(values) > 1 || !prefixed || err != nil || strings.ToLower(text) != text || a.Secret == "" || !hmac.Equal(mac.Sum(nil), sum) {
		return &channel.Unverified{Reason: provider.BadSignature}
	}
	return nil
}

// notice is what Meta posts: changes of many kinds, of which those of the field messages are ours.
type notice struct {
	Object string `json:"object"`
	Entry  []struct {
		ID      string `json:"id"`
		Changes []struct {
			Field string          `json:"field"`
			Value json.RawMessage `json:"value"`
		} `json:"changes"`
	} `json:"entry"`
}

// value is what the field messages holds.
type value struct {
	Product  string `json:"messaging_product"`
	Metadata struct {
		PhoneNumber string `json:"phone_number_id"`
	} `json:"metadata"`
	Statuses []status `json:"statuses"`
	Messages []reply  `json:"messages"`
}

type status struct {
	ID        string       `json:"id"`
	Status    string       `json:"status"`
	Timestamp string       `json:"timestamp"`
	Callback  string       `json:"biz_opaque_callback_data"`
	Errors    []graphError `json:"errors"`
}

// Read understands what Meta posted: any number of statuses and of customers' messages, in any order.
// Changes of other fields, and messages that are neither text nor a pressed button, tell nothing.
func (s *Sender) Read(a channel.Account, p channel.Post) (channel.News, error) {
	news, err := read(a, p.Body)
	if err != nil {
		return channel.News{}, fmt.Errorf("read what whatsapp posted: %w", err)
	}
	return news, nil
}

func read(a channel.Account, body []byte) (news channel.News, err error) {
	var n notice
	if err := httpwire.Decode(body, &n); err != nil {
		return news, err
	}
	if n.Object != "whatsapp_business_account" || len(n.Entry) == 0 {
		return news, errors.New("it is not about a WhatsApp business account")
	}
	for _, entry := range n.Entry {
		if entry.ID == "" || len(entry.Changes) == 0 {
			return news, errors.New("an entry lacks its account or its changes")
		}
		for _, change := range entry.Changes {
			var v value
			switch {
			case change.Field == "" || len(change.Value) == 0:
				return news, errors.New("a change lacks its field or its value")
			case change.Field != "messages":
				continue
			case json.Unmarshal(change.Value, &v) != nil:
				return news, errors.New("a value is not of the expected form")
			}
			if err := v.read(a, &news); err != nil {
				return news, err
			}
		}
	}
	return news, nil
}

// read adds what a change tells to the news.
func (v value) read(a channel.Account, news *channel.News) error {
	number := v.Metadata.PhoneNumber
	if v.Product != "whatsapp" || !isDigits(number) {
		return errors.New("a value lacks its product or its phone number")
	}
	// An app may post for several numbers to one address. What is about another number names no account
	// of ours, so that nothing is believed of it.
	account, ours := number, number == a.Fields[phoneNumber]
	if ours {
		account = a.Name()
	}
	for _, told := range v.Statuses {
		r, err := told.read()
		if err != nil {
			return err
		}
		r.Account = account
		// The number may also serve another program, whose messages are none of ours.
		if told.Callback == "" || paylink.HasTag(told.Callback, "msg") {
			news.Receipts = append(news.Receipts, r)
		}
	}
	for _, wrote := range v.Messages {
		r, some, err := wrote.read()
		if err != nil {
			return err
		}
		if some && ours {
			news.Replies = append(news.Replies, r)
		}
	}
	return nil
}

// statuses are Meta's, in our words.
var statuses = map[string]paylink.MessageStatus{
	"sent": paylink.MessageSent, "delivered": paylink.MessageDelivered, "read": paylink.MessageRead, "failed": paylink.MessageFailed,
}

func (s status) read() (r channel.Receipt, err error) {
	became, known := statuses[s.Status]
	at, err := moment(s.Timestamp)
	switch {
	case err != nil:
		return r, err
	case !known:
		return r, errors.New("a status is not one that we know")
	case !isID(s.ID):
		return r, errors.New("a status lacks its message")
	}
	r = channel.Receipt{Message: paylink.MessageID(s.Callback), ProviderReference: s.ID, Status: became, At: at}
	if became != paylink.MessageFailed {
		return r, nil
	}
	r.ErrorCode = "unknown"
	if len(s.Errors) > 0 {
		means, _ := meaning(s.Errors[0].Code)
		r.ErrorCode, r.Reason = s.Errors[0].code(), means.reason
	}
	if r.Reason == provider.Blocked || r.Reason == provider.OptedOut {
		r.Status = paylink.MessageBlocked
	}
	return r, nil
}

// moment reads a time as Meta writes it: seconds since 1970, as text.
func moment(text string) (time.Time, error) {
	seconds, err := strconv.ParseInt(text, 10, 64)
	if !isDigits(text) || len(text) > 11 || err != nil || seconds == 0 {
		return time.Time{}, errors.New("a time is not in seconds")
	}
	return time.Unix(seconds, 0).UTC(), nil
}
