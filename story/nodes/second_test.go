package nodes

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Two processes that write one SQLite file, each with a queue of its own, would send and charge twice. An
// operator who starts the second by mistake is told which process to stop.
func TestSecondProcessOnOneSQLiteFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	env := func() []string {
		return []string{
			"PAYLINK_DATABASE_URL=sqlite://" + filepath.Join(dir, "paylink.db"), "PAYLINK_KEY_FILE=" + filepath.Join(dir, "keys"),
			"PAYLINK_LISTEN=" + freeAddress(t), "PAYLINK_ADMIN_LISTEN=" + freeAddress(t),
		}
	}
	settings := env()
	first := start(t, "first", dir, settings, "serve")
	admin := strings.TrimPrefix(settings[3], "PAYLINK_ADMIN_LISTEN=")
	first.await(func() bool { return answers("http://" + admin + "/readyz") })

	second := exec.Command(program, "serve")
	second.Dir, second.Env = dir, append(os.Environ(), env()...)
	out, err := second.CombinedOutput()
	if second.ProcessState.ExitCode() != 1 {
		t.Errorf("the second process ended with %v", err)
	}
	want := fmt.Sprintf("paylink.db is in use by process %d: stop that first", first.cmd.Process.Pid)
	if !strings.Contains(string(out), want) {
		t.Errorf("it said %s", out)
	}
	if !answers("http://" + admin + "/readyz") {
		t.Error("the first process is disturbed")
	}
}
