package respond

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"paylink"
)

var noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

func edge(log *bytes.Buffer) Edge {
	return Edge{Log: slog.New(slog.NewJSONHandler(log, nil)), Now: func() time.Time { return noon }, Secure: true}
}

// Each kind of error has its status and shape, and an unknown one tells nothing of itself: an error's
// text may name tables, hosts and people.
func TestKindsBecomeStatuses(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{&paylink.Invalid{Fields: []paylink.Field{{Pointer: "/amount", Code: "too_small", Detail: "More."}}},
			`422 {"type":"urn:paylink:problem:invalid_values","title":"Some values cannot be","status":422,"detail":"Some values cannot be. Each is listed with its reason.","code":"invalid_values","instance":"urn:paylink:request:abcdefgh","errors":[{"pointer":"/amount","detail":"More.","code":"too_small"}]}`},
		{&paylink.Invalid{Fields: []paylink.Field{{Code: "idempotency_key_reused", Detail: "Used."}}},
			`422 {"type":"urn:paylink:problem:idempotency_key_reused","title":"Some values cannot be","status":422,"detail":"Used.","code":"idempotency_key_reused","instance":"urn:paylink:request:abcdefgh"}`},
		{fmt.Errorf("read: %w", &paylink.NotFound{Kind: "payment_link", ID: "<secret>"}),
			`404 {"type":"urn:paylink:problem:not_found","title":"There is no such thing","status":404,"detail":"There is no such payment link.","code":"not_found","instance":"urn:paylink:request:abcdefgh"}`},
		{&paylink.Conflict{Code: "reference_in_use", Detail: "In use.", Other: "plink_1"},
			`409 {"type":"urn:paylink:problem:reference_in_use","title":"The present state does not allow it","status":409,"detail":"In use.","code":"reference_in_use","instance":"urn:paylink:request:abcdefgh","other":"plink_1"}`},
		{&paylink.Refused{Code: "no", Detail: "No."}, `403 {"type":"urn:paylink:problem:no","title":"This is not allowed","status":403,"detail":"No.","code":"no","instance":"urn:paylink:request:abcdefgh"}`},
		{&paylink.Refused{Code: "unauthenticated", Detail: "Who?"}, `401 {"type":"urn:paylink:problem:unauthenticated","title":"Who is asking is not known","status":401,"detail":"Who?","code":"unauthenticated","instance":"urn:paylink:request:abcdefgh"}`},
		{&paylink.Refused{Code: "too_many_attempts", Detail: "Wait."}, `429 {"type":"urn:paylink:problem:too_many_attempts","title":"Too many requests","status":429,"detail":"Wait.","code":"too_many_attempts","instance":"urn:paylink:request:abcdefgh"}`},
		{&paylink.Expired{Code: "token_spent", Detail: "Spent."}, `410 {"type":"urn:paylink:problem:token_spent","title":"This was good once","status":410,"detail":"Spent.","code":"token_spent","instance":"urn:paylink:request:abcdefgh"}`},
		{&paylink.Expired{Code: "session_expired", Detail: "Again."}, `401 {"type":"urn:paylink:problem:session_expired","title":"Who is asking is not known","status":401,"detail":"Again.","code":"session_expired","instance":"urn:paylink:request:abcdefgh"}`},
		{errors.New("disk of db7 is full"), `500 {"type":"urn:paylink:problem:internal","title":"Something went wrong","status":500,"detail":"Something went wrong on our side. It is logged under this request's id.","code":"internal","instance":"urn:paylink:request:abcdefgh"}`},
		{fmt.Errorf("wait: %w", context.DeadlineExceeded), `503 {"type":"urn:paylink:problem:timeout","title":"Not at the moment","status":503,"detail":"It took too long. Nothing is known to have happened; ask again with the same Idempotency-Key.","code":"timeout","instance":"urn:paylink:request:abcdefgh"}`},
	} {
		var log bytes.Buffer
		rec := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("X-Request-Id", "abcdefgh")
		edge(&log).Around(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { Fail(w, r, c.err) })).ServeHTTP(rec, r)
		if got := fmt.Sprint(rec.Code, " ", strings.TrimSpace(rec.Body.String())); got != c.want {
			t.Errorf("%v:\ngot  %s\nwant %s", c.err, got, c.want)
		}
		if rec.Header().Get("Content-Type") != "application/problem+json" || strings.Contains(log.String(), "db7") != (rec.Code == 500) {
			t.Errorf("%v: %v, logged %s", c.err, rec.Header(), log.String())
		}
	}
}

// A handler that breaks must not take the server's word with it: the caller gets a problem with its id,
// the operator a stack under the same id.
func TestPanicIsAProblem(t *testing.T) {
	var log bytes.Buffer
	rec := httptest.NewRecorder()
	edge(&log).Around(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") })).ServeHTTP(rec, httptest.NewRequest("GET", "/x", nil))
	id := rec.Header().Get("X-Request-Id")
	if rec.Code != 500 || !strings.Contains(rec.Body.String(), id) || strings.Contains(rec.Body.String(), "boom") || strings.Count(log.String(), id) != 2 {
		t.Errorf("%d %s\n%s", rec.Code, rec.Body, log.String())
	}
	half := edge(&log).Around(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "half")
		panic("boom")
	}))
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("half an answer looks whole: %v", p)
		}
	}()
	half.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/x", nil))
}

// An id from outside goes into logs and answers; only a sane one may.
func TestRequestIDs(t *testing.T) {
	for given, kept := range map[string]bool{
		"abcdefgh": true, "order-1042.retry_2": true, "short": false, "": false, strings.Repeat("a", 65): false, "a b c d e f": false, "abcdefgh\n{}": false, "ключключ": false,
	} {
		got := requestID(given)
		if kept && got != given || !kept && (got == given || !strings.HasPrefix(got, "req_") || len(got) != 28) {
			t.Errorf("%q: %q", given, got)
		}
	}
	if first, second := requestID(""), requestID(""); first == second {
		t.Error("two requests share an id")
	}
}

// The path of a payment page holds the link's code, and a method can hold anything: neither is logged.
func TestLogLineHasThePatternOnly(t *testing.T) {
	var log bytes.Buffer
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{code}", func(w http.ResponseWriter, r *http.Request) {
		LineOf(r.Context()).Merchant = "mer_1"
		fmt.Fprint(w, "hello")
	})
	h := edge(&log).Around(Routes(mux))
	for _, method := range []string{"GET", "SECRET"} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, "/secretcode?q=secret", nil))
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	var first map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil {
		t.Fatal(err)
	}
	delete(first, "time")
	delete(first, "id")
	want := map[string]any{"level": "INFO", "msg": "http.request", "method": "GET", "route": "GET /{code}", "status": 200.0, "bytes": 5.0, "took": 0.0, "merchant": "mer_1"}
	if fmt.Sprint(first) != fmt.Sprint(want) || strings.Contains(strings.ToLower(log.String()), "secret") {
		t.Errorf("%s", log.String())
	}
}

// Whoever can choose his own address gets around every limit: only what our own proxies added counts.
func TestClientIsWhoOurProxiesSaw(t *testing.T) {
	proxies, err := ParseProxies([]string{"10.0.0.0/8", "192.0.2.1", "2001:db8::/32"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ peer, forwarded, want string }{
		{"203.0.113.9:1", "", "203.0.113.9"},
		{"203.0.113.9:1", "198.51.100.1", "203.0.113.9"}, // not from a proxy: not believed
		{"10.0.0.1:1", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:1", "6.6.6.6, 198.51.100.1", "198.51.100.1"}, // the left one is the client's invention
		{"10.0.0.1:1", "198.51.100.1, 192.0.2.1", "198.51.100.1"},
		{"10.0.0.1:1", "nonsense", "10.0.0.1"},
		{"10.0.0.1:1", "6.6.6.6, nonsense, 10.0.0.2", "10.0.0.2"},
		{"[::ffff:10.0.0.1]:1", "198.51.100.1", "198.51.100.1"},
		{"[2001:db8::1]:1", "2001:db9::7", "2001:db9::7"},
		{"pipe", "198.51.100.1", "invalid IP"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := proxies.Client(r).String(); got != c.want {
			t.Errorf("%s via %q: %s, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
	if _, err := ParseProxies([]string{"everybody"}); err == nil {
		t.Error("a proxy without an address is accepted")
	}
}

// A cursor is a place in one list: nothing else that looks like one may reach the database.
func TestCursorsAreTiedToTheirList(t *testing.T) {
	c := Cursor("list a", "plink_1")
	if got, err := Position("list a", c); err != nil || got != "plink_1" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := Position("list a", ""); err != nil || got != "" {
		t.Errorf("%q, %v", got, err)
	}
	for name, wrong := range map[string]string{
		"another list's": Cursor("list b", "plink_1"), "cut": c[:8], "longer": c + "!", "with NUL": Cursor("list a", "a\x00"), "with quotes": Cursor("list a", "a' OR 1=1"),
		"huge": Cursor("list a", strings.Repeat("a", 300)), "of nothing": Cursor("list a", ""),
	} {
		var invalid *paylink.Invalid
		if got, err := Position("list a", wrong); !errors.As(err, &invalid) || invalid.Fields[0].Pointer != "/cursor" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// Two hundred requests at once against a limit of a hundred: a hundred pass, not one more.
func TestLimitHoldsUnderARush(t *testing.T) {
	l := NewLimiter("key", 1, 100, func() time.Time { return noon })
	results := make(chan error, 200)
	for range 200 {
		go func() { results <- l.Take(http.Header{}, "key_1") }()
	}
	passed := 0
	for range 200 {
		if <-results == nil {
			passed++
		}
	}
	if passed != 100 || !l.Empty("key_1") || l.Empty("key_2") {
		t.Errorf("%d passed", passed)
	}
	if err := NewLimiter("key", 0, 0, nil).Take(http.Header{}, "key_1"); err != nil {
		t.Errorf("no limit: %v", err)
	}
}

// A caller leaves in the middle of a body and a second status is written: net/http complained of that in
// the log, in words that are none of ours, and the request was counted under the wrong one.
func TestFirstStatusStands(t *testing.T) {
	var log bytes.Buffer
	statuses := &counted{ResponseWriter: httptest.NewRecorder()}
	edge(&log).Around(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusOK)
		w.WriteHeader(499)
	})).ServeHTTP(statuses, httptest.NewRequest("GET", "/", nil))
	if fmt.Sprint(statuses.got) != "[103 200]" || !strings.Contains(log.String(), `"status":200`) {
		t.Errorf("written %v, logged %s", statuses.got, log.String())
	}
}

// counted keeps the statuses that were written.
type counted struct {
	http.ResponseWriter
	got []int
}

func (c *counted) WriteHeader(status int) { c.got = append(c.got, status) }
