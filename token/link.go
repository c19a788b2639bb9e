package token

import (
	"fmt"
	"time"

	"paylink/keyring"
)

// LinkClaims is what a link token vouches for: one revision of one link. It is verified against the
// row at every opening and every payment.
type LinkClaims struct {
	Link      string    // the link's id, 1 to 64 bytes
	Merchant  string    // the merchant's id, 1 to 64 bytes
	Live      bool      // live, as against test
	Usage     string    // "single" or "multi", 1 to 16 bytes
	Currency  string    // ISO 4217, three letters
	Amount    int64     // minor units; 0 where the customer chooses the amount
	ExpiresAt time.Time // UTC, kept to the microsecond; zero: never
	Revision  int64
	Terms     [32]byte // SHA-256 of the canonical terms: amount or its bounds, items, partial rules
}

// SignLink makes the token of a link's revision: about 220 characters of base64url. An error means
// that a claim is outside its bounds and names it.
func SignLink(ring *keyring.Ring, c LinkClaims) (string, error) {
	body, err := linkBody(c)
	if err != nil {
		return "", fmt.Errorf("sign link token: %w", err)
	}
	return sign(ring, PurposeLink, kindLink1, body)
}

// ReadLink gives the claims of a token that SignLink made under any slot of the ring, and ErrForged
// for everything else. It does not judge expiry or revision: the row does.
func ReadLink(ring *keyring.Ring, s string) (LinkClaims, error) {
	body, err := open(ring, PurposeLink, kindLink1, s)
	if err != nil {
		return LinkClaims{}, err
	}
	f := &fields{rest: body}
	c := LinkClaims{
		Link:      f.text(),
		Merchant:  f.text(),
		Live:      f.bytes(1)[0] == 1,
		Usage:     f.text(),
		Currency:  string(f.bytes(3)),
		Amount:    f.int(),
		ExpiresAt: fromMicros(f.int()),
		Revision:  f.int(),
		Terms:     [32]byte(f.bytes(32)),
	}
	if !f.whole() {
		return LinkClaims{}, ErrForged
	}
	return c, nil
}

func linkBody(c LinkClaims) ([]byte, error) {
	body, err := putText(nil, "link id", c.Link, 64)
	if err != nil {
		return nil, err
	}
	if body, err = putText(body, "merchant id", c.Merchant, 64); err != nil {
		return nil, err
	}
	live := byte(0)
	if c.Live {
		live = 1
	}
	if body, err = putText(append(body, live), "usage", c.Usage, 16); err != nil {
		return nil, err
	}
	expires, err := micros(c.ExpiresAt)
	switch {
	case err != nil:
		return nil, err
	case len(c.Currency) != 3:
		return nil, fmt.Errorf("currency has %d letters, want 3", len(c.Currency))
	case c.Amount < 0:
		return nil, fmt.Errorf("amount %d is negative", c.Amount)
	case c.Revision < 0:
		return nil, fmt.Errorf("revision %d is negative", c.Revision)
	}
	body = append(body, c.Currency...)
	body = putInt(putInt(putInt(body, c.Amount), expires), c.Revision)
	return append(body, c.Terms[:]...), nil
}
