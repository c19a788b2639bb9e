package paylink

import (
	"fmt"
	"slices"
	"time"
)

// DeliveryRun is one run of a delivery plan with what decides about it. Now and the messages' DueAt are
// times of the link's world.
type DeliveryRun struct {
	Messages []Message // of the plan, in the order of the steps
	Link     Link
	Opened   bool // a person has opened the link since the run began
	Now      time.Time
}

// The reasons for which a step is skipped, beside those for which a link cannot be paid.
const (
	SkipNotNeeded = "not_needed" // an earlier message came as far as the step's unless says
	SkipOpened    = "opened"     // a person has opened the link
	SkipReplaced  = "replaced"   // the link was sent with another plan
	SkipNoContact = "no_contact" // the customer has no address for the channel
)

// minLate is from when on a step that is taken up late moves those after it: each of them is to have the
// time that the plan gives it.
const minLate = time.Second

// Look decides about what is still scheduled, as the facts are now: a step is skipped, with its reason in
// ErrorCode, or queued, and its DueAt is then now. It gives the places of the messages that it changed,
// those among them whose time was only moved, and when to look again; zero when nothing is scheduled any
// more.
func (r DeliveryRun) Look() (changed []int, next time.Time) {
	before, over := slices.Clone(r.Messages), r.over()
	for i := range r.Messages {
		m := &r.Messages[i]
		if m.Status != MessageScheduled {
			continue
		}
		switch {
		case over != "":
			m.Status, m.ErrorCode = MessageSkipped, over
		case r.opened(*m):
			m.Status, m.ErrorCode = MessageSkipped, SkipOpened
		case m.DueAt.After(r.Now) && !r.fell(i):
			if next.IsZero() {
				next = m.DueAt
			}
		case r.Link.Hold != "":
			m.Status, m.ErrorCode = MessageSkipped, "on_hold"
		case r.met(*m):
			m.Status, m.ErrorCode = MessageSkipped, SkipNotNeeded
		default:
			m.Status = MessageQueued
			r.move(i)
		}
	}
	for i, m := range r.Messages {
		if m != before[i] {
			changed = append(changed, i)
		}
	}
	if ends := r.Link.ExpiresAt; !next.IsZero() && ends.After(r.Now) && ends.Before(next) {
		next = ends
	}
	return changed, next
}

// over says why nothing of the plan is of use any more; empty when something may be. A link on hold may
// be released before the next step is due.
func (r DeliveryRun) over() string {
	switch why := r.Link.Refusal(r.Now); why {
	case "payment_in_flight", "on_hold":
		return ""
	default:
		return why
	}
}

// Needless says why a step that was taken up before is not needed any more: opened or not_needed; empty when
// it is.
func (r DeliveryRun) Needless(step Message) string {
	switch {
	case r.opened(step):
		return SkipOpened
	case r.met(step):
		return SkipNotNeeded
	}
	return ""
}

// opened tells whether an opening of the link ends the step.
func (r DeliveryRun) opened(step Message) bool {
	return r.Opened && (!step.Heedless || step.Unless == UnlessOpened)
}

// met tells whether an earlier message came as far as the step asks.
func (r DeliveryRun) met(step Message) bool {
	for _, m := range r.Messages {
		met := false
		switch step.Unless {
		case UnlessSent:
			met = !m.SentAt.IsZero() && m.FailedAt.IsZero()
		case UnlessDelivered:
			met = !m.DeliveredAt.IsZero()
		case UnlessRead:
			met = !m.ReadAt.IsZero()
		}
		if met && m.Step < step.Step {
			return true
		}
	}
	return false
}

// fell tells whether the step before came to nothing, so that there is nothing to wait for: all that went
// out together with it. Where the step would only try the same once more, it keeps its time.
func (r DeliveryRun) fell(i int) bool {
	if i == 0 {
		return false
	}
	own, last := r.Messages[i], r.Messages[i-1]
	for _, m := range slices.Backward(r.Messages[:i]) {
		if !m.DueAt.Equal(last.DueAt) {
			break
		}
		if !m.cameToNothing(own.Hasty) || m.Channel == own.Channel && m.Providers == own.Providers {
			return false
		}
	}
	return true
}

// cameToNothing tells that a message will not arrive, by all that is known. hasty counts what nobody knows
// about among it.
func (m Message) cameToNothing(hasty bool) bool {
	switch m.Status {
	case MessageFailed, MessageBlocked:
		return true
	case MessageUnknown:
		return hasty
	case MessageSkipped:
		return !slices.Contains([]string{SkipNotNeeded, SkipOpened, SkipReplaced, "on_hold", "paid", "cancelled", "archived", "expired"}, m.ErrorCode)
	}
	return false
}

// move notes that a step is taken up now, and gives those after it the time that they are to have after
// that.
func (r DeliveryRun) move(i int) {
	moved := r.Now.Sub(r.Messages[i].DueAt)
	if moved >= 0 && moved < minLate {
		return
	}
	for n := range r.Messages[i:] {
		if m := &r.Messages[i+n]; n == 0 || m.Status == MessageScheduled {
			m.DueAt = m.DueAt.Add(moved)
		}
	}
}

// WatchDelivery gives the job that looks at the run when its time comes; false when nothing is scheduled. Two that
// would look at the same time are one.
func (l Link) WatchDelivery(id JobID, next time.Time) (Job, bool) {
	return l.lookAtDelivery(id, fmt.Sprintf("%s@%d", l.ID, next.UnixMicro()), next, true), !next.IsZero()
}

// HurryDelivery gives the job that looks at the link's delivery plan now, in real time, because something
// happened by which steps may have become needless; false when nothing of it is scheduled.
func (l Link) HurryDelivery(id JobID, now time.Time) (Job, bool) {
	return l.lookAtDelivery(id, string(l.ID), now, false), l.Course.Waiting
}

func (l Link) lookAtDelivery(id JobID, key string, at time.Time, world bool) Job {
	return Job{ID: id, Kind: JobStep, Key: key, Merchant: l.Merchant, Live: l.Live, World: world, Payload: JobPayload{Link: l.ID}, RunAt: at}
}

// HurryDelivery gives the job that looks at the delivery plan of a message now, because the message may
// make room for the next step; false when it is of no plan, or of no news to it.
func (m Message) HurryDelivery(id JobID, now time.Time) (Job, bool) {
	of := Link{ID: m.Link, Merchant: m.Merchant, Live: m.Live}
	return of.lookAtDelivery(id, string(m.ID), now, false), m.Plan != "" && m.cameToNothing(true)
}
