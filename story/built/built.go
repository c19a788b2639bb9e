// Package built gives the packages of stories and drills the program that they are about, built from the
// tree as it stands: a test of yesterday's binary would tell nothing.
//
// It is for their TestMain. What is started, with which settings and for how long, it leaves to them.
package built

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Run builds paylink into a folder of its own, notes its path in program, makes ready what else is needed
// there, runs the tests and takes the folder away again. It returns what os.Exit is to be given; without
// the program no test runs and all have failed.
func Run(m *testing.M, program *string, more ...func(dir string) error) (code int) {
	dir, err := os.MkdirTemp("", "paylink-built")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}()
	*program = filepath.Join(dir, "paylink")
	err = Command(exec.Command("go", "build", "-o", *program, "paylink/cmd/paylink"))
	for _, prepare := range more {
		err = errors.Join(err, prepare(dir))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// Command runs a tool that builds something. Its error holds what the tool said.
func Command(c *exec.Cmd) error {
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", c, err, out)
	}
	return nil
}
