// Package tls runs the built program with TLS of its own, against an ACME server that is not ours
// (pebble), and looks at it as a browser does. Every address is on this machine.
package tls

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"paylink/story/built"
)

const (
	domain        = "pay.example"
	pebbleVersion = "github.com/letsencrypt/pebble/v2/cmd/pebble@v2.10.1"
)

// program and pebble are built once for all tests of the package.
var program, pebble string

// Without the two programs there is nothing to test: what cannot be built fails all.
func TestMain(m *testing.M) {
	os.Exit(built.Run(m, &program, func(dir string) error {
		pebble = filepath.Join(dir, "pebble")
		return built.Command(exec.Command("env", "GOBIN="+dir, "go", "install", pebbleVersion))
	}))
}

// server is a paylink serve with a folder of its own.
type server struct {
	dir     string
	public  string // 127.0.0.1:port
	plain   string
	admin   string
	env     []string
	process *exec.Cmd
	trusted *x509.CertPool
}

// newServer settles the addresses; nothing runs yet.
func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{dir: t.TempDir(), public: freeAddress(t), plain: freeAddress(t), admin: freeAddress(t)}
	s.env = []string{
		"PATH=" + os.Getenv("PATH"), "PAYLINK_DRAIN=0s", "PAYLINK_LISTEN=" + s.public, "PAYLINK_ADMIN_LISTEN=" + s.admin, "PAYLINK_HTTP_LISTEN=" + s.plain,
		"PAYLINK_PUBLIC_URL=https://" + domain + ":" + port(s.public),
	}
	t.Cleanup(func() {
		if s.process != nil {
			s.stop(t)
		}
		if t.Failed() {
			t.Logf("paylink said:\n%s", s.said(t))
		}
	})
	return s
}

// by lets the server have its certificates from an authority.
func (s *server) by(a *authority) {
	s.env = append(s.env, "PAYLINK_TLS_DOMAINS="+domain, "PAYLINK_TLS_EMAIL=operator@pay.example", "PAYLINK_TLS_DIRECTORY="+a.directory, "PAYLINK_TLS_CA="+a.roots)
	s.trusted = a.issued
}

func (s *server) start(t *testing.T) {
	t.Helper()
	log, err := os.OpenFile(s.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(t, err)
	defer log.Close()
	s.process = exec.Command(program, "serve")
	s.process.Dir, s.process.Env, s.process.Stderr = s.dir, s.env, log
	must(t, s.process.Start())
}

func (s *server) log() string { return filepath.Join(s.dir, "log") }

func (s *server) said(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(s.log())
	must(t, err)
	return string(text)
}

// stop ends it as a service manager would, and wants a clean end.
func (s *server) stop(t *testing.T) {
	t.Helper()
	_ = s.process.Process.Signal(syscall.SIGTERM)
	if err := s.process.Wait(); err != nil {
		t.Errorf("paylink serve ended: %v", err)
	}
	s.process = nil
}

// admins runs a command that prints JSON, with the server's settings.
func (s *server) admins(t *testing.T, into any, args ...string) {
	t.Helper()
	c := exec.Command(program, args...)
	c.Dir, c.Env, c.Stderr = s.dir, s.env, os.Stderr
	out, err := c.Output()
	must(t, err)
	must(t, json.Unmarshal(out, into))
}

// browser is a client that finds every name on this machine and believes the authority alone.
func (s *server) browser() *http.Client {
	return &http.Client{
		Timeout: 20 * time.Second,
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, "127.0.0.1:"+port(address))
			},
			TLSClientConfig: &tls.Config{RootCAs: s.trusted}, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (s *server) url(path string) string { return "https://" + domain + ":" + port(s.public) + path }

// shakeHands gives the certificate that the server shows for a name.
func (s *server) shakeHands(name string, more ...func(*tls.Config)) (tls.ConnectionState, error) {
	config := &tls.Config{ServerName: name, RootCAs: s.trusted, NextProtos: []string{"h2"}}
	for _, change := range more {
		change(config)
	}
	c, err := tls.DialWithDialer(&net.Dialer{Timeout: 10 * time.Second}, "tcp", s.public, config)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer c.Close()
	return c.ConnectionState(), nil
}

// writeOwn makes a certificate of the operator's own, and the browser believe it.
func (s *server) writeOwn(t *testing.T, cert, key string, serial int64) {
	t.Helper()
	selfSigned(t, cert, key, serial, &x509.Certificate{DNSNames: []string{domain}})
	text, err := os.ReadFile(cert)
	must(t, err)
	s.trusted = x509.NewCertPool()
	s.trusted.AppendCertsFromPEM(text)
}

// hangUp sends the signal by which the files are read again.
func (s *server) hangUp(t *testing.T) {
	t.Helper()
	must(t, s.process.Process.Signal(syscall.SIGHUP))
}

// serial waits until the server shows a certificate, and tells which.
func (s *server) serial(t *testing.T) string {
	t.Helper()
	var serial string
	eventually(t, "a certificate", func() error {
		state, err := s.shakeHands(domain)
		if err == nil {
			serial = state.PeerCertificates[0].SerialNumber.String()
		}
		return err
	})
	return serial
}

// get fetches a page over https with the browser.
func (s *server) get(t *testing.T, url string, header ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	must(t, err)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return s.do(t, r)
}

func (s *server) do(t *testing.T, r *http.Request) (*http.Response, string) {
	t.Helper()
	client := s.browser()
	defer client.CloseIdleConnections()
	answer, err := client.Do(r)
	must(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	must(t, err)
	return answer, string(body)
}

func port(address string) string {
	_, p, err := net.SplitHostPort(address)
	if err != nil {
		panic(address)
	}
	return p
}
