package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// threeNodes compares three nodes on one PostgreSQL with one, all on the same processors: what is lost
// is what the nodes say to each other.
func (b *bench) threeNodes(ctx context.Context) (row, error) {
	r := row{what: "create a link, PostgreSQL, three nodes against one on the same cores, 64 clients", hold: 0.9}
	one, err := b.onPostgres.twin()
	if err != nil {
		return r, err
	}
	three := make([]*program, 3)
	for i := range three {
		if three[i], err = b.onPostgres.twin(); err != nil {
			return r, err
		}
	}
	all := append([]*program{one}, three...)
	for i, p := range all {
		if err := p.serve(ctx); err != nil {
			return r, errors.Join(err, stopAll(all[:i]))
		}
	}
	together := b.creating(three[0])
	together.beside = []string{three[1].listen, three[2].listen}
	err = b.contend(ctx, &r, side{together, three}, side{b.creating(one), []*program{one}})
	return r, errors.Join(err, stopAll(all))
}

func stopAll(programs []*program) error {
	var errs []error
	for _, p := range programs {
		errs = append(errs, p.stop())
	}
	return errors.Join(errs...)
}

// side is one of two ways to run paylink that are compared.
type side struct {
	load  load
	nodes []*program
}

func (s side) pause(still bool) {
	for _, p := range s.nodes {
		p.pause(still)
	}
}

func (s side) cpu() (used time.Duration) {
	for _, p := range s.nodes {
		used += p.cpu()
	}
	return used
}

// contend measures two sides in turn, each while the other stands still.
func (b *bench) contend(ctx context.Context, r *row, ours, other side) error {
	for i := range b.pairsWanted {
		var both [2]tally
		for n, s := range []side{ours, other} {
			rests := []side{other, ours}[n]
			rests.pause(true)
			before := s.cpu()
			t, err := s.load.run(ctx, b.window, &b.serial)
			time.Sleep(restFor) // what it left behind is its own to end
			t.cpu = (s.cpu() - before) / time.Duration(max(1, t.done))
			rests.pause(false)
			if err != nil {
				return fmt.Errorf("%s: %w", r.what, err)
			}
			both[n] = t
		}
		r.add(both[0], both[1].rate())
		b.say("%-50s  pair %d: ours %6.0f/s  other %6.0f/s  ratio %.2f", r.what, i+1, both[0].rate(), both[1].rate(), both[0].rate()/both[1].rate())
	}
	return nil
}
