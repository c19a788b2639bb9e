package node

import "context"

// The upgrade's tests need work on the data that they can hold up, and look at parts of it alone.

var TidySnapshots = tidySnapshots

// DataStep replaces what is done to the data.
func (n *Node) DataStep(what string, run func(ctx context.Context, progress func(done, total int64)) error) {
	n.data = []dataStep{{what, run}}
}
