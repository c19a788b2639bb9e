package deploy

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const proxied = "pay.example"

// front is a real nginx with our example of a configuration, and paylink serve behind it.
type front struct {
	https, plain string // 127.0.0.1:port
	key          string // of the merchant
	trusted      *x509.CertPool
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().String()
}

func startFront(t *testing.T) *front {
	t.Helper()
	dir, paylink, admin := t.TempDir(), freeAddress(t), freeAddress(t)
	f := &front{https: freeAddress(t), plain: freeAddress(t), trusted: x509.NewCertPool()}
	env := []string{
		"PAYLINK_DRAIN=0s", "PAYLINK_LISTEN=" + paylink, "PAYLINK_ADMIN_LISTEN=" + admin, "PAYLINK_PUBLIC_URL=https://" + proxied, "PAYLINK_TRUSTED_PROXIES=127.0.0.1",
	}
	create := exec.Command(program, "admin", "create", "--merchant", "Acme Retail", "--email", "owner@acme.example")
	create.Dir, create.Env = dir, env
	out, err := create.Output()
	must(t, err)
	var made struct {
		TestKey string `json:"test_key"`
	}
	must(t, json.Unmarshal(out, &made))
	f.key = made.TestKey
	serve := exec.Command(program, "serve")
	serve.Dir, serve.Env = dir, env
	runServer(t, serve)
	runServer(t, exec.Command(nginx(t), "-p", dir, "-e", "stderr", "-c", f.configure(t, dir, paylink)))
	eventually(t, "both servers", func() error {
		answer, err := f.client("127.0.0.1").Get("https://" + proxied + "/openapi.json")
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return errors.New(answer.Status)
		}
		return nil
	})
	return f
}

// nginx finds the program; Debian keeps it where only root looks.
func nginx(t *testing.T) string {
	t.Helper()
	if path, err := exec.LookPath("nginx"); err == nil {
		return path
	}
	_, err := os.Stat("/usr/sbin/nginx")
	must(t, err)
	return "/usr/sbin/nginx"
}

// runServer starts a server and ends it with the test, by its own id.
func runServer(t *testing.T, c *exec.Cmd) {
	t.Helper()
	must(t, c.Start())
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		_ = c.Wait()
	})
}

// configure takes the example as it is, but for the addresses and the certificate's place.
func (f *front) configure(t *testing.T, dir, paylink string) (file string) {
	t.Helper()
	text := read(t, "nginx/paylink.conf")
	for _, change := range [][2]string{
		{"server 127.0.0.1:8080;", "server " + paylink + ";"}, {"listen 80;", "listen " + f.plain + ";"},
		{"listen 443 ssl http2;", "listen " + f.https + " ssl http2;"}, {"/etc/nginx/pay.example", dir + "/pay.example"},
	} {
		if !strings.Contains(text, change[0]) {
			t.Fatalf("the example has no %q", change[0])
		}
		text = strings.ReplaceAll(text, change[0], change[1])
	}
	temp := ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temp += fmt.Sprintf("%s_temp_path %s/%s;\n", kind, dir, kind)
	}
	f.certify(t, dir)
	file = filepath.Join(dir, "nginx.conf")
	must(t, os.WriteFile(file, []byte("daemon off; master_process off; pid "+dir+"/nginx.pid;\nevents {}\nhttp {\n"+temp+text+"}\n"), 0o600))
	return file
}

func (f *front) certify(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{proxied}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	must(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	must(t, os.WriteFile(filepath.Join(dir, "pay.example.pem"), text, 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "pay.example.key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), 0o600))
	f.trusted.AppendCertsFromPEM(text)
}

// client is a browser at an address of this machine; each request has a connection of its own.
func (f *front) client(from string) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				to := f.https
				if strings.HasSuffix(address, ":80") {
					to = f.plain
				}
				return (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}).DialContext(ctx, network, to)
			},
			TLSClientConfig: &tls.Config{RootCAs: f.trusted}, ForceAttemptHTTP2: true, DisableKeepAlives: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (f *front) ask(t *testing.T, from, method, path, key, body string, header ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "https://"+proxied+path, strings.NewReader(body))
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+key)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := f.client(from).Do(r)
	must(t, err)
	t.Cleanup(func() { _ = answer.Body.Close() })
	return answer
}

// A proxy that gathers up a stream makes live pages dead; one that hands on what clients say of
// themselves makes limits useless, and one that hides them all makes the limits hit everybody.
func TestExampleOfNginxCarriesStreamsAndClients(t *testing.T) {
	f := startFront(t)
	stream := f.ask(t, "127.0.0.1", http.MethodGet, "/v1/events/stream", f.key, "")
	created := f.ask(t, "127.0.0.1", http.MethodPost, "/v1/payment_links", f.key, `{"amount":245000,"currency":"INR","description":"Order 1042"}`)
	var link struct {
		URL string `json:"url"`
	}
	must(t, json.NewDecoder(created.Body).Decode(&link))
	if created.StatusCode != http.StatusCreated || !strings.HasPrefix(link.URL, "https://"+proxied+"/") {
		t.Fatalf("%s %q", created.Status, link.URL)
	}
	heard := make(chan string, 1)
	go func() {
		for s := bufio.NewScanner(stream.Body); s.Scan(); {
			if strings.Contains(s.Text(), "payment_link.created") {
				heard <- s.Text()
				return
			}
		}
	}()
	select {
	case <-heard:
	case <-time.After(20 * time.Second):
		t.Error("the event does not come through the proxy while the stream is open")
	}

	plain, err := f.client("127.0.0.1").Get("http://" + proxied + "/abc")
	must(t, err)
	defer plain.Body.Close()
	if plain.StatusCode != http.StatusPermanentRedirect || plain.Header.Get("Location") != "https://"+proxied+"/abc" {
		t.Errorf("%s to %q", plain.Status, plain.Header.Get("Location"))
	}

	// A stranger tries keys and gives himself a new address each time.
	last := 0
	for i := range 60 {
		last = f.ask(t, "127.0.0.9", http.MethodGet, "/v1/payment_links", "pk_wrong", "", "X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i), "X-Real-Ip", fmt.Sprintf("198.51.100.%d", i)).StatusCode
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("after sixty wrong keys the stranger is answered %d", last)
	}
	if other := f.ask(t, "127.0.0.10", http.MethodGet, "/v1/payment_links", "pk_wrong", "").StatusCode; other != http.StatusUnauthorized {
		t.Errorf("another client is answered %d", other)
	}
}
