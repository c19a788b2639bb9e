package dispatch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/dispatch"
	"paylink/store"
	"paylink/store/storetest"
)

// asker is a carrier that wants its posts answered by a call.
type asker struct {
	channel.Sender
	answers []error // of the calls; afterwards all go well
	calls   int
}

func (a *asker) Unwrap() any { return a.Sender }

func (a *asker) Confirm(context.Context, channel.Account, channel.Post) error {
	a.calls++
	if a.calls > len(a.answers) {
		return nil
	}
	return a.answers[a.calls-1]
}

// A provider asks whether the address is ours, nobody answers, and no receipt ever comes.
func TestQuestionsOfProvidersAreAnswered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for name, c := range map[string]struct {
			answers []error
			calls   int
			verdict paylink.Verdict
			reason  string
		}{
			"well":        {nil, 1, paylink.NoticeApplied, ""},
			"broken once": {[]error{errors.New("broken off")}, 2, paylink.NoticeApplied, ""},
			"refused":     {[]error{&channel.Rejected{Code: "elsewhere"}}, 1, paylink.NoticeQuarantined, "unconfirmed"},
		} {
			var a *asker
			w := newWorld(t, s, func(d *dispatch.Deps) {
				a = &asker{Sender: d.Senders["sandbox"], answers: c.answers}
				d.Senders["sandbox"] = a
			})
			m := w.create(paylink.ChannelWhatsApp).Messages[0]
			w.work()
			w.tick()
			if _, err := w.post(paylink.ChannelWhatsApp, w.about(w.message(m.ID), "delivered", start)); err != nil {
				t.Fatal(err)
			}
			for range c.calls {
				w.work()
				w.setClock(w.clock().Add(time.Hour))
			}
			if n := w.notice(); a.calls != c.calls || n.Verdict != c.verdict || n.Reason != c.reason {
				t.Errorf("%s: %d calls, then %s (%s), want %d, %s (%s)", name, a.calls, n.Verdict, n.Reason, c.calls, c.verdict, c.reason)
			}
		}
	})
}
