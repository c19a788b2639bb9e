// Package systemd tells the service manager how the server is: starting, ready, alive, stopping.
//
// It is for paylink serve under a unit of Type=notify. Without such a manager it does nothing. The unit
// itself stands in deploy/systemd.
package systemd

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"
)

// The words of sd_notify(3) that we use.
const (
	Ready    = "READY=1"
	Stopping = "STOPPING=1"
	alive    = "WATCHDOG=1"
)

// A start may take hours when it brings a large database up to date: while it goes on, the manager is
// asked for more time, three times as much as until it is asked again.
const (
	extendEvery = 10 * time.Second
	extension   = "EXTEND_TIMEOUT_USEC=30000000"
)

// Notify sends one state to the service manager that started this process, if one did.
func Notify(state string) error {
	address := os.Getenv("NOTIFY_SOCKET")
	if address == "" {
		return nil
	}
	if address[0] == '@' {
		address = "\x00" + address[1:] // an abstract socket, which is no file
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: address, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("reach the service manager: %w", err)
	}
	_, err = c.Write([]byte(state))
	if closed := c.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("tell the service manager %s: %w", state, err)
	}
	return nil
}

// Starting asks for more time to start, until ctx is done.
func Starting(ctx context.Context, log *slog.Logger) {
	repeat(ctx, extendEvery, func() { tell(log, extension) })
}

// Watch tells the manager's watchdog that the server answers, twice in each of its intervals, until
// ctx is done. A server that does not answer is not vouched for, and so is started anew.
func Watch(ctx context.Context, answers func(context.Context) error, log *slog.Logger) {
	interval := watchdog()
	if interval == 0 {
		return
	}
	repeat(ctx, interval/2, func() {
		asking, stop := context.WithTimeout(ctx, interval/2)
		defer stop()
		if err := answers(asking); err != nil {
			if ctx.Err() == nil {
				log.Error("watchdog.unanswered", "error", err)
			}
			return
		}
		tell(log, alive)
	})
}

// watchdog is within which time the manager wants to hear from this process; 0: never.
func watchdog() time.Duration {
	if pid := os.Getenv("WATCHDOG_PID"); pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return 0
	}
	micros, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64)
	if err != nil || micros <= 0 || os.Getenv("NOTIFY_SOCKET") == "" {
		return 0
	}
	return time.Duration(micros) * time.Microsecond
}

func repeat(ctx context.Context, every time.Duration, do func()) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		do()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// tell is Notify where a failure changes nothing: the manager acts on its silence.
func tell(log *slog.Logger, state string) {
	if err := Notify(state); err != nil {
		log.Error("systemd.not_told", "error", err)
	}
}
