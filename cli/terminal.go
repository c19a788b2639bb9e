package cli

import (
	"bufio"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// isTerminal tells whether a person is at the other end.
func isTerminal(file any) bool {
	f, ok := file.(*os.File)
	if !ok {
		return false
	}
	_, err := unix.IoctlGetTermios(int(f.Fd()), readTermios)
	return err == nil
}

// unseen asks for a line that the terminal does not show. It asks when the terminal is silent already, so
// that whoever answers at once is not seen either. Whoever breaks it off gets the echo back.
func unseen(terminal *os.File, in *bufio.Reader, ask func()) (string, error) {
	fd := int(terminal.Fd())
	before, err := unix.IoctlGetTermios(fd, readTermios)
	if err != nil {
		return "", err
	}
	silent := *before
	silent.Lflag &^= unix.ECHO
	silent.Lflag |= unix.ICANON | unix.ISIG
	if err := unix.IoctlSetTermios(fd, writeTermios, &silent); err != nil {
		return "", err
	}
	restore := func() { _ = unix.IoctlSetTermios(fd, writeTermios, before) }
	defer restore()
	broken, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(broken, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(broken)
	defer close(done)
	go func() {
		select {
		case <-broken:
			restore()
			os.Exit(1) // nothing has been done yet, and a read from a terminal ends by nothing else
		case <-done:
		}
	}()
	ask()
	return in.ReadString('\n')
}
