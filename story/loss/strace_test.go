package loss

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// hurt makes the system calls of a running program fail or dawdle, as strace's inject says, until heal
// is called.
func hurt(t *testing.T, p *process, calls, how string) (heal func()) {
	t.Helper()
	pid := p.cmd.Process.Pid
	cmd := exec.Command(tool(t, "strace"), "-f", "-qq", "-o", "/dev/null", "-e", "trace="+calls, "-e", "inject="+calls+":"+how, "-p", fmt.Sprint(pid))
	log := &tail{}
	tracer := run(t, cmd, log)
	healed := false
	heal = func() {
		if !healed {
			healed = true
			cmd.Process.Signal(syscall.SIGINT)
			<-tracer.done
		}
	}
	t.Cleanup(heal)
	await(t, "strace", func() bool {
		if tracer.ended() {
			t.Fatalf("strace cannot attach to the program (this drill needs the right to trace): %s", log)
		}
		return traced(pid)
	})
	return heal
}

// traced tells whether all threads of a process are being traced.
func traced(pid int) bool {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(threads) == 0 {
		return false
	}
	for _, thread := range threads {
		text, err := os.ReadFile(thread)
		if err == nil && strings.Contains(string(text), "TracerPid:\t0\n") {
			return false
		}
	}
	return true
}

// The disk refuses for a while: every fsync fails, every write finds it full, or only some do. Writes
// are answered 503 as long as it lasts, pages and lists stay open, and afterwards everything goes on by
// itself in the same process. What was refused has left nothing.
func TestRefusingDiskIsTold(t *testing.T) {
	for _, c := range []struct {
		name, calls, how string
		all              bool // calls fail, so nothing can be acknowledged
	}{
		{"fsync fails", "fdatasync,fsync", "error=EIO", true},
		{"every third fsync fails", "fdatasync,fsync", "error=EIO:when=1+3", false},
		{"writes find no room", "pwrite64", "error=ENOSPC", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			s := newServer(t, sqliteURL(dir), filepath.Join(dir, "keys"))
			s.start()
			l := newLoad(t, s)
			first, ok := l.create(0)
			if !ok {
				t.Fatal("no first link")
			}
			l.begin(16)
			l.reach(50)
			heal := hurt(t, s.proc, c.calls, c.how)
			await(t, "refusals", func() bool { return l.statuses[http.StatusServiceUnavailable].Load() > 20 })
			before := l.acknowledged()
			if c.all && s.health() != http.StatusServiceUnavailable {
				t.Errorf("/readyz says %d about a disk that refuses", s.health())
			}
			readsWork(t, s, first)
			time.Sleep(300 * time.Millisecond)
			if now := l.acknowledged(); c.all && now != before {
				t.Errorf("%d links were acknowledged by a disk that refuses", now-before)
			}
			heal()
			await(t, "readiness by itself", s.ready)
			l.reach(50)
			l.end()
			l.tell(c.name)
			l.count(true)
			s.proc.stop(t)
			wholeFile(t, s.database)
		})
	}
}

// readsWork opens what a customer and a merchant look at, and wants it to be there.
func readsWork(t *testing.T, s *server, link made) {
	t.Helper()
	for _, to := range []string{link.URL, s.url() + "/v1/payment_links", s.url() + "/v1/payment_links/" + link.ID, s.url() + "/dashboard/login"} {
		if status, body := call(s, http.MethodGet, to, "", nil); status != http.StatusOK {
			t.Errorf("GET %s is answered %d meanwhile: %.300s", strings.TrimPrefix(to, s.url()), status, body)
		}
	}
}

// A disk that takes 300 ms for an fsync makes everybody wait, and nothing else: nobody is refused,
// nothing fails, and the node says that it is ready.
func TestSlowDiskOnlyDelays(t *testing.T) {
	dir := t.TempDir()
	s := newServer(t, sqliteURL(dir), filepath.Join(dir, "keys"))
	s.start()
	l := newLoad(t, s)
	l.begin(clients)
	l.reach(clients)
	heal := hurt(t, s.proc, "fdatasync,fsync", "delay_enter=300000")
	l.reach(clients) // those that were under way
	l.mu.Lock()
	l.took = nil
	l.mu.Unlock()
	l.reach(2 * clients)
	if p50 := func() time.Duration { l.mu.Lock(); defer l.mu.Unlock(); return percentile(l.took, 50) }(); p50 < 250*time.Millisecond {
		t.Errorf("half of the creates took less than %v: they were acknowledged before they were on the disk", p50)
	}
	if status := s.health(); status != http.StatusOK {
		t.Errorf("/readyz says %d about a disk that is slow", status)
	}
	heal()
	l.reach(clients)
	l.end()
	l.tell("with the slow disk")
	if refused := l.statuses[http.StatusServiceUnavailable].Load(); refused > 0 {
		t.Errorf("%d requests were refused", refused)
	}
	l.count(true)
	s.proc.stop(t)
}
