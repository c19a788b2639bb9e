package outbound

import (
	"context"
	"net"
	"strings"
	"testing"
)

// Whoever enters an SMSC's address must reach no more of the operator's network than whoever enters a
// URL.
func TestDialKeepsToTheGuardsRules(t *testing.T) {
	canary := newCanary(t)
	resolver := resolverFor(t, map[string][][]string{
		"loop.example": {{"127.0.0.1"}}, "open.example": {{"127.0.0.1"}}, "shop.localhost": {{"192.0.2.1"}},
	})
	strict := newClient(t, Options{Resolver: resolver, AllowHosts: []string{"Open.example:" + canary.port}})
	for _, host := range []string{"127.0.0.1", "::1", "localhost", "0x7f.1", "2130706433", "loop.example", "10.0.0.1", "169.254.169.254", "intranet"} {
		conn, err := strict.Dial(t.Context(), net.JoinHostPort(host, canary.port))
		wantRefused(t, host, err)
		if conn != nil {
			t.Errorf("%s: connected", host)
		}
	}
	canary.wantConnects(t, 0)
	if conn, err := strict.Dial(t.Context(), "OPEN.example:"+canary.port); err != nil {
		t.Errorf("the operator's own host: %v", err)
	} else {
		_ = conn.Close()
	}
	canary.wantConnects(t, 1)

	demo := newClient(t, Options{AllowLoopback: true, Resolver: resolver})
	_, err := demo.Dial(t.Context(), "shop.localhost:2775")
	wantRefused(t, "a localhost that is elsewhere", err)
	if conn, err := demo.Dial(t.Context(), canary.Addr().String()); err != nil {
		t.Errorf("loopback in demo: %v", err)
	} else {
		_ = conn.Close()
	}
}

// A simulation's mail server stands in memory; what it may be called is judged all the same.
func TestUnguardedDialIsUsedAndJudged(t *testing.T) {
	called := ""
	c := newClient(t, Options{UnguardedDial: func(_ context.Context, _, address string) (net.Conn, error) {
		called = address
		ours, theirs := net.Pipe()
		return ours, theirs.Close()
	}})
	conn, err := c.Dial(t.Context(), "mail.example.com:587")
	if err != nil || called != "mail.example.com:587" {
		t.Fatalf("%q was called (%v)", called, err)
	}
	_ = conn.Close()
	_, err = c.Dial(t.Context(), "10.0.0.1:587")
	wantRefused(t, "a private address", err)
}

// What an operator may enter as an address that is no URL.
func TestCheckAddress(t *testing.T) {
	c := newClient(t, Options{})
	for address, want := range map[string]string{
		"smsc.example:2775": "", "SMSC.example:3550": "", "8.8.8.8:2775": "", "[2606:4700::1111]:2775": "", "mail.example:465": "",
		"smsc.example:22": "port", "smsc.example:0": "port", "smsc.example:70000": "port", "smsc.example:": "port",
		"smsc.example": "host:port", "": "host:port", ":2775": "host:port", "[fe80::1%eth0]:2775": "zone",
		strings.Repeat("a", 3000) + ":1": "host:port", "smsc.example@10.0.0.1:2775": "not a domain", "10.1.2.3:2775": "private",
	} {
		err := c.CheckAddress(address)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", address, err, want)
		}
	}
}
