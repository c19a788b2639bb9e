package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

const (
	takenOverLeast = 20                      // jobs that have to change hands
	killsMost      = 5                       // of nodes, for that
	endpoints      = 12                      // an endpoint has few deliveries under way at once, so there are several
	takeOverWithin = 40 * time.Second        // of one kill; the promise is thirty seconds
	heldFor        = 1500 * time.Millisecond // an answer, so that a killed node has some under way, and no endpoint is in trouble
)

// slowEar is a webhook endpoint that takes its time. A delivery whose sender goes away before the answer
// was a dead node's; when it comes again, another node has taken the job over.
type slowEar struct {
	mu      sync.Mutex
	orphans map[string]time.Time // webhook-id: when the sender went away
	took    []time.Duration
}

func (e *slowEar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, 1<<20)) // read to its end, the connection's end is seen
	id, came := r.Header.Get("webhook-id"), time.Now()
	e.mu.Lock()
	if since, orphan := e.orphans[id]; orphan {
		e.took = append(e.took, came.Sub(since))
		delete(e.orphans, id)
	}
	e.mu.Unlock()
	select {
	case <-time.After(heldFor):
		w.WriteHeader(http.StatusNoContent)
	case <-r.Context().Done():
		e.mu.Lock()
		e.orphans[id] = time.Now()
		e.mu.Unlock()
	}
}

// left tells how many jobs wait for somebody, and how many have changed hands.
func (e *slowEar) left() (orphans, took int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.orphans), len(e.took)
}

// takeOver kills one of three nodes with webhooks under way, again and again, and measures for each of
// its jobs how long it takes until another node does it.
func (b *bench) takeOver(ctx context.Context) ([]fact, error) {
	nodes, err := b.threeDemos(ctx)
	if err != nil {
		return nil, err
	}
	ear := &slowEar{orphans: map[string]time.Time{}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, stopAll(nodes))
	}
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: ear}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener) // it ends by Close
	}()
	err = b.killAndWait(ctx, nodes, ear, "http://"+listener.Addr().String())
	err = errors.Join(err, stopAll(nodes))
	_ = server.Close()
	<-served
	slices.Sort(ear.took)
	orphans, _ := ear.left()
	f := fact{what: "PostgreSQL, three nodes, one killed: a job of its own → done by another", hold: "p99 ≤ 30 s"}
	f.measured = fmt.Sprintf("p50 %.1f s, p99 %.1f s (%d jobs)", quantile(ear.took, 50).Seconds(), quantile(ear.took, 99).Seconds(), len(ear.took))
	if orphans > 0 {
		f.measured += fmt.Sprintf("; **%d were not taken over within %v**", orphans, takeOverWithin)
	}
	return []fact{f}, err
}

// threeDemos starts three demos on one database, one after the other. The last one holds the sandbox.
func (b *bench) threeDemos(ctx context.Context) ([]*program, error) {
	if _, err := b.postgres.sql(ctx, "CREATE DATABASE takeover"); err != nil {
		return nil, err
	}
	first := &program{binary: b.binary, dir: filepath.Join(b.dir, "takeover"), database: b.postgres.url("takeover", nil)}
	var nodes []*program
	for range 3 {
		p, err := first.twin()
		if err == nil {
			_, err = p.demo(ctx)
		}
		if err != nil {
			return nil, errors.Join(err, stopAll(nodes))
		}
		nodes = append(nodes, p)
	}
	return nodes, nil
}

func (b *bench) killAndWait(ctx context.Context, nodes []*program, ear *slowEar, address string) error {
	asked := nodes[2]
	for path := range endpoints {
		body, err := json.Marshal(map[string]any{"url": fmt.Sprintf("%s/%d", address, path), "events": []string{"payment_link.created"}})
		if err == nil {
			err = asked.post(ctx, "/v1/webhook_endpoints", string(body), http.StatusCreated, new(any))
		}
		if err != nil {
			return err
		}
	}
	for kill := range killsMost {
		if _, took := ear.left(); took >= takenOverLeast {
			return nil
		}
		for range 40 {
			if _, err := b.create(ctx, asked); err != nil {
				return err
			}
		}
		time.Sleep(heldFor / 2) // they are under way
		victim := nodes[kill%2]
		if err := victim.kill(); err != nil {
			return err
		}
		ear.await(ctx)
		if _, err := victim.demo(ctx); err != nil {
			return err
		}
	}
	return nil
}

// await returns when nothing waits for another node any more, or would in vain.
func (e *slowEar) await(ctx context.Context) {
	late := time.After(takeOverWithin)
	for {
		select {
		case <-ctx.Done():
			return
		case <-late:
			return
		case <-time.After(time.Second): // the first look too: the kill has to be noticed
		}
		if orphans, _ := e.left(); orphans == 0 {
			return
		}
	}
}
