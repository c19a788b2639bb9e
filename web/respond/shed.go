package respond

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"
)

// Class is what kind of work a request is. Each class has a room of its own, so that a flood of one
// kind leaves the others standing.
type Class string

// The classes. A request of none of them is never turned away: it costs next to nothing.
const (
	Writes   Class = "writes"   // changes by the API and the dashboard
	Payments Class = "payments" // what customers press on a payment page
	Reads    Class = "reads"    // pages and lists
	Notices  Class = "notices"  // the word of gateways and carriers: what brings money is let in first
	Streams  Class = "streams"  // answers that stay open
	Uploads  Class = "uploads"  // files, which may take their time
	Sandbox  Class = "sandbox"  // the pretend world, which calls us while it is called
	Free     Class = ""
)

// Classes lists those that have a room, in the order in which they are told.
var Classes = []Class{Writes, Payments, Reads, Notices, Streams, Uploads, Sandbox}

const (
	waitFor = time.Second      // for a place; after that an honest refusal is worth more
	workFor = 15 * time.Second // on one request, except a stream
	// uploadFor is how long a large file may take over a slow line.
	uploadFor = 15 * time.Minute
)

// Load bounds the requests that are worked on at once, class by class. What finds no place waits a
// second at most in a waiting room of limited size, and is turned away then: 503 "overloaded" with
// Retry-After. So the memory and the queues of a node have an end, whatever is thrown at it.
type Load struct{ rooms map[Class]*room }

type room struct {
	places      chan struct{}
	seats       int64         // in the waiting room
	workFor     time.Duration // on one request; 0: no bound
	waiting     atomic.Int64
	let, turned atomic.Int64
	most        atomic.Int64 // inside at once
}

// NewLoad makes the rooms for a node that works on writes requests of the class Writes at once; the
// other rooms follow from it.
func NewLoad(writes int) *Load {
	l := &Load{rooms: map[Class]*room{}}
	for class, size := range map[Class]int{
		Writes:   writes,
		Payments: max(128, 2*writes), // most of them wait for a gateway's answer
		Reads:    max(64, 2*writes),
		Notices:  max(32, writes),
		Streams:  max(1024, 16*writes),
		Uploads:  8, // each may hold a processor for seconds, and as much memory as a workbook's texts
		Sandbox:  max(512, 4*writes),
	} {
		l.rooms[class] = &room{places: make(chan struct{}, size), seats: int64(max(256, 2*size)), workFor: workFor}
	}
	l.rooms[Streams].seats, l.rooms[Streams].workFor = 0, 0 // no place is about to become free
	l.rooms[Uploads].workFor = uploadFor
	l.rooms[Sandbox].workFor = 0 // it bounds its walks itself
	return l
}

// Around lets requests through to next by their class. refuse answers those that find no place, in the
// way of the door, with an error that is a *Problem.
func (l *Load) Around(next http.Handler, classOf func(*http.Request) Class, refuse func(http.ResponseWriter, *http.Request, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in := l.rooms[classOf(r)]
		if in == nil {
			next.ServeHTTP(w, r)
			return
		}
		if !in.enter(r.Context()) {
			refuse(w, r, overloaded())
			return
		}
		defer in.leave()
		if in.workFor > 0 {
			ctx, cancel := context.WithTimeout(r.Context(), in.workFor)
			defer cancel()
			// The mux writes the pattern into the copy; whoever stands outside logs and counts by it.
			outer := r
			r = r.WithContext(ctx)
			defer func(inner *http.Request) { outer.Pattern = inner.Pattern }(r)
		}
		next.ServeHTTP(w, r)
	})
}

func overloaded() *Problem {
	return NewProblem(http.StatusServiceUnavailable, "overloaded", "There is more to do than this server can at the moment. Nothing happened; try again after the seconds in Retry-After.")
}

// enter takes a place, at once or after a wait, and reports false when there is none.
func (in *room) enter(ctx context.Context) bool {
	select {
	case in.places <- struct{}{}:
		in.inside()
		return true
	default:
	}
	defer in.waiting.Add(-1)
	if in.waiting.Add(1) > in.seats {
		in.turned.Add(1)
		return false
	}
	timer := time.NewTimer(waitFor)
	defer timer.Stop()
	select {
	case in.places <- struct{}{}:
		in.inside()
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	in.turned.Add(1)
	return false
}

func (in *room) inside() {
	in.let.Add(1)
	for now := int64(len(in.places)); ; {
		most := in.most.Load()
		if now <= most || in.most.CompareAndSwap(most, now) {
			return
		}
	}
}

func (in *room) leave() { <-in.places }

// Count is how one class stands, for the operator's metrics.
type Count struct {
	Class    Class
	Places   int   // requests that may be worked on at once
	UnderWay int   // now
	Most     int64 // under way at once, since the start
	Waiting  int64 // now
	Let      int64 // let in since the start
	Turned   int64 // turned away since the start
}

// Counts gives every class, in the order of Classes.
func (l *Load) Counts() []Count {
	counts := make([]Count, 0, len(Classes))
	for _, class := range Classes {
		in := l.rooms[class]
		counts = append(counts, Count{
			Class: class, Places: cap(in.places), UnderWay: len(in.places), Most: in.most.Load(),
			Waiting: in.waiting.Load(), Let: in.let.Load(), Turned: in.turned.Load(),
		})
	}
	return counts
}
