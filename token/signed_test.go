package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"
)

// parsers are the three, by what they read; each says whether it takes s.
var parsers = map[string]func(t testing.TB, s string) bool{
	"code": func(t testing.TB, s string) bool { _, _, ok := ReadCode(fixedRing(t), s); return ok },
	"link": func(t testing.TB, s string) bool { _, err := ReadLink(fixedRing(t), s); return err == nil },
	"one-time": func(t testing.TB, s string) bool {
		_, err := ReadOneTime(fixedRing(t), s, noon)
		return err == nil
	},
}

// Tokens live in merchants' systems and open pages: a release must read the last one's.
// The expected tokens were computed with Python's hmac and struct.
func TestSignedTokensStayWhatTheyWere(t *testing.T) {
	ring := fixedRing(t)
	const link = "EQcIcGxpbmtfMDEGbWVyXzAxAQZzaW5nbGVJTlIAAAAAAAO9CAAGYPBVUDABAAAAAAAAAANR0jYfT66jvI-frNvH2Zq7VVWWouUfeyX9O0HJNYfmFi1BL1cKG_ebv8ub4HoMvmi2PUtSliyp7LeiJ_hHsfja"
	const view = "IQcIcGxpbmtfMDEAAAAAAAAAAwECAwAAAAAAAAAAAAAAAAAJCAcAAAAAAAAAAAAAAAAAAAZg3KLCogADcGF5BZ0xIiRL6Kaui0TxW_JQwbIBl-6Ecyq20tGPDcZslL0"
	if got := mustLink(t, ring, fixedClaims); got != link {
		t.Errorf("link token %s, want %s", got, link)
	}
	if got, err := ReadLink(ring, link); err != nil || got != fixedClaims {
		t.Errorf("ReadLink = %+v, %v; want %+v", got, err, fixedClaims)
	}
	if got := mustView(t, ring, fixedView); got != view {
		t.Errorf("one-time token %s, want %s", got, view)
	}
	if got, err := ReadOneTime(ring, view, noon); err != nil || got != fixedView {
		t.Errorf("ReadOneTime = %+v, %v; want %+v", got, err, fixedView)
	}
}

// A link without expiry and the largest claims must come back as they went in.
func TestClaimsComeBackWhole(t *testing.T) {
	ring := fixedRing(t)
	least := LinkClaims{Link: "l", Merchant: "m", Usage: "u", Currency: "JPY"}
	most := LinkClaims{
		Link: strings.Repeat("l", 64), Merchant: strings.Repeat("m", 64), Live: true, Usage: strings.Repeat("u", 16),
		Currency: "KWD", Amount: 1<<63 - 1, ExpiresAt: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		Revision: 1<<63 - 1, Terms: [32]byte{31: 1},
	}
	for _, want := range []LinkClaims{least, most} {
		s := mustLink(t, ring, want)
		got, err := ReadLink(ring, s)
		if err != nil || got != want {
			t.Errorf("ReadLink = %+v, %v; want %+v", got, err, want)
		}
		if again := mustLink(t, ring, got); again != s || len(s) > maxSigned {
			t.Errorf("signed again: %s, want %s, of at most %d characters", again, s, maxSigned)
		}
	}
}

// Claims that cannot be read back exactly must not be signed.
func TestUnsignableIsRefused(t *testing.T) {
	ring := fixedRing(t)
	for want, change := range map[string]func(*LinkClaims){
		"link id":     func(c *LinkClaims) { c.Link = "" },
		"merchant id": func(c *LinkClaims) { c.Merchant = strings.Repeat("m", 65) },
		"usage":       func(c *LinkClaims) { c.Usage = "" },
		"currency":    func(c *LinkClaims) { c.Currency = "RUPEE" },
		"amount":      func(c *LinkClaims) { c.Amount = -1 },
		"revision":    func(c *LinkClaims) { c.Revision = -1 },
		"expiry":      func(c *LinkClaims) { c.ExpiresAt = time.Unix(0, 0) },
	} {
		c := fixedClaims
		change(&c)
		if s, err := SignLink(ring, c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("SignLink with bad %s: %q, %v", want, s, err)
		}
	}
	for want, change := range map[string]func(*OneTime){
		"link id":  func(o *OneTime) { o.Link = "" },
		"revision": func(o *OneTime) { o.Revision = -1 },
		"nonce":    func(o *OneTime) { o.Nonce = [16]byte{} },
		"expiry":   func(o *OneTime) { o.ExpiresAt = time.Time{} },
		"purpose":  func(o *OneTime) { o.Purpose = strings.Repeat("p", 17) },
	} {
		o := fixedView
		change(&o)
		if s, err := SignOneTime(ring, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("SignOneTime with bad %s: %q, %v", want, s, err)
		}
	}
}

// A view that outlives its half hour could be replayed; one that dies early loses a payment.
func TestOneTimeExpiresExactlyAtItsInstant(t *testing.T) {
	ring := fixedRing(t)
	s := mustView(t, ring, fixedView)
	for _, c := range []struct {
		now  time.Time
		want error
	}{
		{fixedView.ExpiresAt.Add(-time.Nanosecond), nil},
		{fixedView.ExpiresAt, ErrExpired},
		{fixedView.ExpiresAt.Add(time.Nanosecond), ErrExpired},
	} {
		if got, err := ReadOneTime(ring, s, c.now); !errors.Is(err, c.want) || got != fixedView {
			t.Errorf("at %v: %+v, %v; want %v with its fields", c.now, got, err, c.want)
		}
	}
}

// A receipt's token that works as a payment's is the classic confusion: each parser takes its own
// kind, from this ring, and nothing else.
func TestNoTokenIsTakenForAnother(t *testing.T) {
	for issuer, issued := range map[string]map[string]string{
		"ours": {
			"code": mustCode(t, fixedRing(t), 42, 7), "link": mustLink(t, fixedRing(t), fixedClaims),
			"one-time": mustView(t, fixedRing(t), fixedView),
		},
		"theirs": {
			"code": mustCode(t, otherRing(t), 42, 7), "link": mustLink(t, otherRing(t), fixedClaims),
			"one-time": mustView(t, otherRing(t), fixedView),
		},
	} {
		for kind, s := range issued {
			for parser, accepts := range parsers {
				if got, want := accepts(t, s), issuer == "ours" && kind == parser; got != want {
					t.Errorf("%s %s read as %s: accepted %t, want %t", issuer, kind, parser, got, want)
				}
			}
		}
	}
}

// The forgeries of threats L3: no signature, part of one, another key's, another kind's, another
// spelling. Whoever finds one that passes sets amounts.
func TestForgeriesAreRefused(t *testing.T) {
	ring := fixedRing(t)
	for parser, issued := range map[string]string{
		"link": mustLink(t, ring, fixedClaims), "one-time": mustView(t, ring, fixedView),
	} {
		raw, err := base64.RawURLEncoding.DecodeString(issued)
		if err != nil {
			t.Fatal(err)
		}
		forged := map[string]string{
			"empty":           "",
			"padded":          base64.URLEncoding.EncodeToString(append(raw, 0)),
			"standard digits": base64.RawStdEncoding.EncodeToString(raw) + "+/",
			"line break":      issued[:40] + "\n" + issued[40:],
			"carriage return": issued + "\r",
			"blank":           " " + issued,
			"trailing byte":   base64.RawURLEncoding.EncodeToString(append(raw, 0)),
			"twice":           issued + issued,
			"very long":       strings.Repeat(issued, 4000),
			"JWT alg none":    "eyJhbGciOiJub25lIn0.eyJhbW91bnQiOjF9.",
			"dots":            "../../../" + issued,
		}
		for n := range sha256.Size { // MAC prefixes of 0 to 31 bytes, and the same filled with zeros
			short := raw[:len(raw)-sha256.Size+n]
			forged["MAC prefix "+string(rune('A'+n))] = base64.RawURLEncoding.EncodeToString(short)
			full := append(append([]byte(nil), short...), make([]byte, sha256.Size-n)...)
			forged["MAC filled "+string(rune('A'+n))] = base64.RawURLEncoding.EncodeToString(full)
		}
		for slot := range 256 { // every other key id, known or not
			if byte(slot) != raw[1] {
				moved := append([]byte(nil), raw...)
				moved[1] = byte(slot)
				forged["slot "+string(rune(slot))] = base64.RawURLEncoding.EncodeToString(moved)
			}
		}
		for kind := range 256 { // every other kind and version
			if byte(kind) != raw[0] {
				moved := append([]byte(nil), raw...)
				moved[0] = byte(kind)
				forged["kind "+string(rune(kind))] = base64.RawURLEncoding.EncodeToString(moved)
			}
		}
		// Signed with the right key for this purpose, but under an empty key, and under none.
		blind := hmac.New(sha256.New, nil)
		blind.Write(raw[:len(raw)-sha256.Size])
		forged["empty key"] = base64.RawURLEncoding.EncodeToString(blind.Sum(raw[: len(raw)-sha256.Size : len(raw)-sha256.Size]))
		for name, s := range forged {
			if parsers[parser](t, s) {
				t.Errorf("%s token accepted: %s", parser, name)
			}
		}
		if !parsers[parser](t, issued) {
			t.Errorf("the genuine %s token is refused", parser)
		}
	}
}

// A body that its own key signed can only be malformed through a mistake of ours; it must be
// refused all the same, not read past its end.
func TestSignedNonsenseIsRefused(t *testing.T) {
	ring := fixedRing(t)
	link, _ := linkBody(fixedClaims)
	for name, body := range map[string][]byte{
		"empty": {}, "cut": link[:len(link)-1], "longer": append(link, 0), "length beyond the end": {255, 'a'},
	} {
		s, err := sign(ring, PurposeLink, kindLink1, body)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := ReadLink(ring, s); !errors.Is(err, ErrForged) {
			t.Errorf("%s body read as link: %+v, %v", name, c, err)
		}
		if s, err = sign(ring, PurposeLink, kindLink1+1, link); err != nil {
			t.Fatal(err)
		}
		if c, err := ReadLink(ring, s); !errors.Is(err, ErrForged) {
			t.Errorf("a later version read as this one: %+v, %v", c, err)
		}
		if s, err = sign(ring, PurposeOneTime, kindOneTime1, body); err != nil {
			t.Fatal(err)
		}
		if o, err := ReadOneTime(ring, s, noon); !errors.Is(err, ErrForged) {
			t.Errorf("%s body read as one-time: %+v, %v", name, o, err)
		}
	}
}
