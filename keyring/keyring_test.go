package keyring

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

var day = time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)

// fixed holds master keys 00…1f in slot 0 and 20…3f in slot 7.
const fixed = `paylink-keyring 1
# slot key created state
0 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8= 2026-11-01 retired
7 ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8= 2026-11-22 active
`

func fixedRing(t testing.TB) *Ring {
	t.Helper()
	r, err := Parse([]byte(fixed))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A change in the derivation would make every code, token and sealed value of an installation void
// on upgrade. The expected keys were computed with Python's hmac and hashlib.
func TestKeysStayWhatTheyWere(t *testing.T) {
	r := fixedRing(t)
	for _, c := range []struct {
		purpose string
		slot    int
		want    string
	}{
		{"token/code", 0, "6328c2aa8ed5138b4f6643f6b9e7ca0a109a746295447dada8cf6024f8b0481d"},
		{"token/code", 7, "d75644601e4af8905f94e0410dd0faab65b03b097c248b1ffbef07397642a442"},
		{"token/link", 0, "80011d515a8d6c21c74399715dc7c080dfce8619c538fac3a8d45343c372b98f"},
	} {
		key, err := r.Key(c.purpose, c.slot)
		if got := hex.EncodeToString(key); err != nil || got != c.want {
			t.Errorf("Key(%q, %d) = %s, %v; want %s", c.purpose, c.slot, got, err, c.want)
		}
	}
}

// A ring whose text does not survive a round trip loses keys at the first rotation.
func TestTextIsReadBackUnchanged(t *testing.T) {
	r := fixedRing(t)
	if got := string(r.Text()); got != fixed {
		t.Errorf("Text() =\n%s\nwant\n%s", got, fixed)
	}
	if got, want := r.Slots(), []int{0, 7}; !reflect.DeepEqual(got, want) || r.Active() != 7 {
		t.Errorf("Slots() = %v, Active() = %d; want %v and 7", got, r.Active(), want)
	}
}

// A start with a missing key must be able to say which one, not fail at the first customer.
func TestMissingKeyNamesItsSlot(t *testing.T) {
	for _, slot := range []int{-1, 3, 15, 16, 255} {
		_, err := fixedRing(t).Key("p", slot)
		if !errors.Is(err, ErrMissingKey) || !strings.Contains(err.Error(), fmt.Sprintf("slot %d", slot)) {
			t.Errorf("Key in slot %d: %v; want ErrMissingKey naming the slot", slot, err)
		}
	}
}

// A caller that wipes or changes its key must not change everybody's.
func TestKeyBelongsToItsCaller(t *testing.T) {
	r := fixedRing(t)
	first, _ := r.Key("p", 0)
	want := bytes.Clone(first)
	clear(first)
	if second, _ := r.Key("p", 0); !bytes.Equal(second, want) {
		t.Error("clearing a returned key changed the ring")
	}
}

// After a rotation the old values must still open, and new ones must come from the new key.
func TestRotationKeepsOldKeys(t *testing.T) {
	r := fixedRing(t)
	sealed := r.Seal("p", []byte("old"), nil)
	next, err := r.Rotate(rand.NewChaCha8([32]byte{1}), day)
	if err != nil {
		t.Fatal(err)
	}
	if next.Active() != 8 || r.Active() != 7 {
		t.Errorf("active slots after and before are %d and %d, want 8 and 7", next.Active(), r.Active())
	}
	if plain, err := next.Unseal("p", sealed, nil); err != nil || string(plain) != "old" {
		t.Errorf("old value after rotation: %q, %v", plain, err)
	}
	if _, err := r.Unseal("p", next.Seal("p", []byte("new"), nil), nil); !errors.Is(err, ErrMissingKey) {
		t.Errorf("a value of the new slot under the old ring: %v, want ErrMissingKey", err)
	}
	again, err := Parse(next.Text())
	if err != nil || !bytes.Equal(again.Text(), next.Text()) {
		t.Errorf("rotated ring does not parse back: %v", err)
	}
}

// A seventeenth key would overwrite one that still verifies links.
func TestFullRingRefusesRotation(t *testing.T) {
	r, random := fixedRing(t), rand.NewChaCha8([32]byte{2})
	for len(r.Slots()) < maxSlots {
		next, err := r.Rotate(random, day)
		if err != nil {
			t.Fatal(err)
		}
		r = next
	}
	if _, err := r.Rotate(random, day); err == nil || !strings.Contains(err.Error(), "16 slots are taken") {
		t.Errorf("rotating a full ring: %v", err)
	}
}

// Two rings share slot numbers; only the fingerprint tells a start that it has the wrong one.
func TestFingerprintTellsRingsApart(t *testing.T) {
	text, err := Generate(rand.NewChaCha8([32]byte{3}), day)
	if err != nil {
		t.Fatal(err)
	}
	other, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	mine, _ := fixedRing(t).Fingerprint(0)
	again, _ := fixedRing(t).Fingerprint(0)
	theirs, _ := other.Fingerprint(0)
	if mine != again || mine == theirs || len(mine) != 16 {
		t.Errorf("fingerprints %q, %q and %q", mine, again, theirs)
	}
}

// A ring that reaches a log line or an error must not take its keys along.
func TestRingPrintsNoKeys(t *testing.T) {
	r := fixedRing(t)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("start", "ring", r)
	slog.New(slog.NewTextHandler(&log, nil)).Info("start", "ring", r)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		fmt.Fprintf(&log, verb+"\n", r)
	}
	key, _ := r.Key("p", 0)
	for name, leak := range map[string]string{
		"base64": "AAECAwQF", "hex": "00010203", "decimal": "0 1 2 3", "derived": fmt.Sprint(key),
	} {
		if strings.Contains(log.String(), leak) {
			t.Errorf("printed ring holds its key as %s:\n%s", name, log.String())
		}
	}
}

// A ring that is half right must stop the start, and say where, without repeating a secret.
func TestBrokenTextIsRefused(t *testing.T) {
	const key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "key ring is empty"},
		{"comments only", "# nothing\n\n", "key ring is empty"},
		{"no header", "0 " + key + " 2026-11-22 active", "line 1: want the header"},
		{"later version", "paylink-keyring 2\n", "line 1: want the header"},
		{"no keys", header + "\n", "key ring has no keys"},
		{"none active", header + "\n0 " + key + " 2026-11-22 retired", "key ring has no active key"},
		{"two active", fixed + "8 " + strings.Replace(key, "AAEC", "AAED", 1) + " 2026-11-22 active", "slots 7 and 8 are both active"},
		{"slot twice", fixed + "7 " + key + " 2026-11-22 retired", "line 5: slot 7 stands twice"},
		{"same key twice", fixed + "8 " + key + " 2026-11-22 retired", "slots 0 and 8 hold the same key"},
		{"slot 16", header + "\n16 " + key + " 2026-11-22 active", "line 2: slot is not a number"},
		{"slot 00", header + "\n00 " + key + " 2026-11-22 active", "line 2: slot is not a number"},
		{"slot -1", header + "\n-1 " + key + " 2026-11-22 active", "line 2: slot is not a number"},
		{"short key", header + "\n0 AAECAwQF 2026-11-22 active", "line 2: key of slot 0 is not"},
		{"key with loose bits", header + "\n0 " + strings.Replace(key, "h8=", "h9=", 1) + " 2026-11-22 active", "key of slot 0 is not"},
		{"zero key", header + "\n0 " + strings.Repeat("A", 43) + "= 2026-11-22 active", "all zeros"},
		{"bad date", header + "\n0 " + key + " 22.11.2026 active", "created date of slot 0"},
		{"bad state", header + "\n0 " + key + " 2026-11-22 live", "neither active nor retired"},
		{"three words", header + "\n0 " + key + " active", "want 4 words"},
		{"too long", header + "\n" + strings.Repeat("#\n", maxText), "longer than"},
	} {
		r, err := Load(strings.NewReader(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v; want an error with %q", c.name, r, err, c.want)
		} else if strings.Contains(err.Error(), key[:8]) {
			t.Errorf("%s: the error repeats the key: %v", c.name, err)
		}
	}
}
