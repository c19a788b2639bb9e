package connect_test

import (
	"maps"
	"testing"

	"paylink/connect"
	"paylink/provider"
)

// A merchant has two providers, one for his own country and a dear one for the rest, and may not say so: every
// message goes to the first.
func TestWhereAndForHowMuchIsSaidOfAnyAccount(t *testing.T) {
	each(t, func(h *house) {
		d := draft("abroad")
		maps.Copy(d.Fields, map[string]string{provider.FieldCountries: "LK, np", provider.FieldPrice: "1800", provider.FieldCountryPrices: "LK=3500"})
		a := h.connect(d)
		opened := h.opened(a.ID)
		for _, name := range []string{provider.FieldCountries, provider.FieldPrice, provider.FieldCountryPrices} {
			if opened.Fields[name] != d.Fields[name] || a.Fields[name] != d.Fields[name] {
				t.Errorf("%s is kept as %q and shown as %q, want %q", name, opened.Fields[name], a.Fields[name], d.Fields[name])
			}
		}
		for name, value := range map[string]string{
			provider.FieldCountries: "India", provider.FieldPrice: "18.00", provider.FieldCountryPrices: "LK:3500",
		} {
			_, err := h.all.Connect(h.Context(), h.by, connect.Draft{Provider: "gate", Fields: map[string]string{
				"id": "abc", provider.Secret: "canary-1", name: value,
			}}, nil)
			if got := wrong(err); got == "<nil>" {
				t.Errorf("%s may be %q", name, value)
			}
		}
	})
}
