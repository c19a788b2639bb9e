package paylink

import (
	"fmt"
	"testing"
)

// A plan in a cell that is read in another way than it was meant sends messages nobody wanted, or none.
func TestPlansInWords(t *testing.T) {
	for text, want := range map[string]string{
		"whatsapp; sms after 60s unless delivered":      "[{whatsapp   []} {sms 60s delivered []}]",
		"WhatsApp, then sms after 60s unless delivered": "[{whatsapp   []} {sms 60s delivered []}]",
		"sms and email": "[{sms   []} {email   []}]",
		" sms via msg91 or twilio ;email unless opened after 2h":                             "[{sms   [msg91 twilio]} {email 2h opened []}]",
		"sms then email and in_app after 1d":                                                 "[{sms   []} {email 1d  []} {in_app   []}]",
		`{"steps":[{"channel":"sms"},{"channel":"email","after":"2h"}],"on_unknown":"next"}`: "[{sms   []} {email 2h  []}] next",
	} {
		p, ok := ParseDelivery(text)
		got := fmt.Sprint(p.Steps)
		if p.OnUnknown != "" {
			got += " " + string(p.OnUnknown)
		}
		if !ok || got != want {
			t.Errorf("%q: %t %s, want %s", text, ok, got, want)
		}
	}
	for _, text := range []string{
		"", ";", "sms;", "; sms", "sms, email", "sms email", "sms after", "sms after unless delivered", "sms after 1m after 2m", "sms and", "and sms", "after 60s",
		"sms via", "sms via or twilio", "sms and email unless delivered", "sms unless", "sms then", "{}", `{"steps":[]}`, `{"step":[{"channel":"sms"}]}`,
		`{"steps":[{"channel":"sms"}]} x`, "sms or email", "sms when opened",
	} {
		if p, ok := ParseDelivery(text); ok {
			t.Errorf("%q is read as %v", text, p.Steps)
		}
	}
}

// Whatever a stranger writes into a cell must be read or refused, and nothing else.
func FuzzPlansInWords(f *testing.F) {
	f.Add("whatsapp; sms after 60s unless delivered")
	f.Add("sms via msg91 or twilio, then email and in_app after 2h")
	f.Add(`{"steps":[{"channel":"sms"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		if p, ok := ParseDelivery(text); ok && len(p.Steps) == 0 {
			t.Errorf("%q is a plan without steps", text)
		}
	})
}
