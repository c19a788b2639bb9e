package paywire_test

import (
	"testing"

	"paylink"
	"paylink/gateway/paywire"
)

// An amount passes through a float, loses its last digit, or a crafted one becomes another.
func TestDecimalAmountsAreReadExactly(t *testing.T) {
	for _, c := range []struct {
		text     string
		currency paylink.Currency
		want     int64 // -1: refused
	}{
		{"499", "INR", 49900}, {"499.0", "INR", 49900}, {"499.00", "INR", 49900}, {"499.000000", "INR", 49900}, {"0.01", "INR", 1}, {"0", "INR", 0},
		{"9007199254740993.00", "INR", -1}, {"90071992.93", "INR", 9007199293}, {"10000000000.00", "INR", 1_000_000_000_000}, {"10000000000.01", "INR", -1},
		{"500", "JPY", 500}, {"500.0", "JPY", 500}, {"1.25", "KWD", 1250}, {"1.2505", "KWD", -1},
		{"4.995", "INR", -1}, {"", "INR", -1}, {".5", "INR", -1}, {"5.", "INR", -1}, {"-5", "INR", -1}, {"+5", "INR", -1}, {"1e3", "INR", -1},
		{"1,000.00", "INR", -1}, {" 5", "INR", -1}, {"5.0.0", "INR", -1}, {"5.-1", "INR", -1}, {"٥", "INR", -1}, {"5", "XXX", -1},
	} {
		got, err := paywire.ParseDecimal(c.text, c.currency)
		if (err != nil) != (c.want < 0) || err == nil && (got.Minor != c.want || got.Currency != c.currency) {
			t.Errorf("%q %s is %v (%v), want %d", c.text, c.currency, got, err, c.want)
		}
	}
}
