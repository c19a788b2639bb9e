package wording

import (
	"strings"
	"unicode"
)

// pressing are words that hurry a customer, in the languages that are spoken here. They are stems: what
// begins with one counts. A list finds the plain cases only; it is no promise that a text is kind.
var pressing = []string{
	"urgent", "immediately", "right away", "act now", "last chance", "final notice", "final warning", "hurry", "asap", "don't miss", "expires soon",
	"legal action", "police", "arrest", "blocked account", "account will be blocked", "will be suspended",
	"तुरंत", "तत्काल", "अंतिम चेतावनी", "आख़िरी मौक़ा", "आखिरी मौका", "कानूनी कार्रवाई", "जल्दी करें",
	"உடனடி", "கடைசி வாய்ப்பு", "இறுதி எச்சரிக்கை", "சட்ட நடவடிக்கை",
	"వెంటనే", "చివరి అవకాశం", "తుది హెచ్చరిక", "చట్టపరమైన చర్య",
	"অবিলম্বে", "শেষ সুযোগ", "চূড়ান্ত সতর্ক", "আইনি ব্যবস্থা",
	"ताबडतोब", "त्वरित", "शेवटची संधी", "कायदेशीर कारवाई",
	"فوراً", "فورًا", "عاجل", "الفرصة الأخيرة", "الإنذار الأخير", "إجراء قانوني", "إجراءات قانونية",
	"urgente", "inmediatamente", "última oportunidad", "último aviso", "acciones legales", "de inmediato",
	"immédiatement", "dernière chance", "dernier avis", "dépêchez", "poursuites",
	"dringend", "sofort", "letzte chance", "letzte mahnung", "umgehend", "rechtliche schritte",
}

// Pressing gives the first word of a text that hurries the customer; empty when none is known.
func Pressing(text string) string {
	low := strings.ToLower(strings.ReplaceAll(text, "’", "'"))
	for _, word := range pressing {
		for at := 0; ; {
			i := strings.Index(low[at:], word)
			if i < 0 {
				break
			}
			if before := strings.TrimRightFunc(low[:at+i], letter); len(before) == at+i {
				return word
			}
			at += i + len(word)
		}
	}
	return ""
}

// letter tells what a word is made of, so that a stem is found at the beginning of one only.
func letter(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) }
