package delivery_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
)

// network is connections in memory: paylink, its providers and whoever calls them find each other by name.
type network struct {
	mu    sync.Mutex
	hosts map[string]*listener
	plain *http.Transport
}

func newNetwork() *network {
	n := &network{hosts: map[string]*listener{}}
	n.plain = &http.Transport{DialContext: n.dial, MaxIdleConnsPerHost: 8}
	return n
}

// listen makes a host reachable while open says so; nil: always.
func (n *network) listen(host string, open func() bool) *listener {
	l := &listener{host: host, open: open, conns: make(chan net.Conn), closed: make(chan struct{})}
	n.mu.Lock()
	n.hosts[host] = l
	n.mu.Unlock()
	return l
}

// dial reaches a host by its name, on whatever port.
func (n *network) dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, _, _ := strings.Cut(address, ":")
	n.mu.Lock()
	l := n.hosts[host]
	n.mu.Unlock()
	if l == nil || l.open != nil && !l.open() {
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: fmt.Errorf("nobody answers for %s", host)}
	}
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: ctx.Err()}
	}
}

// RoundTrip carries a request. TLS is left out: https is carried like http.
func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme == "https" {
		r = r.Clone(r.Context())
		r.URL.Scheme = "http"
	}
	return n.plain.RoundTrip(r)
}

// CloseIdleConnections lets the bubble end.
func (n *network) CloseIdleConnections() { n.plain.CloseIdleConnections() }

type listener struct {
	host   string
	open   func() bool
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *listener) Addr() net.Addr { return name(l.host) }

type name string

func (n name) Network() string { return "pipe" }
func (n name) String() string  { return string(n) }
