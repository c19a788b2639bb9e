package keyring

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"
)

// The construction must be the published one, or its proof says nothing about ours.
// Vectors from https://c2sp.org/XAES-256-GCM.
func TestMessageCipherIsXAES(t *testing.T) {
	nonce := []byte("ABCDEFGHIJKLMNOPQRSTUVWX")
	for _, c := range []struct {
		key             byte
		associated, out string
	}{
		{0x01, "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"},
		{0x03, "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"},
	} {
		key := bytes.Repeat([]byte{c.key}, keySize)
		got := messageCipher(key, nonce).Seal(nil, nonce[12:], []byte("XAES-256-GCM"), []byte(c.associated))
		if hex.EncodeToString(got) != c.out {
			t.Errorf("key %02x…: %x, want %s", c.key, got, c.out)
		}
	}
}

// A stored value that opens in another row, for another purpose or after a flipped bit would let
// whoever writes the database choose what we read.
func TestSealedValueOpensOnlyWhereItWasSealed(t *testing.T) {
	r := fixedRing(t)
	sealed := r.Seal("contact", []byte("plain"), []byte("cust_1"))
	if plain, err := r.Unseal("contact", sealed, []byte("cust_1")); err != nil || string(plain) != "plain" {
		t.Fatalf("Unseal = %q, %v", plain, err)
	}
	for name, open := range map[string]func() ([]byte, error){
		"other row":     func() ([]byte, error) { return r.Unseal("contact", sealed, []byte("cust_2")) },
		"no row":        func() ([]byte, error) { return r.Unseal("contact", sealed, nil) },
		"other purpose": func() ([]byte, error) { return r.Unseal("notice", sealed, []byte("cust_1")) },
		"nothing":       func() ([]byte, error) { return r.Unseal("contact", nil, []byte("cust_1")) },
	} {
		if plain, err := open(); !errors.Is(err, ErrNotAuthentic) {
			t.Errorf("%s: %q, %v; want ErrNotAuthentic", name, plain, err)
		}
	}
	for bit := range len(sealed) * 8 {
		changed := bytes.Clone(sealed)
		changed[bit/8] ^= 1 << (bit % 8)
		if plain, err := r.Unseal("contact", changed, []byte("cust_1")); err == nil {
			t.Errorf("bit %d flipped still opens to %q", bit, plain)
		}
	}
	for n := range len(sealed) {
		if plain, err := r.Unseal("contact", sealed[:n], []byte("cust_1")); !errors.Is(err, ErrNotAuthentic) {
			t.Errorf("%d of %d bytes: %q, %v", n, len(sealed), plain, err)
		}
	}
}

// Equal bytes for equal plaintexts would let a reader of the database compare customers.
func TestSealingTwiceGivesDifferentBytes(t *testing.T) {
	r := fixedRing(t)
	one, two := r.Seal("p", []byte("same"), nil), r.Seal("p", []byte("same"), nil)
	if bytes.Equal(one, two) {
		t.Error("equal plaintexts are sealed to equal bytes")
	}
	if got, want := len(one), len("same")+42; got != want {
		t.Errorf("sealed length %d, want %d", got, want)
	}
}

// Sealed values come from a database that others may have written to: no bytes may panic.
func FuzzUnseal(f *testing.F) {
	r := fixedRing(f)
	f.Add(r.Seal("p", []byte("x"), []byte("row")))
	f.Add([]byte{sealVersion, 7})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if plain, err := r.Unseal("p", sealed, []byte("other row")); err == nil {
			t.Errorf("opened %x to %q", sealed, plain)
		}
	})
}
