package simulation_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// network is an internet in memory: HTTP over pipes between hosts of the simulation. Real sockets
// would stop virtual time. A host may have several listeners, as behind a load balancer.
type network struct {
	mu    sync.Mutex
	hosts map[string][]*listener
	turn  int
	plain *http.Transport
}

func newNetwork() *network {
	n := &network{hosts: map[string][]*listener{}}
	n.plain = &http.Transport{DialContext: n.dial, MaxIdleConnsPerHost: 8}
	return n
}

// listen makes a host reachable, for as long as the listener's fate lets it live.
func (n *network) listen(host string, f *fate) *listener {
	l := &listener{network: n, host: host, fate: f, conns: make(chan net.Conn), closed: make(chan struct{})}
	n.mu.Lock()
	n.hosts[host] = append(n.hosts[host], l)
	n.mu.Unlock()
	return l
}

// find takes the host's listeners in turn.
func (n *network) find(host string) *listener {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.turn++
	all := n.hosts[host]
	for i := range all {
		if l := all[(n.turn+i)%len(all)]; !l.fate.isDead() {
			return l
		}
	}
	return nil
}

func (n *network) dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, _, _ := strings.Cut(address, ":")
	l := n.find(host)
	if l == nil {
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: fmt.Errorf("nobody answers for %s", host)}
	}
	ours, theirs := net.Pipe()
	select {
	case l.conns <- &served{theirs, l.fate}:
		return ours, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: ctx.Err()}
	}
}

type listener struct {
	network *network
	host    string
	fate    *fate
	conns   chan net.Conn
	once    sync.Once
	closed  chan struct{}
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
	l.once.Do(func() {
		close(l.closed)
		l.network.mu.Lock()
		defer l.network.mu.Unlock()
		l.network.hosts[l.host] = slices.DeleteFunc(l.network.hosts[l.host], func(o *listener) bool { return o == l })
	})
	return nil
}

func (l *listener) Addr() net.Addr { return address(l.host) }

// served is the far end of a connection to a host: the dead say nothing more.
type served struct {
	net.Conn
	fate *fate
}

func (s *served) Write(b []byte) (int, error) {
	if s.fate.isDead() {
		return 0, errors.Join(errDead, s.Conn.Close())
	}
	return s.Conn.Write(b)
}

type address string

func (a address) Network() string { return "pipe" }
func (a address) String() string  { return string(a) }

// RoundTrip carries a request without trouble. TLS is left out: https is carried like http.
func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme == "https" {
		r = r.Clone(r.Context())
		r.URL.Scheme = "http"
	}
	return n.plain.RoundTrip(r)
}

// chaos is the network as paylink and its providers have it: notices, receipts, gateway calls and
// webhooks are lost, answered into the void, repeated and held up, so that they overtake each other.
type chaos struct {
	*network
	mu   sync.Mutex
	dice *rand.Rand
	calm bool // no more trouble
	late sync.WaitGroup
	done <-chan struct{} // ends what is held up
}

// troubled tells whether a request is of a kind that meets trouble: everything between companies. The
// customer's own browser, which walks the pages, does not.
func troubled(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/inbound/") || strings.HasPrefix(r.URL.Path, "/sandbox/gateway/") ||
		strings.HasPrefix(r.URL.Path, "/sandbox/carrier/") || r.URL.Host == hooksHost
}

var errLost = errors.New("lost in the network")

func (c *chaos) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	throw, pause := c.dice.IntN(100), time.Duration(c.dice.Int64N(int64(3*time.Minute)))
	if c.calm || !troubled(r) {
		throw = 100
	}
	c.mu.Unlock()
	switch {
	case throw < 10: // it never arrives
		c.drain(r)
		return nil, errLost
	case throw < 20: // it arrives, and the answer is lost
		answer, err := c.network.RoundTrip(r)
		if err == nil {
			_, _ = io.Copy(io.Discard, answer.Body)
			_ = answer.Body.Close()
		}
		return nil, errLost
	case throw < 30: // it arrives twice
		again, err := c.copy(r)
		if err != nil {
			return nil, err
		}
		c.send(again, 0)
		return c.network.RoundTrip(r)
	case throw < 45: // it is held up, and the sender has given up long before it arrives
		again, err := c.copy(r)
		if err != nil {
			return nil, err
		}
		c.send(again, pause)
		return nil, errLost
	}
	return c.network.RoundTrip(r)
}

// send carries a request later, for nobody who waits.
func (c *chaos) send(r *http.Request, pause time.Duration) {
	c.late.Go(func() {
		select {
		case <-time.After(pause):
		case <-c.done:
			return
		}
		answer, err := c.network.RoundTrip(r)
		if err == nil {
			_, _ = io.Copy(io.Discard, answer.Body)
			_ = answer.Body.Close()
		}
	})
}

// copy takes the request apart from its sender, who may be gone when it arrives.
func (c *chaos) copy(r *http.Request) (*http.Request, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close()
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	again := r.Clone(context.Background())
	again.Body = io.NopCloser(bytes.NewReader(body))
	return again, nil
}

func (c *chaos) drain(r *http.Request) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
}

// isCalm tells whether the trouble is over.
func (c *chaos) isCalm() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calm
}

// quieten ends the trouble.
func (c *chaos) quieten() {
	c.mu.Lock()
	c.calm = true
	c.mu.Unlock()
}
