package story

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience is how long a story waits for what must come. It is longer than the 30 s after which the work
// of a program that died is taken over; an impatient story fails on a busy machine.
const patience = 45 * time.Second

type worldKey struct{}

// world is what one story has around it: the running programs, the latest answer, the customer's
// browser and the merchant's receiver.
type world struct {
	t        *testing.T
	name     string
	dir      string
	database string

	demo    demo
	procs   map[string]*process // by command: demo, serve, sandbox
	last    answer
	links   int // made by the command link, for references that differ
	browser *browser
	apart   *apart
	wire    *wire
	hooks   *receiver
	carrier *carrier
	pushes  *pushes
	load    *load
	local   *local
	staff   *http.Client // of the owner, who is signed in to the dashboard
}

// demo is what paylink demo writes when it is ready.
type demo struct {
	URL        string `json:"url"`
	AdminURL   string `json:"admin_url"`
	APIKey     string `json:"api_key"`
	SandboxURL string `json:"sandbox_url"`
	MerchantID string `json:"merchant_id"`
}

func worldOf(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

// end stops what the story started, each by its own id, and shows their logs when the story failed.
func (w *world) end() {
	if w.load != nil {
		w.load.stop()
		w.load.ended.Wait()
	}
	for name, p := range w.procs {
		p.stop(syscall.SIGKILL)
		if w.t.Failed() {
			w.t.Logf("paylink %s said:\n%s", name, p.log.tail())
		}
	}
	if w.pushes != nil {
		w.pushes.server.Close()
	}
	if w.carrier != nil {
		w.carrier.server.Close()
	}
	if w.hooks != nil {
		w.hooks.server.Close()
	}
	if w.wire != nil {
		w.wire.server.Close()
	}
}

// process is a running paylink.
type process struct {
	cmd  *exec.Cmd
	log  *logBuffer
	done chan struct{} // closed when it has ended; err is then its outcome
	err  error
}

func (w *world) start(ts *testscript.TestScript, name string, args, env []string) *process {
	p := &process{cmd: exec.Command(program, args...), log: &logBuffer{}, done: make(chan struct{})}
	p.cmd.Dir = w.dir
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	ts.Check(p.cmd.Start())
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	if w.procs == nil {
		w.procs = map[string]*process{}
	}
	w.procs[name] = p
	return p
}

// stop sends the signal and waits for the end; a program that does not end in time is killed.
func (p *process) stop(sig syscall.Signal) error {
	p.cmd.Process.Signal(sig)
	select {
	case <-p.done:
		return p.err
	case <-time.After(patience):
		p.cmd.Process.Kill()
		<-p.done
		return fmt.Errorf("did not end within %v of %v", patience, sig)
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

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *logBuffer) tail() string {
	s := l.String()
	return s[max(0, len(s)-8000):]
}

// answer is what came back from the latest call.
type answer struct {
	call   string // for messages: "GET /v1/payments"
	status int
	header http.Header
	body   []byte
}

// client never follows a redirect: where the program sends somebody is part of what it says.
var client = &http.Client{
	Timeout:       30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func (w *world) call(ts *testscript.TestScript, c *http.Client, req *http.Request) {
	w.last = answer{call: req.Method + " " + req.URL.Path}
	res, err := c.Do(req)
	ts.Check(err)
	w.last.read(ts, res)
}

func (a *answer) read(ts *testscript.TestScript, res *http.Response) {
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 8<<20))
	ts.Check(err)
	a.status, a.header, a.body = res.StatusCode, res.Header, body
}

// value finds what a dotted path names in the answer: ".payments.0.status". ok is false when nothing
// is there, or null.
func (a *answer) value(path string) (v any, ok bool) {
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return nil, false
	}
	for _, step := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' }) {
		switch at := v.(type) {
		case map[string]any:
			v = at[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(at) {
				return nil, false
			}
			v = at[i]
		default:
			return nil, false
		}
	}
	return v, v != nil
}

// text is the value as a story writes it: words bare, everything else as JSON.
func text(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func (a *answer) String() string {
	return fmt.Sprintf("%s answered %d\n%s", a.call, a.status, a.body[:min(len(a.body), 3000)])
}

// until calls done again and again until it is true, and tells whether it became so in time.
func until(done func() bool) bool {
	for deadline := time.Now().Add(patience); ; time.Sleep(25 * time.Millisecond) {
		if done() {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
	}
}

// fileIn reads a file of the story, with $NAME replaced by what the story remembers.
func fileIn(ts *testscript.TestScript, name string) string {
	return os.Expand(ts.ReadFile(name), ts.Getenv)
}

// captured is where bodies that the server signed are left for other languages' libraries; empty
// when nobody asked.
func captured(file string) string {
	dir := os.Getenv("PAYLINK_CAPTURE")
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, file)
}
