// Package gateways tells what becomes of payments where a merchant has several gateways, and what it takes to
// write a new one: a toy adapter in this folder, wired by one line, with a far side of its own over HTTP.
package gateways

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"paylink/client"
	"paylink/cmd/paylink/node"
	"paylink/gateway"
	"paylink/outbound"
	"paylink/store/storetest"
)

// world is a server with a merchant and two toy gateways that it has connected.
type world struct {
	*testing.T
	origin string
	client *client.Client
	one    *far
	two    *far
	ids    map[string]string // of the accounts, by their gateways
}

// each runs a story on each database.
func each(t *testing.T, tell func(w *world)) {
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			w := &world{T: t, one: newFar("key-1", "hook-1"), two: newFar("key-2", "hook-2"), ids: map[string]string{}}
			t.Cleanup(w.one.Close)
			t.Cleanup(w.two.Close)
			w.serve(storetest.URL(t, kind))
			w.connect("one", w.one)
			w.connect("two", w.two)
			tell(w)
		})
	}
}

func (w *world) serve(database string) {
	w.Helper()
	public, err := net.Listen("tcp", "127.0.0.1:0")
	w.must(err)
	admin, err := net.Listen("tcp", "127.0.0.1:0")
	w.must(err)
	w.origin = "http://" + public.Addr().String()
	toys := func(c *outbound.Client) []gateway.Gateway { return []gateway.Gateway{toy{"one", c}, toy{"two", c}} }
	n, err := node.Open(w.Context(), node.Settings{DatabaseURL: database, KeyFile: filepath.Join(w.TempDir(), "keys"), Demo: true, PublicURL: w.origin},
		node.World{Now: time.Now, Log: slog.New(slog.DiscardHandler), Gateways: toys})
	w.must(err)
	made, err := n.CreateMerchant(w.Context(), node.NewMerchant{Name: "Acme", Email: "owner@acme.example", Country: "IN", Currency: "INR", TimeZone: "Asia/Kolkata"})
	w.must(err)
	w.client, err = client.New(client.Config{Server: w.origin, Key: made.TestKey, Attempts: 8})
	w.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.Serve(ctx, public, admin, nil) }()
	w.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			w.Errorf("serve: %v", err)
		}
	})
}

// connect connects a gateway as a merchant does, and asks it whether the key is good.
func (w *world) connect(name string, f *far) {
	w.Helper()
	made, err := w.client.ConnectAccount(w.Context(), client.NewAccount{
		Provider: name, BaseURL: f.URL, Fields: map[string]string{"secret": f.key, "hook_secret": f.hook},
	})
	w.must(err)
	said, err := w.client.TestAccount(w.Context(), made.ID)
	w.must(err)
	if !said.Works || made.ReceiptURL == nil || !strings.HasSuffix(*made.ReceiptURL, "/inbound/gateway/"+name+"/"+made.ID) {
		w.Fatalf("%+v, %+v", made, said)
	}
	w.ids[name] = made.ID
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) link() client.PaymentLink {
	w.Helper()
	l, err := w.client.CreatePaymentLink(w.Context(), client.NewPaymentLink{
		Amount: 245000, Currency: "INR", Description: "Order 1042", Customer: &client.NewCustomer{Name: "Asha", Phone: "+919812345601"},
	})
	w.must(err)
	return l
}

// payments are a link's, the newest first.
func (w *world) payments(link string) (all []client.Payment) {
	w.Helper()
	l, err := w.client.GetPaymentLink(w.Context(), link, client.Shown{})
	w.must(err)
	return l.Payments
}

// becomes waits until a link's newest payment has a status.
func (w *world) becomes(link, status string) client.Payment {
	w.Helper()
	return w.eventually(link, 0, status)
}

func (w *world) eventually(link string, at int, status string) client.Payment {
	w.Helper()
	var last []client.Payment
	for range 300 {
		if last = w.payments(link); len(last) > at && last[at].Status == status {
			return last[at]
		}
		time.Sleep(50 * time.Millisecond)
	}
	w.Fatalf("payment %d is not %s: %+v", at, status, last)
	return client.Payment{}
}

// browser is a customer without JavaScript.
type browser struct {
	w    *world
	http *http.Client
	page string // what it saw last
	at   *url.URL
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	w.must(err)
	return &browser{w: w, http: &http.Client{Jar: jar}}
}

func (b *browser) open(address string) string {
	b.w.Helper()
	req, err := http.NewRequest(http.MethodGet, address, nil)
	b.w.must(err)
	return b.do(req)
}

func (b *browser) do(req *http.Request) string {
	b.w.Helper()
	req.Header.Set("User-Agent", "Mozilla/5.0 (Linux; Android 15) Mobile")
	res, err := b.http.Do(req)
	b.w.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	b.w.must(err)
	b.page, b.at = string(text), res.Request.URL
	return b.page
}

var (
	formBegins = regexp.MustCompile(`(?s)<form[^>]*>.*?</form>`)
	hidden     = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
	leads      = regexp.MustCompile(`action="([^"]*)"`)
)

// press sends the first form on the page that holds a text, with some more fields, and shows what comes of it.
func (b *browser) press(holds string, fields ...string) string {
	b.w.Helper()
	for _, form := range formBegins.FindAllString(b.page, -1) {
		if !strings.Contains(form, holds) {
			continue
		}
		values := url.Values{}
		for _, f := range hidden.FindAllStringSubmatch(form, -1) {
			values.Set(f[1], f[2])
		}
		for i := 0; i < len(fields); i += 2 {
			values.Set(fields[i], fields[i+1])
		}
		to, err := b.at.Parse(leads.FindStringSubmatch(form)[1])
		b.w.must(err)
		req, err := http.NewRequest(http.MethodPost, to.String(), strings.NewReader(values.Encode()))
		b.w.must(err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		return b.do(req)
	}
	b.w.Fatalf("the page has no form with %q:\n%s", holds, b.page)
	return ""
}

// shows holds the page to a text.
func (b *browser) shows(texts ...string) {
	b.w.Helper()
	for _, text := range texts {
		if !strings.Contains(b.page, text) {
			b.w.Errorf("the page does not show %q:\n%s", text, b.page)
		}
	}
}

// waits opens a link's page until it shows a text.
func (b *browser) waits(address, text string) {
	b.w.Helper()
	for range 300 {
		if strings.Contains(b.open(address), text) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.w.Fatalf("the page never shows %q:\n%s", text, b.page)
}
