package respond

import (
	"net/http"
	"time"
)

// A connection's deadline is the machine's own time, whatever clock the rest of the server is given: a
// deadline by another clock has passed already, or never comes.

// WriteWithin lets the next writes of an answer take that long. Where there is no connection, as in a
// test's recorder, there is nothing to bound.
func WriteWithin(c *http.ResponseController, d time.Duration) {
	_ = c.SetWriteDeadline(time.Now().Add(d))
}

// readWithin lets the reading of a request's body take that long, and returns what takes the bound off
// again.
func readWithin(c *http.ResponseController, d time.Duration) (release func()) {
	if c.SetReadDeadline(time.Now().Add(d)) != nil {
		return func() {}
	}
	return func() { _ = c.SetReadDeadline(time.Time{}) }
}
