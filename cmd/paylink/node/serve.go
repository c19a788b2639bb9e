package node

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
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

// Serve wires the rooms, answers on the two listeners and works, until ctx is done; then it stops in order: /readyz
// says no and the load balancer has time to notice, no new requests, the streams end, requests under way are answered, jobs under way are finished, and the
// database is closed. ready is called once, when requests are answered; nil is allowed.
func (n *Node) Serve(ctx context.Context, public, admin net.Listener, ready func() error) error {
	if err := n.wire(); err != nil {
		return errors.Join(err, n.Close())
	}
	var isReady atomic.Bool
	servers := map[*http.Server]net.Listener{
		newServer(n.rooms.handler):    public,
		newServer(n.health(&isReady)): admin,
	}
	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	failed := make(chan error, len(servers)+len(n.rooms.workers))
	var workers, serving sync.WaitGroup
	for name, work := range n.rooms.workers {
		workers.Go(func() {
			if err := work(working); err != nil {
				failed <- fmt.Errorf("%s: %w", name, err)
			}
		})
	}
	for server, listener := range servers {
		serving.Go(func() {
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				failed <- err
			}
		})
	}
	isReady.Store(true)
	var result error
	if ready != nil {
		result = ready()
	}
	if result == nil {
		select {
		case <-ctx.Done():
		case result = <-failed:
		}
	}
	isReady.Store(false)
	if result == nil {
		n.drain()
	}
	close(n.stop)
	result = errors.Join(result, shutDown(servers))
	serving.Wait()
	stopWork()
	workers.Wait()
	return errors.Join(result, n.Close())
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

// health answers the questions of whoever runs the process: is it alive, may it be sent requests.
func (n *Node) health(isReady *atomic.Bool) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", n.see.metrics.Handler())
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "alive") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if !isReady.Load() {
			say(w, http.StatusServiceUnavailable, "stopping")
			return
		}
		ctx, stop := context.WithTimeout(r.Context(), 2*time.Second)
		defer stop()
		if err := n.store.Ping(ctx); err != nil {
			n.world.Log.Error("ready.failed", "error", err)
			say(w, http.StatusServiceUnavailable, "the database does not answer")
			return
		}
		say(w, http.StatusOK, "ready")
	})
	return mux
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
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
