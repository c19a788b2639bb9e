package audit

import (
	"fmt"
	"math"
	"time"

	"paylink"
)

// skew is how far the clocks of two machines may be apart.
const skew = time.Minute

// keptTexts bounds the texts of last events that one look keeps; more are read a second time.
const keptTexts = 10_000

// glance is one look at a shelf.
type glance struct {
	shelf
	skip map[paylink.LinkID]bool

	memory *memory                     // what was heard of payments already; without it their events are read
	told   map[paylink.PaymentID]*told // what events tell of payments
	sums   map[paylink.LinkID]*sums    // what payments come to

	found           *Finding // of the first link
	links, payments int64
}

// told is what the events say of a payment so far.
type told struct {
	link   paylink.LinkID
	live   bool
	status paylink.PaymentStatus
	last   paylink.EventID
	place  int64  // of the last event in its chain; zero when it is unsealed
	text   string // what the last event says from its payment on; empty when it is to be read again
}

// sums is what a link's payments come to.
type sums struct{ paid, added, discounted, count, inFlight int64 }

// look reads the shelf's events, payments and links, and holds them to each other. With a memory it reads
// no events, and what it finds means only that a look without one is worth it.
func (c shelf) look(skip map[paylink.LinkID]bool, m *memory) (*glance, error) {
	g := &glance{shelf: c, skip: skip, memory: m, told: map[paylink.PaymentID]*told{}, sums: map[paylink.LinkID]*sums{}}
	links, err := c.read.LinkFacts(c.merchant, c.after, c.upTo)
	if err != nil {
		return g, err
	}
	if m == nil {
		if err := g.readEvents(); err != nil {
			return g, err
		}
	}
	if err := g.readPayments(); err != nil {
		return g, err
	}
	offset, err := c.read.ClockOffset(c.merchant)
	if err != nil {
		return g, err
	}
	now := c.v.Now()
	for _, l := range links {
		g.judgeLink(l, paylink.Merchant{ClockOffset: offset}.Now(l.Live, now))
		delete(g.sums, l.ID)
	}
	for link := range g.sums {
		g.note(Finding{Rule: RuleSums, Link: link, Detail: "payments stand for a link that does not"})
	}
	for id, t := range g.told {
		g.note(t.finding(RuleSnapshot, id, "events tell of a payment that does not stand"))
	}
	g.links = int64(len(links))
	return g, nil
}

// note keeps what was found of the first link, and of that what was found first.
func (g *glance) note(f Finding) {
	if f.Merchant = g.merchant; !g.skip[f.Link] && (g.found == nil || f.Link < g.found.Link) {
		g.found = &f
	}
}

func (g *glance) readEvents() error {
	link, at, id := g.after, int64(math.MaxInt64), paylink.EventID(lastLink)
	for {
		page, err := g.read.PaymentEvents(g.merchant, link, at, id, g.upTo, pageStates)
		if err != nil {
			return err
		}
		for i := range page {
			g.hear(&page[i])
		}
		if len(page) < pageStates {
			return nil
		}
		last := page[len(page)-1]
		link, at, id = last.Link, last.At, last.ID
	}
}

func (g *glance) readPayments() error {
	link, id := g.after, paylink.PaymentID(lastLink)
	for {
		page, err := g.read.PaymentsBetween(g.merchant, link, id, g.upTo, pageStates)
		if err != nil {
			return err
		}
		for _, p := range page {
			if err := g.judgePayment(p); err != nil {
				return err
			}
		}
		g.payments += int64(len(page))
		if len(page) < pageStates {
			return nil
		}
		last := page[len(page)-1]
		link, id = last.Link, last.ID
	}
}

// judgeLink holds a link to its payments and its status to its facts. When it was last looked at by a
// job is not known, so a status that was right before the expiry is right until somebody looks.
func (g *glance) judgeLink(l paylink.Link, now time.Time) {
	s := g.sums[l.ID]
	if s == nil {
		s = &sums{}
	}
	for _, c := range []struct {
		name       string
		says, want int64
	}{{"amount_paid", l.AmountPaid, s.paid}, {"amount_added", l.AmountAdded, s.added}, {"amount_discounted", l.AmountDiscounted, s.discounted}, {"payments_count", l.PaymentsCount, s.count}, {"in_flight", l.InFlight, s.inFlight}} {
		if c.says != c.want {
			g.note(Finding{
				Rule: RuleSums, Link: l.ID, Mode: mode(l.Live),
				Detail: fmt.Sprintf("%s is %d, and its payments come to %d", c.name, c.says, c.want),
			})
			return
		}
	}
	early := l.StatusAt(l.ExpiresAt.Add(-time.Microsecond))
	if late := l.StatusAt(now.Add(skew)); l.Status != early && l.Status != late {
		g.note(Finding{
			Rule: RuleStatus, Link: l.ID, Mode: mode(l.Live), Detail: fmt.Sprintf("the status is %s, and the facts make it %s", l.Status, late),
		})
	}
}

func (s *sums) add(p paylink.Payment) {
	if p.Counts() {
		s.paid += p.Counted() - p.AmountReversed
		added, discounted := p.Beside()
		s.added += added
		s.discounted += discounted
		s.count++
	}
	if p.Status.Live() {
		s.inFlight++
	}
}

// finding names a payment and its last event.
func (t *told) finding(rule Rule, id paylink.PaymentID, detail string) Finding {
	return Finding{Rule: rule, Link: t.link, Mode: mode(t.live), Payment: id, Event: t.last, Sequence: t.place, Detail: detail}
}
