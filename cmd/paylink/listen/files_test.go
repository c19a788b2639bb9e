package listen

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func writePair(t *testing.T, cert, key string, end time.Time) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"pay.example"}, NotBefore: end.Add(-time.Hour), NotAfter: end}
	der, err := x509.CreateCertificate(rand.Reader, c, c, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A renewing program writes one file after the other: what does not fit together yet is no reason to
// stop serving, and the whole pair is taken over as soon as it is there.
func TestFilesAreTakenOverWhenTheyFitTogether(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	first, second := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
	var log bytes.Buffer
	o := Options{Public: "127.0.0.1:0", CertFile: cert, KeyFile: key, Log: slog.New(slog.NewTextHandler(&log, nil))}
	if _, err := Open(o); err == nil || !strings.Contains(err.Error(), cert) {
		t.Fatalf("a file that is missing at the start is not named: %v", err)
	}
	writePair(t, cert, key, first)
	l, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	looked := func(want time.Time, line string) {
		t.Helper()
		log.Reset()
		l.files.look()
		if got := l.NotAfter(); !got.Equal(want) || !strings.Contains(log.String(), line) || line == "" && log.Len() > 0 {
			t.Errorf("served until %v, want %v; log %q, want %q", got, want, log.String(), line)
		}
	}
	looked(first, "")
	older, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	writePair(t, cert, key, second)
	newer, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(key, older, 0o600); err != nil {
		t.Fatal(err)
	}
	looked(first, "tls.unreadable")
	looked(first, "") // the same mistake is told once
	if err := os.WriteFile(key, newer, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(key, second, second); err != nil { // clocks of files are coarse
		t.Fatal(err)
	}
	looked(second, "tls.reloaded")
	if err := os.Remove(cert); err != nil {
		t.Fatal(err)
	}
	looked(second, "tls.unreadable")
}
