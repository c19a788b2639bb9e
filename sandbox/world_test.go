package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const (
	account  = "mer_1.acct_1"
	neighbor = "mer_2.acct_2"
)

var master = []byte("0123456789abcdef0123456789abcdef")

// inbox is paylink's side of the wire: it takes letters and answers what it is told to.
type inbox struct {
	mu      sync.Mutex
	answers []int // status codes to come; then 200
	letters []received
}

type received struct {
	Path, Signature, Body string
	At                    time.Time
}

// RoundTrip takes a letter without a network, so that time can be virtual.
func (in *inbox) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.letters = append(in.letters, received{r.URL.Path, r.Header.Get("Sandbox-Signature"), string(body), time.Now()})
	status := http.StatusOK
	if len(in.answers) > 0 {
		status, in.answers = in.answers[0], in.answers[1:]
	}
	return &http.Response{StatusCode: status, Body: http.NoBody, Request: r}, nil
}

func (in *inbox) taken() []received {
	in.mu.Lock()
	defer in.mu.Unlock()
	return append([]received(nil), in.letters...)
}

// inVirtualTime runs a test in a world of its own, where a day passes at once.
func inVirtualTime(t *testing.T, cfg Config, test func(t *testing.T, s *Sandbox, in *inbox)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		in := &inbox{}
		cfg.Transport = in
		s := open(t, cfg)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		test(t, s, in)
		stop()
		if err := <-done; err != nil {
			t.Errorf("Run ended with %v", err)
		}
	})
}

func open(t *testing.T, cfg Config) *Sandbox {
	t.Helper()
	if cfg.URL == "" {
		cfg.URL = "http://bank.test/sandbox"
	}
	cfg.Master, cfg.Now = master, time.Now
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// call asks the sandbox as an account does; an empty account asks without credentials.
func (s *Sandbox) call(t *testing.T, account, method, path string, body any) *httptest.ResponseRecorder {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(method, path, bytes.NewReader(raw))
	r.Header.Set("Content-Type", "application/json")
	if account != "" {
		r.SetBasicAuth(account, s.password(account))
	}
	return s.do(r)
}

// press submits a form as a browser does.
func (s *Sandbox) press(path, form string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", path, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/html")
	return s.do(r)
}

func (s *Sandbox) get(path string) *httptest.ResponseRecorder {
	return s.do(httptest.NewRequest("GET", path, nil))
}

func (s *Sandbox) do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

const reference = "A1B2C3D4E5F6G7H8J9K0"

func anOrder(method string) map[string]any {
	return map[string]any{
		"reference": reference, "amount": 245050, "currency": "INR", "method": method, "description": "Order 1042",
		"merchant_name": "Acme Retail", "return_url": "http://pay.test/abc", "notify_url": "http://pay.test/inbound/gateway/sandbox/acct_1",
	}
}

// order starts an order and answers the path of the page where its customer acts.
func (s *Sandbox) start(t *testing.T, method string) string {
	t.Helper()
	w := s.call(t, account, "POST", "/sandbox/gateway/orders", anOrder(method))
	var got startedOrder
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusCreated {
		t.Fatalf("order answered %d %s", w.Code, w.Body)
	}
	return strings.TrimPrefix(got.Action.URL, "http://bank.test")
}

func aMessage(client, to string) map[string]any {
	return map[string]any{
		"client_reference": client, "to": to, "sender": "Acme", "subject": "Payment request",
		"text": "Acme: payment request of Rs 2,450. Pay: http://pay.test/k7Qp2xW9dTz4LmVb8RsY1c.", "receipt_url": "http://pay.test/inbound/channel/sandbox/acct_1",
	}
}

// settle lets what is due now happen.
func settleFor(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

type told struct {
	ID, Type, Account string
	Data              word
}

// words reads the notices that arrived.
func (in *inbox) words(t *testing.T) (all []told) {
	t.Helper()
	for _, l := range in.taken() {
		var n told
		if err := json.Unmarshal([]byte(l.Body), &n); err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	return all
}
