package audit

import (
	"context"
	"crypto/subtle"
	"iter"
	"sync/atomic"

	"paylink/store"
)

// A chain is judged in pieces: each begins at a hash that is stored, which the piece before it proves.
const (
	pieceEvents = 20_000
	pageEvents  = 1_000
)

// chains gives the pieces of all chains, in the order of merchant, mode and sequence. What they tell of
// payments goes into the memory.
func (v *Verifier) chains(ctx context.Context, r *Report, m *memory) iter.Seq2[piece, error] {
	return func(yield func(piece, error) bool) {
		read := v.Store.Read(ctx)
		number := 0
		for at := (store.Head{}); ; {
			next, ok, err := read.HeadAfter(at.Merchant, at.Live)
			if err != nil || !ok {
				if err != nil {
					yield(nil, err)
				}
				return
			}
			at = next
			r.Chains++
			for from := int64(0); from < at.Sequence; from += pieceEvents {
				c := span{head: at, from: from, to: min(from+pieceEvents, at.Sequence), report: r, memory: m, number: number}
				number++
				if !yield(func() (*Finding, error) { return c.judge(read) }, nil) {
					return
				}
			}
			if !yield(func() (*Finding, error) { return judgeHead(at), nil }, nil) {
				return
			}
		}
	}
}

// span is a part of a chain: above one sequence and up to another.
type span struct {
	head     store.Head
	from, to int64
	report   *Report
	memory   *memory
	number   int // among all pieces of chains
}

func (c span) finding(rule Rule, sequence int64, detail string) *Finding {
	return &Finding{Rule: rule, Merchant: c.head.Merchant, Mode: mode(c.head.Live), Sequence: sequence, Detail: detail}
}

func (c span) judge(read store.Reader) (*Finding, error) {
	var h hasher
	hashed := true // everything so far has its hash
	if c.from > 0 {
		_, start, ok, err := read.HashAt(c.head.Merchant, c.head.Live, c.from)
		switch {
		case err != nil:
			return nil, err
		case !ok:
			return c.finding(RuleSequence, c.from, "no event has this place"), nil
		case c.from > c.head.Hashed && len(start) == 0:
			hashed = false
		}
		copy(h.last[:], start)
	}
	unhashed := int64(0)
	heard := stories{}
	for at := c.from; at < c.to; {
		var found *Finding
		before := at
		err := read.WalkEntries(c.head.Merchant, c.head.Live, at, c.to, pageEvents, func(e *store.Entry) bool {
			if at++; e.Sequence != at {
				found = c.finding(RuleSequence, at, "no event has this place")
				return false
			}
			heard.hear(e)
			if hashed = hashed && (len(e.Hash) > 0 || at <= c.head.Hashed); !hashed {
				unhashed++
				return true
			}
			found = c.judgeHash(&h, e)
			return found == nil
		})
		if err != nil || found != nil {
			return found, err
		}
		if at == before {
			return c.finding(RuleSequence, at+1, "no event has this place"), nil
		}
	}
	c.memory.takeIn(c.number, c.head.Merchant, heard)
	atomic.AddInt64(&c.report.Events, c.to-c.from)
	atomic.AddInt64(&c.report.Unhashed, unhashed)
	return nil, nil
}

func (c span) judgeHash(h *hasher, e *store.Entry) *Finding {
	want := h.next(e)
	detail := ""
	switch {
	case len(e.Hash) == 0:
		detail = "the event has no hash"
	case subtle.ConstantTimeCompare(want[:], e.Hash) != 1:
		detail = "the event's hash is not that of its columns and the hash before it"
	default:
		if e.Sequence == c.head.Hashed && subtle.ConstantTimeCompare(want[:], c.head.Hash) != 1 {
			f := c.finding(RuleHead, e.Sequence, "the head's hash is not that of its event")
			f.Event = e.ID
			return f
		}
		return nil
	}
	f := c.finding(RuleHash, e.Sequence, detail)
	f.Event = e.ID
	return f
}

// judgeHead holds a head to the last event that was there when it was read.
func judgeHead(h store.Head) *Finding {
	c := span{head: h}
	switch {
	case h.Last > h.Sequence:
		return c.finding(RuleHead, h.Sequence+1, "events stand behind the head of the chain")
	case h.Hashed > h.Sequence || h.Hashed < 0:
		return c.finding(RuleHead, h.Sequence, "the head says that more is hashed than sealed")
	}
	return nil
}
