package audit

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"iter"
	"sync/atomic"

	"paylink/store"
)

// pageCheckpoints is how many are read and judged together; one that names all heads may have a megabyte.
const pageCheckpoints = 20

// checkpoints gives the pieces of all checkpoints: first those in the database, then those of each file,
// in the order in which they were made.
func (v *Verifier) checkpoints(ctx context.Context, r *Report, kept []CheckpointFile) iter.Seq2[piece, error] {
	return func(yield func(piece, error) bool) {
		keys, err := PublicKeys(v.Ring)
		if err != nil {
			yield(nil, err)
			return
		}
		j := &judge{read: v.Store.Read(ctx), keys: keys, report: r}
		for after := int64(-1); ; {
			page, err := j.read.Checkpoints(after, pageCheckpoints)
			if err != nil {
				yield(nil, err)
				return
			}
			if len(page) == 0 {
				break
			}
			after = page[len(page)-1].At
			if !yield(j.all(page), nil) {
				return
			}
		}
		for _, file := range kept {
			var page []store.Checkpoint
			on := true
			err := checkpointsIn(file, func(c store.Checkpoint, readable bool) bool {
				if !readable {
					r.Unreadable++
					return true
				}
				if page = append(page, c); len(page) == pageCheckpoints {
					on, page = yield(j.all(page), nil), nil
				}
				return on
			})
			if on && len(page) > 0 {
				on = yield(j.all(page), nil)
			}
			if on && err != nil {
				yield(nil, err)
			}
			if !on || err != nil {
				return
			}
		}
	}
}

// judge holds checkpoints to the chains.
type judge struct {
	read   store.Reader
	keys   map[int]ed25519.PublicKey
	report *Report
}

func (j *judge) all(page []store.Checkpoint) piece {
	return func() (*Finding, error) {
		for _, c := range page {
			if f, err := j.one(c); f != nil || err != nil {
				return f, err
			}
		}
		return nil, nil
	}
}

func (j *judge) one(c store.Checkpoint) (*Finding, error) {
	key, ok := j.keys[c.Slot]
	if !ok {
		atomic.AddInt64(&j.report.Unverifiable, 1)
		return nil, nil
	}
	if !ed25519.Verify(key, signed(c), c.Signature) {
		return &Finding{Rule: RuleSignature, Checkpoint: when(c.At), Detail: "the checkpoint is not signed by this installation's key"}, nil
	}
	heads, err := headsOf(c)
	if err != nil {
		return &Finding{Rule: RuleSignature, Checkpoint: when(c.At), Detail: err.Error()}, nil
	}
	for _, h := range heads {
		id, hash, ok, err := j.read.HashAt(h.Merchant, h.Mode == "live", h.Sequence)
		if err != nil {
			return nil, err
		}
		if ok && hex.EncodeToString(hash) == h.Hash {
			continue
		}
		f := &Finding{Rule: RuleCheckpoint, Merchant: h.Merchant, Mode: h.Mode, Sequence: h.Sequence, Event: id, Checkpoint: when(c.At)}
		if f.Detail = "the event's hash is not the one that was signed: the chain was made anew"; !ok {
			f.Detail = "the event that was signed is not there: the chain was cut"
		}
		return f, nil
	}
	atomic.AddInt64(&j.report.Checkpoints, 1)
	atomic.AddInt64(&j.report.Heads, int64(len(heads)))
	return nil, nil
}
