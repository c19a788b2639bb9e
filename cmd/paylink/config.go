package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"paylink/cmd/paylink/node"
	"paylink/store"
	"paylink/web/respond"
)

// Config is every setting of a server. Each can be a flag, an environment variable or a line in
// paylink.toml, in this order of precedence.
type Config struct {
	DatabaseURL    string   `env:"PAYLINK_DATABASE_URL" default:"sqlite://./data/paylink.db" help:"Where everything is kept: sqlite:///path/file.db or postgres://user@host/name."`
	Listen         string   `env:"PAYLINK_LISTEN" default:"127.0.0.1:8080" help:"Address of the public server: pages, API, dashboard."`
	AdminListen    string   `env:"PAYLINK_ADMIN_LISTEN" default:"127.0.0.1:8081" help:"Address of /livez, /readyz and /metrics; never to be reached from outside."`
	PublicURL      string   `env:"PAYLINK_PUBLIC_URL" help:"What customers and gateways see before a path: https://pay.example. Default: http:// and the listening address."`
	KeyFile        string   `env:"PAYLINK_KEY_FILE" default:"./data/keys" help:"The key ring: codes, tokens and sealed secrets hang on it. Made at the first start; keep a copy elsewhere."`
	CheckpointFile string   `env:"PAYLINK_CHECKPOINT_FILE" default:"./data/checkpoints.ndjson" help:"Where the signed heads of the event chains are kept outside the database, one line a minute at most. Keep copies elsewhere; empty for none."`
	SnapshotDir    string   `env:"PAYLINK_SNAPSHOT_DIR" default:"./data/snapshots" help:"Where an upgrade backs the database up before it begins; none when you have a snapshot of your own."`
	SandboxURL     string   `env:"PAYLINK_SANDBOX_URL" help:"A sandbox in a process of its own, such as http://127.0.0.1:9090/sandbox. Default: the one inside."`
	SandboxKey     string   `env:"PAYLINK_SANDBOX_KEY" help:"What paylink and a sandbox in a process of its own share: 64 hexadecimal digits."`
	TrustedProxies []string `env:"PAYLINK_TRUSTED_PROXIES" help:"Networks of the load balancers whose X-Forwarded-For is believed, such as 10.0.0.0/8."`
	CountryHeader  string   `env:"PAYLINK_COUNTRY_HEADER" help:"Header in which those load balancers say in which country a visitor is, such as CF-IPCountry: links can then be kept to countries. They must set it themselves, whatever the visitor sent. Default: nobody says."`
	MaxConnections int      `env:"PAYLINK_MAX_CONNECTIONS" default:"0" help:"Connections open at once on the public address; 0 takes what the limit of open files allows, at most 10000."`
	TLSDomains     []string `env:"PAYLINK_TLS_DOMAINS" help:"Names for which certificates are obtained and renewed by ACME: pay.example. They must lead here from the internet."`
	TLSEmail       string   `env:"PAYLINK_TLS_EMAIL" help:"Where the certificate authority may warn the operator."`
	TLSDirectory   string   `env:"PAYLINK_TLS_DIRECTORY" default:"https://acme-v02.api.letsencrypt.org/directory" help:"The ACME directory of the certificate authority."`
	TLSCA          string   `env:"PAYLINK_TLS_CA" help:"PEM file of the root that an internal ACME server is known by. Default: the system's roots."`
	TLSDir         string   `env:"PAYLINK_TLS_DIR" default:"./data/tls" help:"Folder of issued certificates and their keys, for this account alone."`
	TLSCert        string   `env:"PAYLINK_TLS_CERT" help:"PEM file of an own certificate and its chain, instead of ACME. Read again when it changes, and at SIGHUP."`
	TLSKey         string   `env:"PAYLINK_TLS_KEY" help:"PEM file of the key to that certificate."`
	HTTPListen     string   `env:"PAYLINK_HTTP_LISTEN" default:":80" help:"Where http:// is led to https and ACME challenges are answered, if there is TLS; off for nowhere."`
	ProviderHosts  []string `env:"PAYLINK_PROVIDER_HOSTS" help:"Hosts with their ports that merchants' accounts with providers may name although they are private or speak plain HTTP, such as 10.0.4.7:2775 for an SMSC in your own network: every merchant on this server may then. Default: public ones alone."`
	RateLimit      float64  `env:"PAYLINK_RATE_LIMIT" default:"500" help:"Requests a second that one API key may make on this node; 0 for no limit."`
	BulkRate       int64    `env:"PAYLINK_BULK_RATE" default:"0" help:"Rows a second of one uploaded file that are made when they send messages, so that carriers are not flooded; an upload may ask for fewer. 0 for no limit."`
	Attachments    int64    `env:"PAYLINK_ATTACHMENTS" default:"512" help:"Megabytes that one merchant's attachments may have together. 0 for 512."`
	MaxRequests    int      `env:"PAYLINK_MAX_REQUESTS" default:"0" help:"API changes that this node works on at once; other kinds of requests have rooms in proportion, and what finds none is told to come back. 0 for 64 a processor on SQLite and 24 on PostgreSQL."`
	OTLPEndpoint   string   `env:"PAYLINK_OTLP_ENDPOINT" name:"otlp-endpoint" help:"A collector of traces that speaks OTLP over HTTP, such as http://127.0.0.1:4318. Default: no traces."`
	TraceRatio     float64  `env:"PAYLINK_TRACE_RATIO" default:"1" help:"How many of the traces that begin here are kept, from 0 to 1."`
	LogLevel       string   `env:"PAYLINK_LOG_LEVEL" default:"info" help:"debug, info, warn or error."`

	ListenURL string        `name:"database-listen-url" env:"PAYLINK_DATABASE_LISTEN_URL" help:"PostgreSQL itself, where PAYLINK_DATABASE_URL leads through a pooler that cannot LISTEN; off for none: nodes then hear of each other a fifth of a second later."`
	Roles     []string      `env:"PAYLINK_ROLES" default:"api,pages,worker" help:"What this node does: api, pages, worker."`
	Drain     time.Duration `env:"PAYLINK_DRAIN" default:"5s" help:"How long a node that was told to stop goes on answering while /readyz says no: longer than the load balancer takes to notice."`
}

// settings judges the whole configuration and names every mistake at once.
func (c Config) settings() (node.Settings, error) {
	var wrong []error
	note := func(name string, err error) {
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", name, err))
		}
	}
	note("PAYLINK_DATABASE_URL", store.CheckURL(c.DatabaseURL))
	note("PAYLINK_DATABASE_LISTEN_URL", checkListenURL(c.ListenURL))
	roles, err := node.ParseRoles(c.Roles)
	note("PAYLINK_ROLES", err)
	if c.Drain < 0 || c.Drain > longestDrain {
		note("PAYLINK_DRAIN", fmt.Errorf("must be from 0s to %v", longestDrain))
	}
	note("PAYLINK_LISTEN", checkAddress(c.Listen))
	note("PAYLINK_ADMIN_LISTEN", checkAddress(c.AdminListen))
	if c.Listen == c.AdminListen && !strings.HasSuffix(c.Listen, ":0") {
		note("PAYLINK_ADMIN_LISTEN", errors.New("must differ from PAYLINK_LISTEN"))
	}
	if c.PublicURL != "" {
		note("PAYLINK_PUBLIC_URL", checkURL(c.PublicURL, ""))
	}
	c.checkTLS(note)
	if c.RateLimit < 0 {
		note("PAYLINK_RATE_LIMIT", errors.New("must not be negative"))
	}
	for _, host := range c.ProviderHosts {
		note("PAYLINK_PROVIDER_HOSTS", checkHost(host))
	}
	if c.Attachments < 0 {
		note("PAYLINK_ATTACHMENTS", errors.New("must not be below 0"))
	}
	if c.BulkRate < 0 {
		note("PAYLINK_BULK_RATE", errors.New("must not be negative"))
	}
	if c.MaxRequests < 0 {
		note("PAYLINK_MAX_REQUESTS", errors.New("must not be negative"))
	}
	if c.OTLPEndpoint != "" {
		note("PAYLINK_OTLP_ENDPOINT", checkURL(c.OTLPEndpoint, ""))
	}
	if !(c.TraceRatio >= 0 && c.TraceRatio <= 1) {
		note("PAYLINK_TRACE_RATIO", errors.New("must be from 0 to 1"))
	}
	if c.KeyFile == "" {
		note("PAYLINK_KEY_FILE", errors.New("must name a file"))
	}
	if c.SnapshotDir == "" {
		note("PAYLINK_SNAPSHOT_DIR", errors.New("must name a folder, or be none"))
	}
	s := node.Settings{
		DatabaseURL: c.DatabaseURL, PublicURL: c.publicURL(), KeyFile: c.KeyFile, SandboxURL: c.SandboxURL,
		ProviderHosts: c.ProviderHosts, RateLimit: c.RateLimit, BulkRate: c.BulkRate, Attachments: c.Attachments << 20, MaxRequests: c.MaxRequests, ListenURL: c.ListenURL, Roles: roles, Drain: c.Drain,
		TraceEndpoint: strings.TrimSuffix(c.OTLPEndpoint, "/"), TraceRatio: c.TraceRatio, Checkpoints: c.CheckpointFile, SnapshotDir: c.SnapshotDir,
		Journal: filepath.Join(filepath.Dir(c.KeyFile), "sandbox.ndjson"),
	}
	if c.SnapshotDir == "none" {
		s.SnapshotDir = ""
	}
	if c.SandboxURL != "" {
		note("PAYLINK_SANDBOX_URL", checkURL(c.SandboxURL, "/sandbox"))
		key, err := sandboxKey(c.SandboxKey)
		note("PAYLINK_SANDBOX_KEY", err)
		s.SandboxKey = key
	}
	proxies, err := respond.ParseProxies(c.TrustedProxies)
	note("PAYLINK_TRUSTED_PROXIES", err)
	s.Proxies, s.CountryHeader = proxies, c.CountryHeader
	if c.CountryHeader != "" && len(c.TrustedProxies) == 0 {
		note("PAYLINK_COUNTRY_HEADER", errors.New("is believed of PAYLINK_TRUSTED_PROXIES alone, and there are none"))
	}
	if s.LogLevel.UnmarshalText([]byte(c.LogLevel)) != nil {
		note("PAYLINK_LOG_LEVEL", errors.New("must be debug, info, warn or error"))
	}
	return s, errors.Join(wrong...)
}

// longestDrain is more than any load balancer needs: a longer one is a mistake in the unit.
const longestDrain = 10 * time.Minute

func checkListenURL(text string) error {
	if text == "" || text == store.ListenOff {
		return nil
	}
	if strings.HasPrefix(text, "sqlite://") {
		return errors.New("is for PostgreSQL alone")
	}
	return store.CheckURL(text)
}

func checkAddress(text string) error {
	if _, port, err := net.SplitHostPort(text); err != nil || port == "" {
		return errors.New("must be host:port, such as 127.0.0.1:8080")
	}
	return nil
}

// checkHost judges one host with its port, exactly as accounts name it.
func checkHost(text string) error {
	host, port, err := net.SplitHostPort(text)
	if n, wrong := strconv.Atoi(port); err != nil || host == "" || wrong != nil || n < 1 || n > 65535 {
		return errors.New("must be host:port, such as 10.0.4.7:2775")
	}
	return nil
}

func checkURL(text, path string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return errors.New("must be a whole URL, such as https://pay.example" + path)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return errors.New("must not hold a user, a query or a fragment")
	case strings.TrimSuffix(u.Path, "/") != path:
		return fmt.Errorf("must have the path %q", path)
	}
	return nil
}

func sandboxKey(text string) ([]byte, error) {
	key, err := hex.DecodeString(text)
	if err != nil || len(key) != 32 {
		return nil, errors.New("must be 64 hexadecimal digits")
	}
	return key, nil
}

// logger writes one JSON object a line on standard error.
func logger(level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}
