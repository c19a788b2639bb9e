package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"paylink/cmd/paylink/node"
)

type doctorCommand struct {
	Config
	JSON bool `name:"json" help:"Print one JSON object instead of lines."`
}

// errUnwell makes the exit code 1; the findings have said why.
var errUnwell = errors.New("the doctor found what must be mended")

func (c *doctorCommand) Run(ctx context.Context) error {
	s, err := c.settings()
	if err != nil {
		return &usageError{err}
	}
	findings := node.Doctor(ctx, node.Patient{Settings: s, Listen: c.Listen, AdminListen: c.AdminListen}, time.Now)
	failed := false
	for _, f := range findings {
		failed = failed || f.Level == node.LevelFail
	}
	if c.JSON {
		err = printJSON(map[string]any{"ok": !failed, "findings": findings})
	} else {
		err = printFindings(findings)
	}
	if err == nil && failed {
		err = errUnwell
	}
	return err
}

// printFindings writes a line for each: how bad it is, what was looked at, what was found; and below it
// what to do.
func printFindings(findings []node.Finding) error {
	for _, f := range findings {
		if _, err := fmt.Fprintf(os.Stdout, "%-4s  %-26s  %s\n", f.Level, f.About, f.Found); err != nil {
			return err
		}
		if f.Do == "" {
			continue
		}
		if _, err := fmt.Fprintf(os.Stdout, "      %-26s  → %s\n", "", f.Do); err != nil {
			return err
		}
	}
	return nil
}
