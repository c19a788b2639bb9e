package main

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
)

//go:generate go test -run TestConfigPageIsFresh . -args -write

var write = flag.Bool("write", false, "write docs/config.md anew instead of comparing")

const configPage = "../../docs/config.md"

// An operator reads of a setting that is not there, or not of one that is.
func TestConfigPageIsFresh(t *testing.T) {
	var page strings.Builder
	page.WriteString("# Settings\n\nProduced from `cmd/paylink/config.go` by `go generate ./cmd/paylink`. Each is a flag of `paylink serve`,\n" +
		"an environment variable, or a line in `paylink.toml` under the flag's name, in this order of precedence.\n" +
		"`paylink config dump` prints what they come to; a wrong one stops the start, with every mistake named.\n\n" +
		"| variable | flag | default | what |\n| --- | --- | --- | --- |\n")
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		env, help := f.Tag.Get("env"), f.Tag.Get("help")
		if env == "" || help == "" {
			t.Fatalf("%s has no environment name or no sentence", f.Name)
		}
		flag := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(env, "PAYLINK_"), "_", "-"))
		fmt.Fprintf(&page, "| `%s` | `--%s` | %s | %s |\n", env, flag, quoted(f.Tag.Get("default")), help)
	}
	if *write {
		if err := os.WriteFile(configPage, []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(configPage)
	if err != nil || string(kept) != page.String() {
		t.Errorf("docs/config.md is stale: go generate ./cmd/paylink (%v)", err)
	}
}

func quoted(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

// An operator mends one setting, starts, and hears of the next: each costs a start.
func TestEveryWrongSettingIsNamedAtOnce(t *testing.T) {
	_, err := Config{
		DatabaseURL: "mysql://secret@host/db", Listen: "8080", AdminListen: "", PublicURL: "pay.example", KeyFile: "", SnapshotDir: "",
		SandboxURL: "http://127.0.0.1:9090", SandboxKey: "short", TrustedProxies: []string{"everybody"}, RateLimit: -1, LogLevel: "loud",
		ListenURL: "postgres://a:secret@h:bad/b", Roles: []string{"api", "cook"}, Drain: -1,
	}.settings()
	if err == nil {
		t.Fatal("a configuration of mistakes is accepted")
	}
	for _, name := range []string{
		"DATABASE_URL", "LISTEN", "ADMIN_LISTEN", "PUBLIC_URL", "KEY_FILE", "SNAPSHOT_DIR", "SANDBOX_URL", "SANDBOX_KEY", "TRUSTED_PROXIES", "RATE_LIMIT", "LOG_LEVEL",
		"DATABASE_LISTEN_URL", "ROLES", "DRAIN",
	} {
		if !strings.Contains(err.Error(), "PAYLINK_"+name+":") {
			t.Errorf("%s is not named in:\n%v", name, err)
		}
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("a password is shown: %v", err)
	}
}

// The defaults, as kong fills them in, are a configuration that starts.
func TestDefaultsAreRight(t *testing.T) {
	c := Config{}
	v := reflect.ValueOf(&c).Elem()
	for _, f := range reflect.VisibleFields(v.Type()) {
		if d := f.Tag.Get("default"); d != "" && f.Type.Kind() == reflect.String {
			v.FieldByIndex(f.Index).SetString(d)
		}
	}
	if s, err := c.settings(); err != nil || s.DatabaseURL != "sqlite://./data/paylink.db" || s.KeyFile != "./data/keys" {
		t.Errorf("%+v %v", s, err)
	}
}
