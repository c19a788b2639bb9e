package paylink

import (
	"fmt"
	"time"
)

// Course is what time and the customer's word have brought to a link: how far it was told of its plan, and
// the promise that was made, and that a delivery plan is under way. These are facts, which its token does not cover.
type Course struct {
	Due     int64    `json:"due,omitempty"`    // instalments, from the first, whose date has passed and was told if they were unpaid
	Missed  int64    `json:"missed,omitempty"` // the same of their days of grace
	Promise *Promise `json:"promise,omitempty"`

	Waiting bool `json:"waiting,omitempty"` // steps of its delivery plan are scheduled
}

// IsZero tells that nothing happened yet.
func (c Course) IsZero() bool { return c == Course{} }

// tale is something that time itself brings about, to be told once.
type tale struct {
	at    time.Time // when it happens
	waits time.Time // when it is told: later, while a payment is under way that may undo it
	kind  EventType
	place int // place in the plan, from 0
}

// tales lists what is to be told when time comes to it, each kind's next.
func (l Link) tales() []tale {
	var all []tale
	add := func(t tale, undone bool) {
		if t.waits = t.at; undone && l.InFlight > 0 {
			t.waits = t.at.Add(ExpiryGrace)
		}
		all = append(all, t)
	}
	if !l.AnnounceAt.IsZero() {
		add(tale{at: l.AnnounceAt, kind: EventLinkExpiring}, false)
	}
	if p := l.Terms.Plan; p != nil {
		unpaid := l.firstUnpaid()
		if n := max(unpaid, int(l.Course.Due)); n < len(p.Instalments) {
			add(tale{at: p.Instalments[n].DueAt, kind: EventInstalmentDue, place: n}, false)
		}
		if n := max(unpaid, int(l.Course.Missed)); n < len(p.Instalments) {
			add(tale{at: p.missedAt(n), kind: EventInstalmentMissed, place: n}, true)
		}
	}
	if !l.PromisedFor.IsZero() {
		add(tale{at: l.PromisedFor, kind: EventPromiseBroken}, true)
	}
	return all
}

// nextTale is the earliest of what is still to be told of the link's life; of those at one time, the first
// in the order of their kinds. What would come after the expiry never does, and past it nobody needs to
// hear that it comes near.
func (l Link) nextTale(now time.Time) (next tale, ok bool) {
	for _, t := range l.tales() {
		if !l.ExpiresAt.IsZero() && t.at.After(l.ExpiresAt) || t.kind == EventLinkExpiring && l.PastExpiry(now) {
			continue
		}
		if !ok || t.waits.Before(next.waits) {
			next, ok = t, true
		}
	}
	return next, ok
}

// Look does the next thing that time has brought about, and gives the type of the event that it is, with
// the instalment that it is about, if one; empty when there is nothing to tell yet. The expiry itself is
// for [Link.Resettle].
func (l *Link) Look(now time.Time) (EventType, *Step) {
	t, ok := l.nextTale(now)
	if !ok || now.Before(t.waits) || l.AmountDue() == 0 || !l.CancelledAt.IsZero() {
		return "", nil
	}
	var about *Step
	switch t.kind {
	case EventLinkExpiring:
		l.AnnounceAt = time.Time{}
	case EventInstalmentDue:
		l.Course.Due = int64(t.place) + 1
		about = l.step(t.place)
	case EventInstalmentMissed:
		l.Course.Missed = int64(t.place) + 1
		about = l.step(t.place)
	case EventPromiseBroken:
		l.endPromise(PromiseBroken)
	}
	return t.kind, about
}

// step is an instalment as far as it was told.
func (l Link) step(n int) *Step {
	return &l.ladder(func(n int) (bool, bool) { return int64(n) < l.Course.Due, int64(n) < l.Course.Missed })[n]
}

// NextLook tells when time itself changes something about the link: there is something to tell, or it
// expires; zero when there is nothing to wait for. A payment under way that ends sooner expires the link
// itself.
func (l Link) NextLook(now time.Time) time.Time {
	if l.AmountDue() == 0 || !l.CancelledAt.IsZero() {
		return time.Time{}
	}
	t, ok := l.nextTale(now)
	switch {
	case ok:
		return t.waits
	case l.ExpiresAt.IsZero():
		return time.Time{}
	case !l.PastExpiry(now):
		return l.ExpiresAt
	case l.StatusAt(now) != LinkExpired:
		return l.ExpiresAt.Add(ExpiryGrace)
	}
	return time.Time{}
}

// Watch gives the job that looks at the link when its time comes; false when there is nothing to wait for.
// A link has one such job, which finds out by itself that the time was moved, except to an earlier one:
// before is the link as the job knows it, or the zero link when it is new. World is the time of the link's world.
func (l Link) Watch(id JobID, before Link, world time.Time) (Job, bool) {
	at := l.NextLook(world)
	if at.IsZero() || l.PastExpiry(world) {
		return Job{}, false
	}
	job := Job{
		ID: id, Kind: JobExpire, Key: string(l.ID), Merchant: l.Merchant, Live: l.Live, World: true,
		Payload: JobPayload{Link: l.ID}, RunAt: at,
	}
	if old := before.NextLook(world); before.ID != "" && !old.IsZero() && at.Before(old) {
		job.Key += fmt.Sprintf("@%d.%d", l.Revision, l.promises())
	}
	return job, true
}
