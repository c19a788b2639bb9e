package audit_test

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"paylink/audit"
	"paylink/store"
)

// forget takes the hashes away, from a place on: so an older build would have sealed.
func (b *books) forget(from string) {
	b.exec("UPDATE events SET hash = NULL WHERE seq > "+from, "DELETE FROM checkpoints",
		`UPDATE chains SET hashed_seq = `+from+`, hash = (SELECT e.hash FROM events e
			WHERE e.merchant_id = chains.merchant_id AND e.livemode = chains.livemode AND e.seq = `+from+`)`)
}

// A start is killed in the middle of hashing what an older build sealed; the next one goes on, and what
// comes of it is the chain that would have been.
func TestCatchingUpGoesOnAfterAKill(t *testing.T) {
	eachBooks(t, func(t *testing.T, b *books) {
		b.fill("mer_a", 3, 40)
		sealAll(t, b.Store)
		want := sealed(t, b.Store, world{merchant: "mer_a"})
		b.forget("0")
		if r := b.verify(); r.Unhashed != r.Events || r.Broken != nil {
			t.Fatalf("before: %+v", r)
		}
		var done, total int64
		for starts := 0; ; starts++ {
			ctx, kill := context.WithCancel(t.Context())
			err := newSealer(b.Store).CatchUp(ctx, func(d, n int64) {
				if done, total = d, n; starts < 3 {
					kill()
				}
			})
			kill()
			if err == nil {
				break
			}
			if !errors.Is(err, context.Canceled) || starts == 3 {
				t.Fatalf("start %d: %v", starts, err)
			}
		}
		if done != total {
			t.Errorf("%d of %d at the end", done, total)
		}
		if left, err := b.Read(t.Context()).HashBacklog(); left != 0 || err != nil {
			t.Errorf("%d are left, %v", left, err)
		}
		if got := sealed(t, b.Store, world{merchant: "mer_a"}); !reflect.DeepEqual(got, want) {
			t.Error("the hashes are not those that sealing gave")
		}
		if r := b.verify(); r.Unhashed != 0 || r.Broken != nil {
			t.Errorf("after: %+v", r)
		}
	})
}

// Several nodes start at once after the upgrade. Each hashes what it finds; none hashes twice or in vain.
func TestSeveralMayCatchUpAtOnce(t *testing.T) {
	eachBooks(t, func(t *testing.T, b *books) {
		b.fill("mer_b", 3, 20)
		sealAll(t, b.Store)
		b.forget("7")
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() {
				if err := newSealer(b.Store).CatchUp(t.Context(), nil); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if r := b.verify(); r.Unhashed != 0 || r.Broken != nil {
			t.Errorf("%+v", r)
		}
	})
}

// In a rolling upgrade a build without hashes seals beside us, by the very statement below. Whatever the
// order, the sequence stays gapless and in the end everything has its hash.
func TestASealerWithoutHashesMaySealBesideUs(t *testing.T) {
	eachBooks(t, func(t *testing.T, b *books) {
		const rounds = 60
		sealOld := func() {
			err := b.Write(t.Context(), func(tx *store.Tx) error {
				if mine, err := tx.TakeSealer(); !mine || err != nil {
					return errors.Join(store.ErrSealedMeanwhile, err)
				}
				left, err := tx.Unsealed(3)
				if err != nil {
					return err
				}
				for _, e := range left {
					head, err := tx.ChainHead(e.Merchant, e.Live)
					if err != nil {
						return err
					}
					tx.SealEvents(store.Entry{Merchant: e.Merchant, ID: e.ID, Sequence: head+1})
					from := store.Chain{Merchant: e.Merchant, Live: e.Live, Sequence: head}
					to := from
					to.Sequence++
					tx.MoveHead(from, to) // UPDATE chains SET seq = $4 WHERE … AND seq = $3
				}
				return nil
			})
			if err != nil && !errors.Is(err, store.ErrSealedMeanwhile) {
				t.Error(err)
			}
		}
		var all sync.WaitGroup
		ended := make(chan struct{})
		all.Go(func() {
			defer close(ended)
			for n := range rounds {
				b.fill("mer_a", 100+n, 101+n)
			}
		})
		for _, seal := range []func(){sealOld, func() {
			if _, err := newSealer(b.Store).Seal(t.Context()); err != nil && !errors.Is(err, store.ErrSealedMeanwhile) {
				t.Error(err)
			}
		}} {
			all.Go(func() {
				for running := true; running; {
					select {
					case <-ended:
						running = false
					default:
					}
					seal()
				}
			})
		}
		all.Wait()
		sealOld() // the last word, also on what nobody had to seal any more
		sealAll(t, b.Store)
		if err := newSealer(b.Store).CatchUp(t.Context(), nil); err != nil {
			t.Error(err)
		}
		if r := b.verify(); r.Broken != nil || r.Unhashed != 0 || r.Unsealed != 0 || r.Events != (6+rounds)*9 {
			t.Errorf("%+v", r)
		}
	})
}

// What an older build sealed is not whole. Hashing over the gap would hide it for ever; waiting for it
// would keep the merchant's webhooks. The error names the place, and sealing goes on.
func TestABrokenChainIsNamedAndSealedFurther(t *testing.T) {
	eachBooks(t, func(t *testing.T, b *books) {
		b.forget("5")
		b.exec("DELETE FROM events WHERE merchant_id = 'mer_a' AND seq = 9")
		for range 2 {
			var broken *audit.BrokenChain
			err := newSealer(b.Store).CatchUp(t.Context(), nil)
			if !errors.As(err, &broken) || *broken != (audit.BrokenChain{Merchant: "mer_a", Sequence: 9}) {
				t.Fatalf("%v", err)
			}
		}
		b.fill("mer_a", 3, 4)
		sealAll(t, b.Store)
		if head, err := b.Read(t.Context()).Chain("mer_a", false); head.Sequence != 36 || head.Hashed != 8 || err != nil {
			t.Errorf("the head is %+v, %v", head, err)
		}
		if head, err := b.Read(t.Context()).Chain("mer_b", false); head.Hashed != 27 || err != nil {
			t.Errorf("the other's head is %+v, %v", head, err)
		}
		b.wantBroken("the gap", audit.RuleSequence, 9)
	})
}

// An operator looks at the backlogs: how much waits for its place and since when, how much for a hash.
func TestBacklogsAreCounted(t *testing.T) {
	eachBooks(t, func(t *testing.T, b *books) {
		b.forget("20")
		write(t, b.Store, func(tx *store.Tx) {
			tx.AppendEvent(world{merchant: "mer_a"}.event("evt_1", noon.Add(time.Minute)))
			tx.AppendEvent(world{merchant: "mer_b"}.event("evt_2", noon))
		})
		read := b.Read(t.Context())
		count, oldest, err := read.UnsealedEvents()
		hashes, hashErr := read.HashBacklog()
		if count != 2 || !oldest.Equal(noon) || hashes != 14 || errors.Join(err, hashErr) != nil {
			t.Errorf("%d since %v, %d without a hash, %v", count, oldest, hashes, errors.Join(err, hashErr))
		}
		sealAll(t, b.Store)
		if count, oldest, err = read.UnsealedEvents(); count != 0 || !oldest.IsZero() || err != nil {
			t.Errorf("then %d since %v, %v", count, oldest, err)
		}
	})
}
