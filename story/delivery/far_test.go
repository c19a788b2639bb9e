package delivery_test

import (
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// far is the far side of one account with a provider: what it takes, loses, refuses and reports. Its face,
// which speaks the provider's own protocol, is beside it. Everything that it does to a message is drawn from
// the seed, the customer and how often it was called for that customer, so that nothing that paylink does
// changes what is lost.
type far struct {
	label    string        // "twilio", "meta-a"
	provider string        // as paylink names it
	id       string        // of the account
	secret   string        // under which it signs what it posts
	price    int64         // of a hundred messages, in minor units
	silent   bool          // it tells of nothing that arrives
	steady   bool          // it takes everything, at once, and loses nothing
	tells    time.Duration // a steady one's receipts come so long after
	burst    float64
	rate     float64 // messages a second that it takes, after a burst
	trouble  trouble
	losses   []loss // by customer, drawn before the run
	absent   func(customer int) bool
	taking   func() // what happens in the moment in which it has a message, before it answers; nil: nothing
	world    *world
	seed     uint64

	mu      sync.Mutex
	room    float64 // of what it takes at once
	since   time.Time
	calls   map[int]int // by customer
	taken   int64
	clashes int64 // messages that it took a second time
	known   map[string]bool
	refused map[string]int64 // by what it answered
}

// loss is what a provider does to every message for a customer.
type loss int

const (
	kept       loss = iota
	lostSilent      // it disappears
	lostTold        // it disappears, and a receipt says that it failed
)

// draw decides before the run what the provider loses: five in a hundred.
func draw(seed uint64, number, customers int) []loss {
	dice, all := rand.New(rand.NewPCG(seed, 1000+uint64(number))), make([]loss, customers)
	for i := range all {
		if dice.IntN(100) < 5 {
			all[i] = lostSilent + loss(dice.IntN(2))
		}
	}
	return all
}

// trouble is an hour in which a provider is down: at first nobody can connect, then it answers 503.
type trouble struct{ from, turns, to time.Time }

func (t trouble) unreachable(now time.Time) bool { return !now.Before(t.from) && now.Before(t.turns) }
func (t trouble) broken(now time.Time) bool      { return !now.Before(t.turns) && now.Before(t.to) }

// end is what becomes of one call.
type end int

const (
	takes        end = iota
	throttles        // not now
	hangsUp          // it is not taken, and nothing is answered
	fails            // it is not taken, and the answer is of no clear meaning
	takesAndCuts     // it is taken, and nothing is answered
)

var ends = [...]string{"taken", "throttled", "hung up", "failed", "taken and cut"}

// call decides about a call, after the time that the provider needs for it. more is dice for what follows.
func (f *far) call(customer int) (e end, more *rand.Rand) {
	f.mu.Lock()
	f.calls[customer]++
	more = rand.New(rand.NewPCG(f.seed+uint64(f.calls[customer])<<40, uint64(customer)))
	f.mu.Unlock()
	if f.steady {
		return takes, more
	}
	needs := 20*time.Millisecond + time.Duration(more.Int64N(int64(60*time.Millisecond)))
	if more.IntN(100) == 0 {
		needs += time.Duration(more.Int64N(int64(5 * time.Second)))
	}
	time.Sleep(needs)
	e, now := takes, time.Now()
	switch throw := more.IntN(1000); {
	case f.trouble.unreachable(now):
		e = hangsUp // a connection that was open before
	case f.trouble.broken(now), throw < 3:
		e = fails
	case !f.mayTake(now):
		e = throttles
	case throw < 8:
		e = takesAndCuts
	}
	f.mu.Lock()
	f.refused[ends[e]]++
	f.mu.Unlock()
	return e, more
}

// mayTake is the provider's bound on how fast it takes messages.
func (f *far) mayTake(now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.room = min(f.burst, f.room+f.rate*now.Sub(f.since).Seconds())
	f.since = now
	if f.room < 1 {
		return false
	}
	f.room--
	return true
}

// letter is a message as it came to the far side.
type letter struct {
	customer int
	message  string // our id, where the provider is told
	code     string
}

// carry takes a message: it arrives, or not, and receipts follow by report, which posts one.
func (f *far) carry(l letter, dice *rand.Rand, report func(status string) int) {
	f.mu.Lock()
	f.taken++
	if key := l.message + l.code; f.known[key] {
		f.clashes++
	} else {
		f.known[key] = true
	}
	f.mu.Unlock()
	f.world.handed(l.customer, time.Now())
	if f.taking != nil {
		f.taking()
	}
	fate := f.losses[l.customer]
	if f.absent != nil && f.absent(l.customer) {
		fate = lostTold
	}
	way := 500*time.Millisecond + time.Duration(dice.ExpFloat64()*float64(3*time.Second))
	if f.steady {
		way = 100 * time.Millisecond
	}
	f.world.later(way, func() {
		if fate == kept {
			f.world.handsets.receive(l.customer, arrival{time.Now(), f, l.message, l.code})
		}
	})
	if !f.silent {
		f.tell(dice, 0, "sent", report)
	}
	switch {
	case fate == lostTold:
		f.tell(dice, way, "failed", report)
	case fate == kept && !f.silent:
		f.tell(dice, way, "delivered", report)
	}
}

// tell posts a receipt: never in two of a hundred cases, late in five, twice in ten.
func (f *far) tell(dice *rand.Rand, after time.Duration, status string, report func(status string) int) {
	throw, pause := dice.IntN(100), time.Duration(dice.ExpFloat64()*float64(2*time.Second))
	again := dice.IntN(10) == 0
	if throw < 5 && !f.steady {
		pause += time.Duration(dice.Int64N(int64(time.Hour)))
	}
	if f.steady {
		throw, pause, again = 0, f.tells, false
	}
	if throw >= 98 {
		return
	}
	post := func() {
		if report(status) >= 300 {
			f.world.t.Errorf("paylink refuses a receipt of %s", f.label)
		}
	}
	f.world.later(after+pause, post)
	if again {
		f.world.later(after+pause+time.Duration(dice.Int64N(int64(10*time.Minute))), post)
	}
}

// post sends a receipt to paylink and gives the answer's status.
func (f *far) post(r *http.Request) int {
	res, err := f.world.network.RoundTrip(r)
	if err != nil {
		f.world.t.Errorf("%s posts a receipt: %v", f.label, err)
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}
