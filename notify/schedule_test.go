package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"

	"paylink/outbound"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// Receivers prepare for the published schedule; one that asks for a pause gets it, and cannot use it
// to be called sooner or to put us off for ever.
func TestNextAttemptKeepsTheScheduleAndTheReceiversWish(t *testing.T) {
	h := time.Hour
	for _, c := range []struct {
		attempts int64
		asked    time.Duration
		from, to time.Duration
		ok       bool
	}{
		{1, 0, 4500 * time.Millisecond, 5500 * time.Millisecond, true},
		{2, 0, 270 * time.Second, 330 * time.Second, true},
		{3, 0, 27 * time.Minute, 33 * time.Minute, true},
		{4, 0, 108 * time.Minute, 132 * time.Minute, true},
		{5, 0, 270 * time.Minute, 330 * time.Minute, true},
		{6, 0, 9 * h, 11 * h, true},
		{7, 0, 756 * time.Minute, 924 * time.Minute, true},
		{8, 0, 18 * h, 22 * h, true},
		{9, 0, 1296 * time.Minute, 1584 * time.Minute, true},
		{10, 0, 0, 0, false},
		{10, h, 0, 0, false},
		{1, time.Minute, time.Minute, time.Minute, true},
		{1, time.Second, 4500 * time.Millisecond, 5500 * time.Millisecond, true},
		{1, 100 * h, 24 * h, 24 * h, true},
	} {
		for range 200 {
			at, ok := nextAttempt(c.attempts, c.asked, noon)
			if ok != c.ok || ok && (at.Before(noon.Add(c.from)) || at.After(noon.Add(c.to))) {
				t.Fatalf("after %d attempts, asked for %v: %v, %t", c.attempts, c.asked, at.Sub(noon), ok)
			}
		}
	}
}

// What a receiver writes into a header must not crash us, nor move the next attempt to yesterday.
func TestRetryAfterIsReadWithCare(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 0, "120": 2 * time.Minute, " 5 ": 5 * time.Second, "0": 0, "-5": 0, "1.5": 0, "soon": 0,
		"86401": maxRetryAfter, "999999999999999999": maxRetryAfter, "9999999999999999999999": 0,
		"Sun, 22 Nov 2026 12:00:30 GMT": 30 * time.Second, "Sun, 22 Nov 2026 11:00:00 GMT": 0,
	} {
		if got := retryAfter(http.Header{"Retry-After": {text}}, noon); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// A merchant reads these words in the log of deliveries and mends the endpoint by them. They must not
// tell an address that a name stood for: that is how a network is scanned through us.
func TestProblemsAreInOurWords(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	destination := fmt.Errorf("%w: the URL has no host", outbound.ErrDestination)
	for _, c := range []struct {
		status int
		err    error
		want   string
	}{
		{204, nil, ""},
		{200, &outbound.Error{When: outbound.Unknown, Err: errors.New("read answer")}, ""},
		{301, nil, "status 301"},
		{500, nil, "status 500"},
		{0, &outbound.Error{When: outbound.Unknown, Err: context.DeadlineExceeded}, "timeout"},
		{0, &outbound.Error{When: outbound.NotSent, Err: dial(os.ErrDeadlineExceeded)}, "timeout"},
		{0, &outbound.Error{When: outbound.NotSent, Err: dial(&os.SyscallError{Syscall: "connect", Err: syscall.ECONNREFUSED})}, "connection refused"},
		{0, &outbound.Error{When: outbound.NotSent, Err: dial(&net.DNSError{Err: "no such host", IsNotFound: true})}, "host not found"},
		{0, &outbound.Error{When: outbound.NotSent, Err: dial(fmt.Errorf("%w: 127.0.0.1 is private", outbound.ErrDestination))}, "not allowed: private address"},
		{0, &outbound.Error{When: outbound.NotSent, Err: destination}, "not allowed: the URL has no host"},
		{0, &outbound.Error{When: outbound.NotSent, Err: dial(syscall.EHOSTUNREACH)}, "no connection"},
		{0, &outbound.Error{When: outbound.Unknown, Err: &tls.CertificateVerificationError{Err: errors.New("expired")}}, "certificate not trusted"},
		{0, &outbound.Error{When: outbound.Unknown, Err: tls.AlertError(40)}, "no secure connection"},
		{0, &outbound.Error{When: outbound.Unknown, Err: syscall.ECONNRESET}, "connection broken"},
	} {
		if got := judge(outbound.Response{Status: c.status}, c.err); got != c.want {
			t.Errorf("%d, %v: %q, want %q", c.status, c.err, got, c.want)
		}
	}
}

// An errand lives in its job's key; terms that come back changed replay another stretch of the past.
func TestErrandsComeBackFromTheirKeys(t *testing.T) {
	for _, er := range []errand{
		{endpoint: "we_1", verb: verbProbe},
		{endpoint: "we_1", verb: verbReplay, since: noon, until: noon.Add(time.Hour), onlyFailed: true, cursor: "evt_1"},
	} {
		if got, err := parseErrand(er.key()); err != nil || got != er {
			t.Errorf("%s came back as %+v, %v", er.key(), got, err)
		}
	}
	for _, key := range []string{"", "we_1", "we_1/probe/x/0/false/", "we_1/probe/0/0/maybe/", "we_1/probe/0/0/false//"} {
		if _, err := parseErrand(key); err == nil {
			t.Errorf("%q is no errand", key)
		}
	}
}
