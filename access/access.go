// Package access tells who is asking: a program by its API key, a person of the merchant's staff by a
// password and then by a session.
// It is for the web doors, which ask it before anything else happens. Secrets are kept as hashes only,
// and whoever is refused learns nothing about why.
// It leaves to others what the known may do, and how a refusal is shown.
package access

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"paylink"
	"paylink/store"
)

// Deps are what Access works with.
type Deps struct {
	Store *store.Store
	Now   func() time.Time
	Log   *slog.Logger
}

// Access knows keys, staff and sessions. It is safe for concurrent use.
type Access struct {
	Deps
	keys    keyCache
	touched touches
	hashing chan struct{} // bounds the memory that argon2id takes
}

// New makes an Access. Work must run for the last use of keys to be noted.
func New(d Deps) *Access {
	return &Access{
		Deps:    d,
		keys:    keyCache{known: map[[32]byte]keySeen{}},
		touched: touches{at: map[touch]time.Time{}},
		hashing: make(chan struct{}, 4),
	}
}

// writeEvery is how often the uses of keys are written down.
const writeEvery = time.Minute

// Work writes down when keys were last used, once a minute and once more at the end. It returns when
// ctx is done.
func (a *Access) Work(ctx context.Context) error {
	tick := time.NewTicker(writeEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			a.tidy(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			a.tidy(last)
			return nil
		}
	}
}

// tidy does one round of Work. What fails is tried again in a minute.
func (a *Access) tidy(ctx context.Context) {
	const batch = 50
	for _, some := range a.touched.take(batch) {
		err := a.Store.Write(ctx, func(tx *store.Tx) error {
			for key, at := range some {
				tx.TouchKey(key.merchant, key.id, at)
			}
			return nil
		})
		if err != nil {
			a.Log.Warn("access.keys_not_touched", "error", err)
		}
	}
}

// touches gathers when each key was last used, so that using a key writes nothing.
type touches struct {
	mu sync.Mutex
	at map[touch]time.Time
}

type touch struct {
	merchant paylink.MerchantID
	id       paylink.KeyID
}

func (t *touches) note(merchant paylink.MerchantID, id paylink.KeyID, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.at[touch{merchant, id}] = now
}

// take empties the notes, in lots of at most size.
func (t *touches) take(size int) []map[touch]time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	var lots []map[touch]time.Time
	for key, at := range t.at {
		if len(lots) == 0 || len(lots[len(lots)-1]) == size {
			lots = append(lots, map[touch]time.Time{})
		}
		lots[len(lots)-1][key] = at
	}
	clear(t.at)
	return lots
}
