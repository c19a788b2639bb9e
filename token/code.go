// Package token makes and reads the three things of ours that a stranger may hand in: the short
// code in a link's URL, the signed token that carries a link's terms, and the one-time token of a
// page view. Each has keys of its own in the key ring, so none is ever taken for another.
// What is accepted is exactly what was issued; everything else is refused without a look at the
// database.
//
// The package leaves to others whether a link is still payable, whether its token is the current
// one, and that a one-time token is spent once. Ids are plain strings and clocks are passed in.
package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"io"

	"paylink/keyring"
)

// Purposes of the key ring. Changing one voids everything issued under it.
const (
	PurposeCode    = "token/code"
	PurposeLink    = "token/link"
	PurposeOneTime = "token/one-time"
	PurposeProven  = "token/proven"
	PurposePIN     = "token/pin"
	PurposeProof   = "token/proof-code"

	PurposeAddress     = "token/address"
	PurposeUnsubscribe = "token/unsubscribe"
	PurposeInbox       = "token/inbox"
	PurposeDevice      = "token/device"
)

// NewCode makes the short code of a new link under the active slot. Key is 64 bits: the cell in the
// top 8, the rest from random. Code is 22 base62 characters. The database keeps int64(key), which
// is negative for cells from 128 on, and the slot; the code itself is a secret and is derived again
// with CodeFor. Two keys are equal once in 2^56 draws, so the row that takes the key is unique and
// its caller draws again on a conflict.
func NewCode(ring *keyring.Ring, cell byte, random io.Reader) (key uint64, slot int, code string, err error) {
	var b [8]byte
	b[0] = cell
	if _, err := io.ReadFull(random, b[1:]); err != nil {
		return 0, 0, "", fmt.Errorf("make link code: read 7 random bytes: %w", err)
	}
	key, slot = binary.BigEndian.Uint64(b[:]), ring.Active()
	code, err = CodeFor(ring, key, slot)
	return key, slot, code, err
}

// CodeFor derives the code of a stored key and slot. A slot the ring does not hold gives an error
// wrapping keyring.ErrMissingKey.
func CodeFor(ring *keyring.Ring, key uint64, slot int) (string, error) {
	mac, err := codeMAC(ring, key, slot)
	if err != nil {
		return "", fmt.Errorf("derive link code: %w", err)
	}
	return base62(key, uint64(slot)<<60|mac), nil
}

// ReadCode checks a code from a URL and gives the key and slot by which its row is found; for
// anything that was not issued by this ring ok is false and the rest zero. Malformed, forged and
// foreign codes cost the same work, so the time of a refusal tells nothing.
func ReadCode(ring *keyring.Ring, code string) (key uint64, slot int, ok bool) {
	high, low, canonical := parseBase62(code)
	slot = int(low >> 60)
	want, err := codeMAC(ring, high, slot)
	if err != nil {
		want, _ = codeMAC(ring, high, ring.Active())
	}
	var a, b [8]byte
	binary.BigEndian.PutUint64(a[:], low<<4>>4)
	binary.BigEndian.PutUint64(b[:], want)
	genuine := subtle.ConstantTimeCompare(a[:], b[:]) == 1
	if !genuine || !canonical || err != nil {
		return 0, 0, false
	}
	return high, slot, true
}

// codeMAC is the first 60 bits of HMAC-SHA256 over purpose, slot and key.
func codeMAC(ring *keyring.Ring, key uint64, slot int) (uint64, error) {
	secret, err := ring.Key(PurposeCode, slot)
	if err != nil {
		return 0, err
	}
	message := append([]byte(PurposeCode), 0, byte(slot))
	mac := hmac.New(sha256.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(message, key))
	return binary.BigEndian.Uint64(mac.Sum(nil)) >> 4, nil
}
