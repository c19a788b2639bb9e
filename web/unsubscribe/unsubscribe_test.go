package unsubscribe_test

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/dispatch"
	"paylink/keyring"
	"paylink/store"
	"paylink/store/storetest"
	"paylink/token"
	"paylink/web/unsubscribe"
)

var now = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

// door is the door, with a letter that offers a click.
type door struct {
	*testing.T
	store *store.Store
	mux   *http.ServeMux
	path  string
}

func openDoor(t *testing.T, s *store.Store) door {
	t.Helper()
	text, err := keyring.Generate(rand.Reader, now)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	d := door{T: t, store: s, mux: http.NewServeMux()}
	d.mux.Handle(unsubscribe.Path, unsubscribe.New(unsubscribe.Deps{
		Dispatch: dispatch.New(dispatch.Deps{Store: s, Ring: ring, Now: func() time.Time { return now }, Log: quiet}), Log: quiet,
	}))
	err = s.Write(t.Context(), func(tx *store.Tx) error {
		tx.InsertMerchant(paylink.Merchant{ID: "mer_1", Name: "Acme <b>\u202e", Locale: "hi", CreatedAt: now})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	key, err := token.AddressKey(ring, "mer_1", true, paylink.ChannelEmail, "asha@example.com")
	if err != nil {
		t.Fatal(err)
	}
	click, err := token.SignUnsubscribe(ring, token.Unsubscribe{Merchant: "mer_1", Live: true, Channel: paylink.ChannelEmail, Address: key, Message: "msg_1"})
	if err != nil {
		t.Fatal(err)
	}
	d.path = "/u/" + click
	return d
}

func (d door) call(method, path, language, body string) *httptest.ResponseRecorder {
	d.Helper()
	r := httptest.NewRequestWithContext(d.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Accept-Language", language)
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	d.mux.ServeHTTP(w, r)
	return w
}

func (d door) entries() int {
	d.Helper()
	all, err := d.store.Read(d.Context()).Suppressions("mer_1", true, "", 10)
	if err != nil {
		d.Fatal(err)
	}
	return len(all)
}

// A scanner that opens every address in a letter unsubscribes its reader; or a mail program's click, which has
// no cookie, language or page before it, does nothing.
func TestOnlyThePostEndsLetters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := openDoor(t, s)
		for range 2 {
			for _, method := range []string{"GET", "HEAD"} {
				if got := d.call(method, d.path, "en", ""); got.Code != 200 || d.entries() != 0 {
					t.Fatalf("%s: %d, %d entries", method, got.Code, d.entries())
				}
			}
		}
		page := d.call("GET", d.path, "en", "").Body.String()
		if !strings.Contains(page, "No more e-mails from Acme &lt;b&gt;?") || !strings.Contains(page, `<button class="button" type="submit"`) || strings.ContainsAny(page, "⟦\u202e") {
			t.Errorf("the page is %s", page)
		}
		for range 2 {
			got := d.call("POST", d.path, "", "List-Unsubscribe=One-Click")
			if got.Code != 200 || len(got.Result().Cookies()) != 0 || !strings.Contains(got.Body.String(), "अब कोई ई-मेल नहीं") || d.entries() != 1 {
				t.Errorf("%d, cookies %v, %d entries: %s", got.Code, got.Result().Cookies(), d.entries(), got.Body)
			}
		}
		if page := d.call("GET", d.path, "en", "").Body.String(); strings.Contains(page, "<button") {
			t.Errorf("there is still something to press: %s", page)
		}
	})
}

// A forged or cut address tells whether a customer is known, or lands in a stranger's cache.
func TestForeignClicksEndNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := openDoor(t, s)
		for _, path := range []string{"/u/x", d.path[:len(d.path)-2], d.path + "A", "/u/" + strings.Repeat("A", 5000)} {
			for _, method := range []string{"GET", "POST"} {
				got := d.call(method, path, "en", "")
				if got.Code != 404 || strings.Contains(got.Body.String(), "Acme") || d.entries() != 0 {
					t.Errorf("%s %.40s: %d", method, path, got.Code)
				}
			}
		}
		if got := d.call("DELETE", d.path, "en", ""); got.Code != 405 || got.Header().Get("Allow") != "GET, HEAD, POST" {
			t.Errorf("DELETE: %d, %q", got.Code, got.Header().Get("Allow"))
		}
		header := d.call("GET", d.path, "en", "").Header()
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
		} {
			if header.Get(name) != want {
				t.Errorf("%s is %q", name, header.Get(name))
			}
		}
	})
}
