// Package channeltest is the contract that every channel adapter passes: what dispatch and the
// inbound door rely on, tried over HTTP against the carrier's own far side or an independent fake
// of it.
//
// It is for the adapters' tests. What the far side is, what it received and how it signs stands in a
// World that the adapter's test makes; what may not differ between carriers stands here.
package channeltest

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/provider"
	"paylink/provider/providertest"
)

// World is the far side of one provider.
type World struct {
	Far *providertest.Far
	Now func() time.Time // the far side's clock

	// Received is what the provider holds under its reference; Seen is what it can hold of a letter, which
	// for nil is all but ReceiptURL.
	Received func(t *testing.T, providerReference string) channel.Letter
	Seen     func(channel.Letter) channel.Letter
	// Template is what letters by the channel go out as; nil: they need none.
	Template func(paylink.Channel) *channel.Template
	// Reachable is an address to which a channel delivers; Unreachable one where it fails.
	Reachable, Unreachable func(paylink.Channel) string
	// Calling stands in for providertest.Calling where the provider is not called over HTTP.
	Calling func(t *testing.T, call func(context.Context, channel.Account) error)

	// Header, Stamped and Sign describe the signature of receipts; see providertest.Believing. A provider
	// that signs nothing has no Header, and the adapter's own test shows what it believes instead.
	Header  string
	Stamped bool
	Sign    func(secret string, body []byte, at time.Time) http.Header

	// Spoil makes unreadable bodies out of a genuine receipt of a delivery, by what is wrong with
	// them. Spoiled lists the names that have to be there, but for those Untold: what the provider's
	// receipts do not tell. Without Spoil, receipts have no exact form, as returned mail has none, and the
	// adapter's own test shows what it refuses.
	Spoil  func(genuine []byte) map[string][]byte
	Untold []string
}

// Spoiled names what a World has to spoil in a receipt: each would be a message misjudged.
var Spoiled = []string{
	"an unknown status", "a status that carriers do not have", "the status twice", "the status in capitals beside it",
	"no message id", "a foreign message id", "no provider reference", "no time", "no account",
}

// Run holds the sender that newWorld makes, afresh for each part, to the contract.
func Run(t *testing.T, newWorld func(t *testing.T) (channel.Sender, channel.Account, World)) {
	for name, part := range map[string]func(*testing.T, suite){
		"capabilities are possible":          capabilities,
		"letters come through unchanged":     unchanged,
		"sending is idempotent by letter":    twice,
		"a delivery is told":                 delivered,
		"a refusal is told with its reason":  undelivered,
		"calls tell how they ended":          endings,
		"only genuine receipts are believed": believing,
		"only whole receipts are read":       reading,
	} {
		t.Run(name, func(t *testing.T) {
			s, a, w := newWorld(t)
			if slices.Contains(telling, name) && s.Capabilities().Silent {
				silence(t, suite{s, a, w})
				return
			}
			part(t, suite{s, a, w})
		})
	}
}

type suite struct {
	channel.Sender
	account channel.Account
	world   World
}

// letter is a fresh letter as dispatch renders them for the channel.
func (s suite) letter(c paylink.Channel, to string) channel.Letter {
	l := channel.Letter{
		ID: paylink.NewMessageID(s.world.Now()), Channel: c, To: to, Sender: "Acme",
		Text: "Acme: ₹2,450.00 for “tea” & <cups> ☕ – pay at https://pay.example/0000000000000000000001", Language: "en", At: s.world.Now(),
	}
	l.ReceiptURL = s.world.Far.Inbox + "?message=" + string(l.ID)
	if s.world.Template != nil {
		l.Template = s.world.Template(c)
	}
	if c == paylink.ChannelSMS || c == paylink.ChannelWhatsApp {
		l.Country = "IN"
	}
	if c == paylink.ChannelSMS {
		return l
	}
	l.ButtonLabel, l.ButtonURL = "Pay now", "https://pay.example/0000000000000000000001"
	if c == paylink.ChannelWhatsApp {
		return l
	}
	l.Subject = "Payment request from Acme"
	if c == paylink.ChannelEmail {
		l.HTML = "<p>₹2,450.00 &amp; no more</p>"
	}
	return l
}

func (s suite) send(t *testing.T, l channel.Letter) string {
	t.Helper()
	sent, err := s.Send(t.Context(), s.account, l)
	if err != nil || sent.Reference == "" {
		t.Fatalf("send by %s: reference %q, error %v", l.Channel, sent.Reference, err)
	}
	return sent.Reference
}

// kept is the post as it is when a job reads it.
func (s suite) kept(t *testing.T, p channel.Post) channel.Post {
	t.Helper()
	kept, err := provider.ParseKept(p.Kept())
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

// receipt waits for a receipt of the letter with one of the statuses.
func (s suite) receipt(t *testing.T, l channel.Letter, reference string, statuses ...paylink.MessageStatus) (post channel.Post, found channel.Receipt) {
	t.Helper()
	kept := s.world.Far.Next(t, func(p providertest.Post) bool {
		if err := s.Verify(s.account, channel.Post(p), s.world.Now()); err != nil {
			t.Errorf("a receipt from the provider itself: %v", err)
		}
		news, err := s.Read(s.account, s.kept(t, channel.Post(p)))
		if err != nil {
			t.Errorf("a receipt from the provider itself: %v", err)
		}
		i := slices.IndexFunc(news.Receipts, func(r channel.Receipt) bool {
			return (r.Message == l.ID || r.Message == "" && r.ProviderReference == reference) && slices.Contains(statuses, r.Status)
		})
		if i < 0 {
			return false
		}
		found = news.Receipts[i]
		return true
	})
	return channel.Post(kept), found
}

// A link arrives broken, or a name in another alphabet as question marks.
func unchanged(t *testing.T, s suite) {
	seen := map[string]bool{}
	for _, c := range s.Capabilities().Channels {
		l := s.letter(c, s.world.Reachable(c))
		reference := s.send(t, l)
		if seen[reference] {
			t.Errorf("%s: the reference %s came before", c, reference)
		}
		seen[reference] = true
		got := s.world.Received(t, reference)
		l.ReceiptURL = ""
		if s.world.Seen != nil {
			l = s.world.Seen(l)
		} else {
			l.Country, l.Language, l.At = "", "", time.Time{}
		}
		if !reflect.DeepEqual(got, l) {
			// A letter prints as its id; a test may show all of it.
			type bare channel.Letter
			t.Errorf("%s: received\n%#v\nsent\n%#v", c, bare(got), bare(l))
		}
	}
}

// An answer was lost, dispatch sends again, and the customer's phone rings twice.
func twice(t *testing.T, s suite) {
	if !s.Capabilities().Idempotent {
		return // the provider says so, and dispatch does not send again
	}
	for _, c := range s.Capabilities().Channels {
		l := s.letter(c, s.world.Reachable(c))
		if first, second := s.send(t, l), s.send(t, l); first != second {
			t.Errorf("%s: the same letter again has the reference %s, before %s", c, second, first)
		}
	}
}

// The customer has the message, and the timeline says that it is still on its way.
func delivered(t *testing.T, s suite) {
	for _, c := range s.Capabilities().Channels {
		l := s.letter(c, s.world.Reachable(c))
		reference := s.send(t, l)
		_, got := s.receipt(t, l, reference, paylink.MessageDelivered)
		want := got
		want.ProviderReference, want.Status, want.ErrorCode, want.Reason = reference, paylink.MessageDelivered, "", ""
		if got != want || got.At.IsZero() != slices.Contains(s.world.Untold, "no time") || !s.known(got, l) {
			t.Errorf("%s: the receipt says %+v, want %+v", c, got, want)
		}
	}
}

// The message never arrived, nobody knows why, and no other channel is tried.
func undelivered(t *testing.T, s suite) {
	for _, c := range s.Capabilities().Channels {
		to := s.world.Unreachable(c)
		if to == "" {
			continue // nothing can go wrong on this channel
		}
		l := s.letter(c, to)
		reference := s.send(t, l)
		_, got := s.receipt(t, l, reference, paylink.MessageFailed, paylink.MessageBlocked)
		if got.ProviderReference != reference || got.ErrorCode == "" || got.Reason == "" || !s.known(got, l) {
			t.Errorf("%s: the receipt says %+v", c, got)
		}
	}
}

// A message is sent twice, or given up while the provider carries it.
func endings(t *testing.T, s suite) {
	c := s.Capabilities().Channels[0]
	call := func(ctx context.Context, a channel.Account) error {
		_, err := s.Send(ctx, a, s.letter(c, s.world.Reachable(c)))
		return err
	}
	if s.world.Calling == nil {
		providertest.Calling(t, s.world.Far, s.account, call)
	} else {
		s.world.Calling(t, call)
	}
}

// A forged receipt marks a message delivered that never was.
func believing(t *testing.T, s suite) {
	if s.world.Header == "" {
		return
	}
	genuine := s.genuine(t)
	providertest.Believing{
		Account: s.account, Body: genuine.Body, Header: s.world.Header, Stamped: s.world.Stamped, Sign: s.world.Sign,
		Verify: func(a channel.Account, h http.Header, body []byte, now time.Time) error {
			p := channel.Post{URL: genuine.URL, Header: h.Clone(), Body: body}
			p.Header.Set("Content-Type", genuine.Header.Get("Content-Type"))
			return s.Verify(a, p, now)
		},
	}.Check(t)
}

// A receipt is misread, or crashes the inbound door.
func reading(t *testing.T, s suite) {
	if s.world.Spoil == nil {
		return
	}
	genuine := s.genuine(t)
	read := func(body []byte) error {
		p := genuine
		p.Body = body
		_, err := s.Read(s.account, p)
		return err
	}
	must := slices.DeleteFunc(slices.Clone(Spoiled), func(name string) bool { return slices.Contains(s.world.Untold, name) })
	providertest.Reading(t, read, genuine.Body, s.world.Spoil(genuine.Body), must...)
}

// known tells whether a receipt names the letter and the account as far as it names any.
func (s suite) known(r channel.Receipt, l channel.Letter) bool {
	return (r.Message == l.ID || r.Message == "" && slices.Contains(s.world.Untold, "no message id")) &&
		(r.Account == s.account.Name() || r.Account == "" && slices.Contains(s.world.Untold, "no account"))
}

// genuine is a receipt of a delivery.
func (s suite) genuine(t *testing.T) channel.Post {
	t.Helper()
	c := s.Capabilities().Channels[0]
	l := s.letter(c, s.world.Reachable(c))
	post, _ := s.receipt(t, l, s.send(t, l), paylink.MessageDelivered)
	return post
}
