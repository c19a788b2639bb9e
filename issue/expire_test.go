package issue_test

import (
	"slices"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

// A link expires a moment too early, and a customer who was in time is refused; or too late.
func TestExpiryIsExact(t *testing.T) {
	exp := start.Add(24 * time.Hour)
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		id := w.create(draft()).Link.ID
		for _, row := range []struct {
			now  time.Time
			want paylink.LinkStatus
		}{
			{exp.Add(-time.Microsecond), paylink.LinkPending},
			{exp, paylink.LinkExpired},
			{exp.Add(time.Microsecond), paylink.LinkExpired},
		} {
			w.setClock(row.now)
			w.work()
			if got := w.link(id).Status; got != row.want {
				t.Errorf("at %s: %s, want %s", row.now, got, row.want)
			}
		}
		if got := w.told(id); !slices.Equal(got, []paylink.EventType{"payment_link.created", "payment_link.expiring", "payment_link.expired"}) {
			t.Errorf("told %v", got)
		}
		if jobs, err := s.Read(t.Context()).Jobs(); err != nil || len(jobs) != 0 {
			t.Errorf("left %v, %v", jobs, err)
		}
	})
}

// A merchant who hears of it too late, twice, or for a link that is paid, cannot help the customer in time.
func TestExpiryIsAnnouncedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		long, short, paid, moved := draft(), draft(), draft(), draft()
		long.ExpiresIn, short.ExpiresIn, paid.ExpiresIn, moved.ExpiresIn = ptr(int64(7*86400)), ptr(int64(3600)), ptr(int64(86400)), ptr(int64(86400))
		ids := map[string]paylink.LinkID{}
		for name, d := range map[string]issue.Draft{"long": long, "short": short, "paid": paid, "moved": moved} {
			d.Reference = name
			ids[name] = w.create(d).Link.ID
		}
		w.alter(ids["paid"], func(l *paylink.Link) { l.AmountPaid, l.Status = 245000, paylink.LinkPaid })
		if _, err := w.issuer.Extend(t.Context(), w.actor(), ids["moved"], ptr(int64(3*86400)), nil); err != nil {
			t.Fatal(err)
		}
		said := func() (all []string) {
			w.work()
			for name, id := range ids {
				if slices.Contains(w.told(id), paylink.EventLinkExpiring) {
					all = append(all, name)
				}
			}
			slices.Sort(all)
			return all
		}
		for _, row := range []struct {
			at   time.Duration
			want []string
		}{
			{22 * time.Hour, nil}, // where the moved one would have been announced
			{48*time.Hour - time.Microsecond, nil},
			{48 * time.Hour, []string{"moved"}},
			{6*24*time.Hour - time.Microsecond, []string{"moved"}},
			{6 * 24 * time.Hour, []string{"long", "moved"}},
			{8 * 24 * time.Hour, []string{"long", "moved"}},
		} {
			w.setClock(start.Add(row.at))
			if got := said(); !slices.Equal(got, row.want) {
				t.Errorf("after %s: %v, want %v", row.at, got, row.want)
			}
		}
		want := []paylink.EventType{"payment_link.created", "payment_link.amended", "payment_link.expiring", "payment_link.expired"}
		if got := w.told(ids["moved"]); !slices.Equal(got, want) {
			t.Errorf("told %v", got)
		}
	})
}

// A customer pays in the last second: the link must not expire under the payment, but it must not
// wait for ever either.
func TestPaymentUnderWayHoldsTheExpiryOff(t *testing.T) {
	exp := start.Add(24 * time.Hour)
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		id := w.create(draft()).Link.ID
		w.alter(id, func(l *paylink.Link) { l.InFlight = 1 })
		for _, row := range []struct {
			now  time.Time
			want paylink.LinkStatus
		}{
			{exp, paylink.LinkPending},
			{exp.Add(paylink.ExpiryGrace - time.Microsecond), paylink.LinkPending},
			{exp.Add(paylink.ExpiryGrace), paylink.LinkExpired},
		} {
			w.setClock(row.now)
			w.work()
			if got := w.link(id).Status; got != row.want {
				t.Errorf("at %s: %s, want %s", row.now, got, row.want)
			}
		}
	})
}

// Links that are paid, cancelled or extended by then: the job of the first expiry must leave the one
// alone and come back for the other.
func TestExpiryJobLeavesTheRestAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		ids := map[string]paylink.LinkID{}
		for _, name := range []string{"paid", "cancelled", "extended", "reactivated"} {
			d := draft()
			d.Reference = name
			ids[name] = w.create(d).Link.ID
		}
		states[paylink.LinkPaid](w, ids["paid"])
		for _, name := range []string{"cancelled", "reactivated"} {
			if _, err := w.issuer.Cancel(t.Context(), w.actor(), ids[name], nil); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.issuer.Extend(t.Context(), w.actor(), ids["extended"], ptr(int64(2*86400)), nil); err != nil {
			t.Fatal(err)
		}
		check := func(now time.Time, want map[string]paylink.LinkStatus) {
			t.Helper()
			w.setClock(now)
			w.work()
			for name, status := range want {
				if got := w.link(ids[name]).Status; got != status {
					t.Errorf("%s at %s: %s, want %s", name, now, got, status)
				}
			}
		}
		check(start.Add(24*time.Hour), map[string]paylink.LinkStatus{"paid": "paid", "cancelled": "cancelled", "extended": "pending", "reactivated": "cancelled"})
		if _, err := w.issuer.Reactivate(t.Context(), w.actor(), ids["reactivated"], nil); err != nil {
			t.Fatal(err)
		}
		check(start.Add(48*time.Hour-time.Microsecond), map[string]paylink.LinkStatus{"extended": "pending", "reactivated": "expired"})
		check(start.Add(48*time.Hour), map[string]paylink.LinkStatus{"extended": "expired", "paid": "paid"})
	})
}

// A merchant plays with its sandbox clock, and another merchant's links expire, or its own live ones.
func TestClockMovesOneTestWorldOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		mine := w.create(draft()).Link
		live := w.actor()
		live.Live = true
		myLive, err := w.issuer.Create(t.Context(), live, draft(), nil)
		if err != nil {
			t.Fatal(err)
		}
		other := issue.Actor{Merchant: w.addMerchant("Other")}
		theirs, err := w.issuer.Create(t.Context(), other, draft(), nil)
		if err != nil {
			t.Fatal(err)
		}
		statuses := func() [3]paylink.LinkStatus {
			w.work()
			read := s.Read(t.Context())
			a, errA := read.Link(w.merchant.ID, true, myLive.Link.ID)
			b, errB := read.Link(other.Merchant.ID, false, theirs.Link.ID)
			if errA != nil || errB != nil {
				t.Fatal(errA, errB)
			}
			return [3]paylink.LinkStatus{w.link(mine.ID).Status, a.Status, b.Status}
		}
		world, err := w.issuer.AdvanceClock(t.Context(), w.merchant.ID, 24*time.Hour-time.Microsecond)
		if err != nil || !world.Equal(start.Add(24*time.Hour-time.Microsecond)) {
			t.Fatalf("the world's now is %s, %v", world, err)
		}
		if got := statuses(); got != [3]paylink.LinkStatus{"pending", "pending", "pending"} {
			t.Errorf("a microsecond before: %v", got)
		}
		if _, err := w.issuer.AdvanceClock(t.Context(), w.merchant.ID, time.Microsecond); err != nil {
			t.Fatal(err)
		}
		if got := statuses(); got != [3]paylink.LinkStatus{"expired", "pending", "pending"} {
			t.Errorf("at the expiry: %v", got)
		}
		if got := w.link(mine.ID).UpdatedAt; got.After(start.Add(time.Minute)) {
			t.Errorf("the change is dated %s: real time must not follow the sandbox clock", got)
		}
		// A link of the later world expires by that world's time.
		d := draft()
		d.ExpiresIn = ptr(int64(60))
		late := w.create(d).Link
		if !late.ExpiresAt.Equal(start.Add(24*time.Hour + time.Minute)) {
			t.Errorf("it expires at %s", late.ExpiresAt)
		}
		w.setClock(start.Add(time.Minute))
		w.work()
		if got := w.link(late.ID).Status; got != paylink.LinkExpired {
			t.Errorf("after a real minute: %s", got)
		}
	})
}

// More links wait in a test world than one transaction may touch.
func TestClockMovesALargeWorld(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		const links = 120
		for range links {
			w.create(issue.Draft{Amount: 1, HasAmount: true, Currency: "INR"})
		}
		if _, err := w.issuer.AdvanceClock(t.Context(), w.merchant.ID, 24*time.Hour); err != nil {
			t.Fatal(err)
		}
		w.work()
		expired, err := s.Read(t.Context()).FindLinks(store.LinkFilter{Merchant: w.merchant.ID, Status: paylink.LinkExpired, Limit: links + 1})
		if err != nil || len(expired.Links) != links {
			t.Errorf("%d of %d expired, %v", len(expired.Links), links, err)
		}
	})
}

// The clock is turned back, stands still, or leaves the calendar.
func TestClockRefusesOddSteps(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		const day = 24 * time.Hour
		for by, want := range map[time.Duration]string{
			0: "/advance too_small", -day: "/advance too_small", 1: "/advance too_small", 366*day + 1: "/advance too_far", 366 * day: "",
		} {
			if _, err := w.issuer.AdvanceClock(t.Context(), w.merchant.ID, by); wrong(err) != want {
				t.Errorf("%s: %v, want %q", by, err, want)
			}
		}
		for range 19 {
			if _, err := w.issuer.AdvanceClock(t.Context(), w.merchant.ID, 366*day); err != nil {
				t.Fatal(err)
			}
		}
		_, err := w.issuer.AdvanceClock(t.Context(), w.merchant.ID, time.Second)
		if code, _ := codeOf(err); code != "clock_limit" {
			t.Errorf("got %v", err)
		}
		if _, err := w.issuer.AdvanceClock(t.Context(), "mer_none", day); !paylink.IsNotFound(err) {
			t.Errorf("nobody's clock: %v", err)
		}
	})
}
