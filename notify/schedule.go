package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"paylink/outbound"
)

// schedule is the pause before each attempt, since the attempt before it. Standard Webhooks names it.
var schedule = [...]time.Duration{
	0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour,
	5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

const (
	maxRetryAfter = 24 * time.Hour
	parkAfter     = 5 * 24 * time.Hour // of failures without one success
	probeEvery    = time.Hour
)

// nextAttempt tells when a delivery is tried again that has just failed for the nth time; ok is false
// when that was the last one. A receiver may ask for a longer pause, never for a shorter one.
func nextAttempt(attempts int64, retryAfter time.Duration, now time.Time) (at time.Time, ok bool) {
	if attempts >= int64(len(schedule)) {
		return time.Time{}, false
	}
	pause := jitter(schedule[attempts])
	return now.Add(max(pause, min(retryAfter, maxRetryAfter))), true
}

// retryAfter reads how long a receiver wants to be left alone: seconds or a date. Zero: not said.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		if seconds > int64(maxRetryAfter/time.Second) {
			return maxRetryAfter
		}
		return max(0, time.Duration(seconds)*time.Second)
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return max(0, at.Sub(now))
}

// attempt is what one call came to.
type attempt struct {
	status     int           // zero when there was no answer
	problem    string        // in our words; empty: delivered
	retryAfter time.Duration // what the receiver asked for
	began      time.Time
	took       time.Duration
}

func (a attempt) gone() bool { return a.status == http.StatusGone }

// judge says what an answer means. Only 2xx counts, whatever became of the answer's body: a redirect
// is not followed and is no success.
func judge(res outbound.Response, err error) (problem string) {
	switch {
	case res.Status >= 200 && res.Status < 300:
		return ""
	case res.Status != 0:
		return fmt.Sprintf("status %d", res.Status)
	}
	return words(err)
}

// words says in our own words why a call broke. The error's text stays out of the log of deliveries:
// it can hold addresses that are nobody's business.
func words(err error) string {
	var name *net.DNSError
	var broken *net.OpError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.Is(err, outbound.ErrDestination):
		if errors.As(err, &broken) {
			return "not allowed: private address"
		}
		return "not allowed: " + ruleOf(err)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &broken) && broken.Timeout():
		return "timeout"
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.As(err, &name):
		return "host not found"
	case errors.As(err, &certificate):
		return "certificate not trusted"
	case errors.As(err, &record), errors.As(err, &alert):
		return "no secure connection"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.As(err, &broken) && broken.Op == "dial":
		return "no connection"
	}
	return "connection broken"
}

// ruleOf takes the rule out of the error of a URL that may not be called; its text can be shown.
func ruleOf(err error) string {
	_, rule, _ := strings.Cut(err.Error(), outbound.ErrDestination.Error()+": ")
	return rule
}
