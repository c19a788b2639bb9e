package dashboard

import (
	"testing"

	"paylink"
)

// A comma read as a decimal point, a lost decimal or a float in between asks the customer for other
// money than the merchant typed.
func TestAmountsAreReadExactly(t *testing.T) {
	for _, c := range []struct {
		text     string
		currency paylink.Currency
		minor    int64
		why      string
	}{
		{"2450", "INR", 245000, ""},
		{" 2,450.00 ", "INR", 245000, ""},
		{"1,23,456.5", "INR", 12345650, ""},
		{"123,456.05", "USD", 12345605, ""},
		{"0.29", "INR", 29, ""},
		{"8.2", "INR", 820, ""},
		{"007", "INR", 700, ""},
		{"0", "INR", 0, ""},
		{"500", "JPY", 500, ""},
		{"1.250", "KWD", 1250, ""},
		{"10000000000", "INR", 1_000_000_000_000, ""},
		{"", "INR", 0, "Enter the amount."},
		{"1,00", "INR", 0, "Write the amount with digits and a point only, such as 2450.00."},
		{"1,2345", "INR", 0, "Write the amount with digits and a point only, such as 2450.00."},
		{",100", "INR", 0, "Write the amount with digits and a point only, such as 2450.00."},
		{"1234,567", "INR", 0, "Write the amount with digits and a point only, such as 2450.00."},
		{"1,,234", "INR", 0, "Write the amount with digits and a point only, such as 2450.00."},
		{"-5", "INR", 0, "Write the amount with digits and a point only, such as 2450.00."},
		{"+5", "INR", 0, "Write the amount with digits and a point only, such as 2450.00."},
		{"1e3", "INR", 0, "Write the amount with digits and a point only, such as 2450.00."},
		{"5.", "INR", 0, "Write the amount with digits and a point only, such as 2450.00."},
		{".5", "INR", 0, "Write the amount with digits and a point only, such as 2450.00."},
		{"1.2.3", "INR", 0, "Write the amount with digits and a point only, such as 2450.00."},
		{"٣٫٥", "INR", 350, ""}, // as typed in Arabic
		{"Ⅲ", "INR", 0, "Write the amount with digits and a point only, such as 2450.00."},
		{"₹5", "KWD", 0, "Write the amount with digits and a point only, such as 2450.000."},
		{"1.234", "INR", 0, "INR has 2 decimals at most."},
		{"1.2", "JPY", 0, "JPY has no decimals. Write a whole number."},
		{"99999999999999999999", "INR", 0, "The amount is too large."},
		{"5", "XXX", 0, "Choose a currency first."},
	} {
		minor, why := parseAmount(c.text, c.currency)
		if minor != c.minor || why != c.why {
			t.Errorf("%q %s: %d %q, want %d %q", c.text, c.currency, minor, why, c.minor, c.why)
		}
	}
}

// Whatever a stranger types, the parser gives an amount that cannot be negative or overflow, or says
// why not.
func FuzzParseAmount(f *testing.F) {
	for _, seed := range []string{"2450", "1,23,456.50", "1,00", "-1", "999999999999999.999", "0.000000001", "1e9"} {
		f.Add(seed, "INR")
		f.Add(seed, "KWD")
	}
	f.Fuzz(func(t *testing.T, text, currency string) {
		minor, why := parseAmount(text, paylink.Currency(currency))
		if minor < 0 || why != "" && minor != 0 {
			t.Errorf("%q %q: %d %q", text, currency, minor, why)
		}
	})
}
