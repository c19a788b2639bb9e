package provider_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"paylink/provider"
)

// An account is logged or printed by mistake, and whoever reads the log can sign notices.
func TestAccountNeverPrintsItsSecret(t *testing.T) {
	a := provider.Account{ID: "acct_1", Merchant: "mer_1", BaseURL: "http://127.0.0.1/canary", Secret: "canary"}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("payment.started", "account", a, "pointer", &a, "list", []provider.Account{a})
	slog.New(slog.NewTextHandler(&log, nil)).Info("payment.started", "account", a, "list", []provider.Account{a})
	text := log.String() + fmt.Sprintf("%v %+v %#v %s %q %d %v %+v", a, a, a, a, a, a, &a, []provider.Account{a})
	text += fmt.Errorf("start a payment at %v: %w", a, &provider.Rejected{Code: "unauthorized"}).Error()
	if strings.Contains(text, "canary") {
		t.Errorf("the secret or the address is in: %s", text)
	}
	if !strings.Contains(text, "mer_1.acct_1") {
		t.Errorf("the account's name is missing in: %s", text)
	}
}
