package nodes

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for what must come.
const patience = 60 * time.Second

// process is one run of the program. It is ended with the test, by its own id.
type process struct {
	t    *testing.T
	name string
	cmd  *exec.Cmd
	log  *logBuffer
	done chan struct{} // closed when it has ended; err is then its outcome
	err  error
}

func start(t *testing.T, name, dir string, env []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, name: name, cmd: exec.Command(program, args...), log: &logBuffer{}, done: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env = dir, append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		_ = p.stop(syscall.SIGKILL)
		if t.Failed() {
			t.Logf("%s said:\n%s", name, p.log.tail(1500))
		}
	})
	return p
}

// signal sends it one.
func (p *process) signal(sig syscall.Signal) {
	if err := p.cmd.Process.Signal(sig); err != nil && !p.ended() {
		p.t.Errorf("signal %s: %v", p.name, err)
	}
}

// stop sends the signal and waits for the end, which it answers.
func (p *process) stop(sig syscall.Signal) error {
	_ = p.cmd.Process.Signal(sig) // it may have ended by itself
	select {
	case <-p.done:
		return p.err
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.done
		return fmt.Errorf("did not end within %v of %v", patience, sig)
	}
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// await waits until ready says so, and fails at once when the process has ended instead.
func (p *process) await(ready func() bool) {
	p.t.Helper()
	if !until(func() bool { return p.ended() || ready() }) {
		p.t.Fatalf("%s was not ready within %v", p.name, patience)
	}
	if p.ended() {
		p.t.Fatalf("%s ended: %v\n%s", p.name, p.err, p.log.tail(4000))
	}
}

// logBuffer keeps what a program says, while it still says it.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) count(word string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), word)
}

func (l *logBuffer) tail(n int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.b.String()
	return s[max(0, len(s)-n):]
}

// until calls done again and again until it is true, and tells whether it became so in time.
func until(done func() bool) bool {
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		if done() {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
	}
}

// freeAddress asks the system for a port that is free now.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// answers tells whether a GET of the address gives 200 within a second.
func answers(url string) bool {
	c := http.Client{Timeout: time.Second}
	res, err := c.Get(url)
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}
