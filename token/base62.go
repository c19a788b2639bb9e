package token

import "math/bits"

const (
	digits   = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	codeSize = 22 // the fewest base62 digits that hold 128 bits
)

// base62 writes a 128-bit number, most significant digit first, in 22 digits.
func base62(high, low uint64) string {
	var out [codeSize]byte
	for i := codeSize - 1; i >= 0; i-- {
		var rest uint64
		high, rest = high/62, high%62
		low, rest = bits.Div64(rest, low, 62)
		out[i] = digits[rest]
	}
	return string(out[:])
}

// parseBase62 reads what base62 wrote. Each number has one spelling only: another length, another
// alphabet, or a number of 2^128 and above gives false and zeros.
func parseBase62(s string) (high, low uint64, ok bool) {
	if len(s) != codeSize {
		return 0, 0, false
	}
	for i := range codeSize {
		digit, known := digitValue(s[i])
		carry, l := bits.Mul64(low, 62)
		l, c := bits.Add64(l, digit, 0)
		over, h := bits.Mul64(high, 62)
		h, c = bits.Add64(h, carry, c)
		if !known || over != 0 || c != 0 {
			return 0, 0, false
		}
		high, low = h, l
	}
	return high, low, true
}

func digitValue(c byte) (uint64, bool) {
	switch {
	case '0' <= c && c <= '9':
		return uint64(c - '0'), true
	case 'A' <= c && c <= 'Z':
		return uint64(c-'A') + 10, true
	case 'a' <= c && c <= 'z':
		return uint64(c-'a') + 36, true
	}
	return 0, false
}
