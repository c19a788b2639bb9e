package dispatch_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"

	"paylink"
	"paylink/channel"
	"paylink/dispatch"
	"paylink/store"
	"paylink/store/storetest"
	"paylink/token"
)

// seeing keeps the letters that go through a sender.
type seeing struct {
	channel.Sender
	letters *[]channel.Letter
}

func (s seeing) Send(ctx context.Context, a channel.Account, l channel.Letter) (channel.Sent, error) {
	*s.letters = append(*s.letters, l)
	return s.Sender.Send(ctx, a, l)
}

// suppress enters an address of the merchant.
func (w *world) suppress(c paylink.Channel, address string, reason paylink.SuppressionReason) {
	w.t.Helper()
	key, err := token.AddressKey(w.ring, w.merchant.ID, false, c, address)
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(func(tx *store.Tx) error {
		tx.Suppress(paylink.Suppression{
			ID: paylink.NewSuppressionID(w.clock()), Merchant: w.merchant.ID, Channel: c, Address: key, Sealed: []byte("x"), Reason: reason, Since: w.clock(),
		})
		return nil
	})
}

// suppressed is why an address gets nothing; empty when it does.
func (w *world) suppressed(c paylink.Channel, address string) paylink.SuppressionReason {
	w.t.Helper()
	keys, err := token.AddressKeys(w.ring, w.merchant.ID, false, c, address)
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := w.store.Read(w.t.Context()).Suppressed(w.merchant.ID, false, c, keys...)
	if err != nil {
		w.t.Fatal(err)
	}
	if s == nil {
		return ""
	}
	return s.Reason
}

// Whoever said no is written to again on the next link, or a mailbox that is gone costs the sender's name once
// more. On other channels, and with a code that he asked for, he is reached.
func TestSuppressedAddressesGetNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		w.suppress(paylink.ChannelEmail, "ASHA@example.com", paylink.SuppressedBounce)
		w.suppress(paylink.ChannelSMS, "+919812345642", paylink.SuppressedStop)
		c := w.create(paylink.ChannelEmail, paylink.ChannelSMS, paylink.ChannelWhatsApp)
		proof := w.proves(c.Link)
		w.work()
		for _, m := range c.Messages {
			got := w.message(m.ID)
			want := map[paylink.Channel]string{"email": "blocked bounced_before", "sms": "blocked opted_out", "whatsapp": "sent "}[m.Channel]
			if string(got.Status)+" "+got.ErrorCode != want {
				t.Errorf("%s: %s %q, want %s", m.Channel, got.Status, got.ErrorCode, want)
			}
		}
		if got := w.message(proof.ID).Status; got != paylink.MessageSent {
			t.Errorf("the code is %s", got)
		}
		if len(w.calls) != 2 {
			t.Errorf("%d letters reached a carrier", len(w.calls))
		}
		if told := w.told(c.Link.ID); told[paylink.EventMessageBlocked] != 2 {
			t.Errorf("told %v", told)
		}
	})
}

// A reminder offers no way out, the way out ends somebody else's mail, or it has to be pressed twice.
func TestOneClickEndsReminders(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var letters []channel.Letter
		w := newWorld(t, s, func(d *dispatch.Deps) { d.Senders["sandbox"] = seeing{d.Senders["sandbox"], &letters} })
		c := w.create(paylink.ChannelEmail)
		w.work()
		w.tick()
		if _, err := w.issuer.Remind(t.Context(), w.actor(), c.Link.ID, []paylink.Channel{paylink.ChannelEmail, paylink.ChannelSMS}, nil, nil); err != nil {
			t.Fatal(err)
		}
		w.work()
		var click string
		for i, l := range letters {
			if reminder := i > 0 && l.Channel == paylink.ChannelEmail; reminder != (l.Unsubscribe != "") {
				t.Errorf("letter %d by %s offers %q", i, l.Channel, l.Unsubscribe)
			}
			click += l.Unsubscribe
		}
		text, ok := strings.CutPrefix(click, public+"/u/")
		text, err := url.PathUnescape(text)
		if !ok || err != nil || len(letters) != 3 {
			t.Fatalf("%d letters, the click is %q: %v", len(letters), click, err)
		}
		seen, err := w.dispatch.Leaving(t.Context(), text)
		if err != nil || seen.Done || seen.Masked != "a…@example.com" || seen.Merchant.Name != "Acme" || w.suppressed("email", "asha@example.com") != "" {
			t.Fatalf("to look ended it already, or shows %+v: %v", seen, err)
		}
		var wait sync.WaitGroup
		for range 10 {
			wait.Go(func() {
				if got, err := w.dispatch.Unsubscribe(t.Context(), text); err != nil || !got.Done {
					t.Errorf("pressed: %+v, %v", got, err)
				}
			})
		}
		wait.Wait()
		all, err := s.Read(t.Context()).Suppressions(w.merchant.ID, false, "", 10)
		if err != nil || len(all) != 1 || all[0].Reason != paylink.SuppressedUnsubscribe || w.suppressed("email", "asha@example.com") == "" {
			t.Errorf("the list is %+v (%v)", all, err)
		}
		var none *paylink.NotFound
		if _, err := w.dispatch.Unsubscribe(t.Context(), "A"+text[1:]); !errors.As(err, &none) {
			t.Errorf("a forged click: %v", err)
		}
	})
}
