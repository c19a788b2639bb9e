package listen

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"
)

// ACME says from whom certificates come, and where they are kept.
type ACME struct {
	Domains   []string
	Email     string // for the certificate authority's warnings; may be empty
	Directory string // its URL
	Roots     string // PEM file of who is believed to be that authority; empty: the system's roots
	Dir       string // keys and certificates; for this account alone
}

// managed is the certificates that an authority issues to us.
type managed struct {
	config  *certmagic.Config
	issuer  *certmagic.ACMEIssuer
	cache   *certmagic.Cache
	domains []string
	stop    func()
}

// manage sets certmagic up so that it speaks to the authority and to nobody else: no second authority,
// no test authority for second tries, no OCSP responder. The two addresses answer its challenges.
func manage(a ACME, public, plain net.Addr, log *slog.Logger) (*managed, error) {
	if err := ownFolder(a.Dir); err != nil {
		return nil, err
	}
	roots, err := readRoots(a.Roots)
	if err != nil {
		return nil, err
	}
	m := &managed{domains: a.Domains}
	quiet := zap.New(warnings{log: log})
	m.cache = certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert:   func(certmagic.Certificate) (*certmagic.Config, error) { return m.config, nil },
		RenewCheckInterval: checkEvery,
		Logger:             quiet,
	})
	m.stop = sync.OnceFunc(m.cache.Stop)
	m.config = certmagic.New(m.cache, certmagic.Config{
		Storage: &certmagic.FileStorage{Path: a.Dir},
		OCSP:    certmagic.OCSPConfig{DisableStapling: true},
		OnEvent: func(_ context.Context, event string, data map[string]any) error {
			if event == "cert_obtained" {
				log.Info("tls.obtained", "domain", data["identifier"], "renewal", data["renewal"])
			}
			return nil
		},
		Logger: quiet,
	})
	host, port := split(public)
	template := certmagic.ACMEIssuer{
		CA: a.Directory, TestCA: a.Directory, Email: a.Email, Agreed: true, TrustedRoots: roots,
		ListenHost: host, AltTLSALPNPort: port, DisableHTTPChallenge: plain == nil, Logger: quiet,
	}
	if plain != nil {
		_, template.AltHTTPPort = split(plain)
	}
	m.issuer = certmagic.NewACMEIssuer(m.config, template)
	m.config.Issuers = []certmagic.Issuer{m.issuer}
	return m, nil
}

// work obtains what is missing and renews what is due, until ctx is done. Failures are tried again
// for a month, ever more slowly, as authorities ask.
func (m *managed) work(ctx context.Context) {
	// What it returns are errors before the first call to the authority; there is none in this use.
	_ = m.config.ManageAsync(ctx, m.domains)
	<-ctx.Done()
	m.stop()
}

// notAfter is the earliest end among the certificates that are served.
func (m *managed) notAfter() time.Time {
	var first time.Time
	for _, domain := range m.domains {
		for _, c := range m.cache.AllMatchingCertificates(domain) {
			if c.Leaf != nil && (first.IsZero() || c.Leaf.NotAfter.Before(first)) {
				first = c.Leaf.NotAfter
			}
		}
	}
	return first
}

// ownFolder makes the folder of private keys, and refuses one that others can look into.
func ownFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the folder of certificates: %w", err)
	}
	about, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("look at the folder of certificates: %w", err)
	}
	if about.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s holds private keys and others can look into it: chmod 700 %s", dir, dir)
	}
	return nil
}

func readRoots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the roots of the ACME server: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, errors.New(file + " holds no certificate in PEM")
	}
	return roots, nil
}

// split gives an address as certmagic wants it: the host empty for every address of the machine.
func split(a net.Addr) (host string, port int) {
	text, digits, err := net.SplitHostPort(a.String())
	if err != nil {
		return "", 0
	}
	if ip := net.ParseIP(text); ip == nil || !ip.IsUnspecified() {
		host = text
	}
	port, err = strconv.Atoi(digits)
	if err != nil {
		return host, 0
	}
	return host, port
}
