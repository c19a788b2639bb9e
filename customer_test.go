package paylink_test

import (
	"testing"
	"unicode/utf8"

	"paylink"
)

// Events and logs live for years and travel far: a whole phone number or address in one cannot be
// taken back.
func TestMasksHideAllButAHint(t *testing.T) {
	for _, c := range []struct{ address, want string }{
		{"", ""},
		{"+919812345642", "…42"},
		{"asha@example.com", "a…@example.com"},
		{"ऋतु@example.com", "ऋ…@example.com"},
		{"a@example.com", "a…@example.com"},
		{"@example.com", "…@example.com"},
	} {
		if got := paylink.MaskAddress(c.address); got != c.want {
			t.Errorf("%q is masked as %q, want %q", c.address, got, c.want)
		}
	}
	for _, c := range []struct{ name, want string }{{"", ""}, {"Asha", "A…"}, {"अनीता", "अ…"}, {"Ö", "Ö…"}} {
		if got := paylink.MaskName(c.name); got != c.want {
			t.Errorf("%q is masked as %q, want %q", c.name, got, c.want)
		}
	}
}

// A mask is stored as JSON text; half a letter in it would break every reader after us.
func FuzzMasksAreText(f *testing.F) {
	for _, seed := range []string{"", "+919812345642", "asha@example.com", "é", "…", "日本@例え", "日本"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return // addresses are checked to be UTF-8 text at the edge
		}
		if m := paylink.MaskAddress(s); !utf8.ValidString(m) {
			t.Errorf("%q is masked as %q, which is not text", s, m)
		}
		if m := paylink.MaskName(s); !utf8.ValidString(m) {
			t.Errorf("%q is masked as %q, which is not text", s, m)
		}
	})
}
