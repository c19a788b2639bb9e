package outbound

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// local serves a handler on loopback and gives its URL.
func local(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

// wantBroke fails unless the call broke at the given point.
func wantBroke(t *testing.T, what string, err error, when When) {
	t.Helper()
	var broke *Error
	if !errors.As(err, &broke) || broke.When != when {
		t.Errorf("%s: %v; want it broken as %s", what, err, when)
	}
}

// The plain case: status, headers and body come back, and a 500 is an answer and no error.
func TestAnswerComesBackWhole(t *testing.T) {
	url := local(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Retry-After", r.Header.Get("User-Agent"))
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write(append([]byte("got "), body...))
	})
	res, err := post(t, newClient(t, Options{AllowLoopback: true}), url)
	if err != nil || res.Status != 500 || string(res.Body) != "got {}" || res.Header.Get("Retry-After") != "paylink" {
		t.Errorf("Do = %+v, %v", res, err)
	}
	if res.Latency <= 0 || res.Cut {
		t.Errorf("latency %v, cut %t", res.Latency, res.Cut)
	}
}

// A redirect is how an allowed endpoint sends us to a forbidden one.
func TestRedirectsAreNotFollowed(t *testing.T) {
	canary := newCanary(t)
	for _, status := range []int{301, 302, 303, 307, 308} {
		url := local(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:"+canary.port+"/", status)
		})
		if res, err := post(t, newClient(t, Options{AllowLoopback: true}), url); err != nil || res.Status != status {
			t.Errorf("%d: %+v, %v; want the redirect itself", status, res, err)
		}
	}
	canary.wantConnects(t, 0)
}

// A proxy from the environment would connect wherever it is asked to, past the guard. Go reads those
// variables once in a process, so the calls are made in one of their own.
func TestProxyVariablesAreIgnored(t *testing.T) {
	if os.Getenv("PAYLINK_TEST_PROXIED") == "" {
		canary := newCanary(t)
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProxyVariablesAreIgnored$", "-test.count=1")
		child.Env = append(os.Environ(), "PAYLINK_TEST_PROXIED=1", "NO_PROXY=", "no_proxy=")
		for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"} {
			child.Env = append(child.Env, name+"=http://127.0.0.1:"+canary.port)
		}
		if out, err := child.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		canary.wantConnects(t, 0)
		return
	}
	// Loopback is allowed, or the guard would hide that the canary was asked for.
	c := newClient(t, Options{AllowLoopback: true, AllowHosts: []string{"nowhere.example:80"}, Resolver: resolverFor(t, nil)})
	_, err := post(t, c, "http://nowhere.example/")
	wantBroke(t, "an unknown name", err, NotSent)
	_, err = post(t, c, "https://elsewhere.example/")
	wantBroke(t, "an unknown name over TLS", err, NotSent)
}

// What the other side never saw is tried again at once; taking it for unknown costs a look-up, and
// taking unknown for unsent can pay twice.
func TestErrorSaysWhetherItWasSent(t *testing.T) {
	c := newClient(t, Options{AllowLoopback: true, Timeout: 300 * time.Millisecond, Resolver: resolverFor(t, nil)})

	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	_, err = post(t, c, "http://"+closed.Addr().String()+"/")
	wantBroke(t, "a closed port", err, NotSent)

	_, err = post(t, c, "https://nowhere.example/")
	wantBroke(t, "a name that does not exist", err, NotSent)

	silent := newCanary(t)
	_, err = post(t, c, "https://127.0.0.1:"+silent.port+"/")
	wantBroke(t, "a connection closed before TLS was up", err, NotSent)

	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a request was sent to a server whose certificate nobody signed")
	}))
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	secure.StartTLS()
	defer secure.Close()
	_, err = post(t, c, secure.URL)
	wantBroke(t, "an unknown certificate", err, NotSent)

	reset := local(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	_, err = post(t, c, reset)
	wantBroke(t, "a connection closed after the request", err, Unknown)

	_, err = post(t, c, local(t, untilGone))
	wantBroke(t, "no answer in time", err, Unknown)

	cancelled, cancel := context.WithCancel(t.Context())
	waiting := local(t, func(w http.ResponseWriter, r *http.Request) { cancel(); untilGone(w, r) })
	req, err := http.NewRequest(http.MethodGet, waiting, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Do(cancelled, req)
	wantBroke(t, "a caller who gave up after sending", err, Unknown)
	_, err = c.Do(cancelled, req)
	wantBroke(t, "a caller who had given up before", err, NotSent)
}

// untilGone reads the request and holds the answer back until the client has left.
func untilGone(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// A receiver that never ends must cost a bounded time and a bounded memory.
func TestSlowAndHugeReceiversAreCut(t *testing.T) {
	c := newClient(t, Options{AllowLoopback: true, Timeout: 300 * time.Millisecond, MaxResponse: 1000})
	endless := local(t, func(w http.ResponseWriter, r *http.Request) {
		chunk := make([]byte, 64<<10)
		for r.Context().Err() == nil {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	if res, err := post(t, c, endless); err != nil || res.Status != 200 || len(res.Body) != 1000 || !res.Cut {
		t.Errorf("endless body: status %d, %d bytes, cut %t, %v", res.Status, len(res.Body), res.Cut, err)
	}

	exact := local(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1000)) })
	if res, err := post(t, c, exact); err != nil || len(res.Body) != 1000 || res.Cut {
		t.Errorf("body of exactly the limit: %d bytes, cut %t, %v", len(res.Body), res.Cut, err)
	}

	dripping := local(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = w.Write([]byte("."))
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	res, err := post(t, c, dripping)
	wantBroke(t, "dripping body", err, Unknown)
	if res.Status != 200 || len(res.Body) == 0 || res.Latency > 3*time.Second {
		t.Errorf("dripping body: status %d, %d bytes after %v", res.Status, len(res.Body), res.Latency)
	}

	flood := local(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Flood", strings.Repeat("a", 1<<20))
	})
	_, err = post(t, c, flood)
	wantBroke(t, "a megabyte of headers", err, Unknown)

	squeezed := local(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "" {
			t.Error("compression was offered, so a small answer can become a huge one")
		}
	})
	if _, err := post(t, c, squeezed); err != nil {
		t.Error(err)
	}
}

// The path of an endpoint can be its password; errors and logs go to people who must not have it.
func TestErrorsAndLogsHoldNoPath(t *testing.T) {
	var log bytes.Buffer
	c := newClient(t, Options{
		Timeout: 300 * time.Millisecond, AllowLoopback: true, Resolver: resolverFor(t, map[string][][]string{"in.example": {{"10.0.0.1"}}}),
		Log: slog.New(slog.NewJSONHandler(&log, nil)),
	})
	for _, url := range []string{
		"https://in.example/hook-secret?k=hook-secret", "https://10.0.0.1/hook-secret",
		"https://nowhere.example/hook-secret", local(t, untilGone) + "/hook-secret",
	} {
		if _, err := post(t, c, url); err == nil || strings.Contains(err.Error(), "hook-secret") {
			t.Errorf("error: %v", err)
		}
	}
	if strings.Contains(log.String(), "hook-secret") || strings.Count(log.String(), "outbound.refused") != 2 {
		t.Errorf("log:\n%s", log.String())
	}
}

// roundTrip is a transport in a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A simulation's transport does not say when it connected; what it does not say counts as sent.
func TestUnguardedTransportIsUsedAndDoubted(t *testing.T) {
	broken := errors.New("pipe closed")
	answer := func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 204, Header: http.Header{}, Body: http.NoBody}, nil
	}
	fail := func(err error) roundTrip {
		return func(*http.Request) (*http.Response, error) { return nil, err }
	}
	if res, err := post(t, newClient(t, Options{UnguardedTransport: roundTrip(answer)}), "https://shop.example/"); err != nil || res.Status != 204 {
		t.Errorf("Do = %+v, %v", res, err)
	}
	_, err := post(t, newClient(t, Options{UnguardedTransport: fail(broken)}), "https://shop.example/")
	wantBroke(t, "a broken pipe", err, Unknown)
	_, err = post(t, newClient(t, Options{UnguardedTransport: fail(&net.OpError{Op: "dial", Err: broken})}), "https://shop.example/")
	wantBroke(t, "a failed dial", err, NotSent)
	_, err = post(t, newClient(t, Options{UnguardedTransport: roundTrip(answer)}), "https://10.0.0.1/")
	wantRefused(t, "a private address in a simulation", err)
}
