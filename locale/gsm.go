package locale

import (
	"strings"

	"paylink/gsm"
)

// alike writes what office software likes to put into names with characters that GSM-7 has.
var alike = strings.NewReplacer(
	"’", "'", "‘", "'", "`", "'", "´", "'", "“", "\"", "”", "\"", "„", "\"", "–", "-", "—", "-", "−", "-",
	"…", "...", "\u00a0", " ", "\u202f", " ", "₹", "Rs ", "·", "-", "•", "-", "×", "x",
	"á", "a", "â", "a", "ã", "a", "ê", "e", "ë", "e", "í", "i", "î", "i", "ï", "i", "ó", "o", "ô", "o", "õ", "o",
	"ú", "u", "û", "u", "ç", "c", "Á", "A", "Â", "A", "Ã", "A", "À", "A", "Ê", "E", "È", "E", "Í", "I", "Ó", "O",
	"Ô", "O", "Õ", "O", "Ú", "U", "ý", "y", "š", "s", "ž", "z", "č", "c",
)

// gsmOnly tells whether a text can be written in GSM-7.
func gsmOnly(s string) bool { return gsm.Of(s) == gsm.GSM7 }

// fits tells whether a text message needs no more parts than it should: one in GSM-7, two in Unicode.
func fits(s string) bool {
	size := gsm.Count(s)
	return size.Segments == 1 || size.Encoding == gsm.UCS2 && size.Segments == 2
}
