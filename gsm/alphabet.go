package gsm

// The default alphabet of 3GPP TS 23.038, 6.2.1, in the order of its codes from 0 to 127. At 27 stands
// the escape to the extension table, which no text holds.
const basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ" +
	" !\"#¤%&'()*+,-./0123456789:;<=>?" +
	"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§" +
	"¿abcdefghijklmnopqrstuvwxyzäöñüà"

const (
	escape   = 0x1b
	extended = 0x100 // marks a code of the extension table
)

// septets are the codes of characters; characters are the same the other way round.
var septets, characters = alphabet()

func alphabet() (map[rune]int, map[int]rune) {
	codes := map[rune]int{}
	for code, r := range []rune(basic) {
		if code != escape {
			codes[r] = code
		}
	}
	// The extension table, 6.2.1.1.
	for r, code := range map[rune]int{
		'\f': 0x0a, '^': 0x14, '{': 0x28, '}': 0x29, '\\': 0x2f, '[': 0x3c, '~': 0x3d, ']': 0x3e, '|': 0x40, '€': 0x65,
	} {
		codes[r] = extended | code
	}
	back := make(map[int]rune, len(codes))
	for r, code := range codes {
		back[code] = r
	}
	return codes, back
}

// width is how many septets a character takes; 0: it is not in GSM-7.
func width(r rune) int {
	code, known := septets[r]
	switch {
	case !known:
		return 0
	case code >= extended:
		return 2
	}
	return 1
}
