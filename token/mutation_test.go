package token

import (
	"math/rand/v2"
	"testing"
	"time"

	"paylink/keyring"
)

// mutations is over all three parsers together.
const mutations = 1_000_000

// Whatever a stranger does to issued tokens, what is accepted is exactly what was issued: a million
// flips, splices, truncations, swaps and insertions, judged against the set of issued strings.
func TestAcceptedIsExactlyWhatWasIssued(t *testing.T) {
	ring, random := fixedRing(t), seededRandom(t)
	issued := map[string][]string{"code": issuedCodes(t, ring, random)}
	for i := range 64 {
		c, o := fixedClaims, fixedView
		c.Amount, c.Live, c.Revision = random.Int64N(1e12), i%2 == 0, int64(i)
		o.Nonce[0], o.Revision = byte(i+1), int64(i)
		issued["link"] = append(issued["link"], mustLink(t, ring, c))
		issued["one-time"] = append(issued["one-time"], mustView(t, ring, o))
	}
	accepts := map[string]func(string) bool{
		"code":     func(s string) bool { _, _, ok := ReadCode(ring, s); return ok },
		"link":     func(s string) bool { _, err := ReadLink(ring, s); return err == nil },
		"one-time": func(s string) bool { _, err := ReadOneTime(ring, s, noon); return err == nil },
	}
	for _, kind := range []string{"code", "link", "one-time"} {
		genuine := map[string]bool{}
		for _, s := range issued[kind] {
			genuine[s] = true
			if !accepts[kind](s) {
				t.Fatalf("issued %s %q is refused", kind, s)
			}
		}
		changed := 0
		for range mutations/3 + 1 {
			s := mutate(random, issued[kind])
			if !genuine[s] {
				changed++
			}
			if got := accepts[kind](s); got != genuine[s] {
				t.Fatalf("%s %q: accepted %t, issued %t", kind, s, got, genuine[s])
			}
		}
		if changed < mutations/4 {
			t.Errorf("%s: only %d mutations changed anything", kind, changed)
		}
	}
}

func issuedCodes(t *testing.T, ring *keyring.Ring, random *rand.Rand) []string {
	var codes []string
	for i := range 64 {
		codes = append(codes, mustCode(t, ring, random.Uint64(), []int{0, 7}[i%2]))
	}
	return codes
}

// mutate changes one issued string once to three times, on its characters.
func mutate(random *rand.Rand, issued []string) string {
	s := []byte(issued[random.IntN(len(issued))])
	for range 1 + random.IntN(3) {
		other := issued[random.IntN(len(issued))]
		if len(s) == 0 {
			s = []byte(other)
		}
		i, j := random.IntN(len(s)), random.IntN(len(s))
		switch random.IntN(8) {
		case 0: // flip a bit
			s[i] ^= 1 << random.IntN(8)
		case 1: // another digit
			s[i] = (digits + "-_=+/ \n\x00")[random.IntN(len(digits)+8)]
		case 2: // swap two
			s[i], s[j] = s[j], s[i]
		case 3: // cut the end
			s = s[:i]
		case 4: // cut the front
			s = s[i:]
		case 5: // splice with another issued one, at the same place
			at := min(i, len(other))
			s = append(s[:at:at], other[at:]...)
		case 6: // repeat a stretch
			s = append(s[:i:i], s[min(i, j):]...)
		case 7: // insert a digit
			s = append(s[:i:i], append([]byte{digits[random.IntN(len(digits))]}, s[i:]...)...)
		}
	}
	return string(s)
}

// A stranger's bytes must not panic, and whatever reads as a code must be spelled as CodeFor does.
func FuzzReadCode(f *testing.F) {
	ring := fixedRing(f)
	f.Add(mustCode(f, ring, 42, 7))
	f.Add("7n42DGM5Tflk9n8mt7Fhc7")
	f.Fuzz(func(t *testing.T, s string) {
		if key, slot, ok := ReadCode(ring, s); ok && mustCode(t, ring, key, slot) != s {
			t.Errorf("%q reads as key %x, slot %d, which is spelled otherwise", s, key, slot)
		}
	})
}

// Whatever reads as a link token must be what SignLink makes of its claims, and was issued.
func FuzzReadLink(f *testing.F) {
	ring := fixedRing(f)
	issued := mustLink(f, ring, fixedClaims)
	f.Add(issued)
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := ReadLink(ring, s); err == nil && s != issued {
			t.Errorf("%q was never issued and reads as %+v", s, c)
		}
	})
}

// Whatever reads as a one-time token must be the one that was issued.
func FuzzReadOneTime(f *testing.F) {
	ring := fixedRing(f)
	issued := mustView(f, ring, fixedView)
	f.Add(issued)
	f.Fuzz(func(t *testing.T, s string) {
		if o, err := ReadOneTime(ring, s, time.Time{}); err == nil && s != issued {
			t.Errorf("%q was never issued and reads as %+v", s, o)
		}
	})
}
