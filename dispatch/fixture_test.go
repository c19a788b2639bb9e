package dispatch_test

import (
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/sandbox"
	"paylink/dispatch"
	"paylink/issue"
	"paylink/keyring"
	"paylink/provider"
	"paylink/provider/sandboxtest"
	"paylink/queue"
	"paylink/queue/queuetest"
	"paylink/store"
)

const public = "https://pay.example"

// start is when every test begins that does not meet the sandbox's own clock.
var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// world is a merchant with a Dispatch, under a clock that the test moves, and a carrier that answers
// what the test wants.
type world struct {
	t        *testing.T
	store    *store.Store
	ring     *keyring.Ring
	issuer   *issue.Issuer
	dispatch *dispatch.Dispatch
	merchant paylink.Merchant
	accounts map[paylink.Channel]channel.Account
	log      *strings.Builder

	mu     sync.Mutex
	now    time.Time
	answer func(n int, letter map[string]any) (status int, body string) // of the nth call
	calls  []map[string]any
}

// once is a carrier that would send twice what it is asked twice.
type once struct{ channel.Sender }

func (o once) Capabilities() channel.Capabilities {
	c := o.Sender.Capabilities()
	c.Idempotent = false
	return c
}

func newWorld(t *testing.T, s *store.Store, change func(*dispatch.Deps)) *world {
	t.Helper()
	text, err := keyring.Generate(rand.Reader, start)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, store: s, ring: ring, now: start, accounts: map[paylink.Channel]channel.Account{}, log: &strings.Builder{}}
	w.answer = func(n int, letter map[string]any) (int, string) {
		return http.StatusAccepted, `{"id":"sbx_` + letter["client_reference"].(string) + `","status":"accepted"}`
	}
	carrier := httptest.NewServer(http.HandlerFunc(w.carry))
	t.Cleanup(carrier.Close)
	deps := dispatch.Deps{
		Store: s, Ring: ring, Senders: map[string]channel.Sender{"sandbox": sandbox.New(sandboxtest.Client(t))},
		PublicURL: public, Now: w.clock, Log: slog.New(slog.NewJSONHandler(&lockedWriter{w: w.log, mu: &w.mu}, nil)),
	}
	if change != nil {
		change(&deps)
	}
	w.issuer = issue.New(issue.Deps{Store: s, Ring: ring, Now: deps.Now})
	w.dispatch = dispatch.New(deps)
	w.merchant = paylink.Merchant{
		ID: paylink.NewMerchantID(start), Name: "Acme", LegalName: "Acme Ltd", Country: "IN", Currency: "INR", Locale: "en",
		TimeZone: "Asia/Kolkata", DefaultExpiry: 24 * time.Hour, CreatedAt: start,
	}
	w.write(func(tx *store.Tx) error {
		tx.InsertMerchant(w.merchant)
		for _, c := range paylink.Channels {
			a := channel.Account{ID: paylink.NewAccountID(start), Merchant: w.merchant.ID, BaseURL: carrier.URL, Secret: "secret of " + string(c)}
			w.accounts[c] = a
			tx.InsertAccount(paylink.Account{
				ID: a.ID, Merchant: a.Merchant, Kind: paylink.AccountChannel, Provider: "sandbox", Channel: c,
				BaseURL: a.BaseURL, Secret: provider.SealSecret(ring, a.ID, a.Secret),
			}, start)
		}
		return nil
	})
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) setClock(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = now
}

// tick lets a millisecond pass, by which ids are sorted.
func (w *world) tick() { w.setClock(w.clock().Add(time.Millisecond)) }

// lockedWriter takes log lines from several workers.
type lockedWriter struct {
	w  io.Writer
	mu *sync.Mutex
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

func (w *world) write(fn func(*store.Tx) error) {
	w.t.Helper()
	if err := w.store.Write(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) actor() issue.Actor { return issue.Actor{Merchant: w.merchant, ID: "key_test"} }

// create makes a link that goes out on the channels.
func (w *world) create(channels ...paylink.Channel) issue.Created {
	w.t.Helper()
	c, err := w.issuer.Create(w.t.Context(), w.actor(), issue.Draft{
		Amount: 245000, HasAmount: true, Currency: "INR", Description: "Order 1042", Channels: channels,
		Customer: issue.Contact{Name: "Asha", Phone: "+919812345642", Email: "asha@example.com"},
	}, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) message(id paylink.MessageID) paylink.Message {
	w.t.Helper()
	m, err := w.store.Read(w.t.Context()).Message(w.merchant.ID, false, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

// carried is the message that a letter carries.
func (w *world) carried(letter map[string]any) paylink.Message {
	m, err := w.store.Read(w.t.Context()).Message(w.merchant.ID, false, paylink.MessageID(letter["client_reference"].(string)))
	if err != nil {
		w.t.Error(err)
	}
	return m
}

func (w *world) link(id paylink.LinkID) paylink.Link {
	w.t.Helper()
	l, err := w.store.Read(w.t.Context()).Link(w.merchant.ID, false, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return l
}

// told counts a link's events by type.
func (w *world) told(id paylink.LinkID) map[paylink.EventType]int {
	w.t.Helper()
	events, err := w.store.Read(w.t.Context()).Timeline(w.merchant.ID, id, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	counts := map[paylink.EventType]int{}
	for i, e := range events {
		counts[e.Type]++
		if i > 0 && e.At.Equal(events[i-1].At) && e.Message != "" && e.Message == events[i-1].Message {
			w.t.Errorf("%s and %s are told of one moment", events[i-1].Type, e.Type)
		}
	}
	return counts
}

// notice is the newest one.
func (w *world) notice() paylink.Notice {
	w.t.Helper()
	all, err := w.store.Read(w.t.Context()).Notices(w.merchant.ID, false, "", "", 1)
	if err != nil || len(all) != 1 {
		w.t.Fatalf("notices %v, %v", all, err)
	}
	return all[0]
}

// queue is a worker with this step's handlers.
func (w *world) queue() *queue.Queue {
	q := queue.New(w.store, queue.Options{Now: w.clock, Log: slog.New(slog.NewTextHandler(w.t.Output(), nil))})
	w.handlers(q)
	return q
}

func (w *world) handlers(q *queue.Queue) {
	w.dispatch.Register(q)
	w.issuer.Register(q)
}

// work does the jobs that are due now, and those that they make due.
func (w *world) work() {
	w.t.Helper()
	queuetest.Drain(w.t, w.store, w.clock, w.handlers)
}
