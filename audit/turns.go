package audit

import (
	"context"
	"iter"
	"math"
	"sync"
)

// piece is a part of the work that is judged by itself. It gives the first entry in it that is wrong.
type piece func() (*Finding, error)

// inTurn judges pieces, several at once, and gives what the earliest of them found: nothing is begun
// after a finding, and what was begun before it is waited for. An error ends it likewise.
func inTurn(ctx context.Context, pieces iter.Seq2[piece, error]) (*Finding, error) {
	type numbered struct {
		number int
		piece
	}
	var mu sync.Mutex
	earliest, found, failed := math.MaxInt, (*Finding)(nil), error(nil)
	note := func(number int, f *Finding, err error) {
		mu.Lock()
		defer mu.Unlock()
		if (f != nil || err != nil) && number < earliest {
			earliest, found, failed = number, f, err
		}
	}
	ended := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return earliest < math.MaxInt
	}
	queue := make(chan numbered)
	var all sync.WaitGroup
	for range workers() {
		all.Go(func() {
			for p := range queue {
				f, err := p.piece()
				note(p.number, f, err)
			}
		})
	}
	number := 0
	for p, err := range pieces {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			note(number, nil, err)
		}
		if ended() {
			break
		}
		queue <- numbered{number, p}
		number++
	}
	close(queue)
	all.Wait()
	return found, failed
}
