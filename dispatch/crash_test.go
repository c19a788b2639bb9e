package dispatch_test

import (
	"context"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/store"
	"paylink/store/storetest"
)

// A node dies after it has begun a call and before it could write how the call ended. Whoever takes over does
// not know whether the customer has the message, and must not send it twice.
func TestDeathBetweenBeginAndSettleSendsNothingTwice(t *testing.T) {
	has := func() (channel.Sent, error) { return channel.Sent{Reference: "ref_1"}, nil }
	gone := func() (channel.Sent, error) { return channel.Sent{}, channel.ErrNotFound }
	for _, row := range []struct {
		name       string
		same       bool
		find       func() (channel.Sent, error)
		status     paylink.MessageStatus
		one, other int // calls, that of the dead node among them
	}{
		{"nobody can tell", false, nil, paylink.MessageUnknown, 1, 0},
		{"the provider has it", false, has, paylink.MessageSent, 1, 0},
		{"the provider has it not", false, gone, paylink.MessageSent, 1, 1},
		{"the provider deduplicates", true, nil, paylink.MessageSent, 2, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				called, release := make(chan struct{}), make(chan struct{})
				one := &carrier{name: "one", same: row.same, say: func(n int) (channel.Sent, error) {
					return channel.Sent{Reference: "ref_1"}, nil
				}}
				dies := &dying{carrier: one, called: called, release: release}
				var first channel.Sender = dies
				if row.find != nil {
					first = dyingFinder{dies, row.find}
				}
				other := &carrier{name: "two", say: takes("ref_2")}
				w := two(t, s, first, other, nil)
				c := w.create(paylink.ChannelSMS)
				ctx, die := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() { ended <- w.queue().Work(ctx) }()
				<-called
				w.setClock(start.Add(time.Hour))
				w.write(func(tx *store.Tx) error { _, err := tx.ReclaimJobs(w.clock(), 50); return err })
				w.work()
				w.setClock(start.Add(2 * time.Hour))
				w.work()
				close(release) // what the dead node would have written is refused
				die()
				if err := <-ended; err != nil {
					t.Fatal(err)
				}
				got := w.message(c.Messages[0].ID)
				if got.Status != row.status || one.asked() != row.one || other.asked() != row.other {
					t.Errorf("%s after %d and %d calls: %+v", got.Status, one.asked(), other.asked(), w.attempts(got))
				}
				sent := map[bool]int{true: 1}[row.status == paylink.MessageSent]
				if told := w.told(c.Link.ID); told[paylink.EventMessageSent] != sent || told[paylink.EventLinkSent] != sent {
					t.Errorf("told %v", told)
				}
			})
		})
	}
}

// dying is a carrier whose first answer never reaches the node that called.
type dying struct {
	*carrier
	called, release chan struct{}
}

func (d *dying) Send(ctx context.Context, a channel.Account, l channel.Letter) (channel.Sent, error) {
	sent, err := d.carrier.Send(ctx, a, l)
	select {
	case <-d.called:
	default:
		close(d.called)
		<-d.release
	}
	return sent, err
}

type dyingFinder struct {
	*dying
	found func() (channel.Sent, error)
}

func (d dyingFinder) Find(context.Context, channel.Account, channel.Letter, time.Time) (channel.Sent, error) {
	return d.found()
}
