package paylink_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"paylink"
)

// Locks that do not grow let a guesser try 10,000 numbers in a month; one that grows without an end
// overflows into the past.
func TestEachLockIsFourTimesAsLongAsTheOneBefore(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	tries := paylink.Tries{CodeMessage: "msg_1", CodeAt: now}
	want := 15 * time.Minute
	for lock := range 20 {
		for n := range paylink.DeviceTries {
			if tries.Locked(now) {
				t.Fatalf("lock %d: locked before try %d", lock, n)
			}
			if locked := tries.Miss(paylink.DeviceTries, now); locked != (n == paylink.DeviceTries-1) {
				t.Fatalf("lock %d: try %d locks: %t", lock, n, locked)
			}
		}
		if got := tries.LockedUntil.Sub(now); got != want {
			t.Errorf("lock %d is %v long, want %v", lock, got, want)
		}
		if tries.CodeLives(now) {
			t.Errorf("the code outlives lock %d", lock)
		}
		if now = tries.LockedUntil; lock < 8 {
			want *= 4
		}
	}
}

// The last digits prove nothing when they are the whole number, or when most of them stand on the page.
func TestDigitsOfAPhoneLeaveEnoughToGuess(t *testing.T) {
	for phone, want := range map[string]string{"+919812345642": "345642", "+1234567": "234567", "+123456": "", "": ""} {
		if got := paylink.LastDigits(phone); got != want {
			t.Errorf("of %q: %q, want %q", phone, got, want)
		}
	}
}

// What is kept of a PIN must not leave in an event, an answer or a webhook: they all are snapshots.
func TestASnapshotHoldsNothingOfAPIN(t *testing.T) {
	l := paylink.Link{Terms: paylink.Terms{Restrict: &paylink.Restriction{Proof: paylink.ProofPIN, PINKey: "THE-KEY", Countries: []string{"IN"}}}}
	text, err := json.Marshal(l.Snapshot(nil))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "THE-KEY") || !strings.Contains(string(text), `"restrict":{"proof":"pin","pin_set":true,"countries":["IN"]}`) {
		t.Errorf("the snapshot is %s", text)
	}
	if kept, _ := json.Marshal(l.Terms); !strings.Contains(string(kept), "THE-KEY") {
		t.Errorf("what is kept is %s", kept)
	}
}
