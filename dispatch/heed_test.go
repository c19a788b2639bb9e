package dispatch_test

import (
	"context"
	"sync"
	"testing"

	"paylink"
	"paylink/channel"
	"paylink/dispatch"
	"paylink/provider"
	"paylink/provider/sandboxtest"
	"paylink/store"
	"paylink/store/storetest"
)

// telling is a sender that reads its posts as the test says.
type telling struct {
	channel.Sender
	news func(p channel.Post) (channel.News, bool)
}

func (s telling) Read(a channel.Account, p channel.Post) (channel.News, error) {
	if news, ok := s.news(p); ok {
		return news, nil
	}
	return s.Sender.Read(a, p)
}

// hears is a world whose next posts say what the test writes.
func hears(t *testing.T, s *store.Store) (*world, func(channel.News) paylink.Notice) {
	said := map[string]channel.News{}
	var mu sync.Mutex
	w := newWorld(t, s, func(d *dispatch.Deps) {
		d.Senders["sandbox"] = telling{d.Senders["sandbox"], func(p channel.Post) (channel.News, bool) {
			mu.Lock()
			defer mu.Unlock()
			news, ok := said[string(p.Body)]
			return news, ok
		}}
	})
	n := 0
	return w, func(news channel.News) paylink.Notice {
		t.Helper()
		w.tick()
		n++
		body := []byte{'n', byte('0' + n)}
		mu.Lock()
		said[string(body)] = news
		mu.Unlock()
		a := w.accounts["email"]
		if verdict, err := w.dispatch.Receive(t.Context(), "sandbox", a.ID, posted(sandboxtest.Sign(a.Secret, body, w.clock()), body)); err != nil || verdict != paylink.NoticeReceived {
			t.Fatalf("got %s, %v", verdict, err)
		}
		w.work()
		return w.notice()
	}
}

// A mailbox that is gone, or whose owner calls us spam, gets the next letter; or one that is only full never
// gets another.
func TestWhatComesBackDecidesAboutTheNextLetter(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for what, c := range map[string]struct {
			receipt channel.Receipt
			want    paylink.SuppressionReason
			code    string
		}{
			"gone":        {channel.Receipt{Status: "failed", ErrorCode: "smtp_5.1.1", Reason: provider.InvalidAddress}, "bounce", "bounced_before"},
			"full":        {channel.Receipt{Status: "failed", ErrorCode: "smtp_5.2.2", Reason: provider.Unreachable}, "", ""},
			"a filter":    {channel.Receipt{Status: "blocked", ErrorCode: "smtp_5.7.1", Reason: provider.Blocked}, "", ""},
			"a complaint": {channel.Receipt{Status: "delivered", ErrorCode: "complaint", Reason: provider.OptedOut}, "complaint", "opted_out"},
			"opted out":   {channel.Receipt{Status: "failed", ErrorCode: "x21610", Reason: provider.OptedOut}, "stop", "opted_out"},
		} {
			w, hear := hears(t, s)
			m := w.create(paylink.ChannelEmail).Messages[0]
			w.work()
			told := c.receipt
			told.Message, told.ProviderReference, told.At = m.ID, "sbx_"+string(m.ID), start
			if n := hear(channel.News{Receipts: []channel.Receipt{told}}); n.Verdict != paylink.NoticeApplied {
				t.Errorf("%s: the notice is %s %s", what, n.Verdict, n.Reason)
			}
			if got := w.suppressed("email", "asha@example.com"); got != c.want {
				t.Errorf("%s: suppressed for %q, want %q", what, got, c.want)
			}
			w.tick()
			next := w.create(paylink.ChannelEmail).Messages[0]
			w.work()
			if got := w.message(next.ID); got.ErrorCode != c.code || (got.Status == paylink.MessageBlocked) != (c.want != "") {
				t.Errorf("%s: the next letter is %s %q", what, got.Status, got.ErrorCode)
			}
		}
	})
}

// STOP is not heard, START frees an address that bounced, or chatter ends a customer's messages.
func TestStopIsHeardAndStartTakesItBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w, hear := hears(t, s)
		reply := func(text string) channel.News {
			return channel.News{Replies: []channel.Reply{{Channel: paylink.ChannelSMS, From: "+919812345642", Text: text, At: start}}}
		}
		for _, c := range []struct {
			text    string
			want    paylink.SuppressionReason
			verdict paylink.Verdict
		}{
			{"who is this?", "", paylink.NoticeStale}, {"बंद करो", "stop", paylink.NoticeApplied}, {" Stop! ", "stop", paylink.NoticeApplied},
			{"thanks", "stop", paylink.NoticeStale}, {"START", "", paylink.NoticeApplied},
		} {
			n := hear(reply(c.text))
			if got := w.suppressed("sms", "+919812345642"); got != c.want || n.Verdict != c.verdict {
				t.Errorf("after %q it is suppressed for %q, the notice is %s; want %q and %s", c.text, got, n.Verdict, c.want, c.verdict)
			}
		}
		w.suppress("sms", "+919812345642", paylink.SuppressedManual)
		if hear(reply("start")); w.suppressed("sms", "+919812345642") != paylink.SuppressedManual {
			t.Error("START took off what the merchant had entered")
		}
	})
}

// refusing is a sender whose server refuses every letter.
type refusing struct {
	channel.Sender
	with *provider.Rejected
}

func (s refusing) Send(context.Context, channel.Account, channel.Letter) (channel.Sent, error) {
	return channel.Sent{}, s.with
}

// A server that refuses the mailbox at once says no less than one that returns the letter later, and is
// forgotten; or what passes in an hour is kept for ever.
func TestRefusedMailboxesAreKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, c := range []struct {
			with provider.Rejected
			want paylink.SuppressionReason
		}{
			{provider.Rejected{Code: "smtp_5.1.1", Reason: provider.InvalidAddress}, "bounce"},
			{provider.Rejected{Code: "smtp_4.1.1", Reason: provider.InvalidAddress, Temporary: true}, ""},
			{provider.Rejected{Code: "smtp_5.7.1", Reason: provider.Blocked}, ""},
			{provider.Rejected{Code: "x21610", Reason: provider.OptedOut}, "stop"},
		} {
			w := newWorld(t, s, func(d *dispatch.Deps) { d.Senders["sandbox"] = refusing{d.Senders["sandbox"], &c.with} })
			w.create(paylink.ChannelEmail)
			w.work()
			if got := w.suppressed("email", "asha@example.com"); got != c.want {
				t.Errorf("%s: suppressed for %q, want %q", c.with.Code, got, c.want)
			}
		}
	})
}
