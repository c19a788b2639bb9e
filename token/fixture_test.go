package token

import (
	"crypto/sha256"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"paylink/keyring"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// fixedText holds master keys 00…1f in slot 0 and 20…3f in slot 7, which is active.
const fixedText = `paylink-keyring 1
0 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8= 2026-11-01 retired
7 ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8= 2026-11-22 active
`

func fixedRing(t testing.TB) *keyring.Ring {
	t.Helper()
	ring, err := keyring.Parse([]byte(fixedText))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// otherRing has the same slots as fixedRing and other keys.
func otherRing(t testing.TB) *keyring.Ring {
	t.Helper()
	ring, err := keyring.Parse([]byte(`paylink-keyring 1
0 QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8= 2026-11-01 retired
7 YGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn8= 2026-11-22 active
`))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

var (
	fixedClaims = LinkClaims{
		Link: "plink_01", Merchant: "mer_01", Live: true, Usage: "single", Currency: "INR", Amount: 245000,
		ExpiresAt: noon.Add(24*time.Hour + time.Microsecond), Revision: 3, Terms: sha256.Sum256([]byte("terms")),
	}
	fixedView = OneTime{
		Link: "plink_01", Revision: 3, Device: [16]byte{1, 2, 3}, Nonce: [16]byte{9, 8, 7},
		ExpiresAt: noon.Add(30 * time.Minute), Purpose: "pay",
	}
)

// seededRandom is a source for this run, from PAYLINK_SEED or from the clock; the seed is printed.
func seededRandom(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if given := os.Getenv("PAYLINK_SEED"); given != "" {
		n, err := strconv.ParseUint(given, 10, 64)
		if err != nil {
			t.Fatalf("PAYLINK_SEED: %v", err)
		}
		seed = n
	}
	t.Logf("PAYLINK_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

func mustLink(t testing.TB, ring *keyring.Ring, c LinkClaims) string {
	t.Helper()
	s, err := SignLink(ring, c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustView(t testing.TB, ring *keyring.Ring, o OneTime) string {
	t.Helper()
	s, err := SignOneTime(ring, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustCode(t testing.TB, ring *keyring.Ring, key uint64, slot int) string {
	t.Helper()
	s, err := CodeFor(ring, key, slot)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
