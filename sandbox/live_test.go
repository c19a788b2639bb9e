package sandbox

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// serve runs a sandbox on a loopback port until the test ends.
func serve(t *testing.T, paylink string) (s *Sandbox, url string) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	url = "http://" + server.Listener.Addr().String() + "/sandbox"
	s, err := New(Config{Master: master, URL: url, Paylink: paylink, Now: time.Now, LateAfter: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = s
	server.Start()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		server.Close() // hangs if a stream does not end with Run
	})
	return s, url
}

// Messages must appear on an open phone page within a quarter of a second, and only on the page of
// their own merchant.
func TestOpenPhoneHearsOfItsMerchantsMessages(t *testing.T) {
	s, url := serve(t, "")
	listen := func(merchant string) *bufio.Scanner {
		r, err := http.NewRequestWithContext(t.Context(), "GET", url+"/stream", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Sandbox-Merchant", merchant)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { res.Body.Close() })
		return bufio.NewScanner(res.Body)
	}
	next := func(in *bufio.Scanner) string {
		for in.Scan() {
			if in.Text() != "" {
				return in.Text()
			}
		}
		return ""
	}
	mine, theirs := listen("mer_1"), listen("mer_2")
	for _, in := range []*bufio.Scanner{mine, theirs} {
		if got := next(in) + next(in); got != "event: changeddata: {}" {
			t.Fatalf("the first event is %q", got)
		}
	}
	heard := make(chan time.Time, 1)
	go func() { next(theirs); heard <- time.Now() }()
	begin := time.Now()
	s.call(t, account, "POST", "/sandbox/carrier/sms/messages", aMessage("msg_1", "+919812345642"))
	if got := next(mine); got != "event: changed" {
		t.Errorf("heard %q", got)
	}
	if after := time.Since(begin); after > 250*time.Millisecond {
		t.Errorf("heard after %s", after)
	}
	select {
	case <-heard:
		t.Error("the neighbour's page heard it too")
	case <-time.After(150 * time.Millisecond):
	}
}

// Paylink owns the clock: the sandbox passes the advance on in the name of whoever asked, and shows
// what the clock says.
func TestClockIsPaylinks(t *testing.T) {
	var asked []string
	ahead := time.Duration(0)
	paylink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Advance string }
		json.NewDecoder(r.Body).Decode(&body)
		asked = append(asked, r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization")+" "+r.Header.Get("Cookie")+" "+body.Advance)
		d, err := time.ParseDuration(body.Advance)
		if r.Method == "POST" && err != nil {
			problem(w, 422, "invalid", "No duration.", nil)
			return
		}
		ahead += d
		answer(w, 200, map[string]any{"now": time.Now().Add(ahead), "offset": ahead.String()})
	}))
	t.Cleanup(paylink.Close)
	s, _ := serve(t, paylink.URL)
	form := httptest.NewRequest("POST", "/sandbox/clock", strings.NewReader("advance=24h"))
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	form.Header.Set("Authorization", "Bearer sk_test_1")
	form.Header.Set("Cookie", "session=1")
	if w := s.do(form); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/sandbox/" {
		t.Errorf("the form was answered %d %q", w.Code, w.Header().Get("Location"))
	}
	if len(asked) != 1 || asked[0] != "POST /sandbox/clock Bearer sk_test_1 session=1 24h" {
		t.Errorf("paylink was asked %q", asked)
	}
	if w := s.call(t, "", "POST", "/sandbox/clock", map[string]string{"advance": "1h"}); w.Code != 200 || !strings.Contains(w.Body.String(), `"offset":"25h0m0s"`) {
		t.Errorf("the program was answered %d %s", w.Code, w.Body)
	}
	if w := s.call(t, "", "POST", "/sandbox/clock", map[string]string{"advance": "soon"}); w.Code != 422 {
		t.Errorf("nonsense was answered %d", w.Code)
	}
	if w := s.press("/sandbox/clock", "advance=soon"); w.Header().Get("Location") != "/sandbox/?trouble=clock" {
		t.Errorf("nonsense in the form went to %q", w.Header().Get("Location"))
	}
	if body := s.get("/sandbox/").Body.String(); !strings.Contains(body, "25h ahead") {
		t.Error("the phone does not show how far the clock is ahead")
	}
}

// Where paylink leaves /sandbox/clock to the sandbox, asking it would be asking ourselves, for ever.
func TestClockIsNotAskedInACircle(t *testing.T) {
	s, url := serve(t, "")
	s.paylink = s.own.JoinPath("..")
	if w := s.get("/sandbox/clock"); w.Code != http.StatusBadGateway {
		t.Errorf("answered %d", w.Code)
	}
	res, err := http.Get(url + "/")
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("the phone answered %v, %v", res, err)
	}
	res.Body.Close()
}
