package store

import (
	"slices"
	"sync"
	"time"
)

// keptFor is how long a copy may be older than the database where another node's bell did not reach us.
const keptFor = time.Second

// kept holds copies of what nearly every request reads and hardly anybody changes: merchants and their
// accounts. A commit that rings BellMerchants on this node empties it before its caller goes on; one on
// another node, when its bell is heard here.
type kept struct {
	mu    sync.RWMutex
	round int // raised when the copies are dropped: what was read before is not kept after
	all   map[any]any
}

// keep gives the copy under a key, or reads it. Inside a transaction it always reads.
func keep[K comparable, V any](r Reader, key K, read func() (V, error)) (V, error) {
	if r.tx != nil || r.kept == nil {
		return read()
	}
	found, round := r.kept.get(key)
	if found != nil {
		return found.(V), nil
	}
	v, err := read()
	if err == nil {
		r.kept.put(key, v, round)
	}
	return v, err
}

func (k *kept) get(key any) (found any, round int) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.all[key], k.round
}

func (k *kept) put(key, v any, round int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.round != round {
		return
	}
	if k.all == nil {
		k.all = map[any]any{}
		time.AfterFunc(keptFor, func() { k.drop(round) })
	}
	k.all[key] = v
}

// drop forgets the copies of a round; those of a later one are younger.
func (k *kept) drop(round int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.round == round {
		k.round++
		k.all = nil
	}
}

// changed drops the copies when a commit says that they are old.
func (k *kept) changed(topics []string) {
	if !slices.Contains(topics, BellMerchants) {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.round++
	k.all = nil
}
