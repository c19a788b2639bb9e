package paylink_test

import (
	"testing"

	"paylink"
)

// UPI is offered for what no bank takes by it, or hidden from a hospital's bills.
func TestUPIIsHeldToTheSchemesLimit(t *testing.T) {
	for _, c := range paylink.UPICategories {
		if limit := paylink.UPILimit(c); limit < 100_000_00 || limit > 500_000_00 {
			t.Errorf("%s: %d", c, limit)
		}
	}
	for _, row := range []struct {
		category paylink.UPICategory
		amount   paylink.Money
		beyond   bool
	}{
		{"", paylink.Money{Minor: 100_000_00, Currency: "INR"}, false},
		{"", paylink.Money{Minor: 100_000_01, Currency: "INR"}, true},
		{"unheard", paylink.Money{Minor: 100_000_01, Currency: "INR"}, true},
		{paylink.UPIHospitals, paylink.Money{Minor: 500_000_00, Currency: "INR"}, false},
		{paylink.UPIHospitals, paylink.Money{Minor: 500_000_01, Currency: "INR"}, true},
		{paylink.UPIJewellery, paylink.Money{Minor: 200_000_01, Currency: "INR"}, true},
		{"", paylink.Money{Minor: 100_000_01, Currency: "KWD"}, false},
	} {
		if got := (paylink.Settings{UPICategory: row.category}).BeyondUPI(row.amount); got != row.beyond {
			t.Errorf("%q %v: %t", row.category, row.amount, got)
		}
	}
}
