package locale

import "strings"

// writing is how a language writes numbers, as the Unicode CLDR has it, and whether its letters are
// those of GSM-7, which makes a text message half as dear.
type writing struct {
	group, point string // between groups of digits, and before the decimals; empty: as in English
	zero         rune   // its nought, when its digits are not 0 to 9
	lakhs        bool   // every number is grouped by two after the first three digits, not only rupees
	threes       bool   // rupees too are grouped by threes
	after        bool   // the currency follows its number, after a no-break space
	gsm          bool   // written in Latin letters
}

var writings = map[string]writing{
	"en": {gsm: true},
	"hi": {lakhs: true},
	"ta": {lakhs: true},
	"te": {},
	"bn": {lakhs: true, zero: '০'},
	"mr": {lakhs: true, zero: '०'},
	"ar": {group: "٬", point: "٫", zero: '٠', threes: true, after: true},
	"es": {group: ".", point: ",", threes: true, after: true, gsm: true},
	"fr": {group: "\u00a0", point: ",", threes: true, after: true, gsm: true},
	"de": {group: ".", point: ",", threes: true, after: true, gsm: true},
}

// Digits writes the figures 0 to 9 of a text with the digits of the language. It is for counts, days
// and rates; codes and addresses are typed again, and keep theirs.
func (l Language) Digits(s string) string {
	zero := l.writing.zero
	if zero == 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return zero + r - '0'
		}
		return r
	}, s)
}
