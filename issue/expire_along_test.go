package issue_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

// Many links end at the same midnight and are expired together. What is not like the others must not be
// swept along: a payment under way, an expiry that moved, a link that was cancelled.
func TestLinksThatExpireTogetherAreJudgedOneByOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		var ids []paylink.LinkID
		for range 60 {
			ids = append(ids, w.create(issue.Draft{Amount: 1, HasAmount: true, Currency: "INR", ExpiresIn: ptr(int64(3600))}).Link.ID)
		}
		paying, moved, cancelled := ids[10], ids[20], ids[30]
		w.alter(paying, func(l *paylink.Link) { l.InFlight = 1 })
		if _, err := w.issuer.Extend(t.Context(), w.actor(), moved, ptr(int64(7200)), nil); err != nil {
			t.Fatal(err)
		}
		if _, err := w.issuer.Cancel(t.Context(), w.actor(), cancelled, nil); err != nil {
			t.Fatal(err)
		}
		w.setClock(start.Add(time.Hour))
		w.work()
		for _, id := range ids {
			want := paylink.LinkExpired
			switch id {
			case paying, moved:
				want = paylink.LinkPending
			case cancelled:
				want = paylink.LinkCancelled
			}
			told := w.told(id)
			count := len(slices.DeleteFunc(slices.Clone(told), func(e paylink.EventType) bool { return e != paylink.EventLinkExpired }))
			if got := w.link(id); got.Status != want || (count == 1) != (want == paylink.LinkExpired) {
				t.Errorf("%s is %s, want %s; told %v", id, got.Status, want, told)
			}
		}
		if jobs, err := s.Read(t.Context()).Jobs(); err != nil || jobs["waiting"] != 2 || len(jobs) != 1 {
			t.Errorf("left %v, %v: one job waits for the payment, one for the later expiry", jobs, err)
		}
	})
}

// A hundred links expire while their merchant cancels them: each ends in one way, and once.
func TestExpiryMeetsCancellation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		var ids []paylink.LinkID
		for range 100 {
			ids = append(ids, w.create(issue.Draft{Amount: 1, HasAmount: true, Currency: "INR", ExpiresIn: ptr(int64(3600))}).Link.ID)
		}
		w.setClock(start.Add(time.Hour))
		var merchants sync.WaitGroup
		for part := range slices.Chunk(ids, 25) {
			merchants.Go(func() {
				for _, id := range part {
					_, _ = w.issuer.Cancel(t.Context(), w.actor(), id, nil) // refused where the expiry came first
				}
			})
		}
		w.work()
		merchants.Wait()
		w.work()
		for _, id := range ids {
			ends := slices.DeleteFunc(w.told(id), func(e paylink.EventType) bool {
				return e != paylink.EventLinkExpired && e != paylink.EventLinkCancelled
			})
			got := w.link(id).Status
			fits := got == paylink.LinkExpired && slices.Equal(ends, []paylink.EventType{paylink.EventLinkExpired}) ||
				got == paylink.LinkCancelled && ends[len(ends)-1] == paylink.EventLinkCancelled && len(slices.Compact(ends)) == len(ends)
			if !fits {
				t.Errorf("%s is %s, told %v", id, got, ends)
			}
		}
		if jobs, err := s.Read(t.Context()).Jobs(); err != nil || len(jobs) != 0 {
			t.Errorf("left %v, %v", jobs, err)
		}
	})
}
