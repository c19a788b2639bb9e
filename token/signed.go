package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"paylink/keyring"
)

// A signed token is kind and version (1 byte) ‖ key slot (1 byte) ‖ body ‖ HMAC-SHA256 (32 bytes),
// in base64url without padding.
const (
	kindLink1    = 0x11
	kindOneTime1 = 0x21
	kindProven1  = 0x31

	kindUnsubscribe1 = 0x41
	kindInbox1       = 0x51

	signedHeader = 2
	maxSigned    = 512 // characters of a token; the longest that can be signed is well below
)

var (
	// ErrForged is what everything gets that this ring did not sign for this purpose.
	ErrForged = errors.New("token is not genuine")
	// ErrExpired is what a genuine one-time token gets from its expiry on.
	ErrExpired = errors.New("token has expired")
)

// sign adds header and MAC to a body, under the active slot.
func sign(ring *keyring.Ring, purpose string, kind byte, body []byte) (string, error) {
	token := append([]byte{kind, byte(ring.Active())}, body...)
	mac, err := signedMAC(ring, purpose, token)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(append(token, mac...)), nil
}

// open gives the body of a token that sign made for the same purpose and kind.
func open(ring *keyring.Ring, purpose string, kind byte, s string) ([]byte, error) {
	if len(s) > maxSigned {
		return nil, ErrForged
	}
	// Encoding again refuses every second spelling at once: padding, loose bits, and the line breaks
	// that Go's decoder skips.
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || base64.RawURLEncoding.EncodeToString(raw) != s {
		return nil, ErrForged
	}
	if len(raw) < signedHeader+sha256.Size || raw[0] != kind {
		return nil, ErrForged
	}
	signed, got := raw[:len(raw)-sha256.Size], raw[len(raw)-sha256.Size:]
	want, err := signedMAC(ring, purpose, signed)
	if err != nil || !hmac.Equal(got, want) {
		return nil, ErrForged
	}
	return signed[signedHeader:], nil
}

// signedMAC covers the purpose and everything before the MAC, header included. The purpose is a
// constant of this package, and its closing zero keeps it apart from what follows.
func signedMAC(ring *keyring.Ring, purpose string, signed []byte) ([]byte, error) {
	secret, err := ring.Key(purpose, int(signed[1]))
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write(append([]byte(purpose), 0))
	mac.Write(signed)
	return mac.Sum(nil), nil
}

// micros is a time as it is signed: UTC microseconds, rounded down, 0 for the zero time. Times
// outside 1970 to 9999 are refused, so 0 has one meaning.
func micros(t time.Time) (int64, error) {
	if t.IsZero() {
		return 0, nil
	}
	if m := t.UnixMicro(); m > 0 && t.UTC().Year() <= 9999 {
		return m, nil
	}
	return 0, fmt.Errorf("expiry %s is outside 1970 to 9999", t.UTC().Format(time.RFC3339))
}

func fromMicros(m int64) time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMicro(m).UTC()
}

// putText appends a text of 1 to most bytes with its length before it.
func putText(body []byte, name, text string, most int) ([]byte, error) {
	if text == "" || len(text) > most {
		return nil, fmt.Errorf("%s has %d bytes, want 1 to %d", name, len(text), most)
	}
	return append(append(body, byte(len(text))), text...), nil
}

func putInt(body []byte, n int64) []byte { return binary.BigEndian.AppendUint64(body, uint64(n)) }

// fields reads a body from the front; a read past its end empties it and marks it broken.
type fields struct {
	rest   []byte
	broken bool
}

func (f *fields) bytes(n int) []byte {
	if f.broken || n > len(f.rest) {
		f.rest, f.broken = nil, true
		return make([]byte, n)
	}
	b := f.rest[:n]
	f.rest = f.rest[n:]
	return b
}

func (f *fields) text() string { return string(f.bytes(int(f.bytes(1)[0]))) }
func (f *fields) int() int64   { return int64(binary.BigEndian.Uint64(f.bytes(8))) }

// whole says that every read found its bytes and none are left over.
func (f *fields) whole() bool { return !f.broken && len(f.rest) == 0 }
