package client

import (
	"encoding/json"
	"strings"
	"testing"
)

// An amount that is read with the wrong number of decimals, or rounded, asks a customer for another sum.
func TestAmountsAreReadExactly(t *testing.T) {
	for _, c := range []struct {
		text, currency string
		minor          int64 // -1: refused
		shown          string
	}{
		{"2450", "INR", 245000, "2,450.00"}, {"2450.5", "INR", 245050, "2,450.50"}, {"0.01", "USD", 1, "0.01"}, {"500", "JPY", 500, "500"},
		{"1.250", "KWD", 1250, "1.250"}, {"1234567.89", "EUR", 123456789, "1,234,567.89"},
		{"500.0", "JPY", -1, ""}, {"1.005", "INR", -1, ""}, {"2,450", "INR", -1, ""}, {"1e6", "INR", -1, ""}, {"-5", "INR", -1, ""}, {"", "INR", -1, ""},
		{".5", "INR", -1, ""}, {"5.", "INR", -1, ""}, {"99999999999999999999", "INR", -1, ""}, {"٣", "INR", -1, ""},
	} {
		got, err := Minor(c.text, c.currency)
		if (err != nil) != (c.minor < 0) || err == nil && (got != c.minor || Decimal(got, c.currency) != c.shown) {
			t.Errorf("%s %s: %d (%s), %v", c.text, c.currency, got, Decimal(got, c.currency), err)
		}
	}
	if got := Decimal(-123456, "INR"); got != "-1,234.56" {
		t.Error(got)
	}
}

// What is typed as an amount is either refused or shown again as the same number, whatever it is.
func FuzzAmountsComeBack(f *testing.F) {
	for _, text := range []string{"2450", "0.5", "00012.30", "1e6", "-1", "9223372036854775807", "92233720368547758.08", "1.2.3", "१२"} {
		f.Add(text, "INR")
	}
	f.Add("1.2345", "KWD")
	f.Fuzz(func(t *testing.T, text, currency string) {
		minor, err := Minor(text, currency)
		if err != nil {
			return
		}
		again, err := Minor(strings.ReplaceAll(Decimal(minor, currency), ",", ""), currency)
		if err != nil || again != minor || minor < 0 {
			t.Errorf("%q %q is %d, shown as %s, which is %d (%v)", text, currency, minor, Decimal(minor, currency), again, err)
		}
	})
}

// Absent, null and a value mean three things to the server: the default, never, and that long.
func TestNullableHasThreeStates(t *testing.T) {
	for want, link := range map[string]NewPaymentLink{
		`{}`: {}, `{"expires_in":null}`: {ExpiresIn: Null[int64]()}, `{"expires_in":0}`: {ExpiresIn: Value[int64](0)},
	} {
		text, err := json.Marshal(link)
		if err != nil || string(text) != want {
			t.Errorf("%s, %v; want %s", text, err, want)
		}
		var back NewPaymentLink
		if err := json.Unmarshal(text, &back); err != nil || back.ExpiresIn != link.ExpiresIn {
			t.Errorf("%s came back as %+v, %v", text, back, err)
		}
	}
}
