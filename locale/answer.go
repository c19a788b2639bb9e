package locale

import "strings"

// Answer is what a customer's message to a merchant means, as far as it is one of the few words that mean the
// same everywhere.
type Answer string

const (
	AnswerNone  Answer = ""
	AnswerStop  Answer = "stop"  // no more messages
	AnswerStart Answer = "start" // messages again
)

// answers are those words by language. The English ones are those that carriers everywhere act upon; the
// others are what a person writes who was told in his language to answer so, with STOP in his own letters.
var answers = map[Answer]map[string][]string{
	AnswerStop: {
		"en": {"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out", "opt-out", "remove", "remove me"},
		"hi": {"रोकें", "रोको", "बंद", "बंद करें", "बंद करो", "स्टॉप", "band karo", "band"},
		"ta": {"நிறுத்து", "நிறுத்தவும்", "ஸ்டாப்"},
		"te": {"ఆపు", "ఆపండి", "స్టాప్"},
		"bn": {"বন্ধ", "বন্ধ করুন", "থামান", "স্টপ"},
		"mr": {"थांबवा", "बंद करा", "थांबा"},
		"ar": {"توقف", "أوقف", "إيقاف", "ايقاف", "إلغاء", "الغاء", "قف", "ستوب"},
		"es": {"parar", "alto", "baja", "cancelar", "detener", "no más", "no mas"},
		"fr": {"arrêt", "arret", "arrêter", "arreter", "désabonner", "desabonner", "stopper"},
		"de": {"stopp", "abmelden", "abbestellen", "aufhören", "aufhoeren"},
	},
	AnswerStart: {
		"en": {"start", "unstop", "subscribe", "resume"},
		"hi": {"शुरू", "शुरू करें", "स्टार्ट"},
		"ta": {"தொடங்கு", "தொடங்கவும்"},
		"te": {"ప్రారంభించు", "మొదలుపెట్టు"},
		"bn": {"শুরু", "শুরু করুন"},
		"mr": {"सुरू", "सुरू करा"},
		"ar": {"ابدأ", "ابدا", "بدء", "اشتراك"},
		"es": {"empezar", "alta", "reanudar"},
		"fr": {"commencer", "reprendre", "démarrer"},
		"de": {"starten", "anmelden", "weiter"},
	},
}

var answerOf = func() map[string]Answer {
	of := map[string]Answer{}
	for answer, languages := range answers {
		for _, words := range languages {
			for _, word := range words {
				of[word] = answer
			}
		}
	}
	return of
}()

// Answered tells what a customer's message means. Only a message that is nothing but such a word counts:
// "please do not stop" is no STOP. Capitals, blanks, and marks around it do not matter.
func Answered(text string) Answer {
	if len(text) > 100 {
		return AnswerNone
	}
	text = strings.Join(strings.Fields(strings.Trim(strings.ToLower(Plain(text, 100)), " .,;:!?\"'()*।؟。“”")), " ")
	return answerOf[text]
}
