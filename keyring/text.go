package keyring

import (
	"bytes"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// A ring as text is a header and one line for each key:
//
//	paylink-keyring 1
//	# slot key created state
//	0 <base64 of 32 bytes> 2026-11-22 active
//
// The same text is the file's content and, where a platform hands out secrets so, an environment
// variable's.
const (
	header    = "paylink-keyring 1"
	maxText   = 16 << 10 // bytes; sixteen keys and some comments fit many times over
	dayLayout = "2006-01-02"
)

// Generate gives the text of a new ring with one active key in slot 0.
func Generate(random io.Reader, now time.Time) ([]byte, error) {
	m, err := newMaster(random, now)
	if err != nil {
		return nil, fmt.Errorf("generate key ring: %w", err)
	}
	r := &Ring{}
	r.masters[0] = m
	return r.Text(), nil
}

// Text is the ring's secret text, which Parse reads back.
func (r *Ring) Text() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n# slot key created state\n", header)
	for _, slot := range r.Slots() {
		m, state := r.masters[slot], "retired"
		if slot == r.active {
			state = "active"
		}
		fmt.Fprintf(&b, "%d %s %s %s\n", slot, base64.StdEncoding.EncodeToString(m.secret[:]),
			m.created.Format(dayLayout), state)
	}
	return b.Bytes()
}

// Load reads a ring's text from r to its end.
func Load(r io.Reader) (*Ring, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxText+1))
	if err != nil {
		return nil, fmt.Errorf("read key ring: %w", err)
	}
	return Parse(text)
}

// Parse reads a ring from its text. An error names the line and what is wrong with it, and never
// repeats what stands there.
func Parse(text []byte) (*Ring, error) {
	if len(text) > maxText {
		return nil, fmt.Errorf("key ring is longer than %d bytes", maxText)
	}
	r, headed := &Ring{active: -1}, false
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if !headed {
			if line != header {
				return nil, fmt.Errorf("key ring line %d: want the header %q", i+1, header)
			}
			headed = true
			continue
		}
		if err := r.add(strings.Fields(line)); err != nil {
			return nil, fmt.Errorf("key ring line %d: %w", i+1, err)
		}
	}
	switch {
	case !headed:
		return nil, errors.New("key ring is empty")
	case len(r.Slots()) == 0:
		return nil, errors.New("key ring has no keys")
	case r.active < 0:
		return nil, errors.New("key ring has no active key")
	}
	return r, nil
}

// add takes one line's words: slot, key, created, state.
func (r *Ring) add(words []string) error {
	if len(words) != 4 {
		return fmt.Errorf("want 4 words (slot key created state), found %d", len(words))
	}
	slot, err := strconv.Atoi(words[0])
	if err != nil || slot < 0 || slot >= maxSlots || strconv.Itoa(slot) != words[0] {
		return fmt.Errorf("slot is not a number from 0 to %d", maxSlots-1)
	}
	if r.masters[slot] != nil {
		return fmt.Errorf("slot %d stands twice", slot)
	}
	secret, err := base64.StdEncoding.Strict().DecodeString(words[1])
	if err != nil || len(secret) != keySize {
		return fmt.Errorf("key of slot %d is not the base64 of %d bytes", slot, keySize)
	}
	created, err := time.Parse(dayLayout, words[2])
	if err != nil {
		return fmt.Errorf("created date of slot %d is not written as %s", slot, dayLayout)
	}
	m := &master{created: created}
	copy(m.secret[:], secret)
	if same(m.secret[:], make([]byte, keySize)) {
		return fmt.Errorf("key of slot %d is all zeros", slot)
	}
	for other, o := range r.masters {
		if o != nil && same(o.secret[:], m.secret[:]) {
			return fmt.Errorf("slots %d and %d hold the same key", other, slot)
		}
	}
	switch words[3] {
	case "active":
		if r.active >= 0 {
			return fmt.Errorf("slots %d and %d are both active", r.active, slot)
		}
		r.active = slot
	case "retired":
	default:
		return fmt.Errorf("state of slot %d is neither active nor retired", slot)
	}
	r.masters[slot] = m
	return nil
}

// same compares keys in a time that does not depend on them.
func same(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
