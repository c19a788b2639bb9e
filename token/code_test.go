package token

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"paylink/keyring"
)

// Links are printed, sent and kept for months: a release that derives other codes kills them all.
// The expected codes were computed with Python's hmac and integers.
func TestCodesStayWhatTheyWere(t *testing.T) {
	ring := fixedRing(t)
	for _, c := range []struct {
		key  uint64
		slot int
		want string
	}{
		{0, 0, "000000000001GVIvUKAucY"},
		{1, 7, "00000000000W9hKwkXiTCv"},
		{0x0123456789abcdef, 0, "0296tiiBb3UA9pDKhzQO0j"},
		{math.MaxUint64, 7, "7n42DGM5TflYVSKKQBkpzB"},
	} {
		if got := mustCode(t, ring, c.key, c.slot); got != c.want {
			t.Errorf("code of %x in slot %d = %s, want %s", c.key, c.slot, got, c.want)
		}
		if key, slot, ok := ReadCode(ring, c.want); key != c.key || slot != c.slot || !ok {
			t.Errorf("ReadCode(%s) = %x, %d, %t", c.want, key, slot, ok)
		}
	}
}

// The key is stored as a signed number; cells from 128 on must come back the same.
func TestNewCodeCarriesItsCell(t *testing.T) {
	ring, random := fixedRing(t), rand.NewChaCha8([32]byte{1})
	for _, cell := range []byte{0, 1, 127, 128, 255} {
		key, slot, code, err := NewCode(ring, cell, random)
		if err != nil || byte(key>>56) != cell || slot != 7 {
			t.Fatalf("NewCode for cell %d: key %x, slot %d, %v", cell, key, slot, err)
		}
		stored := int64(key)
		if again := mustCode(t, ring, uint64(stored), slot); again != code {
			t.Errorf("cell %d: derived again from the stored key: %s, want %s", cell, again, code)
		}
	}
	if _, _, _, err := NewCode(ring, 0, strings.NewReader("short")); err == nil {
		t.Error("a code was made from too little randomness")
	}
}

// A second spelling of one code would slip past whatever counts or blocks the first.
func TestOnlyTheCanonicalSpellingIsACode(t *testing.T) {
	ring := fixedRing(t)
	code := mustCode(t, ring, 42, 0)
	for name, s := range map[string]string{
		"empty":             "",
		"one short":         code[:21],
		"one long":          code + "0",
		"zero in front":     "0" + code,
		"blank behind":      code[:21] + " ",
		"line break":        code + "\n",
		"zeros":             strings.Repeat("0", codeSize),
		"largest digits":    strings.Repeat("z", codeSize),
		"two to the 128":    "7n42DGM5Tflk9n8mt7Fhc8",
		"2^128 too high":    plusTwoTo128(t, code),
		"base64url digit":   code[:21] + "-",
		"full-width digit":  code[:19] + "１",
		"other case":        swapCase(code),
		"nul":               code[:21] + "\x00",
		"foreign ring":      mustCode(t, otherRing(t), 42, 0),
		"slot not in ring":  base62(42, uint64(3)<<60|1),
		"no mac":            base62(42, 0),
		"other slot's name": withSlot(t, code, 7),
	} {
		if key, slot, ok := ReadCode(ring, s); key != 0 || slot != 0 || ok {
			t.Errorf("%s: ReadCode(%q) = %d, %d, %t; want refusal and zeros", name, s, key, slot, ok)
		}
	}
	if _, _, ok := parseBase62("7n42DGM5Tflk9n8mt7Fhc7"); !ok {
		t.Error("2^128 - 1 does not parse, so the bound stands in the wrong place")
	}
}

// A shorter MAC that is accepted is a MAC that can be guessed: every bit of the 60 counts.
func TestEveryBitOfACodeCounts(t *testing.T) {
	ring := fixedRing(t)
	high, low, _ := parseBase62(mustCode(t, ring, 0xfeedfacecafebeef, 7))
	for bit := range 64 {
		if _, _, ok := ReadCode(ring, base62(high^1<<bit, low)); ok {
			t.Errorf("accepted with bit %d of the key flipped", bit)
		}
		if _, _, ok := ReadCode(ring, base62(high, low^1<<bit)); ok {
			t.Errorf("accepted with bit %d of slot and MAC flipped", bit)
		}
	}
}

// A link whose code cannot be derived must name the slot, so that the start can refuse.
func TestCodeForMissingSlotSaysSo(t *testing.T) {
	_, err := CodeFor(fixedRing(t), 1, 3)
	if !errors.Is(err, keyring.ErrMissingKey) || !strings.Contains(err.Error(), "slot 3") {
		t.Errorf("CodeFor in slot 3: %v", err)
	}
}

// Codes that repeat or lean towards some digits can be enumerated. The randomness is seeded, so
// this judges our construction and not the machine's generator.
func TestCodesNeitherRepeatNorLean(t *testing.T) {
	const n = 100_000
	ring, random := fixedRing(t), rand.NewChaCha8([32]byte{7})
	seen := make(map[string]bool, n)
	var digit [codeSize][256]int // by character of the code
	var octet [7][256]int        // by byte of the key's random part
	var nibble [15][256]int      // by 4 bits of the MAC
	for range n {
		key, _, code, err := NewCode(ring, 0, random)
		if err != nil || seen[code] {
			t.Fatalf("code %s repeats or fails: %v", code, err)
		}
		seen[code] = true
		for i := range code {
			digit[i][code[i]]++
		}
		b := binary.BigEndian.AppendUint64(nil, key)
		for i := range octet {
			octet[i][b[1+i]]++
		}
		_, low, _ := parseBase62(code)
		for i := range nibble {
			nibble[i][low>>(4*i)&15]++
		}
	}
	// The digits before the fifth hold the cell and too few whole turns of the random part.
	for i := 4; i < codeSize; i++ {
		judgeUniform(t, "digit", i, digit[i][:], 62, n)
	}
	for i := range octet {
		judgeUniform(t, "key byte", i, octet[i][:], 256, n)
	}
	for i := range nibble {
		judgeUniform(t, "MAC nibble", i, nibble[i][:], 16, n)
	}
}

// judgeUniform fails when chi-square over the bins is beyond 5.5 standard deviations (Wilson and
// Hilferty's approximation), which chance reaches once in fifty million positions.
func judgeUniform(t *testing.T, what string, at int, counts []int, bins, n int) {
	t.Helper()
	expected, chi, used := float64(n)/float64(bins), 0.0, 0
	for _, c := range counts {
		if c > 0 {
			used++
			chi += (float64(c) - expected) * (float64(c) - expected) / expected
		}
	}
	df := float64(bins - 1)
	limit := df * math.Pow(1-2/(9*df)+5.5*math.Sqrt(2/(9*df)), 3)
	if used != bins || chi > limit {
		t.Errorf("%s %d: %d of %d values occur, chi-square %.1f, limit %.1f", what, at, used, bins, chi, limit)
	}
}

func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		if up := strings.ToUpper(string(r)); up != string(r) {
			return []rune(up)[0]
		}
		return []rune(strings.ToLower(string(r)))[0]
	}, s)
}

// plusTwoTo128 spells the number that is the code's again once it is cut to 128 bits.
func plusTwoTo128(t *testing.T, code string) string {
	t.Helper()
	n, rest := new(big.Int), new(big.Int)
	for i := range codeSize {
		digit, _ := digitValue(code[i])
		n.Add(n.Mul(n, big.NewInt(62)), new(big.Int).SetUint64(digit))
	}
	n.Add(n, new(big.Int).Lsh(big.NewInt(1), 128))
	out := make([]byte, codeSize)
	for i := codeSize - 1; i >= 0; i-- {
		n.QuoRem(n, big.NewInt(62), rest)
		out[i] = digits[rest.Int64()]
	}
	if n.Sign() != 0 {
		t.Fatalf("%s plus 2^128 has more than %d digits", code, codeSize)
	}
	return string(out)
}

// withSlot gives a code that names another slot and keeps its MAC.
func withSlot(t *testing.T, code string, slot int) string {
	t.Helper()
	high, low, ok := parseBase62(code)
	if !ok {
		t.Fatalf("%s does not parse", code)
	}
	return base62(high, low<<4>>4|uint64(slot)<<60)
}
