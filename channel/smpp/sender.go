// Package smpp is the channel adapter for operators and aggregators that are spoken to by SMPP 3.4: one
// transceiver bind for each account, kept up, on which messages go out and receipts come in.
//
// It is for dispatch, through the ports channel.Sender, channel.Listener and channel.Tester. How a text is
// split is gsm's, whom a connection may lead to is outbound's, and whether to try again is dispatch's. The
// protocol's units are read and written here; what an operator delivers is handed on as it came, signed,
// and understood only afterwards.
package smpp

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/gsm"
	"paylink/outbound"
	"paylink/provider"
)

// Sender speaks SMPP. Make it with New; it sends while Listen runs.
type Sender struct {
	client *outbound.Client
	now    func() time.Time
	log    *slog.Logger

	opened chan struct{} // closed when Listen runs for the first time

	mu      sync.Mutex
	office  *office                       // nil: Listen does not run
	ledgers map[paylink.AccountID]*ledger // kept over binds
}

// New makes an adapter that connects by client.
func New(client *outbound.Client) *Sender {
	return &Sender{client: client, now: time.Now, log: slog.Default(), opened: make(chan struct{}), ledgers: map[paylink.AccountID]*ledger{}}
}

// LogTo says where it is told what becomes of the connections; without it, in slog.Default. It is called
// before anything else.
func (s *Sender) LogTo(log *slog.Logger) { s.log = log }

// Capabilities says what SMPP can do. Nothing in it tells a repeated message from a new one.
func (s *Sender) Capabilities() channel.Capabilities {
	return channel.Capabilities{
		Name: "smpp", Title: "SMPP 3.4", Channels: []paylink.Channel{paylink.ChannelSMS}, Fields: slices.Clone(fields),
		Schemes: map[string]string{"smpp": "2775", "smpps": "3550"},
		Judge:   "node-smpp 0.5.1 and fiorix/go-smpp as SMSCs",
	}
}

// partTries is how often a later segment is offered to an operator that is busy: the first ones are there
// already, and alone they are of no use.
const partTries = 4

// Send submits a letter, each segment for itself and in its order. The reference is the operator's id, of
// several segments all of them joined by commas. A letter of which the operator refused a segment, or of
// which one never left, was not sent: a phone shows a text only when all of its parts are there, and the
// same letter again completes it.
func (s *Sender) Send(ctx context.Context, a channel.Account, l channel.Letter) (channel.Sent, error) {
	sent, err := s.send(ctx, a, l)
	if err != nil {
		return channel.Sent{}, fmt.Errorf("send %s: %w", l.ID, err)
	}
	return sent, nil
}

func (s *Sender) send(ctx context.Context, a channel.Account, l channel.Letter) (channel.Sent, error) {
	set, err := understand(a)
	if err != nil {
		return channel.Sent{}, err
	}
	parts, err := set.parts(l, s.now())
	if err != nil {
		return channel.Sent{}, err
	}
	b, err := s.bind(ctx, a, set)
	if err != nil {
		return channel.Sent{}, err
	}
	n, err := b.up(ctx)
	if err != nil {
		return channel.Sent{}, err
	}
	book := b.ledger
	end := book.begin()
	defer end()
	p := &posted{message: l.ID, to: parts[0].destination.number}
	for i, part := range parts {
		var late func(pdu)
		if i == len(parts)-1 {
			late = func(r pdu) { b.late(*p, r, l.Template != nil) }
		}
		r, err := submitPart(ctx, n, part, i > 0, late)
		if err != nil {
			return channel.Sent{}, err
		}
		id, words := parseAnswer(r)
		switch {
		case r.status != statusOK:
			return channel.Sent{}, rejected(r.status, l.Template != nil, words)
		case !isID(id):
			return channel.Sent{}, unknown(errors.New("the answer has no message id"))
		}
		p.take(id, set.ids)
	}
	book.add(p)
	return channel.Sent{Reference: p.reference(), Segments: int64(len(parts)), Parts: several(p)}, nil
}

// several are the ids of a letter of several segments; empty for one.
func several(p *posted) string {
	if len(p.ids) < 2 {
		return ""
	}
	return p.reference()
}

// submitPart submits one segment. A busy operator is asked again for a later one.
func submitPart(ctx context.Context, n *session, part short, later bool, late func(pdu)) (pdu, error) {
	for try := 1; ; try++ {
		r, err := n.submit(ctx, part, late)
		v := verdicts[r.status]
		if err != nil || !later || !v.temporary || try == partTries || !pause(ctx, min(v.after, time.Second)) {
			return r, err
		}
	}
}

// parts are the messages of a letter.
func (s settings) parts(l channel.Letter, now time.Time) ([]short, error) {
	to := strings.TrimPrefix(l.To, "+")
	if !digits(to) || len(to) < 7 || len(to) > 15 {
		return nil, &channel.Rejected{Code: "bad_number", Reason: provider.InvalidAddress}
	}
	// The same letter has the same reference, so that parts of two tries join on the phone.
	h := fnv.New32a()
	_, _ = h.Write([]byte(l.ID))
	encoding, segments, err := gsm.Segments(l.Text, byte(h.Sum32()))
	if err != nil {
		return nil, &channel.Rejected{Code: "too_long", Reason: provider.BadRequest}
	}
	m := short{
		source: s.source(l), destination: address{tonInternational, npiISDN, to}, registered: 1, validity: validity(l.Until, now),
		options: s.registrations(l.Template),
	}
	if encoding == gsm.UCS2 {
		m.coding = codingUCS2
	}
	if len(segments) > 1 {
		m.esm = esmUDH
	}
	parts := make([]short, len(segments))
	for i, octets := range segments {
		parts[i] = m
		parts[i].text = octets
	}
	return parts, nil
}

// validity is the time after which the operator drops a message, in the absolute form of 7.1.1. Many
// operators refuse more than two days: then their own bound is as good.
func validity(until, now time.Time) string {
	if until.IsZero() || !until.After(now) || until.Sub(now) > 48*time.Hour {
		return ""
	}
	return until.UTC().Format("060102150405") + "000+"
}

// Test binds with the account's credentials, unless that has succeeded already, and leaves again.
func (s *Sender) Test(ctx context.Context, a channel.Account) error {
	set, err := understand(a)
	if err != nil {
		return fmt.Errorf("test account %s: %w", a.ID, err)
	}
	if s.isUp(a) {
		return nil
	}
	n, err := open(ctx, s.client, set)
	if err != nil {
		return fmt.Errorf("test account %s: %w", a.ID, err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = n.read(func(pdu) {}) // what is delivered here is not answered, so it comes again
	}()
	n.leave()
	<-ended
	return nil
}

// isID tells whether s can be an operator's message id: at most 65 characters, and none that we join by.
func isID(s string) bool {
	return s != "" && len(s) <= 65 && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == ',' })
}

// pause waits, and tells whether ctx is still on.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
