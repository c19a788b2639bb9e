package api_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

//go:generate go test -run TestDocumentIsFresh -update-document .

var update = flag.Bool("update-document", false, "write docs/api/openapi.json anew")

// Clients are made from the document; one that lags behind the code makes clients that fail.
func TestDocumentIsFresh(t *testing.T) {
	w := onSQLite(t)
	got := []byte(w.ask("", "GET", "/openapi.json", "").want(200).body)
	path := filepath.Join("..", "..", "docs", "api", "openapi.json")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, kept) {
		t.Error("docs/api/openapi.json is stale: go generate ./web/api")
	}
	yaml := w.ask("", "GET", "/openapi.yaml", "").want(200).body
	if !strings.Contains(yaml, "openapi: 3.1.0") || !strings.Contains(yaml, "create_payment_link") {
		t.Errorf("%.200s", yaml)
	}
}

// The document must agree with the public contract's names, and must not lead a reader's browser to
// strangers.
func TestDocumentNamesTheContract(t *testing.T) {
	w := onSQLite(t)
	doc := w.ask("", "GET", "/openapi.json", "").want(200)
	if doc.header.Get("Content-Type") != "application/json" || doc.text("openapi") != "3.1.0" {
		t.Errorf("%v", doc.header)
	}
	paths := doc.at("paths").(map[string]any)
	for _, want := range []string{
		"POST /v1/payment_links", "GET /v1/payment_links", "GET /v1/payment_links/{id}", "POST /v1/payment_links/{id}/send", "POST /v1/payment_links/{id}/cancel",
		"POST /v1/payment_links/{id}/reactivate", "POST /v1/payment_links/{id}/extend", "POST /v1/payment_links/{id}/refresh",
		"GET /v1/payment_links/{id}/timeline", "GET /v1/payment_links/{id}/qr.svg", "GET /v1/payment_links/{id}/qr.png", "POST /v1/tokens/verify",
		"GET /v1/payments", "GET /v1/payments/{id}", "GET /v1/events", "GET /v1/events/stream", "POST /v1/webhook_endpoints", "GET /v1/webhook_endpoints",
		"GET /v1/webhook_endpoints/{id}", "DELETE /v1/webhook_endpoints/{id}", "POST /v1/webhook_endpoints/{id}/rotate_secret",
		"POST /v1/webhook_endpoints/{id}/test", "POST /v1/webhook_endpoints/{id}/replay", "GET /v1/webhook_deliveries", "GET /v1/webhook_deliveries/{id}",
		"POST /v1/webhook_deliveries/{id}/resend", "GET /v1/gateway_notices", "GET /v1/merchant", "POST /sandbox/clock",
		"POST /v1/payment_links/bulk", "GET /v1/bulk", "GET /v1/bulk/{id}", "GET /v1/bulk/{id}/errors.csv", "GET /v1/bulk/{id}/stream",
		"POST /v1/bulk/{id}/approve", "POST /v1/bulk/{id}/pause", "POST /v1/bulk/{id}/resume", "POST /v1/bulk/{id}/cancel",
	} {
		method, path, _ := strings.Cut(want, " ")
		op, _ := paths[path].(map[string]any)[strings.ToLower(method)].(map[string]any)
		if op == nil || op["summary"] == "" || op["operationId"] == "" {
			t.Errorf("%s is not in the document", want)
		}
	}
	if found := regexp.MustCompile(`https?://[^"]*|\$schema`).FindAllString(strings.NewReplacer("https://shop.example/hooks", "", "https://pay.example/", "", "^https?://", "").Replace(doc.body), -1); len(found) > 0 {
		t.Errorf("the document leads to %v", found)
	}
}
