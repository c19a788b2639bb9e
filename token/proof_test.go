package token

import (
	"errors"
	"testing"
	"time"
)

var fixedProven = Proven{Link: "plink_01", Device: [16]byte{1, 2, 3}, Of: [16]byte{4, 5, 6}, ExpiresAt: noon.Add(24 * time.Hour)}

// A cookie that reads as another's, or after its time, shows a link to whom it is not meant for.
func TestAProofComesBackWholeAndEnds(t *testing.T) {
	ring := fixedRing(t)
	s, err := SignProven(ring, fixedProven)
	if err != nil || len(s) > 180 {
		t.Fatalf("%d characters, %v", len(s), err)
	}
	if got, err := ReadProven(ring, s, noon); err != nil || got != fixedProven {
		t.Errorf("read %+v %v", got, err)
	}
	if _, err := ReadProven(ring, s, fixedProven.ExpiresAt); !errors.Is(err, ErrExpired) {
		t.Errorf("at its end: %v", err)
	}
	if _, err := ReadProven(otherRing(t), s, noon); !errors.Is(err, ErrForged) {
		t.Errorf("under other keys: %v", err)
	}
	if _, err := ReadProven(ring, mustView(t, ring, fixedView), noon); !errors.Is(err, ErrForged) {
		t.Errorf("the token of a form is a proof: %v", err)
	}
}

// The database alone must not tell a PIN, nor that two links have the same.
func TestAPINIsKnownByItsKeyUnderTheRingAlone(t *testing.T) {
	ring := fixedRing(t)
	one, err := PINKey(ring, "730412")
	if err != nil {
		t.Fatal(err)
	}
	two, err := PINKey(ring, "730412")
	if err != nil || one == two {
		t.Errorf("two links with one PIN look alike: %v", err)
	}
	for key, want := range map[string]bool{one: true, two: true, "": false, one[:60]: false, "!" + one: false} {
		if got := IsPIN(ring, key, "730412"); got != want {
			t.Errorf("under the key %q the PIN is right: %t", key, got)
		}
	}
	if IsPIN(ring, one, "730413") || IsPIN(ring, one, "") || IsPIN(otherRing(t), one, "730412") {
		t.Error("another PIN, or another ring, is right as well")
	}
}

// Whoever sends a code and whoever judges it must derive the same, also after a rotation of the keys.
func TestACodeHangsOnItsMessageAndSlot(t *testing.T) {
	ring := fixedRing(t)
	seen := map[string]bool{}
	for _, message := range []string{"msg_1", "msg_2", "msg_3"} {
		for _, slot := range ring.Slots() {
			code, err := ProofCode(ring, slot, message)
			again, _ := ProofCode(ring, slot, message)
			if err != nil || len(code) != 6 || code != again || seen[code] {
				t.Errorf("the code of %s in slot %d is %q, then %q: %v", message, slot, code, again, err)
			}
			seen[code] = true
		}
	}
	if _, err := ProofCode(ring, 3, "msg_1"); err == nil {
		t.Error("a slot without a key gives a code")
	}
}

// A stranger writes this cookie.
func FuzzReadProven(f *testing.F) {
	ring := fixedRing(f)
	genuine, err := SignProven(ring, fixedProven)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(genuine)
	f.Add("")
	f.Add(genuine[:len(genuine)-1])
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := ReadProven(ring, s, noon); err == nil && (s != genuine || got != fixedProven) {
			t.Errorf("%q reads as %+v", s, got)
		}
	})
}
