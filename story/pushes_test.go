package story

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"paylink/channel/pushwire/pushtest"
)

// pushes is a push service with one browser that has subscribed: it keeps what comes, and the browser reads it
// by http_ece, which is not ours.
type pushes struct {
	server *httptest.Server
	key    *ecdh.PrivateKey
	auth   []byte

	mu   sync.Mutex
	gone bool
	came [][]byte
}

// cmdPushes is a push service on this machine:
//
//	pushes listen            opens it; $PUSHES is its address, $PUSHHOST its host and port
//	pushes subscribe FILE    writes into a file what the browser's page registers the device with
//	pushes got N             waits until N notifications have come
//	pushes says TEXT         wants the latest, decrypted by the browser, to hold a text
//	pushes gone              the browser has unsubscribed: every further one is refused
func cmdPushes(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if len(args) == 1 && args[0] == "listen" && !neg {
		w.pushes = &pushes{auth: make([]byte, 16)}
		_, _ = rand.Read(w.pushes.auth)
		var err error
		w.pushes.key, err = ecdh.P256().GenerateKey(rand.Reader)
		ts.Check(err)
		w.pushes.server = httptest.NewServer(w.pushes)
		ts.Setenv("PUSHES", w.pushes.server.URL)
		ts.Setenv("PUSHHOST", strings.TrimPrefix(w.pushes.server.URL, "http://"))
		return
	}
	p := w.pushes
	switch {
	case neg || p == nil:
		ts.Fatalf("usage: pushes listen, then pushes subscribe|got|says|gone")
	case len(args) == 2 && args[0] == "subscribe":
		ts.Check(os.WriteFile(filepath.Join(w.dir, args[1]), p.subscription(), 0o600))
	case len(args) == 2 && args[0] == "got":
		p.await(ts, args[1])
	case len(args) == 2 && args[0] == "says":
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.came) == 0 {
			ts.Fatalf("no notification came")
		}
		if text := pushtest.Decrypt(w.t, p.came[len(p.came)-1], p.key.Bytes(), p.auth); !strings.Contains(text, args[1]) {
			ts.Fatalf("the notification is %q", text)
		}
	case len(args) == 1 && args[0] == "gone":
		p.mu.Lock()
		defer p.mu.Unlock()
		p.gone = true
	default:
		ts.Fatalf("pushes cannot %v", args)
	}
}

// subscription is the body with which the customer's app registers the browser.
func (p *pushes) subscription() []byte {
	said, _ := json.Marshal(map[string]any{
		"endpoint": "https://updates.push.services.mozilla.com/wpush/v2/asha", "expirationTime": nil,
		"keys": map[string]string{
			"p256dh": base64.RawURLEncoding.EncodeToString(p.key.PublicKey().Bytes()), "auth": base64.RawURLEncoding.EncodeToString(p.auth),
		},
	})
	body, _ := json.Marshal(map[string]string{"kind": "webpush", "token": string(said)})
	return body
}

// ServeHTTP takes a notification as a push service does.
func (p *pushes) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case err != nil || r.URL.Path != "/wpush/v2/asha" || r.Header.Get("Content-Encoding") != "aes128gcm" || !strings.HasPrefix(r.Header.Get("Authorization"), "vapid t="):
		rw.WriteHeader(http.StatusBadRequest)
	case p.gone:
		rw.WriteHeader(http.StatusGone)
	default:
		p.came = append(p.came, body)
		rw.WriteHeader(http.StatusCreated)
	}
}

func (p *pushes) await(ts *testscript.TestScript, want string) {
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		p.mu.Lock()
		n := len(p.came)
		p.mu.Unlock()
		if fmt.Sprint(n) == want {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("%d notifications came, and %s should", n, want)
		}
	}
}
