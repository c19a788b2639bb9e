// Package listen opens the addresses on which a server answers: with a bound on open connections, by
// TLS where the operator wants it, and with the plain address that leads browsers to https.
//
// It is for paylink serve. Certificates come from an ACME server (certmagic) or from the operator's
// own files. What is answered is left to whoever serves on the listeners.
package listen

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/net/netutil"
)

// The addresses beside the public one need few connections: probes and metrics, challenges and
// redirects.
const (
	adminConnections = 64
	plainConnections = 256
)

// checkEvery is how often files and due renewals are looked at: two calls of stat, and a comparison of
// times in memory.
const checkEvery = 10 * time.Second

// Options say where to listen, and how. Files and ACME are two ways to the same end: at most one of
// CertFile and ACME is set; with neither, the public address speaks plain HTTP.
type Options struct {
	Public         string // host:port
	Admin          string // host:port
	Plain          string // host:port of challenges and redirects; empty: none. It needs TLS.
	MaxConnections int    // of the public address; 0: what the descriptors allow

	Hosts    []string // the names for which the plain address sends to https
	Port     string   // the port of https as browsers see it
	ACME     *ACME
	CertFile string // PEM: the certificate, then its chain
	KeyFile  string // PEM

	Reload <-chan os.Signal // looks at the files at once; nil: only by time
	Log    *slog.Logger
}

// Listeners are the open addresses. Public and Admin are served by the caller, the rest is done by Work.
type Listeners struct {
	Public net.Listener // gives *tls.Conn where there is TLS, so that HTTP/2 works
	Admin  net.Listener

	options Options
	plain   net.Listener
	files   *files   // nil without certificate files
	issued  *managed // nil without ACME
}

// Open binds every address and reads what TLS needs. The error says which address or file it was about.
func Open(o Options) (*Listeners, error) {
	most, err := connections(o.MaxConnections)
	if err != nil {
		return nil, err
	}
	l := &Listeners{options: o}
	if err := l.bind(most); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	if err := l.secure(); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func (l *Listeners) bind(most int) (err error) {
	for _, a := range []struct {
		to      *net.Listener
		address string
		most    int
	}{
		{&l.Public, l.options.Public, most},
		{&l.Admin, l.options.Admin, adminConnections},
		{&l.plain, l.options.Plain, plainConnections},
	} {
		if a.address == "" {
			continue
		}
		bound, err := net.Listen("tcp", a.address)
		if err != nil {
			return explain(err)
		}
		*a.to = netutil.LimitListener(bound, a.most)
	}
	return nil
}

// explain adds what to do about an address that cannot be had; the error names the address itself.
func explain(err error) error {
	if errors.Is(err, syscall.EACCES) {
		return fmt.Errorf("%w (ports below 1024 need the right to them: deploy/systemd/low-ports.conf gives it, and PAYLINK_HTTP_LISTEN=off does without port 80)", err)
	}
	return err
}

// secure puts TLS around the public address. The bound stays below it: what waits in a handshake holds
// a descriptor too.
func (l *Listeners) secure() (err error) {
	o := l.options
	config := &tls.Config{MinVersion: tls.VersionTLS12, CipherSuites: suites, NextProtos: []string{"h2", "http/1.1"}}
	switch {
	case o.CertFile != "":
		if l.files, err = readFiles(o.CertFile, o.KeyFile, o.Log); err != nil {
			return err
		}
		config.GetCertificate = l.files.certificate
	case o.ACME != nil:
		if l.issued, err = manage(*o.ACME, l.Public.Addr(), addr(l.plain), o.Log); err != nil {
			return err
		}
		config.GetCertificate = l.issued.config.GetCertificate
		config.NextProtos = append(config.NextProtos, l.issued.config.TLSConfig().NextProtos...)
	default:
		return nil
	}
	l.Public = tls.NewListener(l.Public, config)
	return nil
}

// suites are those of TLS 1.2 that keep yesterday's traffic secret when a key is lost; TLS 1.3 has no
// others.
var suites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

// Work obtains and renews certificates, looks at changed files, and answers the plain address, until
// ctx is done. It never gives up while the server serves: what goes wrong is logged and tried again.
func (l *Listeners) Work(ctx context.Context) {
	var wait sync.WaitGroup
	if l.plain != nil {
		wait.Go(func() { l.servePlain(ctx) })
	}
	if l.issued != nil {
		wait.Go(func() { l.issued.work(ctx) })
	}
	wait.Go(func() { l.watch(ctx) })
	wait.Wait()
}

// watch looks at the files every so often, and when the operator asks. Without files a request to
// reload is noted and changes nothing: the settings are read at the start only.
func (l *Listeners) watch(ctx context.Context) {
	ticker := time.NewTicker(checkEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-l.options.Reload:
			l.options.Log.Info("reload.asked", "files", l.files != nil)
		}
		if l.files != nil {
			l.files.look()
		}
	}
}

// NotAfter is when the certificate that is served now ends; zero without TLS or before the first one.
func (l *Listeners) NotAfter() time.Time {
	switch {
	case l.files != nil:
		return l.files.current.Load().Leaf.NotAfter
	case l.issued != nil:
		return l.issued.notAfter()
	}
	return time.Time{}
}

// Close lets go of the addresses, after Work has ended. Whoever served on them has closed them already; that is no error.
func (l *Listeners) Close() error {
	if l.issued != nil {
		l.issued.stop()
	}
	var wrong []error
	for _, one := range []net.Listener{l.Public, l.Admin, l.plain} {
		if one == nil {
			continue
		}
		if err := one.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			wrong = append(wrong, fmt.Errorf("close %s: %w", one.Addr(), err))
		}
	}
	return errors.Join(wrong...)
}

func addr(l net.Listener) net.Addr {
	if l == nil {
		return nil
	}
	return l.Addr()
}

// servePlain answers challenges and leads everything else to https.
func (l *Listeners) servePlain(ctx context.Context) {
	h := http.Handler(redirect{hosts: l.options.Hosts, port: l.options.Port})
	if l.issued != nil {
		h = l.issued.issuer.HTTPChallengeHandler(h)
	}
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second,
		IdleTimeout: 5 * time.Second, MaxHeaderBytes: 16 << 10,
	}
	stopped := make(chan struct{})
	context.AfterFunc(ctx, func() {
		defer close(stopped)
		_ = server.Close() // an answer here is a few hundred bytes; nothing is worth waiting for
	})
	if err := server.Serve(l.plain); !errors.Is(err, http.ErrServerClosed) {
		l.options.Log.Error("plain.ended", "error", err)
		return
	}
	<-stopped
}
