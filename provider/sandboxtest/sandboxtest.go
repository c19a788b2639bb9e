// Package sandboxtest runs the real sandbox as the far side of a test: over HTTP on loopback, with
// its notices and receipts going out, until the test ends.
//
// It is for the tests of both sandbox adapters and of the steps that use them. It signs in its own
// words, written from the wire's description, so that a mistake in sandboxwire cannot confirm
// itself.
package sandboxtest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"testing"
	"time"

	"paylink"
	"paylink/outbound"
	"paylink/provider"
	"paylink/provider/providertest"
	"paylink/provider/sandboxwire"
	"paylink/sandbox"
)

var master = []byte("0123456789abcdef0123456789abcdef")

// Serve runs a sandbox by cfg, whose Master and URL are given here, until the test ends.
func Serve(t testing.TB, cfg sandbox.Config) *providertest.Far {
	t.Helper()
	return providertest.Serve(t, func(f *providertest.Far) http.Handler {
		cfg.Master, cfg.URL = master, f.Origin+"/sandbox"
		world, err := sandbox.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- world.Run(ctx) }()
		t.Cleanup(func() {
			stop()
			if err := <-ended; err != nil {
				t.Errorf("run the sandbox: %v", err)
			}
		})
		return world
	})
}

// Account is an account at the far side's sandbox, with good credentials.
func Account(far *providertest.Far, merchant paylink.MerchantID, id paylink.AccountID) provider.Account {
	a := provider.Account{ID: id, Merchant: merchant, BaseURL: far.Origin + "/sandbox"}
	a.Secret = sandboxwire.Secret(master, a)
	return a
}

// Client calls out to loopback until the test ends.
func Client(t testing.TB) *outbound.Client {
	c := outbound.New(outbound.Options{AllowLoopback: true})
	t.Cleanup(c.Close)
	return c
}

// Header carries the signature, as the wire names it.
const Header = "Sandbox-Signature"

// Sign is the header under a body that the sandbox posts at a time.
func Sign(secret string, body []byte, at time.Time) http.Header {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
	return http.Header{Header: {fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac.Sum(nil)))}}
}
