package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"time"
)

const (
	firstPause   = 250 * time.Millisecond
	longestPause = 8 * time.Second
	// A server that asks for more patience than this is not waited for: the caller is told.
	mostPatience = time.Minute
)

// do makes a call until it is answered, refused for good, or no more attempts are due.
func (c *Client) do(ctx context.Context, k *call) ([]byte, error) {
	if k.wrong != nil {
		return nil, k.wrong
	}
	vague := false // an earlier attempt may have done it
	for attempt := 1; ; attempt++ {
		answer, err := c.attempt(ctx, k)
		if gone(err) && vague && k.method == http.MethodDelete {
			return nil, nil // by the attempt whose answer was lost
		}
		if err == nil || attempt >= c.attempts || ctx.Err() != nil {
			return answer, err
		}
		again, pause := k.again(err, attempt)
		if !again {
			return nil, err
		}
		vague = vague || !refused(err)
		if k.trouble != nil {
			k.trouble(err)
		}
		if !wait(ctx, pause) {
			return nil, errors.Join(ctx.Err(), err)
		}
	}
}

// again tells whether a call may be repeated after a failure, and after which pause.
func (k *call) again(err error, attempt int) (bool, time.Duration) {
	var p *Problem
	if !errors.As(err, &p) {
		var lost *brokenError
		return errors.As(err, &lost) && (k.safe() || neverSent(err)), backoff(attempt)
	}
	pause := backoff(attempt)
	if p.RetryAfter > 0 {
		pause = p.RetryAfter
	}
	switch p.Status {
	case http.StatusTooManyRequests: // it was turned away at the door
		return pause <= mostPatience, pause
	case http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout:
		return k.safe() && pause <= mostPatience, pause
	case http.StatusConflict: // an attempt of ours, whose connection broke, is still at work
		return p.Code == "idempotency_in_flight" && k.key != "", pause
	}
	return false, 0
}

// safe tells whether making the call twice is the same as making it once. An amendment is, unless it is one
// of a revision, which is another one the second time.
func (k *call) safe() bool {
	return k.method != http.MethodPost && k.ifMatch == "" || k.key != ""
}

// neverSent tells whether an attempt ended before anything of it left this machine.
func neverSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

func refused(err error) bool {
	var p *Problem
	return errors.As(err, &p) && p.Status == http.StatusTooManyRequests
}

func gone(err error) bool {
	var p *Problem
	return errors.As(err, &p) && p.Status == http.StatusNotFound
}

// backoff is the pause after an attempt, by chance between half and the whole of it, so that many callers
// who were broken off together do not come back together.
func backoff(attempt int) time.Duration {
	whole := min(firstPause<<min(attempt-1, 10), longestPause)
	return whole/2 + rand.N(whole/2)
}

// wait reports false when ctx ends first.
func wait(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
