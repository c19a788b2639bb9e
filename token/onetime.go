package token

import (
	"errors"
	"fmt"
	"time"

	"paylink/keyring"
)

// OneTime is what a page view carries in its form, so that it can be sent once, from the same
// device, for the terms that the customer saw. Nothing is stored until it is spent: then its nonce
// is inserted under a unique key.
type OneTime struct {
	Link      string   // the link's id, 1 to 64 bytes
	Revision  int64    // the link's revision that was shown
	Device    [16]byte // the device cookie
	Nonce     [16]byte // random, never all zeros
	ExpiresAt time.Time
	Purpose   string // what the form does, such as "pay"; 1 to 16 bytes
}

// SignOneTime makes the token of a page view, about 180 characters of base64url. ExpiresAt must be
// set and is kept to the microsecond. An error means that a field is outside its bounds.
func SignOneTime(ring *keyring.Ring, o OneTime) (string, error) {
	body, err := oneTimeBody(o)
	if err != nil {
		return "", fmt.Errorf("sign one-time token: %w", err)
	}
	return sign(ring, PurposeOneTime, kindOneTime1, body)
}

// ReadOneTime gives what SignOneTime signed. The error is ErrForged for what this ring did not sign,
// and ErrExpired from ExpiresAt on; an expired token's fields are given with the error, so that the
// page can say what has become of its link. The caller compares link, revision, device and purpose
// with the request, and spends the nonce.
func ReadOneTime(ring *keyring.Ring, s string, now time.Time) (OneTime, error) {
	body, err := open(ring, PurposeOneTime, kindOneTime1, s)
	if err != nil {
		return OneTime{}, err
	}
	f := &fields{rest: body}
	o := OneTime{
		Link:      f.text(),
		Revision:  f.int(),
		Device:    [16]byte(f.bytes(16)),
		Nonce:     [16]byte(f.bytes(16)),
		ExpiresAt: fromMicros(f.int()),
		Purpose:   f.text(),
	}
	if !f.whole() {
		return OneTime{}, ErrForged
	}
	if !now.Before(o.ExpiresAt) {
		return o, ErrExpired
	}
	return o, nil
}

func oneTimeBody(o OneTime) ([]byte, error) {
	expires, err := micros(o.ExpiresAt)
	switch {
	case err != nil:
		return nil, err
	case expires == 0:
		return nil, errors.New("expiry is not set")
	case o.Revision < 0:
		return nil, fmt.Errorf("revision %d is negative", o.Revision)
	case o.Nonce == [16]byte{}:
		return nil, errors.New("nonce is not set")
	}
	body, err := putText(nil, "link id", o.Link, 64)
	if err != nil {
		return nil, err
	}
	body = append(putInt(body, o.Revision), o.Device[:]...)
	body = putInt(append(body, o.Nonce[:]...), expires)
	return putText(body, "purpose", o.Purpose, 16)
}
