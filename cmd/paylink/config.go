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
	"strings"

	"paylink/cmd/paylink/node"
	"paylink/web/respond"
)

// Config is every setting of a server. Each can be a flag, an environment variable or a line in
// paylink.toml, in this order of precedence.
type Config struct {
	DatabaseURL    string   `env:"PAYLINK_DATABASE_URL" default:"sqlite://./data/paylink.db" help:"Where everything is kept: sqlite:///path/file.db or postgres://user@host/name."`
	Listen         string   `env:"PAYLINK_LISTEN" default:"127.0.0.1:8080" help:"Address of the public server: pages, API, dashboard."`
	AdminListen    string   `env:"PAYLINK_ADMIN_LISTEN" default:"127.0.0.1:8081" help:"Address of /livez and /readyz; never to be reached from outside."`
	PublicURL      string   `env:"PAYLINK_PUBLIC_URL" help:"What customers and gateways see before a path: https://pay.example. Default: http:// and the listening address."`
	KeyFile        string   `env:"PAYLINK_KEY_FILE" default:"./data/keys" help:"The key ring: codes, tokens and sealed secrets hang on it. Made at the first start; keep a copy elsewhere."`
	SnapshotDir    string   `env:"PAYLINK_SNAPSHOT_DIR" default:"./data/snapshots" help:"Where an upgrade backs the database up before it begins; none when you have a snapshot of your own."`
	SandboxURL     string   `env:"PAYLINK_SANDBOX_URL" help:"A sandbox in a process of its own, such as http://127.0.0.1:9090/sandbox. Default: the one inside."`
	SandboxKey     string   `env:"PAYLINK_SANDBOX_KEY" help:"What paylink and a sandbox in a process of its own share: 64 hexadecimal digits."`
	TrustedProxies []string `env:"PAYLINK_TRUSTED_PROXIES" help:"Networks of the load balancers whose X-Forwarded-For is believed, such as 10.0.0.0/8."`
	RateLimit      float64  `env:"PAYLINK_RATE_LIMIT" default:"500" help:"Requests a second that one API key may make on this node; 0 for no limit."`
	LogLevel       string   `env:"PAYLINK_LOG_LEVEL" default:"info" help:"debug, info, warn or error."`
}

// settings judges the whole configuration and names every mistake at once.
func (c Config) settings() (node.Settings, error) {
	var wrong []error
	note := func(name string, err error) {
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", name, err))
		}
	}
	note("PAYLINK_DATABASE_URL", checkDatabase(c.DatabaseURL))
	note("PAYLINK_LISTEN", checkAddress(c.Listen))
	note("PAYLINK_ADMIN_LISTEN", checkAddress(c.AdminListen))
	if c.Listen == c.AdminListen && !strings.HasSuffix(c.Listen, ":0") {
		note("PAYLINK_ADMIN_LISTEN", errors.New("must differ from PAYLINK_LISTEN"))
	}
	if c.PublicURL != "" {
		note("PAYLINK_PUBLIC_URL", checkURL(c.PublicURL, ""))
	}
	if c.RateLimit < 0 {
		note("PAYLINK_RATE_LIMIT", errors.New("must not be negative"))
	}
	if c.KeyFile == "" {
		note("PAYLINK_KEY_FILE", errors.New("must name a file"))
	}
	if c.SnapshotDir == "" {
		note("PAYLINK_SNAPSHOT_DIR", errors.New("must name a folder, or be none"))
	}
	s := node.Settings{
		DatabaseURL: c.DatabaseURL, PublicURL: strings.TrimSuffix(c.PublicURL, "/"), KeyFile: c.KeyFile, SandboxURL: c.SandboxURL,
		RateLimit: c.RateLimit, SnapshotDir: c.SnapshotDir,
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
	s.Proxies = proxies
	if s.LogLevel.UnmarshalText([]byte(c.LogLevel)) != nil {
		note("PAYLINK_LOG_LEVEL", errors.New("must be debug, info, warn or error"))
	}
	return s, errors.Join(wrong...)
}

func checkDatabase(text string) error {
	switch {
	case strings.HasPrefix(text, "sqlite://") && len(text) > len("sqlite://"):
		return nil
	case strings.HasPrefix(text, "postgres://"), strings.HasPrefix(text, "postgresql://"):
		if _, err := url.Parse(text); err != nil {
			return errors.New("cannot be read as a URL") // its text may hold a password
		}
		return nil
	}
	return errors.New("must begin with sqlite:// or postgres://")
}

func checkAddress(text string) error {
	if _, port, err := net.SplitHostPort(text); err != nil || port == "" {
		return errors.New("must be host:port, such as 127.0.0.1:8080")
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

// withoutPassword shows a database URL to people.
func withoutPassword(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "(unreadable)"
	}
	return u.Redacted()
}
