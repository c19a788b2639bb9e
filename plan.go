package paylink

import "time"

// Plan divides what a single-use link asks for into instalments with dates. Money fills them in their
// order, however it is cut when it comes: whoever pays more than the next one has paid of the one after it.
type Plan struct {
	Instalments []Instalment `json:"instalments" doc:"in the order of their dates"`
	GraceDays   int64        `json:"grace_days" minimum:"0" maximum:"30" doc:"an instalment is missed when it is not paid so many days after its date"`
	After       int64        `json:"after,omitempty" doc:"minor units that were paid when the plan was made; its instalments come on top of them"`
}

// Instalment is one part of a plan, in minor units.
type Instalment struct {
	Amount int64     `json:"amount" minimum:"1" maximum:"1000000000000" doc:"minor units"`
	DueAt  time.Time `json:"due_at" doc:"by then it is to be paid"`
}

// The bounds of a plan.
const (
	MaxInstalments = 36
	MaxGraceDays   = 30
)

// InstalmentState is how one instalment stands.
type InstalmentState string

const (
	InstalmentPaid     InstalmentState = "paid"
	InstalmentDue      InstalmentState = "due"      // the next one to be paid, before its date
	InstalmentUpcoming InstalmentState = "upcoming" // a later one, before its date
	InstalmentOverdue  InstalmentState = "overdue"  // past its date, within the days of grace
	InstalmentMissed   InstalmentState = "missed"   // past the days of grace
)

// Step is one instalment as it stands: its number, counted from 1, and what of it is not paid yet.
type Step struct {
	Number int             `json:"number" doc:"its place in the plan, from 1"`
	Of     int             `json:"of" doc:"how many instalments the plan has"`
	Amount int64           `json:"amount" doc:"minor units of it that are not paid yet"`
	DueAt  time.Time       `json:"due_at" doc:"by then it is to be paid"`
	State  InstalmentState `json:"state" enum:"paid,due,upcoming,overdue,missed" doc:"due: the next one, before its date; overdue: past its date, within the days of grace"`
	Whole  int64           `json:"-"` // what the instalment came to at first
}

// Total is what the instalments come to, in minor units.
func (p Plan) Total() (minor int64) {
	for _, i := range p.Instalments {
		minor += i.Amount
	}
	return minor
}

// Ends is the date of the last instalment.
func (p Plan) Ends() time.Time { return p.Instalments[len(p.Instalments)-1].DueAt }

// missedAt is when the instalment, unpaid, counts as missed.
func (p Plan) missedAt(n int) time.Time {
	return p.Instalments[n].DueAt.AddDate(0, 0, int(p.GraceDays))
}

// Ladder is the link's plan as it stands at now, in the time of the link's world; nil without a plan.
func (l Link) Ladder(now time.Time) []Step {
	return l.ladder(func(n int) (bool, bool) {
		return !now.Before(l.Terms.Plan.Instalments[n].DueAt), !now.Before(l.Terms.Plan.missedAt(n))
	})
}

// NextInstalment is the first instalment that is not paid, as it stands at now. ok is false when there is
// no plan, or nothing left of it.
func (l Link) NextInstalment(now time.Time) (s Step, ok bool) { return next(l.Ladder(now)) }

// toldInstalment is NextInstalment as far as time was told: for snapshots, which know no clock.
func (l Link) toldInstalment() (Step, bool) {
	return next(l.ladder(func(n int) (bool, bool) { return int64(n) < l.Course.Due, int64(n) < l.Course.Missed }))
}

func next(ladder []Step) (Step, bool) {
	for _, s := range ladder {
		if s.State != InstalmentPaid {
			return s, true
		}
	}
	return Step{}, false
}

// Arrears is what should have been paid of the plan by now and is not, in minor units.
func (l Link) Arrears(now time.Time) (minor int64) {
	for _, s := range l.Ladder(now) {
		if s.State == InstalmentOverdue || s.State == InstalmentMissed {
			minor += s.Amount
		}
	}
	return minor
}

// ladder gives the steps; late tells of an unpaid one whether its date and its days of grace have passed.
func (l Link) ladder(late func(n int) (overdue, missed bool)) []Step {
	p := l.Terms.Plan
	if p == nil {
		return nil
	}
	steps := make([]Step, len(p.Instalments))
	paid, waiting := l.Settled()-p.After, InstalmentDue
	for n, i := range p.Instalments {
		s := Step{Number: n + 1, Of: len(p.Instalments), Amount: i.Amount, Whole: i.Amount, DueAt: i.DueAt, State: InstalmentPaid}
		// What was taken back after the plan was made is owed with the first instalment.
		s.Amount = max(0, s.Amount-paid)
		paid = max(0, paid-i.Amount)
		if s.Amount > 0 {
			switch overdue, missed := late(n); {
			case missed:
				s.State = InstalmentMissed
			case overdue:
				s.State = InstalmentOverdue
			default:
				s.State = waiting
			}
			waiting = InstalmentUpcoming
		}
		steps[n] = s
	}
	return steps
}

// firstUnpaid is the place of the first instalment that is not paid, from 0.
func (l Link) firstUnpaid() int {
	s, ok := l.toldInstalment()
	if !ok {
		return len(l.Terms.Plan.Instalments)
	}
	return s.Number - 1
}
