package token

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"

	"paylink/keyring"
)

// Proven is what a browser keeps that has proven for whom a link is meant. It outlives revisions of the
// link, and not a change of what is to be proven.
type Proven struct {
	Link      string   // the link's id, 1 to 64 bytes
	Device    [16]byte // the device cookie
	Of        [16]byte // digests what was to be proven, by whom
	ExpiresAt time.Time
}

// SignProven makes the cookie's value, about 150 characters of base64url.
func SignProven(ring *keyring.Ring, p Proven) (string, error) {
	expires, err := micros(p.ExpiresAt)
	if err != nil {
		return "", fmt.Errorf("sign a proof: %w", err)
	}
	body, err := putText(nil, "link id", p.Link, 64)
	if err != nil {
		return "", fmt.Errorf("sign a proof: %w", err)
	}
	body = append(append(body, p.Device[:]...), p.Of[:]...)
	return sign(ring, PurposeProven, kindProven1, putInt(body, expires))
}

// ReadProven gives what SignProven signed. The error is ErrForged for what this ring did not sign, and
// ErrExpired from ExpiresAt on. The caller compares link, device and digest with what it asks for.
func ReadProven(ring *keyring.Ring, s string, now time.Time) (Proven, error) {
	body, err := open(ring, PurposeProven, kindProven1, s)
	if err != nil {
		return Proven{}, err
	}
	f := &fields{rest: body}
	p := Proven{Link: f.text(), Device: [16]byte(f.bytes(16)), Of: [16]byte(f.bytes(16)), ExpiresAt: fromMicros(f.int())}
	switch {
	case !f.whole():
		return Proven{}, ErrForged
	case !now.Before(p.ExpiresAt):
		return Proven{}, ErrExpired
	}
	return p, nil
}

// A PIN's key is slot (1 byte) ‖ salt (16 bytes) ‖ HMAC-SHA256 (32 bytes) in base64url. A PIN has so few
// digits that no hash, however slow, would keep whoever reads the database from trying them all; only a
// key that does not stand there does. The salt keeps two links with the same PIN from looking alike.
const saltSize = 16

// PINKey makes what is kept of a PIN, under the active slot.
func PINKey(ring *keyring.Ring, pin string) (string, error) {
	key := make([]byte, 1+saltSize, 1+saltSize+sha256.Size)
	key[0] = byte(ring.Active())
	_, _ = rand.Read(key[1:]) // documented never to fail
	mac, err := pinMAC(ring, key, pin)
	if err != nil {
		return "", fmt.Errorf("key a PIN: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(append(key, mac...)), nil
}

// IsPIN tells in constant time whether the key is that of the PIN. Without the slot that made the key no
// PIN is right.
func IsPIN(ring *keyring.Ring, key, pin string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil || len(raw) != 1+saltSize+sha256.Size {
		return false
	}
	want, err := pinMAC(ring, raw[:1+saltSize], pin)
	return err == nil && hmac.Equal(raw[1+saltSize:], want)
}

func pinMAC(ring *keyring.Ring, head []byte, pin string) ([]byte, error) {
	secret, err := ring.Key(PurposePIN, int(head[0]))
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write(head)
	mac.Write([]byte(pin))
	return mac.Sum(nil), nil
}

// ProofCode derives the six digits that a message carries to prove its reader. Nobody stores them: whoever
// sends the message and whoever judges the answer derive them alike, from the message's id and the slot of
// its link's short code, which stays in the ring as long as the link is payable.
func ProofCode(ring *keyring.Ring, slot int, message string) (string, error) {
	secret, err := ring.Key(PurposeProof, slot)
	if err != nil {
		return "", fmt.Errorf("derive a proof code: %w", err)
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(message))
	// 64 bits hold a million so often that no digit is likelier than another by more than 1 in 10^13.
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(mac.Sum(nil))%1_000_000), nil
}
