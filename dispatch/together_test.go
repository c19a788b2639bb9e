package dispatch_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// Many calls end in one moment. Each that is settled by itself waits for the commits of those before it, and the
// last customer for seconds; and what is settled with others must not be lost when one of them is in the way.
func TestMessagesThatEndTogetherAreSettledTogether(t *testing.T) {
	const many = 32
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var at sync.Mutex
		var before int64
		under, all, held := 0, make(chan struct{}), make(chan struct{})
		one := &carrier{name: "one", same: true, say: takes("ref_1")}
		w := two(t, s, one, nil, nil)
		var messages []paylink.Message
		for i := range many {
			messages = append(messages, w.createTo(fmt.Sprintf("+919812%06d", 345000+i)))
		}
		hurt := messages[7]
		one.slow = func() {
			at.Lock()
			if under++; under == many {
				w.write(func(tx *store.Tx) error { // a receipt is quicker than the settling of one of them
					m, err := tx.Message(hurt.Merchant, hurt.Live, hurt.ID)
					read := m.UpdatedAt
					m.Touch(w.clock())
					tx.UpdateMessage(m, m.Status, read)
					return err
				})
				before = s.Stats().Commits
				go w.occupy(messages, held)
				<-held
				close(all)
			}
			at.Unlock()
			<-all
		}
		w.work()
		if commits := s.Stats().Commits - before; commits > many*3/4 {
			t.Errorf("%d messages took %d commits", many, commits)
		}
		for _, m := range messages {
			got := w.message(m.ID)
			if got.Status != paylink.MessageSent || len(w.attempts(got)) != 1 || w.link(m.Link).SentAt.IsZero() {
				t.Errorf("%+v", got)
			}
			if told := w.told(m.Link); told[paylink.EventMessageSent] != 1 || told[paylink.EventLinkSent] != 1 {
				t.Errorf("told %v", told)
			}
		}
	})
}

// occupy keeps messages for half a second, so that whoever settles one of them has to wait.
func (w *world) occupy(messages []paylink.Message, held chan struct{}) {
	err := w.store.Write(w.t.Context(), func(tx *store.Tx) error {
		for _, m := range messages {
			if _, err := tx.Message(m.Merchant, m.Live, m.ID); err != nil {
				return err
			}
		}
		close(held)
		time.Sleep(500 * time.Millisecond)
		return nil
	})
	if err != nil {
		w.t.Error(err)
	}
}
