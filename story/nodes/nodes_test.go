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
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

var promotions = flag.Int("promotions", 1, "how many times the primary is lost; script/deep asks for 10")

// program is the paylink that is told about, built once from the tree.
var program string

// TestMain builds the program first: a story about yesterday's binary would tell nothing.
func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "paylink-nodes")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "paylink")
	build := exec.Command("go", "build", "-o", program, "paylink/cmd/paylink")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build paylink: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}
