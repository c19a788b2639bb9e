package notify_test

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/audit"
	"paylink/channel/pushwire/pushtest"
	"paylink/channel/webpush"
	"paylink/inbox"
	"paylink/issue"
	"paylink/keyring"
	"paylink/notify"
	"paylink/outbound"
	"paylink/queue"
	"paylink/queue/queuetest"
	"paylink/store"
	"paylink/web/dashboard"
)

var dusk = time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)

// browsers are those of a merchant's people, and the push service that reaches them, on this machine.
type browsers struct {
	t    *testing.T
	mu   sync.Mutex
	of   map[string]*browser // by path
	says func(path string) int
}

type browser struct {
	key  *ecdh.PrivateKey
	auth []byte
	came [][]byte
}

// notification is what a browser shows.
type notification struct {
	Title, Body, Tag, Navigate, Lang string
}

// subscribe makes a browser and gives its subscription.
func (b *browsers) subscribe(name string) string {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	ok(b.t, err)
	one := &browser{key: key, auth: []byte("sixteen bytes ..")}
	b.mu.Lock()
	b.of["/wpush/v2/"+name] = one
	b.mu.Unlock()
	said, err := json.Marshal(map[string]any{
		"endpoint": "https://updates.push.services.mozilla.com/wpush/v2/" + name,
		"keys": map[string]string{
			"p256dh": base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()), "auth": base64.RawURLEncoding.EncodeToString(one.auth),
		},
	})
	ok(b.t, err)
	return string(said)
}

func (b *browsers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	b.mu.Lock()
	one, says := b.of[r.URL.Path], b.says
	if one == nil || r.Header.Get("Content-Encoding") != "aes128gcm" || !strings.HasPrefix(r.Header.Get("Authorization"), "vapid t=") {
		b.mu.Unlock()
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	one.came = append(one.came, body)
	b.mu.Unlock()
	status := http.StatusCreated
	if says != nil {
		status = says(r.URL.Path)
	}
	w.WriteHeader(status)
}

func (b *browsers) answer(says func(path string) int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.says = says
}

// calls is how often the push service was called for a browser.
func (b *browsers) calls(name string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.of["/wpush/v2/"+name].came)
}

// shown is what a browser has shown, decrypted by http_ece, which is not ours.
func (b *browsers) shown(name string) (all []notification) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	one := b.of["/wpush/v2/"+name]
	for _, body := range one.came {
		var said struct{ Notification notification }
		ok(b.t, json.Unmarshal([]byte(pushtest.Decrypt(b.t, body, one.key.Bytes(), one.auth)), &said))
		all = append(all, said.Notification)
	}
	return all
}

// shop is a merchant with two people, and the nodes that tell them.
type shop struct {
	*browsers
	store    *store.Store
	ring     *keyring.Ring
	merchant paylink.Merchant
	asha     inbox.Member
	ravi     inbox.Member
	devices  *inbox.Access
	issuer   *issue.Issuer
	client   *outbound.Client

	clockMu sync.Mutex
	now     time.Time
}

func newShop(t *testing.T, s *store.Store) *shop {
	t.Helper()
	text, err := keyring.Generate(rand.Reader, dusk)
	ok(t, err)
	ring, err := keyring.Parse(text)
	ok(t, err)
	h := &shop{browsers: &browsers{t: t, of: map[string]*browser{}}, store: s, ring: ring, now: dusk}
	far := httptest.NewTLSServer(h.browsers)
	t.Cleanup(far.Close)
	trusted := x509.NewCertPool()
	trusted.AddCert(far.Certificate())
	h.client = outbound.New(outbound.Options{UnguardedTransport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: trusted, ServerName: "example.com"}, // as the certificate says
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, far.Listener.Addr().String())
		},
	}})
	t.Cleanup(h.client.Close)
	h.devices = inbox.New(inbox.Deps{Store: s, Ring: ring, Now: h.clock})
	h.issuer = issue.New(issue.Deps{Store: s, Ring: ring, Now: h.clock})
	h.merchant = paylink.Merchant{ID: paylink.NewMerchantID(dusk), Name: "Tea House", Country: "IN", Currency: "INR", TimeZone: "Asia/Kolkata", CreatedAt: dusk}
	h.write(func(tx *store.Tx) {
		tx.InsertMerchant(h.merchant)
		for _, m := range []*inbox.Member{&h.asha, &h.ravi} {
			*m = inbox.Member{Merchant: h.merchant.ID, Staff: paylink.NewStaffID(dusk)}
			tx.InsertStaff(paylink.Staff{ID: m.Staff, Merchant: m.Merchant, Email: string(m.Staff) + "@acme.example", CreatedAt: dusk})
		}
		tx.InsertAccount(paylink.Account{ID: paylink.NewAccountID(dusk), Merchant: h.merchant.ID, Kind: paylink.AccountGateway, Provider: "sandbox", Secret: []byte{1}}, dusk)
	})
	_, err = h.node(s).PushKey(t.Context(), h.merchant.ID)
	ok(t, err)
	return h
}

// node is one of the processes that tell devices.
func (h *shop) node(s *store.Store) *notify.Notify {
	return notify.New(notify.Deps{
		Store: s, Ring: h.ring, Push: webpush.New(h.client), Say: dashboard.NewsBy("https://pay.example"), Contact: "https://pay.example",
		Now: h.clock, Log: slog.New(slog.DiscardHandler),
	})
}

func (h *shop) clock() time.Time {
	h.clockMu.Lock()
	defer h.clockMu.Unlock()
	return h.now
}

func (h *shop) pass(d time.Duration) {
	h.clockMu.Lock()
	defer h.clockMu.Unlock()
	h.now = h.now.Add(d)
}

func (h *shop) register(m inbox.Member, name string) paylink.Device {
	h.t.Helper()
	d, err := h.devices.RegisterMember(h.t.Context(), m, h.subscribe(name))
	ok(h.t, err)
	return d
}

func (h *shop) link() paylink.Link {
	h.t.Helper()
	made, err := h.issuer.Create(h.t.Context(), issue.Actor{Merchant: h.merchant, ID: "key_test"}, issue.Draft{
		Amount: 245000, HasAmount: true, Currency: "INR", Description: "Order 1042", Customer: issue.Contact{Name: "CANARY", Phone: "+919812345642"},
	}, nil)
	ok(h.t, err)
	return made.Link
}

// happen writes that something happened to a link, with a payment of all that it asks for, and seals it.
func (h *shop) happen(l paylink.Link, kind paylink.EventType) paylink.Event {
	h.t.Helper()
	paid := &paylink.PaymentSnapshot{
		ID: paylink.NewPaymentID(h.clock()), Amount: l.Amount.Minor, AmountCaptured: l.Amount.Minor, Currency: l.Amount.Currency, Method: "upi", Disposition: paylink.PolicyHold,
	}
	e := paylink.Event{
		ID: paylink.NewEventID(h.clock()), Merchant: l.Merchant, Live: l.Live, At: h.clock(), Type: kind, Link: l.ID, Payment: paid.ID, Actor: "gateway",
		Data: paylink.EventData{Link: &paylink.LinkSnapshot{ID: l.ID, Currency: l.Amount.Currency, Amount: l.Amount.Minor}, Payment: paid},
	}
	h.write(func(tx *store.Tx) { tx.AppendEvent(e) })
	sealer := audit.New(audit.Deps{Store: h.store, Now: h.clock, Log: slog.New(slog.DiscardHandler)})
	for n := 1; n > 0; {
		var err error
		n, err = sealer.Seal(h.t.Context())
		ok(h.t, err)
	}
	return e
}

// work does what is due.
func (h *shop) work() {
	h.t.Helper()
	queuetest.Drain(h.t, h.store, h.clock, func(q *queue.Queue) { h.node(h.store).Register(q) })
}

func (h *shop) write(fn func(*store.Tx)) {
	h.t.Helper()
	ok(h.t, h.store.Write(h.t.Context(), func(tx *store.Tx) error { fn(tx); return nil }))
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
