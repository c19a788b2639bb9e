package smtp_test

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"paylink/channel"
	"paylink/channel/smtp"
	"paylink/outbound"
)

// server is aiosmtpd in a process of its own.
type server struct {
	Starttls, Implicit, Plain int // ports

	letters chan taken
	end     func() // ends it, and then letters
}

// taken is a letter as the server took it.
type taken struct {
	From string
	To   []string
	Data []byte
	Peer int // the port on our side: letters of one connection share it
	TLS  bool
	User string
}

// serve starts the server; it ends with the test. Debian's own Python has the library.
func serve(t *testing.T) *server {
	t.Helper()
	certificate, key := trusted(t)
	cmd := exec.CommandContext(t.Context(), "/usr/bin/python3", "testdata/server.py", certificate, key)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	if err := cmd.Start(); err != nil {
		t.Fatalf("start the mail server (is python3-aiosmtpd installed?): %v", err)
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 4<<20)
	s := &server{letters: make(chan taken, 256)}
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), s) != nil {
		_ = cmd.Wait()
		t.Fatalf("the mail server told no ports (is python3-aiosmtpd installed?): %s", &complaints)
	}
	var wait sync.WaitGroup
	wait.Go(func() {
		for lines.Scan() {
			var l taken
			if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
				t.Errorf("the mail server wrote %q", lines.Text())
				continue
			}
			s.letters <- l
		}
	})
	s.end = sync.OnceFunc(func() {
		_ = in.Close()
		wait.Wait()
		_ = cmd.Wait()
		close(s.letters)
	})
	t.Cleanup(s.end)
	return s
}

// next is the next letter that the server took.
func (s *server) next(t *testing.T) taken {
	t.Helper()
	select {
	case l := <-s.letters:
		return l
	case <-time.After(10 * time.Second):
		t.Fatal("the server took no letter within 10 s")
		return taken{}
	}
}

// none holds that the server took nothing more.
func (s *server) none(t *testing.T) {
	t.Helper()
	select {
	case l := <-s.letters:
		t.Errorf("the server took a letter to %v", l.To)
	default:
	}
}

// trusted makes a certificate for localhost that this process believes.
var trusted = func() func(t *testing.T) (certificate, key string) {
	var once sync.Once
	var dir string
	return func(t *testing.T) (string, string) {
		t.Helper()
		once.Do(func() {
			var err error
			if dir, err = os.MkdirTemp("", "paylink-mail-"); err != nil {
				t.Fatal(err)
			}
			remove = dir
			private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			template := &x509.Certificate{
				SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
				NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
				KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
			}
			der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
			if err != nil {
				t.Fatal(err)
			}
			secret, err := x509.MarshalPKCS8PrivateKey(private)
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "cert.pem"), "CERTIFICATE", der)
			write(t, filepath.Join(dir, "key.pem"), "PRIVATE KEY", secret)
		})
		return filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	}
}()

// remove is a folder that goes with the process.
var remove string

// The certificate of the tests stays behind on the machine.
func TestMain(m *testing.M) {
	code := m.Run()
	if remove != "" {
		_ = os.RemoveAll(remove)
	}
	os.Exit(code)
}

func write(t *testing.T, name, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// client may reach loopback.
func client(t *testing.T) *outbound.Client {
	t.Helper()
	c := outbound.New(outbound.Options{AllowLoopback: true})
	t.Cleanup(c.Close)
	return c
}

// sender is the adapter under test, which believes the test's certificate.
func sender(t *testing.T) *smtp.Sender {
	t.Helper()
	certificate, _ := trusted(t)
	pool := x509.NewCertPool()
	text, err := os.ReadFile(certificate)
	if err != nil || !pool.AppendCertsFromPEM(text) {
		t.Fatalf("read the certificate: %v", err)
	}
	s := smtp.Trusting(client(t), pool)
	t.Cleanup(s.Close)
	return s
}

// at is the account at a door of the server.
func at(scheme string, port int) channel.Account {
	a := account()
	a.BaseURL = fmt.Sprintf("%s://%s", scheme, net.JoinHostPort("localhost", fmt.Sprint(port)))
	a.Fields["username"], a.Fields["password"] = "payments@example.com", "right"
	return a
}
