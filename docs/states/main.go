// Command states writes docs/states.md from the state tables in the nouns, for readers of the code
// and of the API: one table and one picture for each machine. Run it from the module's root:
//
//	go run ./docs/states
//
// Its test fails while the page and the tables differ, so the page is never a stale copy. What the
// states mean and which may follow which belongs to the root package; nothing is decided here.
package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"

	"paylink"
)

func main() {
	if err := os.WriteFile("docs/states.md", page(), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// page is the whole of docs/states.md.
func page() []byte {
	var b bytes.Buffer
	b.WriteString("# States\n\nProduced by `go run ./docs/states` from the tables in the root package; edit those. " +
		"What is not drawn here may not happen. A state never follows itself: hearing the same word twice changes nothing.\n")
	draw(&b, paylink.LinkMachine)
	draw(&b, paylink.PaymentMachine)
	draw(&b, paylink.RefundMachine)
	draw(&b, paylink.DisputeMachine)
	draw(&b, paylink.MessageMachine)
	draw(&b, paylink.AttemptMachine)
	draw(&b, paylink.VisitMachine)
	draw(&b, paylink.EndpointMachine)
	draw(&b, paylink.DeliveryMachine)
	draw(&b, paylink.NoticeMachine)
	draw(&b, paylink.BulkMachine)
	draw(&b, paylink.TemplateMachine)
	return b.Bytes()
}

// draw writes one machine: a row for each state in reading order, then its mermaid diagram.
func draw[S ~string](b *bytes.Buffer, m paylink.Machine[S]) {
	states := inOrder(m)
	fmt.Fprintf(b, "\n## %s\n\n| state | means | may become |\n| --- | --- | --- |\n", m.Name)
	for _, s := range states {
		next := "*(final)*"
		if !m.Final(s) {
			next = "`" + strings.Join(words(m.Moves[s]), "`, `") + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", s, m.Says[s], next)
	}
	b.WriteString("\n```mermaid\nstateDiagram-v2\n    direction LR\n")
	for _, s := range states {
		if s == m.Start || len(m.Before(s)) == 0 { // some lives begin elsewhere: a scheduled message
			fmt.Fprintf(b, "    [*] --> %s\n", s)
		}
	}
	for _, s := range states {
		for _, to := range m.Moves[s] {
			fmt.Fprintf(b, "    %s --> %s\n", s, to)
		}
		if m.Final(s) {
			fmt.Fprintf(b, "    %s --> [*]\n", s)
		}
	}
	b.WriteString("```\n")
}

// inOrder lists every state as a life meets them: the start, what may follow it in the table's
// order, what may follow those, and at last the states at which other lives begin.
func inOrder[S ~string](m paylink.Machine[S]) []S {
	order := []S{m.Start}
	for i := 0; i < len(order); i++ {
		for _, next := range m.Moves[order[i]] {
			if !slices.Contains(order, next) {
				order = append(order, next)
			}
		}
	}
	var elsewhere []S
	for s := range m.Says {
		if !slices.Contains(order, s) {
			elsewhere = append(elsewhere, s)
		}
	}
	slices.Sort(elsewhere)
	return append(order, elsewhere...)
}

func words[S ~string](states []S) []string {
	var out []string
	for _, s := range states {
		out = append(out, string(s))
	}
	return out
}
