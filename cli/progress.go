package cli

import (
	"fmt"
	"io"
	"strings"

	"paylink/client"
)

// progress says how far long work has come, on standard error and only to a person who would otherwise
// see nothing: where the work itself is written to the same terminal, it is the progress.
type progress struct {
	out  io.Writer // nil: nobody looks
	what string
	done int
}

func (t *Terminal) progress(what string) *progress {
	p := &progress{what: what}
	if isTerminal(t.Err) && !isTerminal(t.Out) {
		p.out = t.Err
	}
	return p
}

// step counts one more, and shows every hundredth.
func (p *progress) step() {
	if p.done++; p.out != nil && p.done%100 == 0 {
		fmt.Fprintf(p.out, "\r%d %s", p.done, p.what)
	}
}

// end clears the line away.
func (p *progress) end() {
	if p.out != nil && p.done >= 100 {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}

// bar shows how far an upload has come: to a person as a bar that is drawn over, to a log as lines, one for
// each thing that is new.
type bar struct {
	out   io.Writer
	drawn bool // over and over, in place
	said  string
}

func (t *Terminal) bar() *bar { return &bar{out: t.Err, drawn: isTerminal(t.Err)} }

const barWidth = 30

func (p *bar) show(b client.BulkUpload) {
	now := fmt.Sprintf("%s: %d of %d rows to go", b.Status, b.Remaining, b.Rows)
	if b.Status == "sending" {
		now = fmt.Sprintf("sending: %d sent, %d to go", b.Sent, b.Waiting)
	}
	now = clean(now)
	switch {
	case now == p.said:
	case p.drawn:
		full := 0
		if b.Rows > 0 {
			full = int(barWidth * (b.Rows - b.Remaining) / b.Rows)
		}
		fmt.Fprintf(p.out, "\r\x1b[K[%s%s] %s", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), now)
	default:
		fmt.Fprintf(p.out, "paylink: %s\n", now)
	}
	p.said = now
}

// end clears the bar away.
func (p *bar) end() {
	if p.drawn && p.said != "" {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
