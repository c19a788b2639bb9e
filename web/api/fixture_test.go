package api_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/access"
	"paylink/attach"
	"paylink/audit"
	"paylink/channel"
	"paylink/channel/webpush"
	"paylink/confirm"
	"paylink/connect"
	"paylink/customer"
	"paylink/dispatch"
	"paylink/gateway"
	"paylink/inbox"
	"paylink/issue"
	"paylink/issue/bulk"
	"paylink/keyring"
	"paylink/notify"
	"paylink/outbound"
	"paylink/refund"
	"paylink/store"
	"paylink/store/storetest"
	"paylink/web/api"
	"paylink/web/respond"
)

var start = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

// town is the API over one database, with two merchants who know nothing of each other.
type town struct {
	*testing.T
	store   *store.Store
	ring    *keyring.Ring
	issuer  *issue.Issuer
	uploads *bulk.Uploads
	sealer  *audit.Sealer
	feed    *notify.Feed

	dispatch *dispatch.Dispatch
	handler  http.Handler
	log      *lockedBuffer

	acme, zenith         paylink.MerchantID
	test, live, stranger string // keys: Acme's in both modes, Zenith's in test mode
	testKey              paylink.KeyID

	mu  sync.Mutex
	now time.Time
}

func (w *town) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *town) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// lockedBuffer takes the log of many goroutines.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func each(t *testing.T, fn func(w *town)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) { fn(newTown(t, s, nil)) })
}

// onSQLite is for what the database has no part in.
func onSQLite(t *testing.T) *town {
	t.Helper()
	return newTown(t, storetest.Open(t, "sqlite"), nil)
}

func newTown(t *testing.T, s *store.Store, change func(d *api.Deps)) *town {
	t.Helper()
	text, err := keyring.Generate(rand.Reader, start)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	w := &town{T: t, store: s, ring: ring, log: &lockedBuffer{}, now: start}
	log := slog.New(slog.NewJSONHandler(w.log, nil))
	w.issuer = issue.New(issue.Deps{Store: s, Ring: ring, Now: w.clock})
	w.sealer = audit.New(audit.Deps{Store: s, Now: w.clock, Log: log})
	w.feed = notify.NewFeed(s, log)
	w.uploads = bulk.New(bulk.Deps{Store: s, Ring: ring, Issuer: w.issuer, Now: w.clock, Log: log})
	d := api.Deps{
		Store: s, Ring: ring, Issuer: w.issuer, Bulk: w.uploads, Attachments: attach.New(attach.Deps{Store: s, Ring: ring, Most: 20 << 20, Now: w.clock}), Feed: w.feed, PublicURL: "https://pay.example", Now: w.clock, Log: log, PerSecond: -1,
		Access: access.New(access.Deps{Store: s, Now: w.clock, Log: log}),
		Notify: notify.New(notify.Deps{Store: s, Ring: ring, Client: outbound.New(outbound.Options{}), Now: w.clock, Log: log}),
	}
	d.Accounts = connect.New(connect.Deps{
		Store: s, Ring: ring, Senders: map[string]channel.Sender{"sandbox": carrier{name: "sandbox"}, "twilio": carrier{name: "twilio"}},
		Client: outbound.New(outbound.Options{}), PublicURL: d.PublicURL, Now: w.clock, Log: log,
	})
	d.Refunds = refund.New(refund.Deps{Store: s, Ring: ring, Gateways: map[string]gateway.Gateway{}, Now: w.clock, Log: log})
	d.Confirm = confirm.New(confirm.Deps{Store: s, Ring: ring, Gateways: map[string]gateway.Gateway{}, Now: w.clock, Log: log})
	d.Customers = customer.New(customer.Deps{Store: s, Ring: ring, Issuer: w.issuer, Now: w.clock})
	d.Refunds = refund.New(refund.Deps{Store: s, Ring: ring, Now: w.clock, Log: log})
	d.Inbox = inbox.New(inbox.Deps{Store: s, Ring: ring, Now: w.clock})
	d.Dispatch = dispatch.New(dispatch.Deps{Store: s, Ring: ring, Senders: map[string]channel.Sender{"webpush": webpush.New(nil)}, PublicURL: d.PublicURL, Now: w.clock, Log: log})
	w.dispatch = d.Dispatch
	d.Customers = customer.New(customer.Deps{Store: s, Ring: ring, Issuer: w.issuer, Now: w.clock})
	if change != nil {
		change(&d)
	}
	mux := http.NewServeMux()
	h := api.New(d).Handler()
	for _, path := range api.Paths {
		mux.Handle(path, h)
	}
	w.handler = respond.Edge{Log: log, Now: w.clock}.Around(respond.Routes(mux))
	w.acme, w.zenith = w.merchant("Acme"), w.merchant("Zenith")
	w.test, w.testKey = w.key(w.acme, false)
	w.live, _ = w.key(w.acme, true)
	w.stranger, _ = w.key(w.zenith, false)
	return w
}

func (w *town) merchant(name string) paylink.MerchantID {
	w.Helper()
	m := paylink.Merchant{
		ID: paylink.NewMerchantID(start), Name: name, LegalName: name + " Ltd", Country: "IN", Currency: "INR", Locale: "en",
		TimeZone: "Asia/Kolkata", DefaultExpiry: 24 * time.Hour, CreatedAt: start,
	}
	w.write(func(tx *store.Tx) { tx.InsertMerchant(m) })
	return m.ID
}

func (w *town) key(merchant paylink.MerchantID, live bool) (string, paylink.KeyID) {
	w.Helper()
	secret, k := access.NewKey(merchant, live, "test", start)
	w.write(func(tx *store.Tx) { tx.InsertKey(k) })
	return secret, k.ID
}

func (w *town) write(fn func(*store.Tx)) {
	w.Helper()
	err := w.store.Write(w.Context(), func(tx *store.Tx) error {
		fn(tx)
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
}

// seal gives every event its sequence.
func (w *town) seal() {
	w.Helper()
	for {
		if n, err := w.sealer.Seal(w.Context()); err != nil || n == 0 {
			if err != nil {
				w.Fatal(err)
			}
			return
		}
	}
}

// ask sends one request with a key and, for a body, as JSON. Headers are given as "Name: value".
func (w *town) ask(key, method, path, body string, headers ...string) answer {
	w.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(w.Context(), method, path, reader)
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	if bad := agrees(method, path, rec.Code, rec.Body.String()); bad != "" && method != http.MethodHead {
		w.Errorf("%s %s does not answer what the document says: %s", method, path, bad)
	}
	return answer{w, rec.Code, rec.Header(), rec.Body.String()}
}

// answer is what came back.
type answer struct {
	w      *town
	status int
	header http.Header
	body   string
}

// want ends the test unless the status is this one.
func (a answer) want(status int) answer {
	a.w.Helper()
	if a.status != status {
		a.w.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// at reads a value by its dotted path.
func (a answer) at(path string) any {
	a.w.Helper()
	var v any
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		a.w.Fatalf("%v: %s", err, a.body)
	}
	for _, step := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[step]
		case []any:
			var i int
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(at) {
				a.w.Fatalf("no %s in %s", path, a.body)
			}
			v = at[i]
		default:
			a.w.Fatalf("no %s in %s", path, a.body)
		}
	}
	return v
}

func (a answer) text(path string) string {
	a.w.Helper()
	s, ok := a.at(path).(string)
	if !ok {
		a.w.Fatalf("%s is no text in %s", path, a.body)
	}
	return s
}

// problem names a problem in one line: its code and its faults.
func (a answer) problem() string {
	var p respond.Problem
	if err := json.Unmarshal([]byte(a.body), &p); err != nil || a.header.Get("Content-Type") != "application/problem+json" {
		return fmt.Sprintf("no problem: %s %s", a.header.Get("Content-Type"), a.body)
	}
	line := fmt.Sprintf("%d %s", a.status, p.Code)
	for _, f := range p.Errors {
		line += fmt.Sprintf(" %s:%s", f.Pointer, f.Code)
	}
	return line
}

const order = `{"amount":245000,"currency":"INR","description":"Order 1042","reference":"order-1042",
	"customer":{"name":"Asha","phone":"+919812345642","email":"asha@example.com","locale":"hi"},
	"channels":["sms","whatsapp","email","in_app"],"metadata":{"k":"v"},"expires_in":86400}`
