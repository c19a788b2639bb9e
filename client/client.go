// Package client calls the API of a paylink server: payment links, payments, events, webhooks.
//
// It is for programs of merchants and for paylink's own command line. It is a module of its own and stands
// on the standard library alone, so that whoever imports it takes nothing else along. Its names are those of
// the API: the operation create_payment_link is [Client.CreatePaymentLink], and what a field means stands
// in the server's OpenAPI document, with which a test compares every call and every field.
//
// Each change carries an Idempotency-Key, made once for the call and kept while it is repeated, so that a
// link is made once however often the connection breaks. Calls are repeated, after ever longer pauses, when
// the server asks for it (429, 503) and when a connection breaks, and only where that is safe. What the
// server refuses is a [*Problem]. What to charge and whom to ask is left to the caller.
package client

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Version is the version of the API that this package speaks; it travels in the Paylink-Version header.
const Version = "2026-11-22"

// Config says where the server is and who is asking. Server and Key are required.
type Config struct {
	Server string // address of the server, without a path: https://pay.example
	Key    string // sk_test_… or sk_live_…

	// Plain lets the key travel unencrypted to another machine, which http:// to anything but this one
	// would do. It is for a network that is the caller's own.
	Plain bool

	// Sandbox is the address of a pretend world that is a process of its own: http://127.0.0.1:9090/sandbox.
	// Empty: the one inside the server.
	Sandbox string

	HTTP     *http.Client     // carries the calls, without its Timeout and without redirects; nil: one of our own
	Attempts int              // how often a call is made at most; 0: 4
	Within   time.Duration    // how long one attempt may take, streams apart; 0: 30 s
	Agent    string           // User-Agent; empty: paylink-go
	Now      func() time.Time // for Retry-After given as a date; nil: time.Now
}

// Client calls one server with one key. It may be used from many goroutines.
type Client struct {
	server   *url.URL
	sandbox  *url.URL
	foreign  bool // the sandbox is another process, which the key is none of the business of
	key      string
	agent    string
	http     *http.Client
	attempts int
	within   time.Duration
	now      func() time.Time
}

// New makes a client. It does not call the server yet; the error names what is wrong with the settings.
func New(c Config) (*Client, error) {
	server, err := address(c.Server, c.Plain)
	if err != nil {
		return nil, fmt.Errorf("the server's address: %w", err)
	}
	if server.Path != "" {
		return nil, errors.New("the server's address: it must have no path")
	}
	server.Path = "/"
	if c.Key == "" || strings.ContainsFunc(c.Key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New("the API key: it is a word such as sk_test_…, without blanks")
	}
	made := &Client{
		server: server, sandbox: server.JoinPath("sandbox"), foreign: c.Sandbox != "", key: c.Key,
		agent: cmp.Or(c.Agent, "paylink-go"), attempts: cmp.Or(c.Attempts, 4), within: cmp.Or(c.Within, 30*time.Second), now: time.Now,
	}
	if c.Now != nil {
		made.now = c.Now
	}
	if made.foreign {
		if made.sandbox, err = address(c.Sandbox, c.Plain); err != nil {
			return nil, fmt.Errorf("the sandbox's address: %w", err)
		}
	}
	carrier := http.Client{Transport: http.DefaultTransport}
	if c.HTTP != nil {
		carrier = *c.HTTP
	}
	carrier.Timeout = 0 // attempts have their own, and a stream has none
	carrier.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	made.http = &carrier
	return made, nil
}

// address judges an address. A key is a password: it leaves this machine encrypted or not at all.
func address(text string, plain bool) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(text, "/"))
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("it must be a whole address, such as https://pay.example")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("it must not hold a user, a query or a fragment")
	case u.Scheme == "http" && !plain && !here(u.Hostname()):
		return nil, errors.New("http:// would show the key to everybody on the way; use https://")
	}
	return u, nil
}

// here tells whether a host is this machine.
func here(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
