package dispatch_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/provider"
	"paylink/store"
	"paylink/store/storetest"
)

// readPosted reads "reference status segments price", or "reference status reason", as a receipt that does not know our id.
func readPosted(body []byte) (channel.News, error) {
	var r channel.Receipt
	words := strings.Fields(string(body))
	if len(words) < 2 {
		return channel.News{}, errors.New("not a receipt")
	}
	r.ProviderReference, r.Status, r.At = words[0], paylink.MessageStatus(words[1]), start
	if r.Status == paylink.MessageFailed {
		r.ErrorCode, r.Reason = "lost", provider.Unreachable
	}
	if len(words) == 3 {
		r.Reason = provider.Reason(strings.Trim(words[2], "-")) // each hyphen makes another body of the same words
	}
	if len(words) == 5 {
		r.Segments, r.Price = int64(words[2][0]-'0'), words[3]+" "+words[4]
	}
	return channel.News{Receipts: []channel.Receipt{r}}, nil
}

// hear posts a receipt that names only a reference, at the account of a provider.
func (w *world) hear(name, body string) {
	w.t.Helper()
	w.tick()
	verdict, err := w.dispatch.Receive(w.t.Context(), name, w.accounts[paylink.Channel(name)].ID, posted(http.Header{}, []byte(body)))
	if err != nil || verdict != paylink.NoticeReceived {
		w.t.Fatalf("got %s, %v", verdict, err)
	}
	w.work()
}

// Most providers know a message by their own id alone. What became of it would never be known.
func TestReceiptIsFoundByItsReference(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		hundred := int64(50)
		w := two(t, s, &carrier{name: "one", say: takes("ref_1")}, &carrier{name: "two", say: takes("ref_2")}, func(m *paylink.Merchant) {
			m.Settings.Prices = &paylink.MessagePrices{SMS: &hundred}
		})
		c := w.create(paylink.ChannelSMS)
		w.work()
		m := w.message(c.Messages[0].ID)
		if all := w.attempts(m); len(all) != 1 || !all[0].Priced || all[0].Cost != 50*all[0].Segments {
			t.Fatalf("attempts %+v", all)
		}
		w.hear("one", "ref_1 delivered 3 0.0225 INR")
		if got := w.message(m.ID); got.Status != paylink.MessageDelivered || w.notice().Message != m.ID {
			t.Errorf("%+v after %+v", got, w.notice())
		}
		if a := w.attempts(m)[0]; a.Segments != 3 || a.Price != "0.0225 INR" || a.Cost != 225 {
			t.Errorf("the attempt: %+v", a)
		}
		// The same reference at another account is another message's.
		w.hear("two", "ref_1 failed")
		if n := w.notice(); n.Verdict == paylink.NoticeApplied {
			t.Errorf("a stranger's receipt: %+v", n)
		}
	})
}

// A receipt comes before the answer to the call that made it. Judged at once, it would be thrown away; kept
// for ever, a stranger's would be asked about for ever.
func TestReceiptWaitsForItsReference(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := two(t, s, &carrier{name: "one", say: takes("ref_1")}, &carrier{name: "two", say: takes("ref_2")}, nil)
		w.hear("one", "ref_1 delivered")
		w.hear("one", "ref_9 delivered")
		if n := w.notice(); n.Verdict != paylink.NoticeReceived {
			t.Fatalf("judged too soon: %+v", n)
		}
		c := w.create(paylink.ChannelSMS)
		w.work()
		w.setClock(w.clock().Add(time.Minute))
		w.work()
		if got := w.message(c.Messages[0].ID); got.Status != paylink.MessageDelivered {
			t.Errorf("got %+v", got)
		}
		w.setClock(w.clock().Add(3 * time.Minute))
		w.work()
		if n := w.notice(); n.Verdict != paylink.NoticeQuarantined || n.Reason != "unknown_message" {
			t.Errorf("got %+v", n)
		}
	})
}

// The first provider was thought to have lost a message, and a second sent it. What the first says later
// still counts, but not its failure, which is old news.
func TestReceiptsOfAnEarlierAttempt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		one := &carrier{name: "one", say: breaks(channel.Unknown)}
		w := two(t, s, one, &carrier{name: "two", say: takes("ref_2")}, func(m *paylink.Merchant) {
			m.Settings.OnUnknownSend = paylink.UnknownResend
		})
		c := w.create(paylink.ChannelSMS)
		w.work()
		m := w.message(c.Messages[0].ID)
		if m.Status != paylink.MessageSent || m.Provider != "two" {
			t.Fatalf("got %+v", m)
		}
		about := func(status paylink.MessageStatus) channel.Receipt {
			return channel.Receipt{Message: m.ID, ProviderReference: "ref_1", Status: status, ErrorCode: "lost", Reason: provider.Unreachable, At: start}
		}
		one.mu.Lock()
		one.reads = func() channel.Receipt { return about(paylink.MessageFailed) }
		one.mu.Unlock()
		w.hear("one", "a")
		if got := w.message(m.ID); got.Status != paylink.MessageSent {
			t.Errorf("an old failure counts: %+v", got)
		}
		one.mu.Lock()
		one.reads = func() channel.Receipt { return about(paylink.MessageDelivered) }
		one.mu.Unlock()
		w.hear("one", "b")
		got := w.message(m.ID)
		if got.Status != paylink.MessageDelivered || got.Provider != "two" {
			t.Errorf("delivered by the first: %+v", got)
		}
		if all := w.attempts(m); all[0].State != paylink.AttemptTaken || all[0].ProviderReference != "ref_1" {
			t.Errorf("attempts %+v", all)
		}
	})
}
