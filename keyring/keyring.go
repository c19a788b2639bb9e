// Package keyring holds the installation's master keys and derives a key for each purpose from them.
// It serves token (codes and signed tokens) and every package that keeps a secret or a personal
// datum at rest. A ring has up to sixteen numbered slots: one is active and makes new values, the
// others are retired and still open and verify what they once made.
//
// The package leaves to others when to rotate, which slots are still in use, and the record of
// fingerprints by which a start notices that it was given another installation's ring. On several
// nodes a new key is handed to all of them as retired first, and made active after that, so that no
// node meets a value it cannot verify.
package keyring

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

const (
	maxSlots = 16
	keySize  = 32
)

// ErrMissingKey is wrapped, with the slot's number, when a value names a slot the ring does not hold.
var ErrMissingKey = errors.New("key not in the ring")

// Ring is a set of master keys. It never changes once made, so all goroutines may share one.
type Ring struct {
	masters [maxSlots]*master
	active  int
	derived sync.Map // derivation → []byte; purposes are constants of the program, so it stays small
}

type master struct {
	secret  [keySize]byte
	created time.Time // a UTC date
}

type derivation struct {
	purpose string
	slot    int
}

// Active is the slot, 0 to 15, that new values are made with.
func (r *Ring) Active() int { return r.active }

// Slots lists the slots the ring holds, in ascending order.
func (r *Ring) Slots() []int {
	var slots []int
	for slot, m := range r.masters {
		if m != nil {
			slots = append(slots, slot)
		}
	}
	return slots
}

// Key gives the 32-byte key of a purpose in a slot: HKDF-SHA256 of the slot's master key with the
// purpose as info. Keys of two purposes say nothing about each other. The purpose is a constant of
// the calling package and never a value from outside. The caller owns the returned bytes.
func (r *Ring) Key(purpose string, slot int) ([]byte, error) {
	key, err := r.derive(purpose, slot)
	if err != nil {
		return nil, err
	}
	return append([]byte(nil), key...), nil
}

// Fingerprint names the key in a slot without giving it away: 16 hexadecimal characters. A start
// compares it with the one it recorded, since a new ring has the same slot numbers as a lost one.
func (r *Ring) Fingerprint(slot int) (string, error) {
	key, err := r.derive("keyring/fingerprint", slot)
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(key[:8]), nil
}

// Format prints the slots and no key, whatever the verb, so that a ring in a log line is harmless.
func (r *Ring) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "keyring(active %d of %v)", r.active, r.Slots())
}

// Rotate gives a ring in which a new key, read from random, is active and every older one retired.
// The slot is the next free one after the active slot, so a removed slot's number rests the longest.
func (r *Ring) Rotate(random io.Reader, now time.Time) (*Ring, error) {
	next := &Ring{masters: r.masters}
	for step := 1; step <= maxSlots; step++ {
		slot := (r.active + step) % maxSlots
		if next.masters[slot] != nil {
			continue
		}
		m, err := newMaster(random, now)
		if err != nil {
			return nil, fmt.Errorf("rotate key ring into slot %d: %w", slot, err)
		}
		next.masters[slot], next.active = m, slot
		return next, nil
	}
	return nil, fmt.Errorf("rotate key ring: all %d slots are taken, remove one that is no longer in use", maxSlots)
}

// derive is Key without the copy; its result must not be written to.
func (r *Ring) derive(purpose string, slot int) ([]byte, error) {
	if slot < 0 || slot >= maxSlots || r.masters[slot] == nil {
		return nil, fmt.Errorf("key slot %d: %w", slot, ErrMissingKey)
	}
	at := derivation{purpose, slot}
	if key, ok := r.derived.Load(at); ok {
		return key.([]byte), nil
	}
	if purpose == "" {
		panic("keyring: a key without a purpose")
	}
	key, err := hkdf.Key(sha256.New, r.masters[slot].secret[:], nil, "paylink/1/"+purpose, keySize)
	if err != nil {
		return nil, fmt.Errorf("derive key %s in slot %d: %w", purpose, slot, err)
	}
	r.derived.Store(at, key)
	return key, nil
}

func newMaster(random io.Reader, now time.Time) (*master, error) {
	m := &master{created: now.UTC().Truncate(24 * time.Hour)}
	if _, err := io.ReadFull(random, m.secret[:]); err != nil {
		return nil, fmt.Errorf("read %d random bytes: %w", keySize, err)
	}
	return m, nil
}
