package smpp

import (
	"context"
	"slices"
	"strings"
	"sync"

	"paylink"
)

// ledger remembers what an account has sent, so that receipts find their message: by any form of the id,
// also before the answer that tells it, and of a text in several segments all of them. It is memory of one
// process and has a bound. What it has forgotten, receipts name by the operator's id alone.
type ledger struct {
	mu      sync.Mutex
	byKey   map[string][]place
	order   []*posted // as they were sent, the oldest first
	count   int       // segments in order
	sending map[chan struct{}]bool
}

// maxSegments bounds a ledger: some 40 MB when full.
const maxSegments = 50_000

// maxAlike is how many segments can have one id in some form. An operator that gives every message the same
// id is of no use, and must not cost us all our time.
const maxAlike = 4

// posted is one letter that the operator took.
type posted struct {
	message paylink.MessageID
	to      string   // digits
	ids     []string // as answered, canonical
	states  []told   // of its segments; without a status: nothing is known yet
}

// take notes the id of the next segment that was taken.
func (p *posted) take(id, form string) { p.ids = append(p.ids, canonical(form, id, false)) }

// reference is by which name dispatch knows the letter.
func (p *posted) reference() string { return strings.Join(p.ids, ",") }

// place is one segment of a letter.
type place struct {
	of *posted
	at int
}

func newLedger() *ledger {
	return &ledger{byKey: map[string][]place{}, sending: map[chan struct{}]bool{}}
}

// begin says that a letter is being submitted; end is called when it is settled whether it was taken.
func (l *ledger) begin() (end func()) {
	done := make(chan struct{})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sending[done] = true
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.sending, done)
		close(done)
	}
}

// add remembers a letter that was taken.
func (l *ledger) add(p *posted) {
	p.states = make([]told, len(p.ids))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.order, l.count = append(l.order, p), l.count+len(p.ids)
	for i, id := range p.ids {
		for _, key := range answeredKeys(id) {
			l.byKey[key] = append(l.byKey[key], place{p, i})
			if n := len(l.byKey[key]); n > maxAlike {
				l.byKey[key] = slices.Clone(l.byKey[key][n-maxAlike:])
			}
		}
	}
	for l.count > maxSegments {
		l.drop()
	}
}

// drop forgets the oldest letter.
func (l *ledger) drop() {
	oldest := l.order[0]
	l.order[0] = nil
	l.order, l.count = l.order[1:], l.count-len(oldest.ids)
	for _, id := range oldest.ids {
		for _, key := range answeredKeys(id) {
			var rest []place
			for _, p := range l.byKey[key] {
				if p.of != oldest {
					rest = append(rest, p)
				}
			}
			if l.byKey[key] = rest; rest == nil {
				delete(l.byKey, key)
			}
		}
	}
}

// outcome is what the ledger knows of the letter to which a receipt belongs, and what has become of the
// whole of it.
type outcome struct {
	message   paylink.MessageID
	reference string
	segments  int
	part      int // which of them it was about, from 1; 0: not one of several
	told
}

// receive notes a receipt and gives what is known of its letter. One that is not known yet may belong to a
// letter whose answer is still on its way: it waits for those that are being submitted now.
func (l *ledger) receive(ctx context.Context, form string, t told, from string) outcome {
	l.mu.Lock()
	o, found := l.note(form, t, from)
	var before []chan struct{}
	if !found {
		for done := range l.sending {
			before = append(before, done)
		}
	}
	l.mu.Unlock()
	if found {
		return o
	}
	for _, done := range before {
		select {
		case <-done:
		case <-ctx.Done():
			return outcome{}
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	o, _ = l.note(form, t, from)
	return o
}

// note finds the segment that a receipt is about and what has become of the whole letter: delivered when
// all segments are, failed or blocked as soon as one is, until then sent.
func (l *ledger) note(form string, t told, from string) (outcome, bool) {
	for _, key := range receiptKeys(form, t.id) {
		for _, p := range l.byKey[key] {
			if !sameNumber(p.of.to, from) {
				continue
			}
			if state := &p.of.states[p.at]; rank(t.status) >= rank(state.status) { // they come twice and in any order
				*state = t
			}
			o := outcome{message: p.of.message, reference: p.of.reference(), segments: len(p.of.ids), told: whole(p.of.states)}
			if o.segments > 1 {
				o.part = p.at + 1
			}
			return o, true
		}
	}
	return outcome{}, false
}

// rank orders what receipts can say of one segment, as paylink.MessageMachine does.
func rank(s paylink.MessageStatus) int {
	switch s {
	case paylink.MessageDelivered:
		return 3
	case paylink.MessageFailed, paylink.MessageBlocked:
		return 2
	case paylink.MessageSent:
		return 1
	}
	return 0
}

func whole(states []told) told {
	all := told{status: paylink.MessageDelivered}
	for _, s := range states {
		switch rank(s.status) {
		case 2:
			return s
		case 0, 1:
			all.status = paylink.MessageSent
		}
	}
	return all
}

// sameNumber compares the ends of two numbers, because receipts write them with and without what stands
// before. A receipt without a number fits any.
func sameNumber(to, from string) bool {
	from = strings.TrimLeft(from, "+0")
	n := min(len(to), len(from), 8)
	return from == "" || to[len(to)-n:] == from[len(from)-n:]
}
