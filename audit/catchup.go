package audit

import (
	"context"
	"errors"
	"fmt"

	"paylink"
	"paylink/store"
)

// BrokenChain says that a chain cannot be hashed further: an event is missing, or where to go on from
// is. No work of ours leaves a chain so.
type BrokenChain struct {
	Merchant paylink.MerchantID
	Live     bool
	Sequence int64 // of the first event that is not there
}

func (e *BrokenChain) Error() string {
	return fmt.Sprintf("the %s chain of %s is broken at sequence %d", mode(e.Live), e.Merchant, e.Sequence)
}

func mode(live bool) string {
	if live {
		return "live"
	}
	return "test"
}

// chainsAtOnce is how many heads are looked at together.
const chainsAtOnce = 100

// CatchUp gives a hash to every sealed event that has none: an older build knew no hashes, and may still
// be sealing beside us. It goes on until nothing is left, in small transactions, so that any number of
// workers may do it at once and a killed one is simply followed by the next. progress, if any, is told
// after each batch how many of how many are hashed. A broken chain is left as it is; the others are
// hashed, and the error names it.
func (s *Sealer) CatchUp(ctx context.Context, progress func(done, total int64)) error {
	read := s.Store.Read(ctx)
	total, err := read.HashBacklog()
	if err != nil || total == 0 {
		return err
	}
	var done int64
	count := func(n int64) {
		if done += n; progress != nil {
			progress(done, max(done, total))
		}
	}
	var broken []error
	at := store.Chain{}
	for {
		chains, err := read.ChainsBehind(at.Merchant, at.Live, chainsAtOnce)
		if err != nil || len(chains) == 0 {
			return errors.Join(append(broken, err)...)
		}
		for _, at = range chains {
			switch err := s.hashChain(ctx, at, count); {
			case errors.As(err, new(*BrokenChain)):
				broken = append(broken, err)
			case err != nil:
				return err
			}
		}
	}
}

// hashChain hashes one chain up to its head, wherever that moves meanwhile.
func (s *Sealer) hashChain(ctx context.Context, c store.Chain, count func(n int64)) error {
	for {
		next, err := s.hashBatch(ctx, c)
		if errors.Is(err, store.ErrSealedMeanwhile) {
			next, err = s.Store.Read(ctx).Chain(c.Merchant, c.Live)
		}
		if err != nil {
			return err
		}
		count(next.Hashed - c.Hashed)
		if c = next; c.Hashed >= c.Sequence {
			return nil
		}
	}
}

// hashBatch hashes the next events of a chain that have no hash, as many as one transaction takes, and
// returns where the chain stands then. It fails with store.ErrSealedMeanwhile when another worker was
// quicker.
func (s *Sealer) hashBatch(ctx context.Context, from store.Chain) (store.Chain, error) {
	read := s.Store.Read(ctx)
	to := from
	if from.Hashed > 0 && len(from.Hash) != HashSize {
		return from, &BrokenChain{from.Merchant, from.Live, from.Hashed}
	}
	events, err := read.EntriesAfter(from.Merchant, from.Live, from.Hashed, s.rows-1)
	if err != nil {
		return from, err
	}
	var h hasher
	copy(h.last[:], from.Hash)
	for i := range events {
		if events[i].Sequence != to.Hashed+1 {
			break
		}
		hash := h.next(&events[i])
		events[i].Hash, to.Hash, to.Hashed = hash[:], hash[:], events[i].Sequence
	}
	if to.Hashed == from.Hashed {
		return from, &BrokenChain{from.Merchant, from.Live, from.Hashed + 1}
	}
	to.Sequence = max(to.Sequence, to.Hashed) // what was sealed since is read too
	events = events[:to.Hashed-from.Hashed]
	err = s.Store.Write(ctx, func(tx *store.Tx) error {
		tx.MoveHashed(from, to) // first: whoever comes second fails here, before the events
		for _, e := range events {
			tx.HashEvent(e)
		}
		return nil
	})
	if err != nil {
		return from, err
	}
	return to, nil
}
