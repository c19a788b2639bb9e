package queue

import (
	"slices"
	"strings"
	"time"

	"paylink"
	"paylink/store"
)

// workersOf is how many jobs of a kind one node runs at once. Each kind has its own workers, so that
// one that is full never stops another. They are goroutines: what bounds them is how much may be asked
// of others at once, and how much of a burst reaches the database.
var workersOf = map[string]int{
	paylink.JobStart:   64,  // each waits for a gateway while a customer looks on
	paylink.JobNotice:  64,  // money that is told of; the database's work only, and never to wait
	paylink.JobAsk:     64,  // each waits for a gateway
	paylink.JobRefund:  32,  // each waits for a gateway; nobody looks on
	paylink.JobSend:    128, // each waits for a carrier: at 50 ms and two commits a message, 64 send some 700 a second at most
	paylink.JobPush:    32,  // each waits for a push service; the message itself has been sent
	paylink.JobReceipt: 8,   // the database's work only, of which carriers bring much at once: messages go first
	paylink.JobDeliver: 64,  // each waits for a merchant's server, which may be slow
	paylink.JobNews:    4,   // each is one read and one transaction
	paylink.JobTell:    16,  // each waits for a push service; whoever looks at the dashboard has seen it
	paylink.JobRunBulk: 2,   // each keeps a processor and the database busy for as long as its file lasts
	paylink.JobStep:    16,  // each is one transaction, and the next step of a plan may be waited for
	paylink.JobRemind:  4,   // many are due at the same nine o'clock, and minutes later will do
	paylink.JobErase:   1,   // each is as long as what a person left behind, and in no hurry
	paylink.JobExpire:  2,   // many links end at the same midnight; each takes others along, and a payment goes before
}

// workersOfOthers is for the kinds that the table does not name.
const workersOfOthers = 16

// aloneFor is how long it is believed that nobody but the crowd waits, before it is looked again: the
// look costs as much as a claim of fifty jobs.
const aloneFor = 100 * time.Millisecond

// kind is what a queue knows of one kind of job.
type kind struct {
	name    string
	handle  Handler
	workers int

	running int
	held    map[paylink.MerchantID]int // of the running ones; no zeros
	alone   time.Time                  // until then nobody but the crowd waits
}

// urgency sorts kinds by the order of the nouns, then those that they do not name, by name.
func urgency(a, b *kind) int {
	place := func(k *kind) int {
		if i := slices.Index(paylink.JobKinds, k.name); i >= 0 {
			return i
		}
		return len(paylink.JobKinds)
	}
	if d := place(a) - place(b); d != 0 {
		return d
	}
	return strings.Compare(a.name, b.name)
}

// room is how many more of the kind may run, and whom others go before. No merchant gets more than
// half of the workers while others wait: one who holds less is given up to his half, one who holds it
// gets what the others leave.
func (k *kind) room(now time.Time) store.Room {
	free, share := k.workers-k.running, (k.workers+1)/2
	var top paylink.MerchantID
	for merchant, n := range k.held {
		if n > k.held[top] {
			top = merchant
		}
	}
	r := store.Room{Kind: k.name, Jobs: free}
	switch {
	case k.held[top] < share:
		r.Jobs = min(free, share-k.held[top])
	case !now.Before(k.alone):
		r.Crowd = top
	}
	return r
}

func (k *kind) take(job paylink.Job) {
	k.running++
	k.held[job.Merchant]++
}

func (k *kind) leave(job paylink.Job) {
	k.running--
	if k.held[job.Merchant]--; k.held[job.Merchant] == 0 {
		delete(k.held, job.Merchant)
	}
}

// Stat is how many jobs of a kind run on this node, and how many may.
type Stat struct {
	Kind    string
	Running int
	Workers int
}

// Stats gives the numbers of every kind that has a handler, the most urgent first.
func (q *Queue) Stats() []Stat {
	q.mu.Lock()
	defer q.mu.Unlock()
	stats := make([]Stat, len(q.kinds))
	for i, k := range q.kinds {
		stats[i] = Stat{Kind: k.name, Running: k.running, Workers: k.workers}
	}
	return stats
}

// Kinds names the kinds that have a handler, the most urgent first.
func (q *Queue) Kinds() []string {
	names := make([]string, len(q.kinds))
	for i, k := range q.kinds {
		names[i] = k.name
	}
	return names
}
