package issue_test

import (
	"crypto/sha256"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

func (w *world) record(id paylink.LinkID, r issue.Recording, claim *store.Claim) (issue.Changed, error) {
	return w.issuer.Record(w.t.Context(), w.actor(), id, r, claim)
}

// Cash is money: what is recorded stands beside the other payments, counts, and is told as captured, at
// the time when it was taken.
func TestRecordedMoneyCounts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		id := w.create(draft()).Link.ID
		yesterday := start.Add(-24 * time.Hour)
		done, err := w.record(id, issue.Recording{Amount: ptr(int64(45000)), Method: "cheque", BankReference: "000123", TakenAt: &yesterday}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if l := w.link(id); l.AmountPaid != 45000 || l.Status != paylink.LinkPartiallyPaid || !reflect.DeepEqual(l, done.Link) {
			t.Errorf("the link is %+v", l)
		}
		kept, err := s.Read(t.Context()).Payment(w.merchant.ID, false, done.Payment.ID)
		if err != nil || !kept.CapturedAt.Equal(yesterday) || kept.AmountCaptured != 45000 || kept.Method != "cheque" || kept.BankReference != "000123" || !kept.Counts() {
			t.Errorf("the payment is %+v, %v", kept, err)
		}
		if _, err := w.record(id, issue.Recording{Method: "cash"}, nil); err != nil {
			t.Fatal(err)
		}
		if l := w.link(id); l.AmountPaid != 245000 || l.Status != paylink.LinkPaid || l.PaymentsCount != 2 {
			t.Errorf("the link is %+v", l)
		}
		want := []paylink.EventType{"payment_link.created", "payment.captured", "payment_link.partially_paid", "payment.captured", "payment_link.paid"}
		if got := w.told(id); !slices.Equal(got, want) {
			t.Errorf("told %v", got)
		}
	})
}

// More than is due, a time that cannot be, a word that is no method: a mistake at the counter must not
// become a book entry.
func TestRecordingNamesWhatIsWrong(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		id := w.create(draft()).Link.ID
		for want, r := range map[string]issue.Recording{
			"/amount too_large":              {Method: "cash", Amount: ptr(int64(245001))},
			"/amount too_small":              {Method: "cash", Amount: ptr(int64(0))},
			"/method unknown_value":          {Method: "upi"},
			"/bank_reference bad_characters": {Method: "cheque", BankReference: "a\nb"},
			"/taken_at in_the_future":        {Method: "cash", TakenAt: ptr(start.Add(time.Second))},
			"/taken_at too_far":              {Method: "cash", TakenAt: ptr(start.Add(-367 * 24 * time.Hour))},
		} {
			if _, err := w.record(id, r, nil); wrong(err) != want {
				t.Errorf("%q, want %q", wrong(err), want)
			}
		}
		w.alter(id, func(l *paylink.Link) { l.InFlight = 1 })
		_, err := w.record(id, issue.Recording{Method: "cash"}, nil)
		if code, _ := codeOf(err); code != "payment_in_flight" {
			t.Errorf("while a payment is under way: %v", err)
		}
		if l := w.link(id); l.AmountPaid != 0 {
			t.Errorf("%d was counted", l.AmountPaid)
		}
	})
}

// The cashier presses twice, or the network does: the money is counted once, and the second answer is
// the first one. Without a key eight of them race for what is due.
func TestRecordedMoneyIsCountedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		id := w.create(draft()).Link.ID
		claim := func() *store.Claim {
			return &store.Claim{Merchant: w.merchant.ID, Route: "record", Key: "k", Request: sha256.Sum256([]byte("r"))}
		}
		first, err := w.record(id, issue.Recording{Method: "cash", Amount: ptr(int64(1000))}, claim())
		if err != nil {
			t.Fatal(err)
		}
		again, err := w.record(id, issue.Recording{Method: "cash", Amount: ptr(int64(1000))}, claim())
		if err != nil || !again.Replayed || again.Payment.ID != first.Payment.ID || !reflect.DeepEqual(again.Link, first.Link) {
			t.Errorf("the second answer: %+v, %v", again, err)
		}
		by := w.actor()
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { _, _ = w.issuer.Record(t.Context(), by, id, issue.Recording{Method: "cash"}, nil) })
		}
		all.Wait()
		if l := w.link(id); l.AmountPaid != 245000 || l.PaymentsCount != 2 {
			t.Errorf("%d paid by %d payments", l.AmountPaid, l.PaymentsCount)
		}
	})
}
