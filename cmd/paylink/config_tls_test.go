package main

import (
	"reflect"
	"strings"
	"testing"

	"paylink/cmd/paylink/listen"
)

func withTLS(change func(*Config)) Config {
	c := Config{
		DatabaseURL: "sqlite://./data/paylink.db", Listen: ":443", AdminListen: "127.0.0.1:8081", KeyFile: "./data/keys", SnapshotDir: "none", LogLevel: "info",
		TLSDirectory: "https://acme.example/dir", TLSDir: "./data/tls", HTTPListen: ":80",
	}
	change(&c)
	return c
}

// A certificate for a name that customers do not see, or a key without its certificate, is noticed by
// the first customer unless it is noticed at the start.
func TestMistakesAroundTLSAreNamed(t *testing.T) {
	for what, c := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"a key alone":           {func(c *Config) { c.TLSKey, c.PublicURL = "k.pem", "https://pay.example" }, "PAYLINK_TLS_KEY"},
		"both ways":             {func(c *Config) { c.TLSDomains, c.TLSCert, c.TLSKey = []string{"pay.example"}, "c.pem", "k.pem" }, "PAYLINK_TLS_CERT"},
		"a wildcard":            {func(c *Config) { c.TLSDomains = []string{"*.pay.example"} }, "PAYLINK_TLS_DOMAINS"},
		"an address":            {func(c *Config) { c.TLSDomains = []string{"192.0.2.10"} }, "PAYLINK_TLS_DOMAINS"},
		"capital letters":       {func(c *Config) { c.TLSDomains = []string{"Pay.example"} }, "PAYLINK_TLS_DOMAINS"},
		"another name":          {func(c *Config) { c.TLSDomains, c.PublicURL = []string{"pay.example"}, "https://other.example" }, "PAYLINK_PUBLIC_URL"},
		"http with TLS":         {func(c *Config) { c.TLSDomains, c.PublicURL = []string{"pay.example"}, "http://pay.example" }, "PAYLINK_PUBLIC_URL"},
		"files without a name":  {func(c *Config) { c.TLSCert, c.TLSKey = "c.pem", "k.pem" }, "PAYLINK_PUBLIC_URL"},
		"a directory by http":   {func(c *Config) { c.TLSDomains, c.TLSDirectory = []string{"pay.example"}, "http://acme.example/dir" }, "PAYLINK_TLS_DIRECTORY"},
		"no folder":             {func(c *Config) { c.TLSDomains, c.TLSDir = []string{"pay.example"}, "" }, "PAYLINK_TLS_DIR"},
		"a port alone":          {func(c *Config) { c.TLSDomains, c.HTTPListen = []string{"pay.example"}, "80" }, "PAYLINK_HTTP_LISTEN"},
		"less than no one":      {func(c *Config) { c.MaxConnections = -1 }, "PAYLINK_MAX_CONNECTIONS"},
		"a path in public URL ": {func(c *Config) { c.TLSDomains, c.PublicURL = []string{"pay.example"}, "https://pay.example/x" }, "PAYLINK_PUBLIC_URL"},
	} {
		if _, err := withTLS(c.change).settings(); err == nil || !strings.Contains(err.Error(), c.want+":") {
			t.Errorf("%s: %v, want %s", what, err, c.want)
		}
	}
}

// What the settings come to: the addresses, the names, the way to a certificate.
func TestListeningFollowsFromTheSettings(t *testing.T) {
	plain := listen.Options{Public: ":443", Admin: "127.0.0.1:8081"}
	byACME := plain
	byACME.Plain, byACME.Hosts = ":80", []string{"pay.example", "pay.example", "www.pay.example"}
	byACME.ACME = &listen.ACME{Domains: []string{"pay.example", "www.pay.example"}, Directory: "https://acme.example/dir", Dir: "./data/tls"}
	byFiles := plain
	byFiles.Hosts, byFiles.Port, byFiles.CertFile, byFiles.KeyFile = []string{"pay.example"}, "8443", "c.pem", "k.pem"
	for what, c := range map[string]struct {
		change func(*Config)
		want   listen.Options
		public string
	}{
		"no TLS": {func(*Config) {}, plain, ""},
		"ACME":   {func(c *Config) { c.TLSDomains = []string{"pay.example", "www.pay.example"} }, byACME, "https://pay.example"},
		"files": {func(c *Config) {
			c.TLSCert, c.TLSKey, c.PublicURL, c.HTTPListen = "c.pem", "k.pem", "https://pay.example:8443/", "off"
		}, byFiles, "https://pay.example:8443"},
	} {
		config := withTLS(c.change)
		s, err := config.settings()
		if err != nil || s.PublicURL != c.public {
			t.Errorf("%s: %q %v", what, s.PublicURL, err)
		}
		if got := config.listening(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n%+v, want\n%+v", what, got, c.want)
		}
	}
}
