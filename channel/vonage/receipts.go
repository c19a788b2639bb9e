package vonage

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/carrierwire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// How far from now a webhook may have been signed. Vonage repeats one for a day when nobody takes it, and
// whether it signs it anew is not known; a repeated receipt changes nothing.
const oldest, ahead = 25 * time.Hour, 5 * time.Minute

// Verify tells whether Vonage signed the post with the account's signature secret: its bearer token is a JWT
// whose claims hold the hash of the body.
func (s *Sender) Verify(a channel.Account, p channel.Post, now time.Time) error {
	given := p.Header.Values("Authorization")
	if len(given) == 0 || given[0] == "" {
		return &channel.Unverified{Reason: provider.MissingSignature}
	}
	token, bearer := strings.CutPrefix(given[0], "Bearer ")
	said, genuine := opened(token, a.Secret)
	sum := sha256.Sum256(p.Body)
	switch {
	case len(given) != 1 || !bearer || !genuine:
	case !hmac.Equal([]byte(said.PayloadHash), []byte(hex.EncodeToString(sum[:]))):
	case said.Account != "" && said.Account != a.Fields["api_key"]:
	case now.Sub(time.Unix(said.IssuedAt, 0)) > oldest || time.Unix(said.IssuedAt, 0).Sub(now) > ahead:
		return &channel.Unverified{Reason: provider.StaleTimestamp}
	default:
		return nil
	}
	return &channel.Unverified{Reason: provider.BadSignature}
}

// claims are what a token says that concerns us.
type claims struct {
	IssuedAt    int64  `json:"iat"`
	PayloadHash string `json:"payload_hash"`
	Account     string `json:"api_key"` // its public name
}

// opened reads a JWT that is signed with the secret by HMAC-SHA-256, and by nothing else.
func opened(token, secret string) (said claims, genuine bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || secret == "" || len(token) > 8<<10 {
		return said, false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(parts[0] + "." + parts[1]))
	// The spellings are compared, not the bytes: the last letter of one has bits that mean nothing.
	if !hmac.Equal([]byte(parts[2]), []byte(base64.RawURLEncoding.EncodeToString(mac.Sum(nil)))) {
		return said, false
	}
	var head struct {
		Algorithm string `json:"alg"`
	}
	return said, part(parts[0], &head) && head.Algorithm == "HS256" && part(parts[1], &said)
}

func part(text string, v any) bool {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	return err == nil && httpwire.Decode(raw, v) == nil
}

// posted is a status of a message of ours, or with a text a message from a customer.
type posted struct {
	UUID      string            `json:"message_uuid"`
	Channel   string            `json:"channel"`
	From      string            `json:"from"`
	Timestamp string            `json:"timestamp"`
	Status    *string           `json:"status"`
	ClientRef paylink.MessageID `json:"client_ref"`
	Text      *string           `json:"text"`
	Error     *struct {
		Title httpwire.Word `json:"title"`
	} `json:"error"`
	Usage struct {
		Price    httpwire.Word `json:"price"`
		Currency string        `json:"currency"`
	} `json:"usage"`
	SMS struct {
		Count httpwire.Word `json:"count_total"`
	} `json:"sms"`
}

// Read understands a status webhook of version 1, or a message that a customer sent to the account's number.
func (s *Sender) Read(_ channel.Account, p channel.Post) (channel.News, error) {
	news, err := read(p)
	if err != nil {
		return channel.News{}, fmt.Errorf("read a receipt: %w", err)
	}
	return news, nil
}

func read(p channel.Post) (news channel.News, err error) {
	var w posted
	if err := httpwire.Decode(p.Body, &w); err != nil {
		return news, err
	}
	at, err := time.Parse(time.RFC3339, w.Timestamp)
	switch {
	case !uuid.MatchString(w.UUID):
		return news, errors.New("it names no message of Vonage's")
	case w.Channel != "sms" && w.Channel != "":
		return news, errors.New("it is about another channel")
	case err != nil || at.IsZero():
		return news, errors.New("it tells no time")
	}
	if w.Status == nil {
		from, ok := carrierwire.Number(w.From)
		if !ok || w.Text == nil {
			return news, errors.New("it is neither a receipt nor a message from a phone")
		}
		reply := channel.Reply{Channel: paylink.ChannelSMS, From: from, Text: carrierwire.ReplyText(*w.Text), At: at.UTC()}
		return channel.News{Replies: []channel.Reply{reply}}, nil
	}
	if !paylink.HasTag(string(w.ClientRef), "msg") {
		return news, errors.New("it is not about a message of ours")
	}
	r := channel.Receipt{Message: w.ClientRef, ProviderReference: w.UUID, At: at.UTC(), Price: w.price()}
	r.Segments, _ = strconv.ParseInt(string(w.SMS.Count), 10, 16)
	switch *w.Status {
	case "submitted":
		r.Status = paylink.MessageSent
	case "delivered":
		r.Status = paylink.MessageDelivered
	case "rejected", "undeliverable":
		r.Status = paylink.MessageFailed
		r.ErrorCode, r.Reason = w.failure()
		if r.Reason == provider.Blocked {
			r.Status = paylink.MessageBlocked
		}
	default:
		return news, errors.New("the status is not one that we know")
	}
	return channel.News{Receipts: []channel.Receipt{r}}, nil
}

// failure is why a message failed. A code that is not in the table is judged by the status: what was
// undeliverable reached the operators.
func (w posted) failure() (string, provider.Reason) {
	code := ""
	if w.Error != nil && errorCode.MatchString(string(w.Error.Title)) {
		code = string(w.Error.Title)
	}
	reason := carrier.Refused[code].Reason
	switch {
	case reason != "":
	case *w.Status == "undeliverable":
		reason = provider.Unreachable
	default:
		reason = provider.ProviderDown
	}
	return carrier.Code(code, "vonage_"+*w.Status), reason
}

var (
	priced   = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,9})?$`)
	currency = regexp.MustCompile(`^[A-Z]{3}$`)
)

func (w posted) price() string {
	if !priced.MatchString(string(w.Usage.Price)) || !currency.MatchString(w.Usage.Currency) {
		return ""
	}
	return string(w.Usage.Price) + " " + w.Usage.Currency
}
