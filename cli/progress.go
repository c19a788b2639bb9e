package cli

import (
	"fmt"
	"io"
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
