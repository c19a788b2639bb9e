package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"paylink"
	"paylink/cmd/paylink/node"
)

type demoCommand struct {
	Listen      string `default:"127.0.0.1:8080" help:"Address to listen on; port 0 takes any free one."`
	Data        string `default:"./data/demo" help:"Folder of the database, the keys and demo.json."`
	DatabaseURL string `env:"PAYLINK_DATABASE_URL" help:"Another database than the SQLite file in --data."`
	LogLevel    string `env:"PAYLINK_LOG_LEVEL" default:"warn" help:"debug, info, warn or error."`
}

// demoFile is what demo.json tells scripts and independent tests.
type demoFile struct {
	URL               string             `json:"url"`
	AdminURL          string             `json:"admin_url"`
	DashboardURL      string             `json:"dashboard_url"`
	DashboardEmail    string             `json:"dashboard_email"`
	DashboardPassword string             `json:"dashboard_password"`
	APIKey            string             `json:"api_key"`
	SandboxURL        string             `json:"sandbox_url"`
	MerchantID        paylink.MerchantID `json:"merchant_id"`
}

func (c *demoCommand) Run(ctx context.Context) error {
	config := Config{
		DatabaseURL: c.DatabaseURL, Listen: c.Listen, AdminListen: "127.0.0.1:0", LogLevel: c.LogLevel, RateLimit: 500,
		KeyFile: filepath.Join(c.Data, "keys"), CheckpointFile: filepath.Join(c.Data, "checkpoints.ndjson"), SnapshotDir: filepath.Join(c.Data, "snapshots"),
	}
	if config.DatabaseURL == "" {
		config.DatabaseURL = "sqlite://" + filepath.Join(c.Data, "paylink.db")
	}
	s, err := config.settings()
	if err != nil {
		return &usageError{err}
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return err
	}
	public, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("%w (another address can be given by --listen)", err)
	}
	admin, err := net.Listen("tcp", config.AdminListen)
	if err != nil {
		return errors.Join(err, public.Close())
	}
	s.PublicURL, s.Demo = "http://"+public.Addr().String(), true
	n, err := node.Open(ctx, s, node.World{Now: time.Now, Log: logger(s.LogLevel)})
	if err != nil {
		return err
	}
	if err := n.Prepare(ctx); err != nil {
		return errors.Join(err, n.Close())
	}
	file := demoFile{
		URL: s.PublicURL, AdminURL: "http://" + admin.Addr().String(), DashboardURL: s.PublicURL + "/dashboard",
		SandboxURL: s.PublicURL + "/sandbox",
	}
	path := filepath.Join(c.Data, "demo.json")
	if err := c.merchant(ctx, n, path, &file); err != nil {
		return errors.Join(err, n.Close())
	}
	return n.Serve(ctx, public, admin, func() error {
		if err := writeJSON(path, file); err != nil {
			return err
		}
		fmt.Print(file.greeting())
		return nil
	})
}

// merchant takes the sample merchant of an earlier start from demo.json, or makes one.
func (c *demoCommand) merchant(ctx context.Context, n *node.Node, path string, file *demoFile) error {
	var earlier demoFile
	if text, err := os.ReadFile(path); err == nil && json.Unmarshal(text, &earlier) == nil && n.Knows(ctx, earlier.MerchantID) {
		file.DashboardEmail, file.DashboardPassword = earlier.DashboardEmail, earlier.DashboardPassword
		file.APIKey, file.MerchantID = earlier.APIKey, earlier.MerchantID
		n.DemoMerchant(earlier.MerchantID)
		return nil
	}
	made, err := n.CreateMerchant(ctx, node.NewMerchant{
		Name: "Acme Retail", Email: "owner@acme.example", Country: "IN", Currency: "INR", TimeZone: "Asia/Kolkata",
		Website: "https://acme.example", SupportEmail: "help@acme.example",
	})
	if err != nil {
		return err
	}
	file.DashboardEmail, file.DashboardPassword = made.Email, made.Password
	file.APIKey, file.MerchantID = made.TestKey, made.MerchantID
	n.DemoMerchant(made.MerchantID)
	return nil
}

func (f demoFile) greeting() string {
	return fmt.Sprintf(`paylink is ready. Nothing leaves this machine.

  Dashboard      %s
                 %s  %s
  Sandbox phone  %s
  API            %s/v1
                 Authorization: Bearer %s

  A first link:
  curl %s/v1/payment_links -H "Authorization: Bearer %s" \
    -H "Content-Type: application/json" \
    -d '{"amount":245000,"currency":"INR","description":"Order 1042","customer":{"phone":"+919812345642"},"channels":["sms","whatsapp"]}'

  Ctrl+C stops it.
`, f.DashboardURL, f.DashboardEmail, f.DashboardPassword, f.SandboxURL, f.URL, f.APIKey, f.URL, f.APIKey)
}

// writeJSON writes a file whole or not at all, for nobody else to read: it holds a password.
func writeJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	part := path + ".part"
	if err := os.WriteFile(part, append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(part, path)
}
