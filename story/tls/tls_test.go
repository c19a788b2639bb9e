package tls

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const year = 365 * 24 * time.Hour

// An operator sets a name and starts: customers must get a page by https without his doing more, and
// nobody may be led elsewhere or served under another name.
func TestFirstStartObtainsACertificateAndServesThePage(t *testing.T) {
	s := newServer(t)
	s.by(startAuthority(t, port(s.plain), port(s.public), year))
	var made struct {
		TestKey string `json:"test_key"`
	}
	s.admins(t, &made, "admin", "create", "--merchant", "Acme Retail", "--email", "owner@acme.example")
	s.start(t)
	s.serial(t)

	r, err := http.NewRequest(http.MethodPost, s.url("/v1/payment_links"), strings.NewReader(`{"amount":245000,"currency":"INR","description":"Order 1042"}`))
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+made.TestKey)
	r.Header.Set("Content-Type", "application/json")
	answer, body := s.do(t, r)
	var link struct {
		URL string `json:"url"`
	}
	must(t, json.Unmarshal([]byte(body), &link))
	if answer.StatusCode != http.StatusCreated || !strings.HasPrefix(link.URL, s.url("/")) {
		t.Fatalf("%s %s", answer.Status, body)
	}
	answer, body = s.get(t, link.URL)
	if answer.StatusCode != http.StatusOK || !strings.Contains(body, "Order 1042") {
		t.Errorf("the page: %s %s", answer.Status, body)
	}
	if answer.ProtoMajor != 2 || answer.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("the page comes by %s with HSTS %q", answer.Proto, answer.Header.Get("Strict-Transport-Security"))
	}
	s.refuses(t)
	s.leadsToHTTPS(t, strings.TrimPrefix(link.URL, s.url("")))
	about, err := os.Stat(filepath.Join(s.dir, "data", "tls"))
	if err != nil || about.Mode().Perm() != 0o700 {
		t.Errorf("the folder of keys: %v %v", about, err)
	}
	if log := s.said(t); strings.Contains(log, "operator@") || strings.Contains(log, "127.0.0.1") {
		t.Error("the log holds an address")
	}
}

// refuses tries what a browser of ours never does.
func (s *server) refuses(t *testing.T) {
	t.Helper()
	for what, change := range map[string]func(*tls.Config){
		"another name": func(c *tls.Config) { c.ServerName, c.InsecureSkipVerify = "other.example", true },
		"no name":      func(c *tls.Config) { c.ServerName, c.InsecureSkipVerify = "", true },
		"TLS 1.1":      func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 },
		"a weak suite": func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}
		},
	} {
		if _, err := s.shakeHands(domain, change); err == nil {
			t.Errorf("%s is served", what)
		}
	}
}

// leadsToHTTPS asks the plain address for a page, for a page under a stranger's name, and for a
// challenge that nobody set.
func (s *server) leadsToHTTPS(t *testing.T, path string) {
	t.Helper()
	answer, _ := s.get(t, "http://"+domain+":"+port(s.plain)+path)
	if answer.StatusCode != http.StatusPermanentRedirect || answer.Header.Get("Location") != s.url(path) {
		t.Errorf("http:// is answered by %s to %q, want 308 to %q", answer.Status, answer.Header.Get("Location"), s.url(path))
	}
	for _, url := range []string{"http://evil.example:" + port(s.plain) + path, "http://evil.example:" + port(s.plain) + "/.well-known/acme-challenge/x"} {
		if answer, _ := s.get(t, url); answer.StatusCode != http.StatusMisdirectedRequest || answer.Header.Get("Location") != "" {
			t.Errorf("%s is answered by %s to %q", url, answer.Status, answer.Header.Get("Location"))
		}
	}
}

// The authority is away while the server starts again: the stored certificate must serve, or a
// stranger's outage becomes ours; and asking anew at each start would use up the authority's limits.
func TestRestartUsesTheStoredCertificate(t *testing.T) {
	s := newServer(t)
	a := startAuthority(t, port(s.plain), port(s.public), year)
	s.by(a)
	s.start(t)
	first := s.serial(t)
	s.stop(t)
	a.stop()
	s.start(t)
	if again := s.serial(t); again != first {
		t.Errorf("certificate %s, stored was %s", again, first)
	}
}

// Port 80 is closed in many houses: the challenge over TLS alone must do.
func TestWithoutPlainHTTPTheChallengeGoesOverTLS(t *testing.T) {
	s := newServer(t)
	unused := port(s.plain)
	s.env = append(s.env, "PAYLINK_HTTP_LISTEN=off")
	s.by(startAuthority(t, unused, port(s.public), year))
	s.start(t)
	s.serial(t)
}

// A certificate ends while the server runs: the next one must be there before, without a restart.
func TestRenewalHappensWhileServing(t *testing.T) {
	s := newServer(t)
	// The last third of a certificate's time is the time to renew; it is looked at every ten seconds.
	s.by(startAuthority(t, port(s.plain), port(s.public), 75*time.Second))
	s.start(t)
	first := s.serial(t)
	until := time.Now().Add(patience)
	for {
		state, err := s.shakeHands(domain)
		if err != nil {
			t.Fatalf("while the certificate is renewed, a browser is refused: %v", err)
		}
		if state.PeerCertificates[0].SerialNumber.String() != first {
			return
		}
		if time.Now().After(until) {
			t.Fatal("the certificate was not renewed")
		}
		time.Sleep(time.Second)
	}
}

// The operator's own certificate is renewed by his own means: it must be taken over at his signal,
// and a broken file must not take the old one away.
func TestOwnCertificateIsTakenOverAtTheSignal(t *testing.T) {
	s := newServer(t)
	cert, key := filepath.Join(s.dir, "cert.pem"), filepath.Join(s.dir, "key.pem")
	s.writeOwn(t, cert, key, 7)
	s.env = append(s.env, "PAYLINK_TLS_CERT="+cert, "PAYLINK_TLS_KEY="+key)
	s.start(t)
	if got := s.serial(t); got != "7" {
		t.Fatalf("serial %s", got)
	}
	good, err := os.ReadFile(cert)
	must(t, err)
	must(t, os.WriteFile(cert, good[:len(good)/2], 0o600))
	s.hangUp(t)
	eventually(t, "the broken file to be noticed", func() error {
		if !strings.Contains(s.said(t), "tls.unreadable") {
			return errors.New("nothing in the log")
		}
		return nil
	})
	if got := s.serial(t); got != "7" {
		t.Errorf("serial %s after a broken file", got)
	}
	s.writeOwn(t, cert, key, 8)
	s.hangUp(t)
	eventually(t, "the new certificate", func() error {
		state, err := s.shakeHands(domain)
		if err != nil {
			return err
		}
		if got := state.PeerCertificates[0].SerialNumber.String(); got != "8" {
			return errors.New("serial " + got)
		}
		return nil
	})
}
