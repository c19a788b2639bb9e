package loss

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a drill waits for what must come. A link whose notice was lost is asked about
// after ten seconds, and again after twenty.
const patience = 60 * time.Second

// server is a paylink of its own, with a sandbox in another process: a bank is not hit by what hits us.
type server struct {
	t        *testing.T
	database string // as PAYLINK_DATABASE_URL
	keys     string
	listen   string
	admin    string
	bank     string // the sandbox's address
	bankKey  string
	key      string // of the API, test mode
	proc     *process
	log      *tail // of all its starts
}

// newServer makes a merchant in the database, and starts nothing but the bank.
func newServer(t *testing.T, database, keys string) *server {
	t.Helper()
	s := &server{
		t: t, database: database, keys: keys, listen: freeAddress(t), admin: freeAddress(t), bank: freeAddress(t),
		bankKey: strings.Repeat("6d", 32), log: &tail{},
	}
	create := exec.Command(program, "admin", "create", "--merchant", "Loss", "--email", "owner@loss.example")
	create.Env = s.env()
	said, err := create.Output()
	if err != nil {
		t.Fatalf("paylink admin create: %v\n%s", err, err.(*exec.ExitError).Stderr)
	}
	var made struct {
		TestKey string `json:"test_key"`
	}
	if err := json.Unmarshal(said, &made); err != nil {
		t.Fatal(err)
	}
	s.key = made.TestKey
	bank := exec.Command(program, "sandbox", "--listen", s.bank, "--paylink", s.url())
	bank.Env = append(os.Environ(), "PAYLINK_SANDBOX_KEY="+s.bankKey)
	running := run(t, bank, &tail{})
	t.Cleanup(running.kill)
	t.Cleanup(func() {
		if s.proc != nil {
			s.proc.kill()
		}
		if t.Failed() {
			t.Logf("paylink said at the end:\n%s", s.log)
		}
	})
	await(t, "the bank", func() bool {
		c, err := net.Dial("tcp", s.bank)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return s
}

func (s *server) url() string { return "http://" + s.listen }

func (s *server) env() []string {
	return append(os.Environ(), "PAYLINK_DATABASE_URL="+s.database, "PAYLINK_KEY_FILE="+s.keys, "PAYLINK_CHECKPOINT_FILE="+filepath.Join(filepath.Dir(s.keys), "checkpoints.ndjson"), "PAYLINK_LISTEN="+s.listen,
		"PAYLINK_ADMIN_LISTEN="+s.admin, "PAYLINK_RATE_LIMIT=0", "PAYLINK_SANDBOX_URL=http://"+s.bank+"/sandbox",
		"PAYLINK_SANDBOX_KEY="+s.bankKey, "PAYLINK_LOG_LEVEL=error", "PAYLINK_DRAIN=0s")
}

// start starts it, behind the words of another program if there are any, and gives the time until it
// was ready.
func (s *server) start(wrapped ...string) time.Duration {
	s.t.Helper()
	from := time.Now()
	s.launch(wrapped...)
	for !s.ready() {
		if s.proc.ended() {
			s.t.Fatalf("paylink serve ended at once:\n%s", s.log)
		}
		if time.Since(from) > patience {
			s.t.Fatalf("paylink serve is not ready after %v:\n%s", patience, s.log)
		}
		time.Sleep(5 * time.Millisecond)
	}
	took := time.Since(from)
	if *quiet && took > 2*time.Second {
		s.t.Errorf("the start took %v", took)
	}
	return took
}

// launch starts it and does not wait for anything.
func (s *server) launch(wrapped ...string) {
	s.t.Helper()
	words := append(wrapped, program, "serve")
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Env = s.env()
	s.proc = run(s.t, cmd, s.log)
}

func (s *server) ready() bool { return s.health() == http.StatusOK }

// health is what /readyz answers; 0 when nobody answers.
func (s *server) health() int {
	answer, err := caller.Get("http://" + s.admin + "/readyz")
	if err != nil {
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

// process is a program that runs.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
}

func run(t *testing.T, cmd *exec.Cmd, log *tail) *process {
	t.Helper()
	if cmd.Stdout == nil {
		cmd.Stdout = log
	}
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s: %v", filepath.Base(cmd.Path), err)
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	go func() {
		cmd.Wait()
		close(p.done)
	}()
	return p
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// kill ends it as a crash would, and waits for the end.
func (p *process) kill() {
	p.cmd.Process.Signal(syscall.SIGKILL)
	<-p.done
}

// stop asks it to end.
func (p *process) stop(t *testing.T) {
	t.Helper()
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(patience):
		t.Errorf("it does not end when it is asked to")
		p.kill()
	}
}

// tail keeps the end of what a program says.
type tail struct {
	mu sync.Mutex
	b  bytes.Buffer
}

const tailKept = 16 << 10

func (l *tail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b.Write(p)
	if l.b.Len() > 2*tailKept {
		l.b.Next(l.b.Len() - tailKept)
	}
	return len(p), nil
}

func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// await waits until done is true.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, patience)
		}
	}
}

// caller makes every call of the drills. Whoever waits for longer would not be a customer any more.
var caller = &http.Client{
	Timeout:       30 * time.Second,
	Transport:     &http.Transport{MaxIdleConnsPerHost: 4096},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// tool finds a program that a drill cannot do without.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("this drill needs %s (Debian: apt-get install %s): %v", name, name, err)
	}
	return path
}

func sqliteURL(dir string) string { return fmt.Sprintf("sqlite://%s/paylink.db", dir) }
