package respond

import (
	"fmt"
	"math"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// mostBuckets bounds a Limiter's memory; past it, everybody starts with a full bucket.
const mostBuckets = 100_000

// Limiter gives each caller a bucket of requests that fills up again steadily. It holds for this
// process; each node has its own.
//
// It speaks the RateLimit and RateLimit-Policy header fields of draft-ietf-httpapi-ratelimit-headers-10,
// and no other draft's.
type Limiter struct {
	name  string
	every rate.Limit
	burst int
	now   func() time.Time

	mu      sync.Mutex
	buckets map[string]*rate.Limiter
}

// NewLimiter lets perSecond requests through in the long run, and burst at once. A perSecond of zero
// or less is no limit. The name stands in the headers.
func NewLimiter(name string, perSecond float64, burst int, now func() time.Time) *Limiter {
	l := &Limiter{name: name, every: rate.Limit(perSecond), burst: max(1, burst), now: now, buckets: map[string]*rate.Limiter{}}
	if perSecond <= 0 {
		l.every = rate.Inf
	}
	return l
}

// Take takes one request out of the caller's bucket and writes the RateLimit headers. The error is a
// 429 problem when the bucket is empty, with Retry-After in the headers.
func (l *Limiter) Take(h http.Header, caller string) error {
	if l.every == rate.Inf {
		return nil
	}
	now := l.now()
	bucket := l.bucket(caller)
	allowed := bucket.AllowN(now, 1)
	left := math.Max(0, bucket.TokensAt(now))
	seconds := func(tokens float64) int { return int(math.Ceil(tokens / float64(l.every))) }
	h.Set("RateLimit-Policy", fmt.Sprintf("%q;q=%d;w=%d", l.name, l.burst, max(1, seconds(float64(l.burst)))))
	h.Set("RateLimit", fmt.Sprintf("%q;r=%d;t=%d", l.name, int(left), seconds(float64(l.burst)-left)))
	if allowed {
		return nil
	}
	h.Set("Retry-After", fmt.Sprint(max(1, seconds(1-left))))
	return NewProblem(http.StatusTooManyRequests, "rate_limited", "Too many requests. Retry-After says when the next one is welcome.")
}

// Empty tells whether the caller's bucket has nothing left, without taking anything.
func (l *Limiter) Empty(caller string) bool {
	return l.every != rate.Inf && l.bucket(caller).TokensAt(l.now()) < 1
}

func (l *Limiter) bucket(caller string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[caller]
	if b == nil {
		if len(l.buckets) >= mostBuckets {
			clear(l.buckets)
		}
		b = rate.NewLimiter(l.every, l.burst)
		l.buckets[caller] = b
	}
	return b
}
