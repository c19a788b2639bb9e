package respond

import (
	"io"
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

// Patiently gives each write of a long answer its own time, so that its length is no matter and a reader
// who takes nothing is let go.
func Patiently(w http.ResponseWriter) io.Writer { return &patient{w, http.NewResponseController(w)} }

type patient struct {
	io.Writer
	control *http.ResponseController
}

func (p *patient) Write(b []byte) (int, error) {
	WriteWithin(p.control, writeTime)
	return p.Writer.Write(b)
}

const writeTime = 10 * time.Second

// readWithin lets the reading of a request's body take that long, and returns what takes the bound off
// again.
func readWithin(c *http.ResponseController, d time.Duration) (release func()) {
	if c.SetReadDeadline(time.Now().Add(d)) != nil {
		return func() {}
	}
	return func() { _ = c.SetReadDeadline(time.Time{}) }
}
