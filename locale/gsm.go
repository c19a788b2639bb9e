package locale

import (
	"strings"
	"unicode/utf8"
)

// gsmBasic and gsmExtended are the characters of GSM 03.38 as used for text messages; an extended
// one takes the place of two. One character outside makes a whole message Unicode, which cuts the
// room from 160 to 70.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡" +
		"ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "^{}\\[~]|€"
)

// alike writes what office software likes to put into names with characters that GSM-7 has.
var alike = strings.NewReplacer(
	"’", "'", "‘", "'", "`", "'", "´", "'", "“", "\"", "”", "\"", "„", "\"", "–", "-", "—", "-", "−", "-",
	"…", "...", "\u00a0", " ", "\u202f", " ", "₹", "Rs ", "·", "-", "•", "-", "×", "x",
	"á", "a", "â", "a", "ã", "a", "ê", "e", "ë", "e", "í", "i", "î", "i", "ï", "i", "ó", "o", "ô", "o", "õ", "o",
	"ú", "u", "û", "u", "ç", "c", "Á", "A", "Â", "A", "Ã", "A", "À", "A", "Ê", "E", "È", "E", "Í", "I", "Ó", "O",
	"Ô", "O", "Õ", "O", "Ú", "U", "ý", "y", "š", "s", "ž", "z", "č", "c",
)

// gsmLength counts the places that a text takes in GSM-7; ok is false when it cannot be written.
func gsmLength(s string) (places int, ok bool) {
	for _, r := range s {
		switch {
		case strings.ContainsRune(gsmBasic, r):
			places++
		case strings.ContainsRune(gsmExtended, r):
			places += 2
		default:
			return 0, false
		}
	}
	return places, true
}

// Room in one GSM-7 message, and in two Unicode parts, each of which gives three places to its
// header.
const (
	roomGSM     = 160
	roomUnicode = 2 * 67
)

// fits tells whether a text message needs no more parts than it should.
func fits(s string) bool {
	if places, ok := gsmLength(s); ok {
		return places <= roomGSM
	}
	units := 0
	for _, r := range s {
		units++
		if r > 0xffff {
			units++
		}
	}
	return units <= roomUnicode && utf8.ValidString(s)
}
