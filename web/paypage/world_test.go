package paypage

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/audit"
	"paylink/checkout"
	"paylink/confirm"
	"paylink/gateway"
	gatewaysandbox "paylink/gateway/sandbox"
	"paylink/issue"
	"paylink/keyring"
	"paylink/notify"
	"paylink/provider"
	"paylink/provider/sandboxtest"
	"paylink/queue"
	"paylink/sandbox"
	"paylink/store"
	"paylink/store/storetest"
	"paylink/token"
)

// world is the page in front of everything that stands behind it: a database, the queue, a real
// sandbox for a gateway.
type world struct {
	t        *testing.T
	store    *store.Store
	ring     *keyring.Ring
	merchant paylink.Merchant
	page     *httptest.Server
	stop     chan struct{} // closed: the server begins to stop
}

func openWorld(t *testing.T) *world {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Microsecond)
	text, err := keyring.Generate(rand.Reader, now)
	must(t, err)
	ring, err := keyring.Parse(text)
	must(t, err)
	w := &world{t: t, store: storetest.Open(t, "sqlite"), ring: ring, stop: make(chan struct{})}
	w.merchant = asked().Merchant
	w.merchant.ID, w.merchant.CreatedAt = paylink.NewMerchantID(now), now
	far := sandboxtest.Serve(t, sandbox.Config{Now: time.Now})
	account := sandboxtest.Account(far, w.merchant.ID, paylink.NewAccountID(now))
	w.write(func(tx *store.Tx) error {
		tx.InsertMerchant(w.merchant)
		tx.InsertAccount(paylink.Account{
			ID: account.ID, Merchant: w.merchant.ID, Kind: paylink.AccountGateway, Provider: "sandbox", BaseURL: account.BaseURL,
			Secret: provider.SealSecret(ring, account.ID, account.Secret),
		}, now)
		return nil
	})
	var handler http.Handler
	w.page = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { handler.ServeHTTP(rw, r) }))
	t.Cleanup(w.page.Close)

	log := slog.New(slog.DiscardHandler)
	gateways := map[string]gateway.Gateway{"sandbox": gatewaysandbox.New(sandboxtest.Client(t))}
	desk := checkout.New(checkout.Deps{Store: w.store, Ring: ring, Gateways: gateways, PublicURL: w.page.URL, Now: time.Now, Log: log})
	jobs := queue.New(w.store, queue.Options{Now: time.Now, Poll: 5 * time.Millisecond})
	desk.Register(jobs)
	confirm.New(confirm.Deps{Store: w.store, Ring: ring, Gateways: gateways, Now: time.Now, Log: log}).Register(jobs)
	feed := notify.NewFeed(w.store, log)
	sealer := audit.New(audit.Deps{Store: w.store, Now: time.Now, Log: log})
	w.run(jobs.Work, feed.Work, sealer.Work)
	handler = New(Deps{Checkout: desk, Issuer: issue.New(issue.Deps{Store: w.store, Ring: ring, Now: time.Now}), Feed: feed, PublicURL: w.page.URL, Stop: w.stop, Now: time.Now, Log: log})
	return w
}

// run lets the workers work until the test ends, and waits for them.
func (w *world) run(workers ...func(context.Context) error) {
	ctx, stop := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	for _, work := range workers {
		wait.Go(func() { _ = work(ctx) })
	}
	w.t.Cleanup(func() { stop(); wait.Wait() })
}

// link makes a signed link and gives it with its code.
func (w *world) link(change func(*paylink.Link)) (paylink.Link, string) {
	w.t.Helper()
	now := time.Now().UTC().Truncate(time.Microsecond)
	key, slot, code, err := token.NewCode(w.ring, 0, rand.Reader)
	must(w.t, err)
	l := paylink.Link{
		ID: paylink.NewLinkID(now), Merchant: w.merchant.ID, Status: paylink.LinkPending, Revision: 1,
		Amount: paylink.Money{Minor: 245000, Currency: "INR"}, Usage: paylink.Usage{Mode: paylink.UsageSingle},
		Description: "Order 1042", ExpiresAt: now.Add(24 * time.Hour), OnLate: paylink.PolicyAccept, OnDuplicate: paylink.PolicyRefund,
		CodeKey: key, CodeSlot: slot, CreatedAt: now, UpdatedAt: now,
	}
	if change != nil {
		change(&l)
	}
	l.Token, err = token.SignLink(w.ring, token.Claims(l))
	must(w.t, err)
	w.write(func(tx *store.Tx) error { tx.InsertLink(l); return nil })
	return l, code
}

// capture is the bank's yes to the link's latest payment.
func (w *world) capture(l paylink.Link) {
	w.t.Helper()
	_, payments := w.read(l)
	w.write(func(tx *store.Tx) error {
		now := time.Now()
		l, err := tx.Link(l.Merchant, l.Live, l.ID)
		if err != nil {
			return err
		}
		p, err := tx.Payment(l.Merchant, l.Live, payments[0].ID)
		if err != nil {
			return err
		}
		read, status := l.UpdatedAt, p.Status
		told, _ := paylink.Advance(&l, &p, paylink.Outcome{
			Status: paylink.PaymentCaptured, Details: paylink.MethodDetails{Network: "visa", Last4: "4242"}, BankReference: "632600112233",
		}, now, now)
		for _, e := range l.Tell(now, "gateway", nil, &p, told...) {
			tx.AppendEvent(e)
		}
		tx.UpdatePayment(p, status)
		tx.UpdateLink(l, read)
		return nil
	})
}

func (w *world) read(l paylink.Link) (paylink.Link, []paylink.Payment) {
	w.t.Helper()
	read := w.store.Read(w.t.Context())
	now, err := read.Link(l.Merchant, l.Live, l.ID)
	must(w.t, err)
	payments, err := read.PaymentsOf(l.Merchant, l.ID, 50)
	must(w.t, err)
	return now, payments
}

func (w *world) write(fn func(tx *store.Tx) error) {
	w.t.Helper()
	must(w.t, w.store.Write(w.t.Context(), fn))
}

// browser keeps cookies and stops at redirects.
type browser struct {
	w      *world
	client *http.Client
}

// answer is what a browser got.
type answer struct {
	status int
	header http.Header
	body   string
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	must(w.t, err)
	b := &browser{w, &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	w.t.Cleanup(b.client.CloseIdleConnections)
	return b
}

func (b *browser) do(method, path string, form url.Values, header http.Header) answer {
	b.w.t.Helper()
	r, err := http.NewRequestWithContext(b.w.t.Context(), method, b.w.page.URL+path, strings.NewReader(form.Encode()))
	must(b.w.t, err)
	if header != nil {
		r.Header = header.Clone()
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := b.client.Do(r)
	must(b.w.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(b.w.t, err)
	return answer{res.StatusCode, res.Header, string(body)}
}

func (b *browser) get(path string) answer { return b.do(http.MethodGet, path, nil, nil) }

// press opens the page and sends its form with the method.
func (b *browser) press(code string, method paylink.Method) answer {
	b.w.t.Helper()
	page := b.get("/" + code)
	return b.do(http.MethodPost, "/"+code+"/pay", url.Values{"token": {page.token()}, "method": {string(method)}}, nil)
}

var tokenField = regexp.MustCompile(`name="token" value="([^"]+)"`)

func (a answer) token() string {
	if m := tokenField.FindStringSubmatch(a.body); m != nil {
		return m[1]
	}
	return ""
}

func (a answer) shows(s standing) bool { return strings.Contains(a.body, `data-page="`+string(s)+`"`) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
