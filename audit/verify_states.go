package audit

import (
	"context"
	"iter"
	"sync/atomic"
	"time"

	"paylink"
	"paylink/store"
)

// Links are judged in pieces of so many, and again one by one where something seems wrong.
const (
	pieceLinks = 500
	pageStates = 1_000
	lastLink   = paylink.LinkID("~") // above every id
	lookAgain  = 6
	lookPause  = 250 * time.Millisecond
)

// judgeStates judges all links by what was heard of their payments. Only where that leaves nothing open
// is everything well: otherwise it is all judged by the events again, which find the first that is wrong.
func (v *Verifier) judgeStates(ctx context.Context, r *Report, m *memory) (*Finding, error) {
	f, err := inTurn(ctx, v.shelves(ctx, r, m))
	if err != nil || f == nil && m.empty() {
		return nil, err
	}
	r.Links, r.Payments = 0, 0
	return inTurn(ctx, v.shelves(ctx, r, nil))
}

// shelves gives the pieces of all merchants' links.
func (v *Verifier) shelves(ctx context.Context, r *Report, heard *memory) iter.Seq2[piece, error] {
	return func(yield func(piece, error) bool) {
		read := v.Store.Read(ctx)
		merchants, err := read.Merchants()
		if err != nil {
			yield(nil, err)
			return
		}
		for _, m := range merchants {
			for after, more := paylink.LinkID(""), true; more; {
				upTo, err := read.LinkCut(m.ID, after, pieceLinks)
				if err != nil {
					yield(nil, err)
					return
				}
				if upTo == "" {
					upTo, more = lastLink, false
				}
				c := shelf{v: v, ctx: ctx, read: read, merchant: m.ID, after: after, upTo: upTo, report: r}
				if !yield(func() (*Finding, error) { return c.judge(heard) }, nil) {
					return
				}
				after = upTo
			}
		}
	}
}

// shelf is some of a merchant's links: above one id and up to another.
type shelf struct {
	v           *Verifier
	ctx         context.Context
	read        store.Reader
	merchant    paylink.MerchantID
	after, upTo paylink.LinkID
	report      *Report
}

// judge looks at links, payments and events one after the other, and they may change in between. What
// seems wrong is therefore looked at again, alone.
func (c shelf) judge(m *memory) (*Finding, error) {
	skip := map[paylink.LinkID]bool{}
	for {
		s, err := c.look(skip, m)
		if err != nil {
			return nil, err
		}
		if s.found != nil && m != nil {
			m = nil
			continue
		}
		if s.found == nil {
			atomic.AddInt64(&c.report.Links, s.links)
			atomic.AddInt64(&c.report.Payments, s.payments)
			return nil, nil
		}
		if f, err := c.again(s.found.Link); f != nil || err != nil {
			return f, err
		}
		skip[s.found.Link] = true
	}
}

// again judges one link. What is found while the link stands still is true.
func (c shelf) again(link paylink.LinkID) (*Finding, error) {
	c.after, c.upTo = below(link), link
	for range lookAgain {
		before, err := c.moved()
		if err != nil {
			return nil, err
		}
		s, err := c.look(nil, nil)
		if err != nil || s.found == nil {
			return nil, err
		}
		after, err := c.moved()
		if err != nil || before.Equal(after) {
			return s.found, err
		}
		select {
		case <-c.ctx.Done():
			return nil, c.ctx.Err()
		case <-time.After(lookPause):
		}
	}
	return nil, nil // it is paid so often that nobody sees it stand still; the next one may
}

// moved tells when the link last changed; the zero time when it is not there.
func (c shelf) moved() (time.Time, error) {
	links, err := c.read.LinkFacts(c.merchant, c.after, c.upTo)
	if err != nil || len(links) == 0 {
		return time.Time{}, err
	}
	return links[0].UpdatedAt, nil
}

// below is an id right below another: nothing stands between the two.
func below(id paylink.LinkID) paylink.LinkID {
	if id == "" {
		return ""
	}
	b := []byte(id)
	b[len(b)-1]--
	return paylink.LinkID(b) + "~"
}
