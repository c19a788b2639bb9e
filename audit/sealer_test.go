package audit_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/audit"
	"paylink/store"
	"paylink/store/storetest"
)

// noon is when things happen in these tests, dawn when they are sealed: the two have nothing to do
// with each other.
var (
	noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)
	dawn = noon.Add(-6 * time.Hour)
)

// appenders is how many write events at once, each about a link of its own; length is how many each.
const appenders, length = 8, 30

// A gap or a double in the sequence makes every client's cursor lie: it waits for ever for what never
// was, or misses a payment. Two merchants' worlds are written by many at once, and two workers seal.
func TestSequenceIsGaplessUnderTwoSealers(t *testing.T) {
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			one, two := twoStores(t, kind)
			worlds := []world{{"mer_a", false}, {"mer_a", true}, {"mer_b", false}}
			addMerchants(t, one, "mer_a", "mer_b")
			for _, w := range worlds {
				addEndpoint(t, one, w, "we_1", nil)
			}
			work(t, one)
			work(t, two)
			var all sync.WaitGroup
			for i := range appenders {
				w := worlds[i%len(worlds)]
				all.Go(func() {
					for n := range length {
						e := w.event(paylink.EventID(fmt.Sprintf("evt_%d_%d", i, length-n)), noon.Add(time.Duration(n)*time.Microsecond))
						e.Link = paylink.LinkID(fmt.Sprint("plink_", i))
						appendAll(t, two, e)
					}
				})
			}
			all.Wait()
			wantSealed(t, one, worlds)
		})
	}
}

// wantSealed waits until everything is sealed and holds the worlds to the promises of the sequence.
func wantSealed(t *testing.T, s *store.Store, worlds []world) {
	t.Helper()
	until(t, func() bool {
		left, err := s.Read(t.Context()).Unsealed(1)
		return err == nil && len(left) == 0
	})
	total := 0
	for _, w := range worlds {
		events := sealed(t, s, w)
		total += len(events)
		last := map[paylink.LinkID]time.Time{}
		for i, e := range events {
			if e.Sequence != int64(i+1) {
				t.Fatalf("%v: event %d of the list has sequence %d", w, i+1, e.Sequence)
			}
			if !e.At.After(last[e.Link]) {
				t.Errorf("%v: event %d of %s is sealed after a later one", w, e.Sequence, e.Link)
			}
			last[e.Link] = e.At
		}
		head, err := s.Read(t.Context()).ChainHead(w.merchant, w.live)
		if err != nil || head != int64(len(events)) {
			t.Errorf("%v: the head is %d of %d, %v", w, head, len(events), err)
		}
		told := map[paylink.EventID]int64{}
		for _, d := range deliveries(t, s, w) {
			told[d.Event] = d.Sequence
		}
		for _, e := range events {
			if told[e.ID] != e.Sequence {
				t.Errorf("%v: event %d is delivered as %d", w, e.Sequence, told[e.ID])
			}
		}
	}
	if total != appenders*length {
		t.Errorf("%d of %d events were sealed", total, appenders*length)
	}
}

// Many workers seal the very same events at the same instant. Whoever comes late says so, or goes
// away, and has written nothing.
func TestManySealersAtOnceSealEachEventOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := world{"mer_a", false}
		addMerchants(t, s, w.merchant)
		addEndpoint(t, s, w, "we_1", nil)
		for n := range 10 {
			appendAll(t, s, w.event(paylink.EventID(fmt.Sprint("evt_", n)), noon.Add(time.Duration(n))))
		}
		sealer := newSealer(s)
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if _, err := sealer.Seal(t.Context()); err != nil && !errors.Is(err, store.ErrSealedMeanwhile) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n, err := sealer.Seal(t.Context()); n != 0 || err != nil {
			t.Errorf("%d events were left, %v", n, err)
		}
		if events, told := sealed(t, s, w), deliveries(t, s, w); len(events) != 10 || len(told) != 10 || events[9].Sequence != 10 {
			t.Errorf("%d events, %d deliveries", len(events), len(told))
		}
	})
}

// On PostgreSQL a transaction that began first can commit last. Its event is older than what is sealed
// already: it must be sealed behind, not forgotten.
func TestLateCommitIsSealedLater(t *testing.T) {
	one, two := twoStores(t, "postgres")
	w := world{"mer_a", false}
	addMerchants(t, one, w.merchant)
	older, newer := w.event("evt_1", noon), w.event("evt_2", noon.Add(time.Second))
	written, release, committed := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		committed <- two.Write(context.Background(), func(tx *store.Tx) error {
			tx.AppendEvent(older)
			if _, err := tx.Event(w.merchant, w.live, older.ID); err != nil { // sends it
				return err
			}
			close(written)
			<-release
			return nil
		})
	}()
	<-written
	appendAll(t, one, newer)
	sealer := newSealer(one)
	if n, err := sealer.Seal(t.Context()); n != 1 || err != nil {
		t.Errorf("while it is open: sealed %d, %v", n, err)
	}
	close(release)
	if err := <-committed; err != nil {
		t.Fatal(err)
	}
	if n, err := sealer.Seal(t.Context()); n != 1 || err != nil {
		t.Errorf("after its commit: sealed %d, %v", n, err)
	}
	newer.Sequence, older.Sequence = 1, 2
	got := sealed(t, one, w)
	for i := range got {
		got[i].Hash = ""
	}
	if !reflect.DeepEqual(got, []paylink.Event{newer, older}) {
		t.Errorf("sealed %+v", got)
	}
}

// The sealing transaction breaks in the middle, as in a crash: no event, head, delivery or job of it
// may stay, or the next attempt would tell things twice or never.
func TestBrokenSealingLeavesNothingHalf(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w, other := world{"mer_a", false}, world{"mer_b", false}
		addMerchants(t, s, w.merchant, other.merchant)
		addEndpoint(t, s, w, "we_1", nil)
		addEndpoint(t, s, other, "we_2", nil)
		ahead := w.event("evt_0", noon)
		// With the head at zero the second new event wants this place too.
		write(t, s, func(tx *store.Tx) { tx.AppendEvent(ahead); tx.SealEvents(store.Entry{Merchant: w.merchant, ID: ahead.ID, Sequence: 2}) })
		appendAll(t, s, other.event("evt_1", noon), w.event("evt_2", noon), w.event("evt_3", noon.Add(time.Second)))
		sealer := newSealer(s)
		if n, err := sealer.Seal(t.Context()); n != 0 || err == nil {
			t.Fatalf("sealed %d, %v", n, err)
		}
		read := s.Read(t.Context())
		left, err := read.Unsealed(9)
		jobs, jobsErr := read.Jobs()
		head, headErr := read.ChainHead(other.merchant, other.live)
		told := append(deliveries(t, s, w), deliveries(t, s, other)...)
		if errors.Join(err, jobsErr, headErr) != nil || len(left) != 3 || len(jobs) != 0 || head != 0 || len(told) != 0 {
			t.Errorf("left %d events, jobs %v, head %d, %d deliveries; %v", len(left), jobs, head, len(told), errors.Join(err, jobsErr, headErr))
		}
		write(t, s, func(tx *store.Tx) { tx.MoveHead(store.Chain{}, store.Chain{Merchant: w.merchant, Sequence: 2}) })
		if n, err := sealer.Seal(t.Context()); n != 3 || err != nil {
			t.Errorf("after the repair: sealed %d, %v", n, err)
		}
	})
}

// A thousand events that wait, after an outage say, are sealed batch by batch without a gap between
// the batches.
func TestBacklogIsSealedInBatches(t *testing.T) {
	const backlog = 1000
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := world{"mer_a", false}
		for from := 0; from < backlog; from += 50 {
			events := make([]paylink.Event, 50)
			for i := range events {
				events[i] = w.event(paylink.EventID(fmt.Sprintf("evt_%04d", from+i)), noon)
			}
			appendAll(t, s, events...)
		}
		sealer := newSealer(s)
		total, most := 0, 0
		for {
			n, err := sealer.Seal(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break
			}
			total, most = total+n, max(most, n)
		}
		// A member of a group commit on SQLite may change fifty rows.
		if limit := map[string]int{"sqlite": 50, "postgres": 500}[s.Kind()]; total != backlog || most > limit {
			t.Errorf("sealed %d, up to %d at once", total, most)
		}
		for i, e := range sealed(t, s, w) {
			if want := paylink.EventID(fmt.Sprintf("evt_%04d", i)); e.Sequence != int64(i+1) || e.ID != want {
				t.Fatalf("event %d is %s with sequence %d", i+1, e.ID, e.Sequence)
			}
		}
	})
}

// The dashboard and the webhooks wait for the bell that tells of sealed events, and a stopped process
// must not wait for its sealer.
func TestWorkSealsOnTheBellAndEndsWithItsContext(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		bell := s.Bell(store.BellSealed)
		defer bell.Close()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- newSealer(s).Work(ctx) }()
		w := world{"mer_a", false}
		appendAll(t, s, w.event("evt_1", noon))
		select {
		case <-bell.C:
		case <-time.After(20 * time.Second):
			t.Fatal("nothing was told in twenty seconds")
		}
		if got := sealed(t, s, w); len(got) != 1 {
			t.Errorf("told of %d sealed events", len(got))
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func newSealer(s *store.Store) *audit.Sealer {
	return audit.New(audit.Deps{Store: s, Now: func() time.Time { return dawn }, Log: slog.New(slog.DiscardHandler)})
}
