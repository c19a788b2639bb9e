package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"time"

	"paylink/cmd/paylink/node"
	"paylink/sandbox"
	"paylink/store"
)

// usageError is a mistake of the caller: exit code 2.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

type migrateCommand struct{ Config }

func (c *migrateCommand) Run(ctx context.Context) error {
	s, err := c.settings()
	if err != nil {
		return &usageError{err}
	}
	world := node.World{Now: time.Now, Log: logger(s.LogLevel)}
	return node.Migrate(ctx, s, world, func(text string) { fmt.Fprintln(os.Stderr, text) })
}

type adminCommand struct {
	Create adminCreateCommand `cmd:"" help:"Add a merchant with a first person and API keys, and connect its test world to the sandbox."`
}

type adminCreateCommand struct {
	Config
	Merchant string `required:"" help:"The merchant's name, as customers know it."`
	Email    string `required:"" help:"Who signs in to the dashboard."`
	Country  string `default:"IN" help:"ISO 3166 code: how phone numbers without a prefix are read."`
	Currency string `default:"INR" help:"ISO 4217 code of new links that name none."`
	TimeZone string `default:"Asia/Kolkata" help:"IANA name: in which times are shown."`
}

func (c *adminCreateCommand) Run(ctx context.Context) error {
	s, err := c.settings()
	if err != nil {
		return &usageError{err}
	}
	if s.PublicURL == "" {
		s.PublicURL = "http://" + c.Listen
	}
	n, err := node.Open(ctx, s, node.World{Now: time.Now, Log: logger(s.LogLevel)})
	if err != nil {
		return err
	}
	made, err := n.CreateMerchant(ctx, node.NewMerchant{
		Name: c.Merchant, Email: c.Email, Country: c.Country, Currency: c.Currency, TimeZone: c.TimeZone,
	})
	if err = errors.Join(err, n.Close()); err != nil {
		return err
	}
	return printJSON(made)
}

type configCommand struct {
	Dump configDumpCommand `cmd:"" help:"Print every setting as it is understood, without secrets."`
}

type configDumpCommand struct{ Config }

func (c *configDumpCommand) Run() error {
	if _, err := c.settings(); err != nil {
		return &usageError{err}
	}
	shown := c.Config
	if shown.SandboxKey != "" {
		shown.SandboxKey = "(set)"
	}
	shown.DatabaseURL = store.Redacted(shown.DatabaseURL)
	if shown.ListenURL != "" && shown.ListenURL != store.ListenOff {
		shown.ListenURL = store.Redacted(shown.ListenURL)
	}
	return printJSON(shown)
}

type healthcheckCommand struct {
	AdminListen string `env:"PAYLINK_ADMIN_LISTEN" default:"127.0.0.1:8081" help:"Where the server answers /readyz."`
}

func (c *healthcheckCommand) Run(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	return ask(ctx, c.AdminListen, "/readyz")
}

type sandboxCommand struct {
	Listen    string `default:"127.0.0.1:9090" help:"Address to listen on."`
	PublicURL string `help:"What browsers see before /sandbox. Default: http:// and the listening address."`
	Paylink   string `required:"" help:"The paylink that this world is for: http://127.0.0.1:8080."`
	Key       string `env:"PAYLINK_SANDBOX_KEY" required:"" help:"What both sides share: 64 hexadecimal digits, as PAYLINK_SANDBOX_KEY of the server."`
	Journal   string `help:"File that outlives a restart. Default: none."`
}

func (c *sandboxCommand) Run(ctx context.Context) error {
	key, err := sandboxKey(c.Key)
	if err == nil {
		err = checkURL(c.Paylink, "")
	}
	if err != nil {
		return &usageError{err}
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return err
	}
	if c.PublicURL == "" {
		c.PublicURL = "http://" + listener.Addr().String()
	}
	world, err := sandbox.New(sandbox.Config{
		Master: key, URL: c.PublicURL + "/sandbox", Paylink: c.Paylink, Now: time.Now, Journal: c.Journal, Log: logger(0),
	})
	if err != nil {
		return err
	}
	fmt.Printf("Sandbox  %s/sandbox\n", c.PublicURL)
	return errors.Join(node.ServeSandbox(ctx, listener, world), world.Close())
}

// version is put in by the linker, as script/release does.
var version = ""

type versionCommand struct{}

func (versionCommand) Run() error {
	shown := version
	if info, ok := debug.ReadBuildInfo(); shown == "" && ok {
		shown = info.Main.Version
	}
	if shown == "" {
		shown = "devel"
	}
	fmt.Println("paylink", shown)
	return nil
}

func printJSON(v any) error {
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(v)
}
