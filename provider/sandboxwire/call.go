// Package sandboxwire is paylink's half of the wire to the sandbox: who we are, one call, the
// signature under what the sandbox posts to us, and strict reading of it.
//
// It is for the two adapters, gateway/sandbox and channel/sandbox: one provider has one wire,
// whichever of its trades is spoken about, so it stands here once. It is not in outbound, because
// another provider authenticates, signs and answers differently; and not in the sandbox, which is
// the other side and is spoken to over HTTP only. What the bodies mean is left to the adapters.
package sandboxwire

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"paylink/outbound"
	"paylink/provider"
)

// Secret is the password of an account at the sandbox, and the key that signs what it posts for that
// account: lower-case hex of HMAC-SHA256 over the account's name. master is the operator's 32 bytes
// that both sides hold, so accounts need no registration. account.Secret is not read.
func Secret(master []byte, account provider.Account) string {
	mac := hmac.New(sha256.New, master)
	mac.Write([]byte(account.Name()))
	return hex.EncodeToString(mac.Sum(nil))
}

// Call is one request. Body is written as JSON; nil sends none.
type Call struct {
	Account provider.Account
	Method  string
	Path    string // below the account's BaseURL, escaped: "/gateway/orders"
	Body    any
}

// ErrNoSuchThing stands in an error's chain, beside its *provider.Rejected, when the sandbox itself
// says that it does not know what was asked for. A bare 404, as from a wrong BaseURL, is not that.
var ErrNoSuchThing = errors.New("the sandbox has no such thing")

// Do makes the call and reads a 2xx answer into answer. Any other end is an error as package provider
// tells them apart: a 4xx is *provider.Rejected (429 and 408 Temporary); every other status, and an
// answer that cannot be read, is Unknown, because the sandbox may have done what it was asked.
func Do(ctx context.Context, client *outbound.Client, c Call, answer any) error {
	if err := do(ctx, client, c, answer); err != nil {
		return fmt.Errorf("%s %s at the sandbox for %s: %w", c.Method, c.Path, c.Account.Name(), err)
	}
	return nil
}

func do(ctx context.Context, client *outbound.Client, c Call, answer any) error {
	req, err := request(c)
	if err != nil {
		return &provider.Broken{When: provider.NotSent, Err: err}
	}
	res, err := client.Do(ctx, req)
	switch {
	case err != nil:
		return err
	case res.Status >= 200 && res.Status < 300 && !res.Cut:
		if err := Decode(res.Body, answer); err != nil {
			return unknown(fmt.Errorf("read the answer: %w", err))
		}
		return nil
	case res.Status >= 400 && res.Status < 500:
		return rejected(res)
	}
	return unknown(fmt.Errorf("status %d", res.Status))
}

func request(c Call) (*http.Request, error) {
	var body []byte
	if c.Body != nil {
		var err error
		if body, err = json.Marshal(c.Body); err != nil {
			return nil, fmt.Errorf("write the body: %w", err)
		}
	}
	req, err := http.NewRequest(c.Method, strings.TrimRight(c.Account.BaseURL, "/")+c.Path, bytes.NewReader(body))
	if err != nil {
		// The error of net/url repeats the address, which may hold what a log must not.
		return nil, errors.New("the account's base URL cannot be read")
	}
	req.SetBasicAuth(c.Account.Name(), c.Account.Secret)
	req.Header.Set("Accept", "application/json")
	if c.Body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

func unknown(err error) error { return &provider.Broken{When: provider.Unknown, Err: err} }

// rejected reads the sandbox's own reason out of a 4xx.
func rejected(res outbound.Response) error {
	var said struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	err := Decode(res.Body, &said)
	r := &provider.Rejected{
		Code:      provider.SafeCode(said.Error.Code, fmt.Sprintf("http_%d", res.Status)),
		Temporary: res.Status == http.StatusTooManyRequests || res.Status == http.StatusRequestTimeout,
		After:     provider.RetryAfter(res.Header),
	}
	if r.Temporary {
		r.Reason = provider.Throttled
	}
	if res.Status == http.StatusUnauthorized || res.Status == http.StatusForbidden {
		r.Reason = provider.BadCredentials
	}
	if res.Status == http.StatusNotFound && err == nil && said.Error.Code != "" {
		return fmt.Errorf("%w: %w", ErrNoSuchThing, r)
	}
	return r
}
