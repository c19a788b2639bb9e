package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// asked is one request as a server saw it.
type asked struct{ method, path, query, key, body, authorization string }

// answering is a server that gives its answers one after the other and keeps what it was asked.
type answering struct {
	*httptest.Server
	mu    sync.Mutex
	asked []asked
	left  []http.HandlerFunc
}

func answer(t *testing.T, handlers ...http.HandlerFunc) (*answering, *Client) {
	t.Helper()
	s := &answering{left: handlers}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.asked = append(s.asked, asked{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Get("Idempotency-Key"), string(body), r.Header.Get("Authorization")})
		if len(s.left) == 0 {
			s.mu.Unlock()
			t.Errorf("an answer more was asked for: %s %s", r.Method, r.URL)
			return
		}
		next := s.left[0]
		s.left = s.left[1:]
		s.mu.Unlock()
		next(w, r)
	}))
	t.Cleanup(s.Close)
	c, err := New(Config{Server: s.URL, Key: "sk_test_abc"})
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func says(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if status >= 400 {
			w.Header().Set("Content-Type", "application/problem+json")
		}
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// breaks ends the connection without an answer.
func breaks(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// A connection breaks while a link is being made, and nobody knows whether it was made. The call is
// repeated with the key that it had, and so makes one link.
func TestBrokenCreateIsRepeatedWithItsKey(t *testing.T) {
	s, c := answer(t, breaks, says(503, `{"code":"busy"}`), says(409, `{"code":"idempotency_in_flight"}`), says(201, `{"id":"plink_1","amount":500}`))
	link, err := c.CreatePaymentLink(t.Context(), NewPaymentLink{Amount: 500, Currency: "INR"})
	if err != nil || link.ID != "plink_1" {
		t.Fatalf("%+v, %v", link, err)
	}
	for _, a := range s.asked {
		if a.key == "" || a != s.asked[0] || a.body != `{"amount":500,"currency":"INR"}` || a.authorization != "Bearer sk_test_abc" {
			t.Errorf("asked %+v, first %+v", a, s.asked[0])
		}
	}
}

// A change without a key may have happened when its connection breaks; making it again would do it twice.
func TestBrokenChangeWithoutKeyIsNotRepeated(t *testing.T) {
	_, c := answer(t, breaks)
	if _, err := c.CancelPaymentLink(t.Context(), "plink_1", IdempotencyKey("")); err == nil {
		t.Error("no error")
	}
	_, c = answer(t, says(503, `{"code":"timeout","detail":"It took too long."}`))
	_, err := c.CancelPaymentLink(t.Context(), "plink_1", IdempotencyKey(""))
	var p *Problem
	if !errors.As(err, &p) || p.Code != "timeout" {
		t.Errorf("%v", err)
	}
}

// What was deleted by an attempt whose answer was lost is deleted, and not an error.
func TestDeletedByLostAttempt(t *testing.T) {
	_, c := answer(t, breaks, says(404, `{"code":"not_found"}`))
	if err := c.DeleteWebhookEndpoint(t.Context(), "we_1"); err != nil {
		t.Error(err)
	}
	_, c = answer(t, says(404, `{"code":"not_found"}`))
	if err := c.DeleteWebhookEndpoint(t.Context(), "we_1"); err == nil {
		t.Error("what never was is deleted without a word")
	}
}

// A server under load says when to come back. Whoever comes earlier makes it worse, and whoever waits for
// an hour without a word hangs.
func TestRetryAfterIsHonoured(t *testing.T) {
	_, c := answer(t, says(429, `{"code":"rate_limited"}`, "Retry-After", "1"), says(200, `{"id":"mer_1"}`))
	began := time.Now()
	if m, err := c.GetMerchant(t.Context()); err != nil || m.ID != "mer_1" || time.Since(began) < time.Second {
		t.Errorf("%+v, %v after %v", m, err, time.Since(began))
	}
	_, c = answer(t, says(429, `{"code":"rate_limited"}`, "Retry-After", "3600"))
	_, err := c.GetMerchant(t.Context())
	var p *Problem
	if !errors.As(err, &p) || p.RetryAfter != time.Hour {
		t.Errorf("%v", err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	_, c = answer(t, says(503, `{"code":"busy"}`, "Retry-After", "30"))
	if _, err := c.GetMerchant(ctx); !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &p) {
		t.Errorf("the caller's patience ended: %v", err)
	}
}

// Whoever is refused must learn which fields are wrong and what to tell support; and refusals are not
// repeated.
func TestProblemsAreTyped(t *testing.T) {
	_, c := answer(t, says(422, `{"type":"urn:paylink:problem:invalid_values","title":"Some values cannot be","status":422,"detail":"Some values cannot be.",
		"code":"invalid_values","errors":[{"pointer":"/amount","detail":"At least 1.","code":"too_small"},{"pointer":"/currency","detail":"Not known.","code":"unknown"}]}`, "X-Request-Id", "r1"))
	_, err := c.CreatePaymentLink(t.Context(), NewPaymentLink{})
	var p *Problem
	if !errors.As(err, &p) || p.Status != 422 || p.Errors[0].Pointer != "/amount" || p.RequestID != "r1" {
		t.Fatalf("%+v", err)
	}
	if got, want := err.Error(), "Some values cannot be: amount: At least 1; currency: Not known (invalid_values, request r1)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	_, c = answer(t, says(500, "<html>", "Content-Type", "text/html"))
	if _, err := c.GetPayment(t.Context(), "pay_1"); err == nil || err.Error() != "the server answered 500 Internal Server Error (http_500)" {
		t.Errorf("%v", err)
	}
	_, c = answer(t, says(301, "", "Location", "https://elsewhere.example"))
	if _, err := c.GetPayment(t.Context(), "pay_1"); !errors.As(err, &p) || p.Code != "redirected" {
		t.Errorf("a redirect was followed with the key: %v", err)
	}
}

// A list of three pages is one list, asked for with the same filters to its end, and not asked further
// than the caller reads.
func TestListsGoOnByThemselves(t *testing.T) {
	pages := []http.HandlerFunc{
		says(200, `{"data":[{"id":"plink_3"},{"id":"plink_2", "new":1}],"next_cursor":"x"}`), says(200, `{"data":[{"id":"plink_1"}],"next_cursor":null}`),
	}
	s, c := answer(t, pages...)
	var ids []string
	var text json.RawMessage
	for l, err := range c.ListPaymentLinks(t.Context(), LinkFilter{Page: Page{Limit: 2}, Phone: "+919812345642", CreatedAfter: time.Unix(0, 0)}, Verbatim(&text)) {
		if err != nil {
			t.Fatal(err)
		}
		if ids = append(ids, l.ID); l.ID == "plink_2" && string(text) != `{"id":"plink_2", "new":1}` {
			t.Errorf("verbatim %s", text)
		}
	}
	want := "created_after=1970-01-01T00%3A00%3A00Z&limit=2&phone=%2B919812345642"
	if fmt.Sprint(ids) != "[plink_3 plink_2 plink_1]" || s.asked[0].query != want || s.asked[1].query != strings.Replace(want, "&limit", "&cursor=x&limit", 1) {
		t.Errorf("%v, asked %+v", ids, s.asked)
	}
	s, c = answer(t, pages[0])
	for range c.ListPaymentLinks(t.Context(), LinkFilter{}) {
		break
	}
	if len(s.asked) != 1 {
		t.Errorf("%+v", s.asked)
	}
}

// An id comes from somewhere else: empty, it would turn a read into a list, and a path in it would lead to
// another call.
func TestIDsStayInTheirPlace(t *testing.T) {
	s, c := answer(t, says(404, `{"code":"not_found"}`))
	for _, id := range []string{"", ".", ".."} {
		if _, err := c.CancelPaymentLink(t.Context(), id); err == nil {
			t.Errorf("%q was sent", id)
		}
	}
	if _, err := c.GetPayment(t.Context(), "a/../b?c#d"); err == nil || s.asked[0].path != "/v1/payments/a%2F..%2Fb%3Fc%23d" {
		t.Errorf("%v, asked %+v", err, s.asked)
	}
}

// A key that travels unencrypted belongs to everybody on the way.
func TestKeyTravelsEncrypted(t *testing.T) {
	for _, good := range []Config{{Server: "https://pay.example"}, {Server: "http://127.0.0.1:8080/"}, {Server: "http://[::1]:8080"}, {Server: "http://localhost"}, {Server: "http://pay.example", Plain: true}} {
		good.Key = "sk_test_abc"
		if _, err := New(good); err != nil {
			t.Errorf("%+v: %v", good, err)
		}
	}
	for _, bad := range []Config{{Server: "http://pay.example"}, {Server: "pay.example"}, {Server: "https://a:b@pay.example"}, {Server: "https://pay.example/v1"}, {Server: "ftp://pay.example"}, {}} {
		bad.Key = "sk_test_abc"
		if _, err := New(bad); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	for _, key := range []string{"", "sk test", "sk_test_a\n"} {
		if _, err := New(Config{Server: "https://pay.example", Key: key}); err == nil || key != "" && strings.Contains(err.Error(), key) {
			t.Errorf("%q: %v", key, err)
		}
	}
}

// A sandbox in a process of its own is somebody else, and must not learn the key; and a customer pays once,
// however the walk ends.
func TestSandboxApartDoesNotLearnTheKey(t *testing.T) {
	s, inside := answer(t, says(200, `{"status":"captured"}`), says(200, `{"status":"captured"}`), breaks)
	apart, err := New(Config{Server: "https://pay.example", Key: "sk_test_abc", Sandbox: s.URL + "/elsewhere"})
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []*Client{inside, apart, apart} {
		if paid, err := c.PayInSandbox(t.Context(), SandboxPayment{URL: "u"}); (err != nil) != (i == 2) || err == nil && paid.Status != "captured" {
			t.Errorf("%d: %+v, %v", i, paid, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked[0].authorization == "" || s.asked[0].path != "/sandbox/pay" || s.asked[1].authorization != "" || s.asked[1].path != "/elsewhere/pay" || len(s.asked) != 3 {
		t.Errorf("%+v", s.asked)
	}
}

// An answer without end must not fill the memory of whoever asked.
func TestAnswersAreBounded(t *testing.T) {
	_, c := answer(t, func(w http.ResponseWriter, _ *http.Request) {
		for range maxAnswer/1024 + 2 {
			if _, err := w.Write(make([]byte, 1024)); err != nil {
				return
			}
		}
	})
	if _, err := c.GetPaymentLinkQRPNG(t.Context(), "plink_1"); err == nil || !strings.Contains(err.Error(), "larger") {
		t.Errorf("%v", err)
	}
}
