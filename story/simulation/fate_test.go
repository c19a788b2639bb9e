package simulation_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// point is a moment at which a node touches what will outlive it: a call to a company or a commit, each
// just before it and just after it, and how often the node has come to one like it.
type point struct {
	what string
	n    int
}

func (p point) String() string { return fmt.Sprintf("%s, %d", p.what, p.n) }

// fate is where one life of a node ends. A dead node goes on running, as it must in one process with its
// world, but nothing of it has any effect: its calls are not carried, its commits are refused, its
// answers reach nobody.
//
// It belongs to no bubble: the PostgreSQL wire asks it from outside.
type fate struct {
	at    point  // to die there; zero: nowhere
	after int    // to die at the so-manieth point whatever it is; zero: nowhere
	end   func() // lets go of what the system closes for a dead process; may be nil

	mu     sync.Mutex
	seen   map[string]int
	passed []point
	dead   bool
}

// pass notes that the node has come to a point, and tells whether it is alive behind it.
func (f *fate) pass(what string) bool {
	alive, dies := f.come(what)
	if dies && f.end != nil {
		f.end()
	}
	return alive
}

func (f *fate) come(what string) (alive, dies bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		return false, false
	}
	if f.seen == nil {
		f.seen = map[string]int{}
	}
	f.seen[what]++
	p := point{what, f.seen[what]}
	f.passed = append(f.passed, p)
	if p != f.at && len(f.passed) != f.after {
		return true, false
	}
	f.dead = true
	return false, true
}

func (f *fate) isDead() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dead
}

// lastPoint is where the node died, or the last one that it came to.
func (f *fate) lastPoint() point {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.passed) == 0 {
		return point{what: "nothing yet"}
	}
	return f.passed[len(f.passed)-1]
}

func (f *fate) points() []point {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.passed
}

var errDead = errors.New("the node is dead")

// calls is a node's way out. What was on its way when the node died arrives; nobody hears the answer.
type calls struct {
	through http.RoundTripper
	fate    *fate
}

func (c calls) RoundTrip(r *http.Request) (*http.Response, error) {
	where := r.Method + " " + r.URL.Host + r.URL.Path
	if before, reference, found := strings.Cut(where, "/gateway/orders/"); found && reference != "" {
		where = before + "/gateway/orders/…"
	}
	if !c.fate.pass("before " + where) {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, errDead
	}
	answer, err := c.through.RoundTrip(r)
	if !c.fate.pass("after " + where) {
		if err == nil {
			_ = answer.Body.Close()
		}
		return nil, errDead
	}
	return answer, err
}
