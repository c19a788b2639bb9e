package simulation_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"paylink/cmd/paylink/node"
)

// mortal is a node that may die once, and is started again on what is left.
type mortal struct {
	t        *testing.T
	network  *network
	database *database
	settings node.Settings
	world    node.World // its Transport leads into the network
	away     time.Duration
	first    *fate // of the first life; later ones end in an orderly way
}

// live runs one life after the other until ctx is done. ready is closed when the first node answers.
func (m *mortal) live(ctx context.Context, ready chan<- struct{}) {
	var once sync.Once
	say := func() error { once.Do(func() { close(ready) }); return nil }
	for f := m.first; ctx.Err() == nil; f = new(fate) {
		m.life(ctx, f, say)
		if !f.isDead() {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(m.away):
		}
	}
}

// life is one process. What a dead one says about its end is of no interest; a living one ends well.
func (m *mortal) life(ctx context.Context, f *fate, ready func() error) {
	f.end = func() { m.database.end(f) }
	m.database.guard(f)
	world := m.world
	world.Transport = calls{world.Transport, f}
	n, err := node.Open(ctx, m.settings, world)
	if err != nil {
		if !f.isDead() {
			m.t.Errorf("open a node: %v", err)
		}
		return
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	go func() {
		defer stop()
		for !f.isDead() {
			select {
			case <-ctx.Done():
				return
			case <-serving.Done():
				return
			case <-time.After(time.Second):
			}
		}
	}()
	err = n.Serve(serving, m.network.listen(payHost, f), m.network.listen("admin.example.com", f), ready)
	if err != nil && !f.isDead() {
		m.t.Errorf("serve: %v", err)
	}
}
