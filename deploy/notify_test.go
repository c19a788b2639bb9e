package deploy

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The unit believes what the server says of itself: ready only when requests are answered, alive only
// while they are, stopping when it was told to. A server that says less is killed by it.
func TestServerTellsSystemdHowItIs(t *testing.T) {
	dir := t.TempDir()
	socket := filepath.Join(dir, "notify")
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	must(t, err)
	defer manager.Close()
	admin := freeAddress(t)
	serve := exec.Command(program, "serve")
	serve.Dir = dir
	serve.Env = []string{
		"PAYLINK_LISTEN=127.0.0.1:0", "PAYLINK_ADMIN_LISTEN=" + admin, "NOTIFY_SOCKET=" + socket, "PAYLINK_DRAIN=0s", "WATCHDOG_USEC=1000000",
	}
	serve.Stderr = os.Stderr
	must(t, serve.Start())
	defer func() { _ = serve.Process.Kill() }()

	hear := func(word string) (before []string) {
		t.Helper()
		buffer := make([]byte, 256)
		for {
			must(t, manager.SetReadDeadline(time.Now().Add(time.Minute)))
			n, err := manager.Read(buffer)
			if err != nil {
				t.Fatalf("%s does not come, but %v: %v", word, before, err)
			}
			if got := string(buffer[:n]); got != word {
				before = append(before, got)
				continue
			}
			return before
		}
	}
	// An upgrade may take long: until then it asks for patience, and shows that it lives.
	patient := func(s string) bool { return s == "WATCHDOG=1" || strings.HasPrefix(s, "EXTEND_TIMEOUT_USEC=") }
	if before := hear("READY=1"); len(before) == 0 || slices.ContainsFunc(before, func(s string) bool { return !patient(s) }) {
		t.Errorf("before it is ready it says %v", before)
	}
	if status, body, err := get("http://" + admin + "/readyz"); err != nil || status != 200 {
		t.Errorf("it says that it is ready, and /readyz answers %d %s %v", status, body, err)
	}
	hear("WATCHDOG=1")
	hear("WATCHDOG=1")
	must(t, serve.Process.Signal(syscall.SIGHUP)) // without files to read again it must live on
	hear("WATCHDOG=1")
	must(t, serve.Process.Signal(syscall.SIGTERM))
	hear("STOPPING=1")
	if err := serve.Wait(); err != nil {
		t.Errorf("it ends with %v", err)
	}
}
