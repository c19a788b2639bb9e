package outbound

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// canary is a listener on loopback that must not be connected to.
type canary struct {
	net.Listener
	port     string
	accepted chan string // remote addresses
}

func newCanary(t *testing.T) *canary {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	c := &canary{Listener: l, port: port, accepted: make(chan string, 1024)}
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			c.accepted <- conn.RemoteAddr().String()
			_ = conn.Close()
		}
	})
	t.Cleanup(func() { _ = l.Close(); wait.Wait() })
	return c
}

// wantConnects counts the connections until now. One of our own comes last in the queue, so every
// earlier one has been accepted when it has.
func (c *canary) wantConnects(t *testing.T, want int) {
	t.Helper()
	last, err := net.Dial("tcp", c.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = last.Close() }()
	got := 0
	for from := range c.accepted {
		if from == last.LocalAddr().String() {
			break
		}
		got++
	}
	if got != want {
		t.Errorf("the canary was connected to %d times, want %d", got, want)
	}
}

// resolverFor runs a name server that gives each name its answers in turn, the last one for ever.
func resolverFor(t *testing.T, answers map[string][][]string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &nameServer{answers: answers, asked: map[string]int{}}
	var wait sync.WaitGroup
	wait.Go(func() {
		buffer := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			if reply, err := server.reply(buffer[:n]); err == nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	})
	t.Cleanup(func() { _ = conn.Close(); wait.Wait() })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

type nameServer struct {
	answers map[string][][]string
	asked   map[string]int // by name and type
}

func (s *nameServer) reply(query []byte) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(query); err != nil || len(m.Questions) != 1 {
		return nil, errors.Join(err, errors.New("not one question"))
	}
	q := m.Questions[0]
	m.Header.Response, m.Header.Authoritative, m.Additionals = true, true, nil
	name := strings.TrimSuffix(q.Name.String(), ".")
	sets, known := s.answers[name]
	if !known {
		m.Header.RCode = dnsmessage.RCodeNameError
		return m.Pack()
	}
	turn := s.asked[q.Type.String()+name]
	s.asked[q.Type.String()+name]++
	for _, text := range sets[min(turn, len(sets)-1)] {
		ip := netip.MustParseAddr(text)
		head := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
		switch {
		case q.Type == dnsmessage.TypeA && ip.Is4():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: ip.As4()}})
		case q.Type == dnsmessage.TypeAAAA && ip.Is6():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
		}
	}
	return m.Pack()
}

// newClient makes a client that ends with the test and gives up soon.
func newClient(t *testing.T, o Options) *Client {
	t.Helper()
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Second
	}
	o.Now = time.Now
	c := New(o)
	t.Cleanup(c.Close)
	return c
}

// post sends a small body to a URL.
func post(t *testing.T, c *Client, url string) (Response, error) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, url, io.NopCloser(strings.NewReader("{}")))
	if err != nil {
		t.Fatal(err)
	}
	return c.Do(t.Context(), req)
}

// wantRefused fails unless err says that the guard kept the request from being sent.
func wantRefused(t *testing.T, what string, err error) {
	t.Helper()
	var broke *Error
	if !errors.As(err, &broke) || broke.When != NotSent || !errors.Is(err, ErrDestination) {
		t.Errorf("%s: %v; want not sent, destination not allowed", what, err)
	}
}
