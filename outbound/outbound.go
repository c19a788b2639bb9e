// Package outbound is the one HTTP client by which paylink calls out: to merchants' webhook
// endpoints, which strangers choose, and to gateways and carriers, which the operator configures.
// It connects to public addresses only, checked when the connection is made; follows no redirect;
// uses no proxy; and bounds the time and the size of every answer. An error says when the call
// broke, because only a call that was sent with its answer unknown is looked up before a retry.
//
// The package leaves to others retries, signatures, concurrency per endpoint and the meaning of a
// status. Clients for endpoints and clients for providers are made apart: what AllowHosts opens for
// the operator's own hosts must not be open to a merchant's URL.
package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

// Options of a Client. The zero value is the strict profile for merchants' endpoints.
type Options struct {
	AllowLoopback bool     // also http and https to localhost, any port; for demo
	AllowHosts    []string // "host:port" as configured by the operator: any address, http or https

	Timeout     time.Duration // for the whole call, name look-up to last byte; 0: 15 s
	MaxResponse int64         // bytes of body that are read, the rest is cut; 0: 64 KiB

	Now      func() time.Time // measures Latency, which stays 0 without it
	Resolver *net.Resolver    // nil: the machine's
	Log      *slog.Logger     // refused destinations; nil: none

	// UnguardedTransport replaces the network, for simulations with in-memory connections. URLs are
	// still checked; what it connects to is not.
	UnguardedTransport http.RoundTripper
	// UnguardedDial does the same for what is not spoken over HTTP: Dial connects by it.
	UnguardedDial func(ctx context.Context, network, address string) (net.Conn, error)

	// Watch, if set, sees every call: it gives the context to make it with, and what is told its end.
	Watch func(ctx context.Context) (context.Context, func(Response, error))
}

// Client calls out. It is safe for concurrent use and keeps connections for reuse.
type Client struct {
	guard       guard
	http        *http.Client
	timeout     time.Duration
	maxResponse int64
	now         func() time.Time
	log         *slog.Logger
	replaced    bool // the transport is not ours, so it may not report connections
	connect     func(ctx context.Context, network, address string) (net.Conn, error)
	watch       func(context.Context) (context.Context, func(Response, error))
}

// Response is an answer, whatever its status; a redirect is an answer like any other.
type Response struct {
	Status  int // 0 when there was none
	Header  http.Header
	Body    []byte
	Cut     bool          // the body went on beyond the limit
	Latency time.Duration // from the start of Do to its end, also when it failed
}

// When says how far a call had come when it broke.
type When string

const (
	// NotSent: the other side saw nothing of the request, so it can be made again at once.
	NotSent When = "not_sent"
	// Unknown: the other side may have acted on the request.
	Unknown When = "unknown"
)

// Error is what every failed call gives. Its text holds no URL, whose path may be a secret.
type Error struct {
	When When
	Err  error
}

func (e *Error) Error() string { return string(e.When) + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// New makes a Client. Close it when done.
func New(o Options) *Client {
	c := &Client{
		guard:       newGuard(o),
		timeout:     o.Timeout,
		maxResponse: o.MaxResponse,
		now:         o.Now,
		log:         o.Log,
		replaced:    o.UnguardedTransport != nil,
		connect:     o.UnguardedDial,
		watch:       o.Watch,
	}
	if c.connect == nil {
		c.connect = c.guard.dial
	}
	if c.timeout <= 0 {
		c.timeout = 15 * time.Second
	}
	if c.maxResponse <= 0 {
		c.maxResponse = 64 << 10
	}
	if c.now == nil {
		c.now = func() time.Time { return time.Time{} }
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	transport := o.UnguardedTransport
	if transport == nil {
		transport = &http.Transport{
			Proxy:                  nil, // a proxy from the environment would connect past the guard
			DialContext:            c.guard.dial,
			ForceAttemptHTTP2:      true,
			DisableCompression:     true, // the limit counts the bytes that arrive
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConns:           256,
			MaxIdleConnsPerHost:    128, // as many as messages are sent at once
			IdleConnTimeout:        90 * time.Second,
		}
	}
	c.http = &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

// Close drops idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Do sends a request and reads its answer. Any answer with a status, redirects and errors included,
// gives a nil error. Otherwise the error is an *Error; if the answer began and broke off, it is
// Unknown and the Response holds the status and what was read.
func (c *Client) Do(ctx context.Context, req *http.Request) (Response, error) {
	ended := func(Response, error) {}
	if c.watch != nil {
		ctx, ended = c.watch(ctx)
	}
	start := c.now()
	res, err := c.do(ctx, req)
	res.Latency = c.now().Sub(start)
	ended(res, err)
	if errors.Is(err, ErrDestination) {
		c.log.WarnContext(ctx, "outbound.refused", "host", req.URL.Host, "reason", err.Error())
	}
	return res, err
}

func (c *Client) do(ctx context.Context, req *http.Request) (Response, error) {
	if err := c.guard.checkURL(req.URL); err != nil {
		return Response{}, &Error{NotSent, err}
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	req = req.Clone(ctx)
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", "paylink")
	}
	answer, err := c.http.Do(req)
	if err != nil {
		return Response{}, &Error{c.when(connected.Load(), err), withoutURL(err)}
	}
	defer func() { _ = answer.Body.Close() }()
	res := Response{Status: answer.StatusCode, Header: answer.Header}
	res.Body, err = io.ReadAll(io.LimitReader(answer.Body, c.maxResponse+1))
	if int64(len(res.Body)) > c.maxResponse {
		res.Body, res.Cut = res.Body[:c.maxResponse], true
		return res, nil
	}
	if err != nil {
		return res, &Error{Unknown, fmt.Errorf("read answer: %w", err)}
	}
	return res, nil
}

// when judges an error by whether a connection was ready. From then on bytes may have left; before
// it none did. A transport that is not ours may connect without telling, so there only a failed
// dial counts as not sent.
func (c *Client) when(connected bool, err error) When {
	var op *net.OpError
	switch {
	case connected:
		return Unknown
	case !c.replaced:
		return NotSent
	case errors.As(err, &op) && op.Op == "dial":
		return NotSent
	}
	return Unknown
}

// withoutURL takes off the wrapping that repeats the request's URL.
func withoutURL(err error) error {
	var outer *url.Error
	if errors.As(err, &outer) {
		return outer.Err
	}
	return err
}
