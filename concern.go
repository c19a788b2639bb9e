package paylink

import "time"

// ConcernKind is why a link needs a person.
type ConcernKind string

const (
	ConcernTampered ConcernKind = "tampered"          // its terms are not those that were signed
	ConcernAsked    ConcernKind = "asked_for_time"    // the customer waits for an answer
	ConcernBroken   ConcernKind = "promise_broken"    // the promised day is over, and nobody has promised another
	ConcernMissed   ConcernKind = "instalment_missed" // an instalment is late beyond its days of grace, and nobody has promised it
)

// Concern is one reason why a link needs a person, and since when.
type Concern struct {
	Kind  ConcernKind
	Since time.Time
}

// Concerns are why the link needs a person, as far as time was told: they follow from the row alone, so
// that it can be found by them. None when it is paid, cancelled or archived; what was missed or broken is no
// concern of a link that has expired, but a wish for more time is.
func (l Link) Concerns() []Concern {
	if l.Status == LinkPaid || l.Status == LinkCancelled || !l.ArchivedAt.IsZero() {
		return nil
	}
	var all []Concern
	if l.Hold == HoldTampered {
		all = append(all, Concern{ConcernTampered, l.HoldSince})
	}
	if !l.RefreshAskedAt.IsZero() {
		all = append(all, Concern{ConcernAsked, l.RefreshAskedAt})
	}
	if l.Status == LinkExpired || !l.PromisedFor.IsZero() {
		return all
	}
	if p := l.Course.Promise; p != nil && p.State == PromiseBroken {
		all = append(all, Concern{ConcernBroken, p.Until})
	}
	if step, ok := l.toldInstalment(); ok && step.State == InstalmentMissed {
		all = append(all, Concern{ConcernMissed, l.Terms.Plan.missedAt(step.Number - 1)})
	}
	return all
}

// ConcernedAt is since when the latest of them is there; zero when there is none.
func (l Link) ConcernedAt() (at time.Time) {
	for _, c := range l.Concerns() {
		if c.Since.After(at) {
			at = c.Since
		}
	}
	return at
}

// Unreached tells that nothing of what was sent about a link came to its customer: every channel's latest
// request failed or was blocked. The messages are those of one link, oldest first.
func Unreached(messages []Message) bool {
	latest := map[Channel]MessageStatus{}
	for _, m := range messages {
		if m.Asks() {
			latest[m.Channel] = m.Status
		}
	}
	for _, status := range latest {
		if status != MessageFailed && status != MessageBlocked {
			return false
		}
	}
	return len(latest) > 0
}
