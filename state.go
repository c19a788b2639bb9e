package paylink

import "slices"

// Machine is one state machine as a table: which state may follow which. What is not in the table
// may not happen.
type Machine[S ~string] struct {
	Name  string
	Start S
	Moves map[S][]S
	Says  map[S]string // one sentence for each state, for docs/states.md
}

// Can tells whether to may follow from. A state never follows itself: hearing the same word twice
// changes nothing.
func (m Machine[S]) Can(from, to S) bool { return slices.Contains(m.Moves[from], to) }

// Final tells whether nothing follows the state.
func (m Machine[S]) Final(s S) bool { return len(m.Moves[s]) == 0 }

// Before lists the states from which to may be reached in one move, sorted, for a guarded UPDATE.
func (m Machine[S]) Before(to S) []S {
	var from []S
	for s, next := range m.Moves {
		if slices.Contains(next, to) {
			from = append(from, s)
		}
	}
	slices.Sort(from)
	return from
}
