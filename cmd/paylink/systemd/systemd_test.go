package systemd

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// manager is the other end of the socket, as systemd holds it.
func manager(t *testing.T, address string) *net.UnixConn {
	t.Helper()
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: address, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func hear(t *testing.T, c *net.UnixConn, within time.Duration) string {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(within)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 256)
	n, err := c.Read(b)
	if err != nil {
		return ""
	}
	return string(b[:n])
}

// A word that does not arrive makes the manager kill a server that is well.
func TestWordsReachTheManager(t *testing.T) {
	for _, address := range []string{filepath.Join(t.TempDir(), "notify"), "@paylink-test-" + filepath.Base(t.TempDir()) + time.Now().Format("150405.000000")} {
		c := manager(t, strings.Replace(address, "@", "\x00", 1))
		t.Setenv("NOTIFY_SOCKET", address)
		if err := Notify(Ready); err != nil {
			t.Fatal(err)
		}
		if got := hear(t, c, time.Second); got != "READY=1" {
			t.Errorf("%s hears %q", address, got)
		}
	}
	t.Setenv("NOTIFY_SOCKET", "")
	if err := Notify(Ready); err != nil {
		t.Errorf("without a manager: %v", err)
	}
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "nobody"))
	if err := Notify(Ready); err == nil {
		t.Error("a manager that is gone is not noticed")
	}
}

// A long upgrade must not be killed half-way by the manager's patience.
func TestStartingAsksForTime(t *testing.T) {
	address := filepath.Join(t.TempDir(), "notify")
	c := manager(t, address)
	t.Setenv("NOTIFY_SOCKET", address)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { Starting(ctx, slog.New(slog.DiscardHandler)); close(done) }()
	if got := hear(t, c, 2*time.Second); got != "EXTEND_TIMEOUT_USEC=30000000" {
		t.Errorf("hears %q", got)
	}
	stop()
	<-done
}

// The watchdog is of use only if a server that hangs is not vouched for.
func TestWatchdogIsFedOnlyWhileTheServerAnswers(t *testing.T) {
	address := filepath.Join(t.TempDir(), "notify")
	c := manager(t, address)
	t.Setenv("NOTIFY_SOCKET", address)
	t.Setenv("WATCHDOG_USEC", "100000")
	t.Setenv("WATCHDOG_PID", "")
	ctx, stop := context.WithCancel(t.Context())
	var hangs atomic.Bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		Watch(ctx, func(ctx context.Context) error {
			if hangs.Load() {
				<-ctx.Done()
				return errors.New("no answer")
			}
			return nil
		}, slog.New(slog.DiscardHandler))
	}()
	for range 3 {
		if got := hear(t, c, 2*time.Second); got != "WATCHDOG=1" {
			t.Fatalf("hears %q", got)
		}
	}
	hangs.Store(true)
	for hear(t, c, 300*time.Millisecond) != "" { // those that were under way
	}
	if got := hear(t, c, 300*time.Millisecond); got != "" {
		t.Errorf("a server that hangs says %q", got)
	}
	stop()
	<-done
}

// A child of the unit inherits the environment; only the process that is meant feeds the watchdog.
func TestWatchdogIsForTheProcessItNames(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "somewhere")
	for _, c := range []struct {
		micros, pid string
		want        time.Duration
	}{{"30000000", "", 30 * time.Second}, {"30000000", "1", 0}, {"", "", 0}, {"-5", "", 0}, {"soon", "", 0}} {
		t.Setenv("WATCHDOG_USEC", c.micros)
		t.Setenv("WATCHDOG_PID", c.pid)
		if got := watchdog(); got != c.want {
			t.Errorf("%q for %q: %v, want %v", c.micros, c.pid, got, c.want)
		}
	}
}
