package providertest

import (
	"bytes"
	"errors"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"paylink/provider"
)

// Believing is what the contract of Verify needs from an adapter.
type Believing struct {
	Account provider.Account
	Body    []byte
	Header  string // that carries the signature
	// Stamped tells whether the signature covers a time; some providers sign none.
	Stamped bool
	// Sign signs as the provider would. It is written from the provider's description, not by the
	// adapter's own code: otherwise both could be wrong in the same way.
	Sign   func(secret string, body []byte, at time.Time) http.Header
	Verify func(a provider.Account, h http.Header, body []byte, now time.Time) error
}

// Check holds Verify to what it must believe and what it must refuse, and for which reason. Whoever
// gets past it can mark links paid.
func (b Believing) Check(t *testing.T) {
	t.Helper()
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	secret := b.Account.Secret
	good := b.Sign(secret, b.Body, now)

	cases := []believed{
		{"genuine", b.Account, good, b.Body, now, ""},
		{"unsigned", b.Account, http.Header{}, b.Body, now, provider.MissingSignature},
		{"empty header", b.Account, http.Header{b.Header: {""}}, b.Body, now, provider.MissingSignature},
		{"no header value", b.Account, http.Header{b.Header: nil}, b.Body, now, provider.MissingSignature},
		{"another secret", b.Account, b.Sign(secret+"0", b.Body, now), b.Body, now, provider.BadSignature},
		{"signed with no secret", b.Account, b.Sign("", b.Body, now), b.Body, now, provider.BadSignature},
		{"account without a secret", b.noSecret(), b.Sign("", b.Body, now), b.Body, now, provider.BadSignature},
		{"signature of another body", b.Account, b.Sign(secret, append(slices.Clone(b.Body), ' '), now), b.Body, now, provider.BadSignature},
		{"empty body", b.Account, good, nil, now, provider.BadSignature},
		{"body cut by one", b.Account, good, b.Body[:len(b.Body)-1], now, provider.BadSignature},
		{"one bit of the body", b.Account, good, flipped(b.Body), now, provider.BadSignature},
		{"header twice", b.Account, b.header(good.Get(b.Header), good.Get(b.Header)), b.Body, now, provider.BadSignature},
		{"a bad header before a good one", b.Account, b.header("x", good.Get(b.Header)), b.Body, now, provider.BadSignature},
	}
	for i := range len(good.Get(b.Header)) {
		v := []byte(good.Get(b.Header))
		cases = append(cases, believed{"header cut", b.Account, b.header(string(v[:i])), b.Body, now, ""})
		v[i] ^= 1
		cases = append(cases, believed{"one bit of the header", b.Account, b.header(string(v)), b.Body, now, provider.BadSignature})
	}
	if b.Stamped {
		cases = append(cases, b.stamped(now)...)
	}
	for _, c := range cases {
		c.check(t, b)
	}
}

func (b Believing) stamped(now time.Time) (cases []believed) {
	for _, c := range []struct {
		name string
		off  time.Duration
		want string
	}{
		{"299 s old", -299 * time.Second, ""},
		{"299 s ahead", 299 * time.Second, ""},
		{"301 s old", -301 * time.Second, provider.StaleTimestamp},
		{"301 s ahead", 301 * time.Second, provider.StaleTimestamp},
		{"a year old", -365 * 24 * time.Hour, provider.StaleTimestamp},
	} {
		cases = append(cases, believed{c.name, b.Account, b.Sign(b.Account.Secret, b.Body, now.Add(c.off)), b.Body, now, c.want})
	}
	return cases
}

// believed is one case; want is the reason, empty for a body that is genuine.
type believed struct {
	name    string
	account provider.Account
	header  http.Header
	body    []byte
	now     time.Time
	want    string
}

func (c believed) check(t *testing.T, b Believing) {
	t.Helper()
	header, body := maps.Clone(c.header), bytes.Clone(c.body)
	err := b.Verify(c.account, c.header, c.body, c.now)
	var unverified *provider.Unverified
	switch {
	case c.name == "header cut":
		// Where the cut falls decides whether there is a signature at all.
		if !errors.As(err, &unverified) {
			t.Errorf("%s to %q: %v, want *Unverified", c.name, c.header.Get(b.Header), err)
		}
	case c.want == "" && err != nil:
		t.Errorf("%s: %v, want it believed", c.name, err)
	case c.want != "" && (!errors.As(err, &unverified) || unverified.Reason != c.want):
		t.Errorf("%s (%q): %v, want %s", c.name, c.header.Values(b.Header), err, c.want)
	}
	if !maps.EqualFunc(header, c.header, slices.Equal) || !bytes.Equal(body, c.body) {
		t.Errorf("%s: Verify changed what it was given", c.name)
	}
}

func (b Believing) header(values ...string) http.Header { return http.Header{b.Header: values} }

func (b Believing) noSecret() provider.Account {
	a := b.Account
	a.Secret, a.Fields = "", nil
	return a
}

func flipped(body []byte) []byte {
	out := slices.Clone(body)
	out[len(out)/2] ^= 1
	return out
}
