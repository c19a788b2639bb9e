package smpp

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/gsm"
	"paylink/provider"
)

// Header carries the signature of a post that this adapter made of what it received. Only it can sign: the
// key comes out of the account's password, so that nobody can bring such a post in by the HTTP door.
const Header = "Paylink-Smpp-Signature"

// maxFact bounds a post: a text of 64 KiB, in base64, and what stands around it.
const maxFact = 128 << 10

// What a fact is about.
const (
	kindDelivery = "deliver_sm"
	kindAnswer   = "submit_sm_resp"
)

// fact is one unit that an operator sent, as it is kept: all of it that could matter, and what was known of
// its message when it came.
type fact struct {
	Kind     string    `json:"kind"`
	Account  string    `json:"account"`
	Received time.Time `json:"received"`

	Message   paylink.MessageID     `json:"message,omitempty"` // empty: it was not known
	Reference string                `json:"reference,omitempty"`
	Segments  int                   `json:"segments,omitempty"`
	Part      int                   `json:"part,omitempty"`   // of several segments the one that it is about, from 1
	Status    paylink.MessageStatus `json:"status,omitempty"` // of the whole letter
	Code      string                `json:"code,omitempty"`
	Reason    provider.Reason       `json:"reason,omitempty"`

	Source      string `json:"source,omitempty"`
	Destination string `json:"destination,omitempty"`
	ESM         byte   `json:"esm_class,omitempty"`
	Coding      byte   `json:"data_coding,omitempty"`
	Text        []byte `json:"short_message,omitempty"`
	Options     []part `json:"tlvs,omitempty"`
}

type part struct {
	Tag   uint16 `json:"tag"`
	Value []byte `json:"value"`
}

func factOf(m short) fact {
	f := fact{
		Kind: kindDelivery, Source: strings.ToValidUTF8(m.source.number, ""), Destination: strings.ToValidUTF8(m.destination.number, ""),
		ESM: m.esm, Coding: m.coding, Text: m.text,
	}
	for _, o := range m.options {
		if o.tag != tagPayload { // it stands in Text
			f.Options = append(f.Options, part{o.tag, append([]byte{}, o.value...)})
		}
	}
	return f
}

func (f *fact) know(o outcome) {
	f.Message, f.Reference, f.Segments, f.Part, f.Status, f.Code, f.Reason = o.message, o.reference, o.segments, o.part, o.status, o.code, o.reason
}

// short is the message again of which the fact was made.
func (f fact) short() short {
	m := short{source: address{number: f.Source}, destination: address{number: f.Destination}, esm: f.ESM, coding: f.Coding, text: f.Text}
	for _, o := range f.Options {
		m.options = append(m.options, tlv{o.Tag, o.Value})
	}
	return m
}

// sign makes a post of a fact.
func (f fact) sign(a channel.Account) (channel.Post, error) {
	body, err := json.Marshal(f)
	if err != nil {
		return channel.Post{}, fmt.Errorf("write down what an operator sent: %w", err)
	}
	return channel.Post{
		URL: &url.URL{}, Body: body, Header: http.Header{"Content-Type": {"application/json"}, Header: {signature(a, body)}},
	}, nil
}

func signature(a channel.Account, body []byte) string {
	key := hmac.New(sha256.New, []byte(a.Secret))
	key.Write([]byte("paylink smpp post " + a.Name()))
	mac := hmac.New(sha256.New, key.Sum(nil))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// Verify tells whether this adapter made the post, for this account.
func (s *Sender) Verify(a channel.Account, p channel.Post, _ time.Time) error {
	given := p.Header.Values(Header)
	switch {
	case len(given) == 0 || len(given) == 1 && given[0] == "":
		return &channel.Unverified{Reason: provider.MissingSignature}
	case len(given) > 1 || a.Secret == "" || !hmac.Equal([]byte(given[0]), []byte(signature(a, p.Body))):
		return &channel.Unverified{Reason: provider.BadSignature}
	}
	return nil
}

// Read understands what an operator sent: a receipt, an answer that came late, or a customer's words.
func (s *Sender) Read(a channel.Account, p channel.Post) (channel.News, error) {
	f, err := parseFact(p.Body)
	if err != nil {
		return channel.News{}, err
	}
	m := f.short()
	switch {
	case f.Kind == kindAnswer:
		return channel.News{Receipts: f.taken()}, nil
	case !m.isReceipt():
		return reply(f, m)
	}
	t, err := parseReceipt(m)
	if err != nil {
		return channel.News{}, fmt.Errorf("read a receipt: %w", err)
	}
	set, err := understand(a)
	if err != nil {
		set = settings{zone: time.UTC} // the account has changed since; what it says of receipts is not known
	}
	if f.Message == "" {
		f.Reference = canonical(set.ids, t.id, true)
		f.Status, f.Code, f.Reason = t.status, t.code, t.reason
	}
	r := f.receipt(doneAt(t.done, set.zone, f.Received))
	if f.Part > 0 {
		r.Part = &channel.Part{Number: int64(f.Part), Reference: canonical(set.ids, t.id, true), Status: t.status, ErrorCode: t.code, Reason: t.reason}
	}
	return channel.News{Receipts: []channel.Receipt{r}}, nil
}

// taken is that a letter was taken after all, or refused: of several segments once for each, so that each is
// known by its own id.
func (f fact) taken() (all []channel.Receipt) {
	r := f.receipt(f.Received)
	ids := strings.Split(f.Reference, ",")
	if len(ids) < 2 || rank(f.Status) != 1 {
		return []channel.Receipt{r}
	}
	for i, id := range ids {
		r.Part = &channel.Part{Number: int64(i) + 1, Reference: id, Status: f.Status}
		all = append(all, r)
	}
	return all
}

func (f fact) receipt(at time.Time) channel.Receipt {
	return channel.Receipt{
		Message: f.Message, ProviderReference: f.Reference, Status: f.Status, ErrorCode: f.Code, Reason: f.Reason,
		Segments: int64(f.Segments), At: at, Account: f.Account,
	}
}

// parseFact reads a post's body, which is exactly what sign wrote.
func parseFact(body []byte) (fact, error) {
	var f fact
	if len(body) > maxFact {
		return f, errors.New("read what an operator sent: it is too long")
	}
	if json.Unmarshal(body, &f) != nil {
		return f, errors.New("read what an operator sent: it is not JSON of the kind")
	}
	again, err := json.Marshal(f)
	known := f.Message != ""
	switch {
	case err != nil || !bytes.Equal(again, body):
		return f, errors.New("read what an operator sent: it was not written here")
	case f.Kind != kindDelivery && f.Kind != kindAnswer, f.Account == "", f.Received.IsZero():
		return f, errors.New("read what an operator sent: it lacks its kind, its account or its time")
	case known && !paylink.HasTag(string(f.Message), "msg"):
		return f, errors.New("read what an operator sent: it is not about a message of ours")
	case f.Part < 0 || f.Part > f.Segments || f.Part > 0 && !known:
		return f, errors.New("read what an operator sent: there is no such segment")
	case known != (f.Status != ""), known && rank(f.Status) == 0, f.Kind == kindAnswer && !known:
		return f, errors.New("read what an operator sent: its message has no state")
	case (rank(f.Status) == 2) != (f.Reason != "" && f.Code != ""):
		return f, errors.New("read what an operator sent: an error and success at once")
	case known && f.Reference == "" && rank(f.Status) != 2:
		return f, errors.New("read what an operator sent: it lacks the operator's id")
	}
	return f, nil
}

// maxReply is how much of a customer's words is kept, in characters.
const maxReply = 1000

// reply is what a customer wrote.
func reply(f fact, m short) (channel.News, error) {
	from := strings.TrimPrefix(m.source.number, "+")
	if !digits(from) || len(from) > 15 {
		return channel.News{}, errors.New("read a customer's message: it comes from no number")
	}
	text := []rune(m.words())
	return channel.News{Replies: []channel.Reply{{
		Channel: paylink.ChannelSMS, From: "+" + from, Text: string(text[:min(len(text), maxReply)]), At: f.Received,
	}}}, nil
}

// words is the text, decoded. One of several segments is a text of its own: what customers write as a
// command is short.
func (m short) words() string {
	octets := m.text
	if m.esm&esmUDH != 0 && len(octets) > 0 && int(octets[0]) < len(octets) {
		octets = octets[1+int(octets[0]):]
	}
	switch m.coding {
	case codingUCS2:
		return gsm.Decode(gsm.UCS2, octets)
	case codingASCII, codingLatin1:
		text := make([]rune, len(octets))
		for i, b := range octets {
			text[i] = rune(b)
		}
		return string(text)
	}
	return gsm.Decode(gsm.GSM7, octets)
}
