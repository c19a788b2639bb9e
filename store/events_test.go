package store_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// event makes one of the merchant's test mode; change makes it another.
func event(id paylink.EventID, at time.Time, change func(*paylink.Event)) paylink.Event {
	e := paylink.Event{ID: id, Merchant: "mer_a", At: at, Type: paylink.EventLinkOpened, Link: "plink_1", Actor: "customer"}
	if change != nil {
		change(&e)
	}
	return e
}

// sealAs appends the event and gives it its sequence.
func sealAs(t *testing.T, s *store.Store, sequence int64, e paylink.Event) paylink.Event {
	t.Helper()
	e.Sequence = sequence
	write(t, s, func(tx *store.Tx) {
		tx.AppendEvent(e)
		tx.SealEvents(store.Entry{Merchant: e.Merchant, ID: e.ID, Sequence: sequence})
	})
	return e
}

// An event is what a merchant is told for years; what is stored must be what happened.
func TestEventComesBackWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		l, p := full(), fullPayment()
		m := paylink.Message{ID: "msg_1", Link: l.ID, Channel: paylink.ChannelSMS, To: "+919812345642", SentAt: noon, ErrorCode: odd}
		said := event("evt_1", noon, func(e *paylink.Event) {
			e.Live, e.Payment, e.Message, e.Actor = true, p.ID, m.ID, odd
			e.Data = paylink.EventData{
				Link:    l.Snapshot(&paylink.Customer{ID: "cust_1", Name: odd, Phone: "+919812345642", Email: "ऋतु@example.com", Locale: "hi"}),
				Payment: p.Snapshot(), Message: m.Snapshot(),
				Endpoint: &paylink.EndpointSnapshot{ID: "we_1", Events: []string{"*"}, CreatedAt: noon, UpdatedAt: noon},
			}
		})
		bare := event("evt_2", time.UnixMicro(math.MaxInt64).UTC(), func(e *paylink.Event) { e.Link, e.Actor = "", "" })
		bell := s.Bell(store.BellEvents)
		defer bell.Close()
		write(t, s, func(tx *store.Tx) { tx.AppendEvent(said); tx.AppendEvent(bare) })
		select {
		case <-bell.C:
		default:
			t.Error("the sealer was not woken")
		}
		read := s.Read(t.Context())
		for _, e := range []paylink.Event{said, bare} {
			got, err := read.Event("mer_a", e.Live, e.ID)
			same(t, string(e.ID), e, got, err)
			_, err = read.Event("mer_a", !e.Live, e.ID)
			missing(t, "event", string(e.ID), err)
			_, err = read.Event("mer_b", e.Live, e.ID)
			missing(t, "event", string(e.ID), err)
		}
	})
}

// What has no place in the sequence yet is in no list of events: a client that read on from it would
// miss whatever is sealed before it.
func TestListsShowSealedEventsOfTheirOwnWorld(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var mine []paylink.Event
		for i := range 10 {
			id := paylink.EventID(fmt.Sprintf("evt_%d", 9-i)) // ids and times do not decide
			mine = append(mine, sealAs(t, s, int64(i+1), event(id, noon.Add(-time.Duration(i)*time.Second), nil)))
			sealAs(t, s, int64(i+1), event(id, noon, func(e *paylink.Event) { e.Merchant = "mer_b" }))
			sealAs(t, s, int64(i+1), event(id+"live", noon, func(e *paylink.Event) { e.Live = true }))
		}
		write(t, s, func(tx *store.Tx) { tx.AppendEvent(event("evt_unsealed", noon, nil)) })
		read := s.Read(t.Context())

		var after, before []paylink.Event
		for {
			var last int64
			if len(after) > 0 {
				last = after[len(after)-1].Sequence
			}
			page, err := read.EventsAfter("mer_a", false, last, 3)
			if err != nil || len(page) == 0 {
				same(t, "onwards", mine, after, err)
				break
			}
			after = append(after, page...)
		}
		for sequence := int64(0); ; sequence = before[len(before)-1].Sequence {
			page, err := read.EventsBefore("mer_a", false, sequence, 3)
			if err != nil || len(page) == 0 {
				slices.Reverse(mine)
				same(t, "backwards", mine, before, err)
				break
			}
			before = append(before, page...)
		}
	})
}

// A timeline is read as a story: by when things happened, whatever was sealed first, and with the last
// thing already in it.
func TestTimelineIsInTheOrderOfTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		third := sealAs(t, s, 1, event("evt_1", noon.Add(time.Microsecond), nil))
		second := event("evt_b", noon, nil)
		first := event("evt_B", noon, nil)
		write(t, s, func(tx *store.Tx) {
			tx.AppendEvent(second)
			tx.AppendEvent(first)
			tx.AppendEvent(event("evt_2", noon, func(e *paylink.Event) { e.Link = "plink_2" }))
			tx.AppendEvent(event("evt_1", noon, func(e *paylink.Event) { e.Merchant = "mer_b" }))
		})
		got, err := s.Read(t.Context()).Timeline("mer_a", "plink_1", 9)
		same(t, "all", []paylink.Event{first, second, third}, got, err)
		got, err = s.Read(t.Context()).Timeline("mer_a", "plink_1", 2)
		same(t, "the first two", []paylink.Event{first, second}, got, err)
	})
}

// The sealer takes what happened first, first, for every merchant and mode alike.
func TestUnsealedAreOldestFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		a := event("evt_a", noon.Add(time.Second), func(e *paylink.Event) { e.Live = true })
		b := event("evt_b", noon, func(e *paylink.Event) { e.Merchant = "mer_b" })
		c := event("evt_B", noon, nil)
		sealAs(t, s, 1, event("evt_0", noon.Add(-time.Hour), nil))
		write(t, s, func(tx *store.Tx) { tx.AppendEvent(a); tx.AppendEvent(b); tx.AppendEvent(c) })
		got, err := s.Read(t.Context()).Unsealed(9)
		same(t, "all", entries(c, b, a), got, err)
		got, err = s.Read(t.Context()).Unsealed(2)
		same(t, "two", entries(c, b), got, err)
	})
}

// entries is the events as a sealer sees them.
func entries(events ...paylink.Event) []store.Entry {
	all := make([]store.Entry, len(events))
	for i, e := range events {
		all[i] = store.Entry{
			Merchant: e.Merchant, Live: e.Live, Sequence: e.Sequence, At: e.At.UnixMicro(), ID: e.ID, Type: e.Type, Link: e.Link,
			Payment: e.Payment, Message: e.Message, Actor: e.Actor, Data: string(e.Data.JSON()),
		}
	}
	return all
}

// moved is a head as it stands, without hashes.
func moved(merchant paylink.MerchantID, live bool, sequence int64) store.Chain {
	return store.Chain{Merchant: merchant, Live: live, Sequence: sequence}
}

// Two workers seal the same events. Whoever comes second must write nothing: a second number for one
// event, or one number for two, would break every cursor.
func TestSecondSealerWritesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sealed := sealAs(t, s, 1, event("evt_1", noon, nil))
		write(t, s, func(tx *store.Tx) {
			tx.AppendEvent(event("evt_2", noon, nil))
			tx.MoveHead(moved("mer_a", false, 0), moved("mer_a", false, 1))
			tx.MoveHead(moved("mer_a", true, 0), moved("mer_a", true, 9))
		})
		for name, seal := range map[string]func(*store.Tx){
			"an event that is sealed": func(tx *store.Tx) { tx.SealEvents(store.Entry{Merchant: "mer_a", ID: sealed.ID, Sequence: 2}) },
			"a chain that has begun":  func(tx *store.Tx) { tx.MoveHead(moved("mer_a", false, 0), moved("mer_a", false, 2)) },
			"a head that has moved":   func(tx *store.Tx) { tx.MoveHead(moved("mer_a", false, 9), moved("mer_a", false, 10)) },
			"another merchant's head": func(tx *store.Tx) { tx.MoveHead(moved("mer_b", false, 1), moved("mer_b", false, 2)) },
			"another's event": func(tx *store.Tx) {
				tx.SealEvents(store.Entry{Merchant: "mer_b", ID: "evt_2", Sequence: 2})
			},
		} {
			err := s.Write(t.Context(), func(tx *store.Tx) error {
				tx.SealEvents(store.Entry{Merchant: "mer_a", ID: "evt_2", Sequence: 2})
				seal(tx)
				return nil
			})
			if err != store.ErrSealedMeanwhile {
				t.Errorf("%s: %v", name, err)
			}
		}
		// One number for two events is refused by the database itself.
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			tx.SealEvents(store.Entry{Merchant: "mer_a", ID: "evt_2", Sequence: 1})
			return nil
		})
		if err == nil {
			t.Error("two events have one sequence")
		}
		left, err := s.Read(t.Context()).Unsealed(9)
		same(t, "left to seal", entries(event("evt_2", noon, nil)), left, err)
		write(t, s, func(tx *store.Tx) { tx.MoveHead(moved("mer_a", false, 1), moved("mer_a", false, 2)) })
		var heads []int64
		for _, w := range []struct {
			merchant paylink.MerchantID
			live     bool
		}{{"mer_a", false}, {"mer_a", true}, {"mer_b", false}} {
			head, err := s.Read(t.Context()).ChainHead(w.merchant, w.live)
			if err != nil {
				t.Error(err)
			}
			heads = append(heads, head)
		}
		same(t, "heads", []int64{2, 9, 0}, heads, nil)
	})
}

// While one transaction seals on PostgreSQL another must go away at once: waiting for it would hold a
// connection for nothing.
func TestOnlyOneTransactionSealsAtATime(t *testing.T) {
	s := storetest.Open(t, "postgres")
	take := func(tx *store.Tx) bool {
		mine, err := tx.TakeSealer()
		if err != nil {
			t.Error(err)
		}
		return mine
	}
	write(t, s, func(first *store.Tx) {
		if !take(first) {
			t.Error("nobody seals, and it was not given")
		}
		write(t, s, func(second *store.Tx) {
			if take(second) {
				t.Error("two seal at once")
			}
		})
	})
	write(t, s, func(tx *store.Tx) {
		if !take(tx) {
			t.Error("it was not given back")
		}
	})
}
