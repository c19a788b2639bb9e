package tls

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// authority is a running pebble: the ACME server that the makers of Let's Encrypt test with. It really
// validates: it looks the name up with our little DNS and comes to our two ports.
type authority struct {
	dir       string
	directory string // URL
	roots     string // PEM file by which pebble itself is known
	issued    *x509.CertPool
	process   *exec.Cmd
	said      *bytes.Buffer
}

// startAuthority runs pebble for a paylink that answers challenges on the two ports.
func startAuthority(t *testing.T, httpPort, tlsPort string, validity time.Duration) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir(), said: new(bytes.Buffer)}
	cert, key := a.identity(t)
	listen, management := freeAddress(t), freeAddress(t)
	text, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": listen, "managementListenAddress": management, "certificate": cert, "privateKey": key,
		"httpPort": number(t, httpPort), "tlsPort": number(t, tlsPort), "keyAlgorithm": "ecdsa",
		"retryAfter": map[string]int{"authz": 1, "order": 1},
		"profiles":   map[string]any{"default": map[string]any{"description": "of the test", "validityPeriod": int(validity.Seconds())}},
	}})
	must(t, err)
	config := filepath.Join(a.dir, "pebble.json")
	must(t, os.WriteFile(config, text, 0o600))
	a.process = exec.Command(pebble, "-config", config, "-dnsserver", startDNS(t))
	a.process.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1")
	a.process.Stdout, a.process.Stderr = a.said, a.said
	must(t, a.process.Start())
	t.Cleanup(func() {
		a.stop()
		if t.Failed() {
			t.Logf("pebble said:\n%s", a.said)
		}
	})
	a.directory = "https://" + listen + "/dir"
	a.issued = x509.NewCertPool()
	if !a.issued.AppendCertsFromPEM(a.fetch(t, "https://"+management+"/roots/0")) {
		t.Fatal("pebble shows no root")
	}
	return a
}

// stop ends pebble; a second call finds it ended.
func (a *authority) stop() {
	_ = a.process.Process.Kill()
	_ = a.process.Wait()
}

// identity makes the certificate by which pebble's own addresses are known.
func (a *authority) identity(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	certFile, keyFile = filepath.Join(a.dir, "pebble.pem"), filepath.Join(a.dir, "pebble.key")
	selfSigned(t, certFile, keyFile, 1, &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	a.roots = certFile
	return certFile, keyFile
}

// fetch waits until pebble answers.
func (a *authority) fetch(t *testing.T, url string) []byte {
	t.Helper()
	pool := x509.NewCertPool()
	text, err := os.ReadFile(a.roots)
	must(t, err)
	pool.AppendCertsFromPEM(text)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true}}
	var body []byte
	eventually(t, "pebble to answer", func() error {
		answer, err := client.Get(url)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		body, err = io.ReadAll(answer.Body)
		return err
	})
	return body
}

// selfSigned writes a certificate that stands for itself.
func selfSigned(t *testing.T, certFile, keyFile string, serial int64, c *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	c.SerialNumber, c.IsCA, c.BasicConstraintsValid = big.NewInt(serial), true, true
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	must(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	must(t, os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), 0o600))
}

// startDNS answers that every A of the test's name is this machine, and that nothing else exists. It
// speaks TCP, as pebble does.
func startDNS(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	var wait sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		wait.Wait()
	})
	wait.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			wait.Go(func() {
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(5 * time.Second))
				for answerOne(c) == nil {
				}
			})
		}
	})
	return listener.Addr().String()
}

// answerOne reads one question and answers it; each is led by its length.
func answerOne(c net.Conn) error {
	var length [2]byte
	if _, err := io.ReadFull(c, length[:]); err != nil {
		return err
	}
	in := make([]byte, binary.BigEndian.Uint16(length[:]))
	if _, err := io.ReadFull(c, in); err != nil {
		return err
	}
	var asked dnsmessage.Message
	if err := asked.Unpack(in); err != nil || len(asked.Questions) != 1 {
		return errors.Join(err, errors.New("not one question"))
	}
	out, err := resolve(asked)
	if err != nil {
		return err
	}
	_, err = c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(out))), out...))
	return err
}

func resolve(asked dnsmessage.Message) ([]byte, error) {
	q := asked.Questions[0]
	told := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: asked.ID, Response: true, Authoritative: true, RecursionDesired: asked.RecursionDesired, RecursionAvailable: true},
		Questions: asked.Questions,
	}
	switch {
	case q.Name.String() != domain+".":
		told.RCode = dnsmessage.RCodeNameError
	case q.Type == dnsmessage.TypeA:
		told.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 1},
			Body:   &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}},
		}}
	}
	return told.Pack()
}

const patience = 3 * time.Minute

func number(t *testing.T, port string) int {
	t.Helper()
	n, err := strconv.Atoi(port)
	must(t, err)
	return n
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually asks until it is so. It is longer than the minute after which an order that failed on a
// busy machine is made again.
func eventually(t *testing.T, what string, ask func() error) {
	t.Helper()
	until := time.Now().Add(patience)
	for {
		err := ask()
		if err == nil {
			return
		}
		if time.Now().After(until) {
			t.Fatal(fmt.Errorf("waited %v for %s: %w", patience, what, err))
		}
		time.Sleep(100 * time.Millisecond)
	}
}
