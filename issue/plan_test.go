package issue_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
	"paylink/token"
)

// inMonths is a plan of equal instalments, one every thirty days, with three days of grace.
func inMonths(amounts ...int64) *paylink.Plan {
	p := &paylink.Plan{GraceDays: 3}
	for n, amount := range amounts {
		p.Instalments = append(p.Instalments, paylink.Instalment{Amount: amount, DueAt: start.AddDate(0, 0, 30*(n+1))})
	}
	return p
}

func (w *world) replan(id paylink.LinkID, p *paylink.Plan) (issue.Changed, error) {
	return w.issuer.Replan(w.t.Context(), w.actor(), id, *p, nil)
}

func (w *world) planned() paylink.Link {
	d := draft()
	d.Reference, d.Terms.Plan = "", inMonths(100000, 100000, 45000)
	return w.create(d).Link
}

// faults lists what is wrong, by field.
func faults(err error) string {
	var invalid *paylink.Invalid
	var said []string
	if errors.As(err, &invalid) {
		for _, f := range invalid.Fields {
			said = append(said, f.Pointer+" "+f.Code)
		}
	}
	return strings.Join(said, ", ")
}

// A plan that does not come to the amount, or cannot be followed, must not reach a customer.
func TestPlansAreJudged(t *testing.T) {
	w := newWorld(t, storetest.Open(t, "sqlite"))
	many := make([]int64, 37)
	for name, row := range map[string]struct {
		change func(*issue.Draft)
		want   string
	}{
		"good":           {func(d *issue.Draft) {}, ""},
		"one":            {func(d *issue.Draft) { d.Terms.Plan = inMonths(245000) }, "/plan/instalments too_few"},
		"none":           {func(d *issue.Draft) { d.Terms.Plan = &paylink.Plan{} }, "/plan/instalments too_few"},
		"too many":       {func(d *issue.Draft) { d.Terms.Plan = inMonths(many...) }, "/plan/instalments too_many"},
		"another sum":    {func(d *issue.Draft) { d.Terms.Plan = inMonths(100000, 100000) }, "/plan/instalments wrong_sum"},
		"of nothing":     {func(d *issue.Draft) { d.Terms.Plan = inMonths(245000, 0) }, "/plan/instalments/1/amount too_small"},
		"past":           {func(d *issue.Draft) { d.Terms.Plan.Instalments[0].DueAt = start }, "/plan/instalments/0/due_at in_the_past"},
		"far":            {func(d *issue.Draft) { d.Terms.Plan.Instalments[2].DueAt = start.AddDate(5, 0, 0) }, "/plan/instalments/2/due_at too_far"},
		"backwards":      {func(d *issue.Draft) { slices.Reverse(d.Terms.Plan.Instalments) }, "/plan/instalments/1/due_at out_of_order, /plan/instalments/2/due_at out_of_order"},
		"long grace":     {func(d *issue.Draft) { d.Terms.Plan.GraceDays = 31 }, "/plan/grace_days too_large"},
		"many uses":      {func(d *issue.Draft) { d.Usage.Mode = paylink.UsageMulti }, "/plan conflicting"},
		"and parts":      {func(d *issue.Draft) { d.Terms.Partial = &paylink.Partial{} }, "/plan conflicting"},
		"and a due date": {func(d *issue.Draft) { d.Terms.DueAt = ptr(start.AddDate(0, 1, 0)) }, "/plan conflicting"},
		"expires first":  {func(d *issue.Draft) { d.ExpiresIn = ptr(int64(86400)) }, "/expires_in conflicting"},
		"promises far":   {func(d *issue.Draft) { d.Terms.Promises = &paylink.PromiseTerms{MaxDays: 91} }, "/promises/max_days too_large"},
	} {
		d := draft()
		d.Reference, d.Terms.Plan = "", inMonths(100000, 100000, 45000)
		row.change(&d)
		_, err := w.issuer.Create(t.Context(), w.actor(), d, nil)
		if got := faults(err); got != row.want {
			t.Errorf("%s: %s (%v), want %s", name, got, err, row.want)
		}
	}
}

// The dates of a plan are told when they come, once, whatever is paid between; a miss is told only for
// what is really unpaid.
func TestInstalmentsAreToldAsTimePasses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		l := w.planned()
		if !l.ExpiresAt.IsZero() {
			t.Errorf("a link with a plan expires at %s by itself", l.ExpiresAt)
		}
		step := func(days int, change func()) {
			w.setClock(start.AddDate(0, 0, days))
			w.work()
			w.work()
			if change != nil {
				change()
			}
		}
		step(29, func() {
			if _, err := w.record(l.ID, issue.Recording{Amount: ptr(int64(100000)), Method: "cash"}, nil); err != nil {
				t.Fatal(err)
			}
		})
		step(60, nil)
		step(63, nil)
		if got := w.link(l.ID).Snapshot(nil).NextInstalment; got.Number != 2 || got.State != paylink.InstalmentMissed || got.Amount != 100000 {
			t.Errorf("next is %+v", got)
		}
		step(64, func() {
			if _, err := w.record(l.ID, issue.Recording{Method: "cash"}, nil); err != nil {
				t.Fatal(err)
			}
		})
		step(120, nil)
		want := []paylink.EventType{"payment_link.created", "payment.captured", "payment_link.partially_paid",
			"payment_link.instalment_due", "payment_link.instalment_missed", "payment.captured", "payment_link.paid"}
		if got := w.told(l.ID); !slices.Equal(got, want) {
			t.Errorf("told %v", got)
		}
		events, err := s.Read(t.Context()).Timeline(w.merchant.ID, l.ID, 100)
		if err != nil || events[3].Data.Step == nil || events[3].Data.Step.Number != 2 || events[4].Data.Step.State != paylink.InstalmentMissed {
			t.Errorf("%+v, %v", events[3].Data.Step, err)
		}
		// Nothing goes on with the plan; two receipts wait for dispatch.
		if jobs, err := s.Read(t.Context()).Jobs(); err != nil || len(jobs) != 1 || jobs["waiting"] != 2 {
			t.Errorf("left %v, %v", jobs, err)
		}
	})
}

// After a miss the rest is divided anew: on the same URL, signed, for exactly what is due.
func TestReplanCoversWhatIsDue(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		l := w.planned()
		if _, err := w.record(l.ID, issue.Recording{Amount: ptr(int64(60000)), Method: "cash"}, nil); err != nil {
			t.Fatal(err)
		}
		w.setClock(start.AddDate(0, 0, 34))
		w.work()
		later := func(amounts ...int64) *paylink.Plan {
			p := inMonths(amounts...)
			for n := range p.Instalments {
				p.Instalments[n].DueAt = p.Instalments[n].DueAt.AddDate(0, 0, 34)
			}
			return p
		}
		if _, err := w.replan(l.ID, later(245000)); faults(err) != "/instalments wrong_sum" {
			t.Errorf("%v", err)
		}
		done, err := w.replan(l.ID, later(90000, 95000))
		if err != nil {
			t.Fatal(err)
		}
		now := w.link(l.ID)
		claims, err := token.ReadLink(w.ring, now.Token)
		next, _ := now.NextInstalment(w.clock())
		if err != nil || claims != token.Claims(now) || now.Revision != 2 || done.Link.Revision != 2 || now.CodeKey != l.CodeKey || next.Amount != 90000 || next.State != paylink.InstalmentDue || now.AmountDue() != 185000 {
			t.Errorf("%+v, next %+v, %v", now, next, err)
		}
		w.setClock(start.AddDate(0, 0, 64))
		w.work()
		want := []paylink.EventType{"payment_link.created", "payment.captured", "payment_link.partially_paid", "payment_link.instalment_due", "payment_link.instalment_missed",
			"payment_link.amended", "payment_link.instalment_due"}
		if got := w.told(l.ID); !slices.Equal(got, want) {
			t.Errorf("told %v", got)
		}
		if _, err := w.amend(l.ID, issue.Amendment{Amount: ptr(int64(245001))}); faults(err) != "/amount conflicting" {
			t.Errorf("an amount beside a plan: %v", err)
		}
		w.alter(l.ID, func(l *paylink.Link) { l.InFlight = 1 })
		if _, err := w.replan(l.ID, later(185000)); fmt.Sprint(err) == "<nil>" {
			t.Error("a plan was made while a payment was under way")
		} else if code, _ := codeOf(err); code != "payment_in_flight" {
			t.Errorf("%v", err)
		}
	})
}

// A customer pays in the instant in which the plan is made anew: either the payment is counted first and
// the plan refused for its sum, or the plan stands and the money fills it. Nothing is counted twice.
func TestReplanAgainstPayIsDecidedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		for range 5 {
			l := w.planned()
			by := w.actor()
			var all sync.WaitGroup
			var planned, paid error
			all.Go(func() { _, planned = w.issuer.Replan(t.Context(), by, l.ID, *inMonths(145000, 100000), nil) })
			all.Go(func() {
				_, paid = w.issuer.Record(t.Context(), by, l.ID, issue.Recording{Amount: ptr(int64(100000)), Method: "cash"}, nil)
			})
			all.Wait()
			now := w.link(l.ID)
			next, _ := now.NextInstalment(w.clock())
			switch {
			case planned == nil && paid == nil:
				if now.Revision != 2 || now.AmountPaid != 100000 || next.Amount != 45000 {
					t.Errorf("%+v, next %+v", now, next)
				}
			case paid == nil:
				if code, _ := codeOf(planned); faults(planned) != "/instalments wrong_sum" && code != "changed" || next.Number != 2 {
					t.Errorf("%v, next %+v", planned, next)
				}
			default:
				if code, _ := codeOf(paid); code != "changed" {
					t.Errorf("not paid: %v", paid)
				}
			}
		}
	})
}

// The timer comes to a miss while the money comes: it is told at most once, and not after it was paid.
func TestMissTimerAgainstPayTellsTheTruth(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		l := w.planned()
		w.setClock(start.AddDate(0, 0, 33))
		by := w.actor()
		var all sync.WaitGroup
		all.Go(w.work)
		all.Go(func() {
			_, _ = w.issuer.Record(t.Context(), by, l.ID, issue.Recording{Amount: ptr(int64(100000)), Method: "cash"}, nil)
		})
		all.Wait()
		w.setClock(start.AddDate(0, 0, 40))
		w.work()
		told := w.told(l.ID)
		missed, paid := slices.Index(told, "payment_link.instalment_missed"), slices.Index(told, "payment.captured")
		if n := len(told); missed > paid && paid >= 0 || n > 5 {
			t.Errorf("told %v", told)
		}
	})
}
