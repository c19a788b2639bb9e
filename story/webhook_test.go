package story

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// receiver is the merchant's: it verifies what comes with a library that is not ours, and keeps it.
type receiver struct {
	server *httptest.Server
	secret string // whsec_…
	public string // whpk_…

	mu     sync.Mutex
	failed int        // so many next calls are answered 500
	calls  []delivery // in the order in which they came
	wrong  error      // what was wrong with the first one that was wrong
}

// delivery is one call that came, and what another language needs to verify it.
type delivery struct {
	Secret    string          `json:"secret"`
	PublicKey string          `json:"public_key"`
	ID        string          `json:"id"`
	Timestamp string          `json:"timestamp"`
	Signature string          `json:"signature"`
	Body      string          `json:"body"`
	event     json.RawMessage // Body
	kind      string
	answered  int
}

// cmdWebhook is the merchant's receiver of webhooks:
//
//	webhook listen [type…]     opens it and registers it for the types, or for all
//	webhook fails N            lets it answer 500 to the next N calls
//	webhook got TYPE           waits for an event; the answer is then its body
//	webhook once TYPE          wants exactly one id to have come with that type
//	webhook again TYPE         wants one id to have come more than once, with the same body
//	webhook keep FILE          leaves all that came for libraries in other languages
func cmdWebhook(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if len(args) == 0 || neg {
		ts.Fatalf("usage: webhook listen|fails|got|once|again|keep")
	}
	if args[0] == "listen" {
		w.listen(ts, args[1:])
		return
	}
	if w.hooks == nil || len(args) != 2 {
		ts.Fatalf("usage: webhook %s, after webhook listen", args[0])
	}
	switch r := w.hooks; args[0] {
	case "fails":
		n, err := strconv.Atoi(args[1])
		ts.Check(err)
		r.mu.Lock()
		r.failed = n
		r.mu.Unlock()
	case "got", "once", "again":
		w.await(ts, args[0], args[1])
	case "keep":
		r.keep(ts, w.t.Name(), args[1])
	default:
		ts.Fatalf("webhook cannot %s", args[0])
	}
}

func (w *world) listen(ts *testscript.TestScript, types []string) {
	r := &receiver{}
	r.server = httptest.NewServer(r)
	w.hooks = r
	if len(types) == 0 {
		types = []string{"*"}
	}
	body, err := json.Marshal(map[string]any{"url": r.server.URL + "/hooks", "events": types, "description": "the story's"})
	ts.Check(err)
	w.api(ts, http.MethodPost, "/v1/webhook_endpoints", string(body))
	cmdStatus(ts, false, []string{"201"})
	cmdAnswer(ts, false, []string{".secret", "like", "^whsec_"})
	cmdAnswer(ts, false, []string{".public_key", "like", "^whpk_"})
	cmdRemember(ts, false, []string{"ENDPOINT", ".id"})
	secret, _ := w.last.value(".secret")
	public, _ := w.last.value(".public_key")
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secret, r.public = text(secret), text(public)
}

func (r *receiver) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(io.LimitReader(req.Body, 1<<20))
	r.mu.Lock()
	defer r.mu.Unlock()
	d := delivery{
		Secret: r.secret, PublicKey: r.public, ID: req.Header.Get("webhook-id"), Timestamp: req.Header.Get("webhook-timestamp"),
		Signature: req.Header.Get("webhook-signature"), Body: string(body), event: body, answered: http.StatusOK,
	}
	var event struct{ Type string }
	if err = errors.Join(err, json.Unmarshal(body, &event), d.verify(req.Header)); err != nil && r.wrong == nil {
		r.wrong = fmt.Errorf("webhook %s: %w", d.ID, err)
	}
	if d.kind = event.Type; r.failed > 0 {
		r.failed--
		d.answered = http.StatusInternalServerError
	}
	r.calls = append(r.calls, d)
	rw.WriteHeader(d.answered)
}

// verify checks v1 with the Standard Webhooks library, and v1a, which it does not know, with Ed25519
// as the standard says.
func (d delivery) verify(h http.Header) error {
	library, err := standardwebhooks.NewWebhook(d.Secret)
	if err != nil {
		return err
	}
	if err := library.Verify([]byte(d.Body), h); err != nil {
		return fmt.Errorf("v1: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(d.PublicKey, "whpk_"))
	if err != nil || len(key) != ed25519.PublicKeySize {
		return fmt.Errorf("v1a: public key of %d bytes: %v", len(key), err)
	}
	for _, word := range strings.Fields(d.Signature) {
		if encoded, ok := strings.CutPrefix(word, "v1a,"); ok {
			sig, err := base64.StdEncoding.DecodeString(encoded)
			if err == nil && ed25519.Verify(key, []byte(d.ID+"."+d.Timestamp+"."+d.Body), sig) {
				return nil
			}
		}
	}
	return errors.New("v1a: no signature fits")
}

// await waits for what the story wants to have come.
func (w *world) await(ts *testscript.TestScript, want, kind string) {
	var seen []delivery
	came := until(func() bool {
		seen = w.hooks.of(ts, kind)
		return len(seen) > 1 || want != "again" && len(seen) == 1
	})
	if !came {
		ts.Fatalf("webhook %s %s: %d calls came; all that came: %v", want, kind, len(seen), w.hooks.kinds())
	}
	for _, d := range seen[1:] {
		same := d.ID == seen[0].ID
		if want == "once" && !same || want == "again" && (!same || d.Body != seen[0].Body) {
			ts.Fatalf("webhook %s %s: ids %s and %s, bodies\n%s\n%s", want, kind, seen[0].ID, d.ID, seen[0].Body, d.Body)
		}
	}
	w.last = answer{call: "webhook " + kind, status: seen[0].answered, body: seen[0].event}
}

// of gives the calls of one type so far; a call that did not verify fails the story here.
func (r *receiver) of(ts *testscript.TestScript, kind string) []delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	ts.Check(r.wrong)
	return slices.DeleteFunc(slices.Clone(r.calls), func(d delivery) bool { return d.kind != kind })
}

func (r *receiver) kinds() (kinds []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, d := range r.calls {
		kinds = append(kinds, d.kind)
	}
	return kinds
}

func (r *receiver) keep(ts *testscript.TestScript, test, file string) {
	path := captured(strings.ReplaceAll(test, "/", "_") + "_" + file)
	if path == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	b, err := json.MarshalIndent(r.calls, "", "  ")
	ts.Check(err)
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o755))
	ts.Check(os.WriteFile(path, b, 0o644))
}
