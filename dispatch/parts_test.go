package dispatch_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"paylink"
	"paylink/channel"
	"paylink/store"
	"paylink/store/storetest"
)

// An operator reports each segment by its own id. After a restart nobody remembers them, and a message that
// arrived stays "sent" for ever, or one that lost a segment does.
func TestPartsAreAssembledByWhoeverHearsOfThem(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, c := range []struct {
			told, want string
		}{
			{"a1 delivered, A2 delivered, a3 delivered", "sent sent delivered"},
			{"a3 delivered, a1 delivered, a1 delivered, a2 delivered", "sent sent sent delivered"},
			{"a1 delivered, a2 failed, a3 delivered", "sent failed failed"},
			{"a2 failed, a2 delivered, a1 delivered, a3 delivered", "failed failed failed delivered"},
		} {
			one := &carrier{name: "one", say: func(int) (channel.Sent, error) {
				return channel.Sent{Reference: "a1,a2,a3", Segments: 3, Parts: "a1,a2,a3"}, nil
			}}
			w := two(t, s, one, nil, nil)
			m := w.create(paylink.ChannelSMS).Messages[0]
			w.work()
			var got []string
			for i, body := range strings.Split(c.told, ", ") {
				w.hear("one", body+strings.Repeat(" ", i)) // twice in the same words is twice, not a replay
				got = append(got, string(w.message(m.ID).Status))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s: %v, want %s", c.told, got, c.want)
			}
		}
	})
}

// Three receipts of three segments come at once, at several nodes: each sees its own only, and none the whole.
func TestPartsThatComeAtOnceMakeTheWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		one := &carrier{name: "one"}
		one.say = func(n int) (channel.Sent, error) {
			ids := string(rune('a'+n)) + "1," + string(rune('a'+n)) + "2," + string(rune('a'+n)) + "3"
			return channel.Sent{Reference: ids, Segments: 3, Parts: ids}, nil
		}
		w := two(t, s, one, nil, nil)
		var messages []paylink.MessageID
		var ids []string
		for range 8 {
			m := w.create(paylink.ChannelSMS).Messages[0]
			w.tick()
			w.work()
			messages, ids = append(messages, m.ID), append(ids, strings.Split(w.message(m.ID).ProviderReference, ",")...)
		}
		var all sync.WaitGroup
		for _, id := range ids {
			all.Go(func() {
				if _, err := w.dispatch.Receive(context.WithoutCancel(t.Context()), "one", w.accounts["one"].ID, posted(http.Header{}, []byte(id+" delivered"))); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		arrived := func(id paylink.MessageID) bool { return w.message(id).Status == paylink.MessageDelivered }
		w.crowd(func() bool {
			return !slices.ContainsFunc(messages, func(id paylink.MessageID) bool { return !arrived(id) })
		})
		for _, id := range messages {
			if !arrived(id) {
				t.Errorf("%s is %s", id, w.message(id).Status)
			}
		}
	})
}
