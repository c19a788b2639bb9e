package main

import (
	"errors"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"paylink/cmd/paylink/listen"
)

// off is how a setting with a default says: not at all.
const off = "off"

// domain is a name for which a certificate can be had by a challenge over HTTP or TLS: no wildcard, no
// address, in ASCII.
var domain = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$`)

func (c Config) tls() bool { return len(c.TLSDomains) > 0 || c.TLSCert != "" || c.TLSKey != "" }

// checkTLS judges the settings around https, where there are any.
func (c Config) checkTLS(note func(string, error)) {
	if c.MaxConnections < 0 {
		note("PAYLINK_MAX_CONNECTIONS", errors.New("must not be negative"))
	}
	if !c.tls() {
		return
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		note("PAYLINK_TLS_KEY", errors.New("must come with PAYLINK_TLS_CERT, and that with it"))
	}
	if len(c.TLSDomains) > 0 && c.TLSCert != "" {
		note("PAYLINK_TLS_CERT", errors.New("must not be set beside PAYLINK_TLS_DOMAINS: certificates are either obtained or given"))
	}
	for _, name := range c.TLSDomains {
		if !domain.MatchString(name) {
			note("PAYLINK_TLS_DOMAINS", errors.New("must be names such as pay.example, in small letters, without wildcards"))
			break
		}
	}
	if c.HTTPListen != off {
		note("PAYLINK_HTTP_LISTEN", checkAddress(c.HTTPListen))
	}
	if len(c.TLSDomains) > 0 {
		if u, err := url.Parse(c.TLSDirectory); err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
			note("PAYLINK_TLS_DIRECTORY", errors.New("must be a whole URL of https"))
		}
		if c.TLSDir == "" {
			note("PAYLINK_TLS_DIR", errors.New("must name a folder"))
		}
	}
	u, err := url.Parse(c.publicURL())
	switch {
	case err != nil || u.Scheme != "https":
		note("PAYLINK_PUBLIC_URL", errors.New("must begin with https://, because there is TLS"))
	case len(c.TLSDomains) > 0 && !slices.Contains(c.TLSDomains, u.Hostname()):
		note("PAYLINK_PUBLIC_URL", errors.New("must name one of PAYLINK_TLS_DOMAINS, or customers see a warning"))
	}
}

// publicURL is the setting, or what follows from the domains and the listening address.
func (c Config) publicURL() string {
	if c.PublicURL != "" || len(c.TLSDomains) == 0 {
		return strings.TrimSuffix(c.PublicURL, "/")
	}
	if _, port, err := net.SplitHostPort(c.Listen); err == nil && port != "443" && port != "0" {
		return "https://" + net.JoinHostPort(c.TLSDomains[0], port)
	}
	return "https://" + c.TLSDomains[0]
}

// listening is how the server's addresses are opened. The settings have been judged.
func (c Config) listening() listen.Options {
	o := listen.Options{Public: c.Listen, Admin: c.AdminListen, MaxConnections: c.MaxConnections}
	if !c.tls() {
		return o
	}
	if c.HTTPListen != off {
		o.Plain = c.HTTPListen
	}
	if u, err := url.Parse(c.publicURL()); err == nil {
		o.Hosts, o.Port = append([]string{u.Hostname()}, c.TLSDomains...), u.Port()
	}
	o.CertFile, o.KeyFile = c.TLSCert, c.TLSKey
	if len(c.TLSDomains) > 0 {
		o.ACME = &listen.ACME{
			Domains: c.TLSDomains, Email: c.TLSEmail, Directory: c.TLSDirectory, Roots: c.TLSCA, Dir: c.TLSDir,
		}
	}
	return o
}
