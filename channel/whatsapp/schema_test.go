package whatsapp_test

import (
	"testing"

	"paylink/channel"
	"paylink/channel/whatsapp"
	"paylink/provider/providertest"
	"paylink/provider/schematest"
)

// We and our own pretend Meta agree on requests and answers that the real one does not know.
func TestMetasSchemaHoldsForBothSides(t *testing.T) {
	m, far := serve(t)
	a := account(far)
	if a.BaseURL = schematest.Proxy(t, "whatsapp_v23.patched.yaml", far.Origin); a.BaseURL == "" {
		return
	}
	s := whatsapp.New(client(t))
	named, free := account(far), account(far)
	named.Fields["template_variables"], free.Fields["free_text"] = "named", "yes"
	named.BaseURL, free.BaseURL = a.BaseURL, a.BaseURL
	plain := goodLetter()
	plain.Template = nil
	shows := account(far) // orders outside of a template are in no schema: see orders_test.go
	shows.Fields["order_details"], shows.BaseURL = "payment_link", a.BaseURL
	for name, c := range map[string]struct {
		account channel.Account
		letter  channel.Letter
	}{"by a template": {a, goodLetter()}, "with named variables": {named, goodLetter()}, "as free text": {free, plain},
		"as an order by a template": {shows, orderLetter()}} {
		if _, err := s.Send(t.Context(), c.account, c.letter); err != nil {
			t.Errorf("a letter %s: %v", name, err)
		}
	}
	if len(m.taken) != 4 {
		t.Errorf("Meta took %d letters", len(m.taken))
	}
	if err := s.Test(t.Context(), a); err != nil {
		t.Errorf("a look at the phone number: %v", err)
	}
	if list, err := s.Templates(t.Context(), a); err != nil || len(list) != 2 {
		t.Errorf("%d templates: %v", len(list), err)
	}
	// The judge is there: what the schema forbids does not come through.
	a.Fields["access_token"] = ""
	if err := s.Test(t.Context(), a); providertest.Ending(err) != "rejected" {
		t.Errorf("a call without a token: %v", err)
	}
}
