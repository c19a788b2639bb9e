package story

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// local is the program of a developer who tries an integration out, to which paylink listen hands events.
// It verifies them with a library that is not ours.
type local struct {
	library *standardwebhooks.Webhook

	mu     sync.Mutex
	status int
	bodies map[string]string // by type
	wrong  error
}

// cmdReceiver is the developer's program:
//
//	receiver open         opens it: $RECEIVER, with a secret that paylink listen finds in its environment
//	receiver says 500     lets it answer that from now on
//	receiver got TYPE     wants an event to have come; the answer is then its body
func cmdReceiver(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	switch {
	case len(args) == 1 && args[0] == "open" && !neg:
		w.openReceiver(ts)
	case len(args) == 2 && args[0] == "says" && !neg && w.local != nil:
		w.local.mu.Lock()
		_, err := fmt.Sscan(args[1], &w.local.status)
		w.local.mu.Unlock()
		ts.Check(err)
	case len(args) == 2 && args[0] == "got" && w.local != nil:
		w.local.mu.Lock()
		body, came := w.local.bodies[args[1]]
		err := w.local.wrong
		w.local.mu.Unlock()
		ts.Check(err)
		if came == neg {
			ts.Fatalf("%s came: %t", args[1], came)
		}
		w.last = answer{call: "the event " + args[1], status: http.StatusOK, body: []byte(body)}
	default:
		ts.Fatalf("usage: receiver open | says STATUS | [!] got TYPE")
	}
}

// cmdSaid takes what the last program wrote as the answer: the whole of it, or one of its lines.
//
//	said        said 2
func cmdSaid(ts *testscript.TestScript, neg bool, args []string) {
	lines := strings.Split(strings.TrimSpace(ts.ReadFile("stdout")), "\n")
	n := 1
	if len(args) == 1 {
		_, err := fmt.Sscan(args[0], &n)
		ts.Check(err)
	}
	if neg || len(args) > 1 || n < 1 || n > len(lines) || len(args) == 0 && len(lines) != 1 {
		ts.Fatalf("usage: said [LINE]; %d lines were written", len(lines))
	}
	worldOf(ts).last = answer{call: "what was written", status: http.StatusOK, body: []byte(lines[n-1])}
}

func (w *world) openReceiver(ts *testscript.TestScript) {
	secret := make([]byte, 32)
	rand.Read(secret)
	text := base64.StdEncoding.EncodeToString(secret)
	library, err := standardwebhooks.NewWebhook(text)
	ts.Check(err)
	w.local = &local{library: library, status: http.StatusNoContent, bodies: map[string]string{}}
	server := httptest.NewServer(w.local)
	w.t.Cleanup(server.Close)
	ts.Setenv("RECEIVER", server.URL+"/hooks")
	ts.Setenv("PAYLINK_LISTEN_SECRET", "whsec_"+text)
}

func (l *local) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	var event struct{ ID, Type string }
	err = errors.Join(err, json.Unmarshal(body, &event), l.library.Verify(body, r.Header))
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil && r.Header.Get("webhook-id") != event.ID {
		err = fmt.Errorf("webhook-id is %s, the event %s", r.Header.Get("webhook-id"), event.ID)
	}
	l.wrong = errors.Join(l.wrong, err)
	l.bodies[event.Type] = string(body)
	rw.WriteHeader(l.status)
}
