//go:build !linux

package cli

import "golang.org/x/sys/unix"

// The names of macOS and the BSDs.
const (
	readTermios  = unix.TIOCGETA
	writeTermios = unix.TIOCSETA
)
