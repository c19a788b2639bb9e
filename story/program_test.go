package story

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdPaylink runs the program beside the story:
//
//	paylink demo [flag…]       starts it, on the story's database, and waits until it is ready
//	paylink sandbox [flag…]    starts the pretend world as a process of its own, for paylink serve
//	paylink serve [flag…]      starts the server for real, with a new merchant, at that sandbox
//	paylink stop demo          asks it to end, as an operator would, and wants a clean end
//	paylink kill demo          ends it as a power cut would
func cmdPaylink(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || len(args) == 0 {
		ts.Fatalf("usage: paylink demo|sandbox|serve|stop|kill")
	}
	which := "demo"
	if len(args) > 1 {
		which = args[1]
	}
	switch args[0] {
	case "demo":
		w.startDemo(ts, args[1:])
	case "sandbox":
		w.startSandbox(ts, args[1:])
	case "serve":
		w.startServer(ts, args[1:])
	case "stop":
		if err := w.running(ts, which).stop(syscall.SIGTERM); err != nil {
			ts.Fatalf("paylink %s was asked to stop: %v", which, err)
		}
	case "kill":
		w.running(ts, which).stop(syscall.SIGKILL)
	default:
		ts.Fatalf("paylink %s is not started in stories; use exec", args[0])
	}
}

func (w *world) running(ts *testscript.TestScript, name string) *process {
	p := w.procs[name]
	if p == nil {
		ts.Fatalf("paylink %s is not running", name)
	}
	return p
}

// startDemo starts it where it was, if it ran before, so that links that are out still lead to it.
func (w *world) startDemo(ts *testscript.TestScript, flags []string) {
	data, listen := filepath.Join(w.dir, "data"), "127.0.0.1:0"
	if w.demo.URL != "" {
		listen = strings.TrimPrefix(w.demo.URL, "http://")
	}
	ready, before := filepath.Join(data, "demo.json"), time.Now()
	args := append([]string{"demo", "--data", data, "--listen", listen}, flags...)
	p := w.start(ts, "demo", args, []string{"PAYLINK_DATABASE_URL=" + w.database})
	w.awaitReady(ts, p, func() bool {
		about, err := os.Stat(ready)
		if err != nil || about.ModTime().Before(before) {
			return false
		}
		b, err := os.ReadFile(ready)
		return err == nil && json.Unmarshal(b, &w.demo) == nil && w.demo.URL != ""
	})
	w.remember(ts)
}

// remember gives the story's words for what runs; cookies of an earlier run are gone.
func (w *world) remember(ts *testscript.TestScript) {
	ts.Setenv("ADMIN", strings.TrimPrefix(w.demo.AdminURL, "http://"))
	ts.Setenv("PAYLINK", w.demo.URL)
	ts.Setenv("SANDBOX", w.demo.SandboxURL)
	ts.Setenv("KEY", w.demo.APIKey)
	ts.Setenv("MERCHANT", w.demo.MerchantID)
	w.browser = nil
}

// startServer sets the server up as an operator would: the settings in the environment, a merchant by
// paylink admin, then paylink serve.
func (w *world) startServer(ts *testscript.TestScript, flags []string) {
	if w.apart == nil {
		ts.Fatalf("paylink serve needs a sandbox; begin with: paylink sandbox")
	}
	admin := freeAddress(ts)
	sandbox := w.apart.sandbox
	if w.wire != nil {
		sandbox = w.wire.server.URL + "/sandbox"
	}
	env := []string{
		"PAYLINK_DATABASE_URL=" + w.database, "PAYLINK_KEY_FILE=" + filepath.Join(w.dir, "keys"),
		"PAYLINK_LISTEN=" + w.apart.listen, "PAYLINK_ADMIN_LISTEN=" + admin, "PAYLINK_PUBLIC_URL=http://" + w.apart.listen,
		"PAYLINK_SANDBOX_URL=" + sandbox, "PAYLINK_SANDBOX_KEY=" + w.apart.key,
	}
	create := exec.Command(program, "admin", "create", "--merchant", "Acme Retail", "--email", "owner@acme.example")
	create.Dir, create.Env = w.dir, append(os.Environ(), env...)
	out, err := create.Output()
	if err != nil {
		ts.Fatalf("paylink admin create: %v\n%s", err, errorText(err))
	}
	var made struct {
		MerchantID string `json:"merchant_id"`
		TestKey    string `json:"test_key"`
		LiveKey    string `json:"live_key"`
	}
	ts.Check(json.Unmarshal(out, &made))
	p := w.start(ts, "serve", append([]string{"serve"}, flags...), env)
	w.awaitReady(ts, p, func() bool {
		res, err := client.Get("http://" + admin + "/readyz")
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	w.demo = demo{URL: "http://" + w.apart.listen, AdminURL: "http://" + admin, APIKey: made.TestKey, SandboxURL: w.apart.sandbox, MerchantID: made.MerchantID}
	w.remember(ts)
	ts.Setenv("LIVEKEY", made.LiveKey)
}

func errorText(err error) string {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return string(exit.Stderr)
	}
	return ""
}

// awaitReady waits until the program is ready, and tells at once when it has ended instead.
func (w *world) awaitReady(ts *testscript.TestScript, p *process, ready func() bool) {
	ended := false
	ok := until(func() bool {
		select {
		case <-p.done:
			ended = true
			return true
		default:
			return ready()
		}
	})
	if ended {
		ts.Fatalf("%s ended: %v\n%s", strings.Join(p.cmd.Args, " "), p.err, p.log.tail())
	}
	if !ok {
		ts.Fatalf("%s was not ready within %v\n%s", strings.Join(p.cmd.Args, " "), patience, p.log.tail())
	}
}
