// Package nodes tells what several paylink processes on one PostgreSQL do together: they share the work,
// take over from one that died, refuse the late word of one that only slept, stop without a failed
// request, and outlive the loss of the database's primary.
//
// It is for CI and for whoever runs more than one node. It builds the program, starts it several times
// behind a small load balancer of its own, and looks from outside: as a merchant, a customer, a carrier.
// What one node promises is told in package story.
package nodes

import (
	"flag"
	"os"
	"testing"

	"paylink/story/built"
)

var promotions = flag.Int("promotions", 1, "how many times the primary is lost; script/deep asks for 10")

// program is the paylink that is told about, built once from the tree.
var program string

// TestMain builds the program first.
func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(built.Run(m, &program))
}
