package locale_test

import (
	"testing"

	"paylink/locale"
)

// Somebody says no in his own language and is written to again; or a question is taken for a no.
func TestAnswersMeanWhatTheySay(t *testing.T) {
	for text, want := range map[string]locale.Answer{
		"STOP": "stop", " stop.\n": "stop", "Stop!": "stop", "“Stop”": "stop", "Stop  all": "stop", "UNSUBSCRIBE": "stop", "\u200bSTOP\u200e": "stop",
		"रोकें": "stop", "बंद करो।": "stop", "நிறுத்து": "stop", "ఆపండి": "stop", "বন্ধ করুন": "stop", "थांबवा": "stop", "توقف؟": "stop",
		"ALTO": "stop", "Arrêt": "stop", "ABMELDEN": "stop", "START": "start", "शुरू": "start", "Empezar": "start",
		"": "", "please do not stop": "", "when does it end": "", "stopped paying?": "", "1": "", "yes": "", "STOP 1": "",
	} {
		if got := locale.Answered(text); got != want {
			t.Errorf("%q means %q, want %q", text, got, want)
		}
	}
}
