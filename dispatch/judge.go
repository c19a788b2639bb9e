package dispatch

import (
	"context"
	"time"

	"paylink"
)

// check looks at a message just before an attempt, with everything that the attempt would use. It may
// read; it changes nothing and calls nobody. The zero verdict lets the message go.
type check func(d *Dispatch, ctx context.Context, p *parcel, now time.Time) (verdict, error)

// checks are asked before every attempt, in this order; the first that does not let the message go
// decides. Each stands in a file of its own. What needs no reading comes before what reads.
var checks = []check{
	(*Dispatch).stillOfUse,
	(*Dispatch).stillNeeded,
	(*Dispatch).preflight,
	(*Dispatch).allowed,
	(*Dispatch).carried,
	(*Dispatch).templated,
	(*Dispatch).priced,
	(*Dispatch).wanted,
	(*Dispatch).consented,
	(*Dispatch).lawful,
}

// verdict is what is judged about a message before an attempt.
type verdict struct {
	status paylink.MessageStatus // skipped, blocked or failed: it ends so; queued: it is held; empty: it may go
	code   string                // why, as a stable word: "cancelled", "quiet_hours", "opted_out"; of one that is held, empty tells nobody
	reason string                // more of it, for the merchant's staff; may be empty
	until  time.Time             // of one that is held: when it is judged again, in real time
}

// skip ends a message that is of no use any more.
func skip(code string) verdict { return verdict{status: paylink.MessageSkipped, code: code} }

// block ends a message that must not be sent.
func block(code string) verdict { return verdict{status: paylink.MessageBlocked, code: code} }

// hold keeps a message queued, and judges it again at the time.
func hold(code string, until time.Time) verdict {
	return verdict{status: paylink.MessageQueued, code: code, until: until}
}

// judge tells whether a message may be handed to its provider now.
func (d *Dispatch) judge(ctx context.Context, p *parcel, now time.Time) (verdict, error) {
	for _, asked := range checks {
		v, err := asked(d, ctx, p, now)
		if err != nil || v.status != "" {
			return v, err
		}
	}
	return verdict{}, nil
}
