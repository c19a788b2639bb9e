package token

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"paylink"
	"paylink/keyring"
)

// InboxPrefix begins every token for an inbox, so that it is never taken for an API key.
const InboxPrefix = "itok_"

// Inbox is what a token for a customer's inbox vouches for: whoever holds it is that customer, as the
// merchant's own app knows.
type Inbox struct {
	Merchant   paylink.MerchantID
	Live       bool
	Customer   paylink.CustomerID
	Generation int64 // the customer's, in which it was made; another ends it
	ExpiresAt  time.Time
}

// SignInbox makes the token, about 190 characters. Two are never the same.
func SignInbox(ring *keyring.Ring, i Inbox) (string, error) {
	body := []byte{0}
	if i.Live {
		body[0] = 1
	}
	expires, err := micros(i.ExpiresAt)
	for _, text := range []string{string(i.Merchant), string(i.Customer)} {
		if err == nil {
			body, err = putText(body, "an id", text, 64)
		}
	}
	if err != nil {
		return "", fmt.Errorf("sign an inbox token: %w", err)
	}
	nonce := make([]byte, 8)
	_, _ = rand.Read(nonce) // documented never to fail
	text, err := sign(ring, PurposeInbox, kindInbox1, append(putInt(putInt(body, i.Generation), expires), nonce...))
	return InboxPrefix + text, err
}

// ReadInbox gives what SignInbox signed. The error is ErrForged for what this ring did not sign, and
// ErrExpired, with what it was good for, from ExpiresAt on. The caller compares the generation with the customer's.
func ReadInbox(ring *keyring.Ring, s string, now time.Time) (Inbox, error) {
	text, found := strings.CutPrefix(s, InboxPrefix)
	if !found {
		return Inbox{}, ErrForged
	}
	body, err := open(ring, PurposeInbox, kindInbox1, text)
	if err != nil {
		return Inbox{}, err
	}
	f := &fields{rest: body}
	i := Inbox{
		Live: f.bytes(1)[0] == 1, Merchant: paylink.MerchantID(f.text()), Customer: paylink.CustomerID(f.text()),
		Generation: f.int(), ExpiresAt: fromMicros(f.int()),
	}
	f.bytes(8)
	switch {
	case !f.whole():
		return Inbox{}, ErrForged
	case !now.Before(i.ExpiresAt):
		return i, ErrExpired
	}
	return i, nil
}

// SealPlace hides a place among a merchant's events from the customer who comes back with it.
func SealPlace(ring *keyring.Ring, customer string, place int64) string {
	return base64.RawURLEncoding.EncodeToString(ring.Seal(PurposeInbox, putInt(nil, place), []byte(customer)))
}

// OpenPlace gives the place that SealPlace hid for the same customer, or ErrForged.
func OpenPlace(ring *keyring.Ring, customer, s string) (int64, error) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(s) > maxSigned {
		return 0, ErrForged
	}
	plain, err := ring.Unseal(PurposeInbox, raw, []byte(customer))
	f := &fields{rest: plain}
	place := f.int()
	if err != nil || !f.whole() || place < 0 {
		return 0, ErrForged
	}
	return place, nil
}
