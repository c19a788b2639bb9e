package providertest

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"paylink/provider"
)

// InBody describes a signature that stands inside the body and covers some of it only. Like Believing's Sign it
// is written from the provider's description, not by the adapter's own code.
type InBody struct {
	Sign   func(secret string, body []byte) []byte     // the body, signed anew
	Strip  func(body []byte) []byte                    // the body, without its signature
	Tamper func(body []byte) map[string][]byte         // bodies in which one thing that is signed is another, by which
	Join   func(signed []byte, unsigned []byte) []byte // a body that says both; nil: a body says one thing
}

// BelievingBody is what the contract of Verify needs from an adapter whose provider signs InBody.
type BelievingBody struct {
	InBody
	Account provider.Account
	Body    []byte // a genuine one
	Verify  func(a provider.Account, h http.Header, body []byte, now time.Time) error
}

// Check holds Verify to what it must believe and what it must refuse, and for which reason.
func (b BelievingBody) Check(t *testing.T) {
	t.Helper()
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	secret := b.Account.Secret
	none := b.Account
	none.Secret, none.Fields = "", nil
	other := bytes.Repeat([]byte("0"), len(secret))
	cases := []believed{
		{"genuine", b.Account, nil, b.Body, now, ""},
		{"signed anew", b.Account, nil, b.Sign(secret, b.Body), now, ""},
		{"unsigned", b.Account, nil, b.Strip(b.Body), now, provider.MissingSignature},
		{"another secret", b.Account, nil, b.Sign(string(other), b.Body), now, provider.BadSignature},
		{"signed with no secret", b.Account, nil, b.Sign("", b.Body), now, provider.BadSignature},
		{"account without a secret", none, nil, b.Sign("", b.Body), now, provider.BadSignature},
		{"account without a secret, genuine", none, nil, b.Body, now, provider.BadSignature},
	}
	for name, body := range b.Tamper(b.Body) {
		cases = append(cases, believed{"another " + name, b.Account, nil, body, now, provider.BadSignature})
	}
	if b.Join != nil {
		stranger := b.Strip(b.Body)
		cases = append(cases,
			believed{"genuine twice", b.Account, nil, b.Join(b.Body, b.Body), now, ""},
			believed{"an unsigned one behind it", b.Account, nil, b.Join(b.Body, stranger), now, provider.MissingSignature},
			believed{"an unsigned one before it", b.Account, nil, b.Join(stranger, b.Body), now, provider.MissingSignature},
			believed{"a forged one behind it", b.Account, nil, b.Join(b.Body, b.Sign(string(other), b.Body)), now, provider.BadSignature})
	}
	for _, c := range cases {
		c.check(t, Believing{Verify: b.Verify})
	}
	for i := range len(bytes.TrimSpace(b.Body)) {
		body := slices.Clone(b.Body[:i])
		var unverified *provider.Unverified
		if err := b.Verify(b.Account, nil, body, now); !errors.As(err, &unverified) || !bytes.Equal(body, b.Body[:i]) {
			t.Errorf("a body cut after %d bytes: %v, want *Unverified", i, err)
		}
	}
}
