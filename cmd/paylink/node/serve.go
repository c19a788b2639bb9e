package node

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"paylink/sandbox"
)

// How long a stop may take: for requests under way, then for work under way.
const (
	drainFor = 10 * time.Second
	headerBy = 10 * time.Second
	bodyBy   = 30 * time.Second
	idleFor  = 2 * time.Minute
)

// Serve answers on the two listeners and works, until ctx is done. At first it answers that it is
// starting, while it prepares the database and wires the rooms; ready is called once, when requests are
// answered; nil is allowed. Then it stops in order: /readyz says no and the load balancer has time to notice, no
// new requests, the streams end, requests under way are answered, jobs under way are finished, and the
// database is closed.
func (n *Node) Serve(ctx context.Context, public, admin net.Listener, ready func() error) error {
	var front door
	front.lead(n.meanwhile())
	servers := map[*http.Server]net.Listener{newServer(&front): public, newServer(n.health()): admin}
	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	starting, stopStart := context.WithCancel(ctx)
	defer stopStart()
	failed := make(chan error, 1)
	fail := func(err error) {
		stopStart()
		select {
		case failed <- err:
		default: // the first failure is the news
		}
	}
	var workers, serving sync.WaitGroup
	for server, listener := range servers {
		serving.Go(func() {
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				fail(err)
			}
		})
	}
	result := n.start(starting)
	if result == nil {
		for name, work := range n.rooms.workers {
			workers.Go(func() {
				if err := work(working); err != nil {
					fail(fmt.Errorf("%s: %w", name, err))
				}
			})
		}
		front.lead(n.rooms.handler)
		n.standing.become("")
		if ready != nil {
			result = ready()
		}
	}
	if result == nil {
		select {
		case <-ctx.Done():
		case result = <-failed:
		}
	} else if starting.Err() != nil { // the start was broken off, by whoever asked to stop or by a failure
		select {
		case result = <-failed:
		default:
			n.world.Log.Info("start.stopped", "state", n.standing.why(), "error", result)
			result = nil
		}
	}
	wasReady := n.standing.why() == ""
	n.standing.become("stopping")
	if wasReady && result == nil {
		n.drain()
	}
	close(n.stop)
	result = errors.Join(result, shutDown(servers))
	serving.Wait()
	stopWork()
	workers.Wait()
	return errors.Join(result, n.Close())
}

// start makes the node able to answer.
func (n *Node) start(ctx context.Context) error {
	if err := n.Prepare(ctx); err != nil {
		return err
	}
	return n.wire()
}

func newServer(h http.Handler) *http.Server {
	// There is no write timeout, because streams stay open; each handler bounds itself.
	return &http.Server{Handler: h, ReadHeaderTimeout: headerBy, ReadTimeout: bodyBy, IdleTimeout: idleFor, MaxHeaderBytes: 32 << 10}
}

func shutDown(servers map[*http.Server]net.Listener) error {
	ctx, stop := context.WithTimeout(context.Background(), drainFor)
	defer stop()
	var wait sync.WaitGroup
	for server := range servers {
		wait.Go(func() {
			if err := server.Shutdown(ctx); err != nil {
				_ = server.Close() // whoever is still there has had ten seconds
			}
		})
	}
	wait.Wait()
	return nil
}

// ServeSandbox runs a sandbox as a process of its own, until ctx is done.
func ServeSandbox(ctx context.Context, listener net.Listener, world *sandbox.Sandbox) error {
	server := newServer(world)
	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	failed := make(chan error, 2)
	var wait sync.WaitGroup
	wait.Go(func() { failed <- world.Run(working) })
	wait.Go(func() { failed <- server.Serve(listener) })
	var result error
	select {
	case <-ctx.Done():
	case result = <-failed:
	}
	result = errors.Join(result, shutDown(map[*http.Server]net.Listener{server: listener}))
	stopWork()
	wait.Wait()
	return result
}
