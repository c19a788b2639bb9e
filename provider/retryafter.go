package provider

import (
	"net/http"
	"strconv"
	"time"
)

// RetryAfter is how long an answer's header asks to wait, as [Rejected].After: in seconds, or until a
// date, which is read against the answer's own, so that no clock of ours is asked. 0: not told.
func RetryAfter(h http.Header) time.Duration {
	said := h.Get("Retry-After")
	wait := time.Duration(0)
	if seconds, err := strconv.ParseInt(said, 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if until, err := http.ParseTime(said); err == nil {
		if from, err := http.ParseTime(h.Get("Date")); err == nil {
			wait = until.Sub(from)
		}
	}
	return min(max(wait, 0), time.Hour)
}
