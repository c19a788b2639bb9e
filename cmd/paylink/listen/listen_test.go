package listen

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"
)

// Strangers hold connections open: the database's descriptors must be left, and so must the process's
// own way out.
func TestConnectionsLeaveDescriptorsForTheRest(t *testing.T) {
	for _, c := range []struct {
		wanted int
		limit  uint64
		want   int
		wrong  string
	}{
		{0, 1 << 20, 10_000, ""},
		{0, 4096, 3328, ""},
		{0, 1024, 512, ""}, // where there are few, half of them
		{0, 64, 32, ""},
		{0, 1, 1, ""},
		{50_000, 1 << 20, 50_000, ""},
		{3328, 4096, 3328, ""},
		{3329, 4096, 0, "raise LimitNOFILE= (ulimit -n) to 4097"},
	} {
		got, err := divide(c.wanted, c.limit)
		if got != c.want || c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
			t.Errorf("%d of %d descriptors: %d %v, want %d %q", c.wanted, c.limit, got, err, c.want, c.wrong)
		}
	}
}

// One more than may be open waits until another is closed: it is neither served, which would cost a
// descriptor, nor lost.
func TestConnectionsPastTheBoundWait(t *testing.T) {
	l, err := Open(Options{Public: "127.0.0.1:0", Admin: "127.0.0.1:0", MaxConnections: 2, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan net.Conn, 3)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := l.Public.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	for range 3 {
		c, err := net.Dial("tcp", l.Public.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	first := <-accepted
	defer (<-accepted).Close()
	select {
	case <-accepted:
		t.Error("a third connection is served, and two are allowed")
	case <-time.After(100 * time.Millisecond):
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	defer (<-accepted).Close()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	<-ended
}

// A server whose second address is taken must let go of the first, or its next start fails on that.
func TestOpenLetsGoOfWhatItHadWhenAnAddressIsTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	public := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = Open(Options{Public: public, Admin: taken.Addr().String(), Log: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), taken.Addr().String()) {
		t.Errorf("the error does not name the address: %v", err)
	}
	again, err := net.Listen("tcp", public)
	if err != nil {
		t.Fatalf("the first address is still held: %v", err)
	}
	defer again.Close()
}

// An operator who sets a name for TLS and has no right to port 80 must read what to do, not only "permission
// denied".
func TestRefusedPortsSayWhatToDo(t *testing.T) {
	denied := &net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", syscall.EACCES)}
	if got := explain(denied).Error(); !strings.Contains(got, "permission denied (") || !strings.Contains(got, "PAYLINK_HTTP_LISTEN=off") {
		t.Error(got)
	}
	taken := &net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}
	if got := explain(taken); got != taken {
		t.Error(got)
	}
}

// The redirect is a door for phishing as soon as a stranger can choose where it leads.
func TestRedirectLeadsToOurNamesOnly(t *testing.T) {
	for _, c := range []struct{ port, host, target, want string }{
		{"", "pay.example", "/abc?x=1", "https://pay.example/abc?x=1"},
		{"443", "pay.example:80", "/abc", "https://pay.example/abc"},
		{"8443", "PAY.example.", "/abc", "https://pay.example:8443/abc"},
		{"", "evil.example", "/abc", ""},
		{"", "pay.example.evil.example", "/", ""},
		{"", "pay.example@evil.example", "/", ""},
		{"", "", "/", ""},
		{"", "pay.example", "//evil.example/x", "https://pay.example//evil.example/x"},
		{"", "pay.example", "*", "https://pay.example/"},
		{"", "pay.example", "x:.evil.example", "https://pay.example/"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		parsed, err := r.URL.Parse(c.target)
		if err != nil {
			t.Fatal(err)
		}
		if c.target == "*" {
			parsed.Path = "*"
		}
		r.Host, r.URL = c.host, parsed
		if strings.HasPrefix(c.target, "//") {
			r.URL.Host, r.URL.Path = "", c.target
		}
		w := httptest.NewRecorder()
		redirect{hosts: []string{"pay.example"}, port: c.port}.ServeHTTP(w, r)
		want := http.StatusPermanentRedirect
		if c.want == "" {
			want = http.StatusMisdirectedRequest
		}
		if w.Code != want || w.Header().Get("Location") != c.want {
			t.Errorf("%s %s: %d %q, want %q", c.host, c.target, w.Code, w.Header().Get("Location"), c.want)
		}
	}
}

// What net/http and certmagic report holds addresses of strangers and of the operator; none of them
// may reach the log.
func TestForeignLinesLoseTheirAddresses(t *testing.T) {
	var out bytes.Buffer
	ours := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	std := log.New(Lines(ours), "", 0)
	std.Printf("http: TLS handshake error from 203.0.113.9:4711: tls: client offered only unsupported versions")
	std.Printf("http: panic serving [2001:db8::9]:4711: broken")
	std.Printf("http: Accept error: accept tcp 127.0.0.1:1: too many open files; retrying in 5ms")
	z := zap.New(warnings{log: ours}).With(zap.String("remote", "203.0.113.9"), zap.Strings("identifiers", []string{"pay.example"}))
	z.Info("waiting on internal rate limiter")
	z.Warn("looking up info for HTTP challenge", zap.String("remote_addr", "203.0.113.9"), zap.Strings("contact", []string{"mailto:owner@pay.example"}))
	z.Error("will retry", zap.Error(errors.New("no such name")), zap.Int("attempt", 2))
	z.Error("job failed", zap.Error(fmt.Errorf("obtaining: %w", io.EOF)))
	got := out.String()
	for _, secret := range []string{"203.0.113.9", "2001:db8", "owner@", "rate limiter"} {
		if strings.Contains(got, secret) {
			t.Errorf("%q is in the log:\n%s", secret, got)
		}
	}
	for _, wanted := range []string{
		`"msg":"tls.refused","error":"tls: client offered only`, `"msg":"http.server","what":"http: panic serving`, "too many open files",
		`"msg":"tls.acme","what":"will retry","identifiers":["pay.example"],"attempt":2,"error":"no such name"`,
	} {
		if !strings.Contains(got, wanted) {
			t.Errorf("%q is not in the log:\n%s", wanted, got)
		}
	}
}

// Keys that others on the machine can read are no secret; the operator hears of it before the first
// one is written.
func TestFolderOfKeysIsForOneAccount(t *testing.T) {
	dir := t.TempDir() + "/made/tls"
	if err := ownFolder(dir); err != nil {
		t.Fatal(err)
	}
	about, err := os.Stat(dir)
	if err != nil || about.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", about, err)
	}
	if err := os.Chmod(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := ownFolder(dir); err == nil || !strings.Contains(err.Error(), "chmod 700") {
		t.Errorf("a folder that others can look into is accepted: %v", err)
	}
}
