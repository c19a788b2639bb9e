// Package delivery_test proves that messages arrive. It runs the whole of paylink, wired as it ships, in
// virtual time against providers that lose, throttle, break down, answer nothing, and report late, twice and
// in any order, and counts what the customers' handsets got. The same providers stand behind a faulty network
// of real connections in another test.
package delivery_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"flag"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"paylink/store/storetest"
)

var (
	links         = flag.Int("links", 100, "how many links go out on SQLite; script/test asks for 2,000, script/deep for 100,000")
	postgresLinks = flag.Int("postgres-links", 20, "how many go out on PostgreSQL")
	seed          = flag.Uint64("seed", 1, "of everything that happens")
	loud          = flag.Bool("loud", false, "show the log")
)

// Where each channel has two providers, a plan reaches 99.99 % of the customers, though each provider loses
// one message in twenty and one of them is down for an hour; nobody gets a message twice from one provider,
// and what paylink says of its messages is what the handsets show.
func TestDeliveryArrives(t *testing.T) {
	for kind, p := range map[string]plan{
		"sqlite":   {links: *links},
		"postgres": {links: *postgresLinks, poll: 20 * time.Second},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			p.database, p.dir, p.seed = storetest.URL(t, kind), t.TempDir(), *seed
			p.over = 2*time.Hour + time.Duration(p.links)*250*time.Millisecond
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, p)
				w.live()
				w.stop()
				w.judge()
			})
		})
	}
}

// TestMain makes the certificate of the mail servers, and has the process believe it. Its time is from before
// the virtual clock begins.
func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "paylink-delivery-")
	if err == nil {
		err = believe(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

func believe(dir string) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail"}, DNSNames: []string{"localhost", "mail-a.example.com", "mail-b.example.com"},
		NotBefore: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		return err
	}
	identity = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}
	file := filepath.Join(dir, "cert.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		return err
	}
	return os.Setenv("SSL_CERT_FILE", file)
}
