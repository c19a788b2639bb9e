// Package loss hurts the real program while it works, as machines do, and then counts: everything that
// was acknowledged must be there, nothing else, in order and provable.
//
// Each drill is a test. Small rounds run in script/test; the flags ask for large ones, as script/deep
// does. What is promised in which trouble stands in docs/loss.md, beside the name of its test. The
// troubles that only one room has are left to that room's tests.
package loss

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"paylink/story/built"
	"paylink/story/loss/powercut"
)

var (
	writes = flag.Int("writes", 250, "acknowledged links that a drill goes on for, at least")
	kills  = flag.Int("kills", 3, "how often the program, or its database, is killed")
	cuts   = flag.Int("cuts", 4, "how often the power is cut")
	flood  = flag.Duration("flood", 4*time.Second, "how long the overload lasts")
	quiet  = flag.Bool("quiet", false, "the machine does nothing else: a start must take less than two seconds")
	seed   = flag.Uint64("seed", 1, "of the moments and of what the power cut leaves")
)

// program is the paylink that is hurt, built once from the tree.
var program string

// The test binary is also two helpers, which must be processes of their own: the disk of the power
// cuts, and the bare SQLite loop that shows what such a disk does to careless writers.
const (
	asDisk   = "PAYLINK_LOSS_DISK"
	asWriter = "PAYLINK_LOSS_WRITER"
)

// TestMain builds the program first, or is one of the helpers.
func TestMain(m *testing.M) {
	flag.Parse()
	var err error
	switch {
	case os.Getenv(asDisk) != "":
		err = powercut.Serve(os.Getenv(asDisk), os.Stdin, os.Stdout)
	case os.Getenv(asWriter) != "":
		err = writeBare(os.Getenv(asWriter), flag.Arg(0), os.Stdout)
	default:
		os.Exit(built.Run(m, &program))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
