package paylink_test

import (
	"testing"

	"paylink"
)

// A customer whose keyboard writes the digits of another script would be told that an amount is none.
func TestAmountsAreReadInTheDigitsOfTheLanguagesWeSpeak(t *testing.T) {
	for _, typed := range []string{"2450.50", "2,450.50", "٢٬٤٥٠٫٥٠", "२,४५०.५०", "২,৪৫০.৫০", "௨௪௫௦.௫௦", "౨౪౫౦.౫౦", "۲۴۵۰.۵۰"} {
		if minor, fault := paylink.ReadAmount(typed, "INR"); minor != 245050 || fault != "" {
			t.Errorf("%q: %d %q", typed, minor, fault)
		}
	}
	if _, fault := paylink.ReadAmount("٢x", "INR"); fault != paylink.AmountUnreadable {
		t.Errorf("nonsense: %q", fault)
	}
}
