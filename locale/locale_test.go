package locale

import (
	"maps"
	"regexp"
	"slices"
	"testing"
	"time"

	"paylink"
)

// A text that a language lacks, or that drops the amount, would show a customer half a sentence.
func TestEveryLanguageHasTheTextsAndPlacesOfEnglish(t *testing.T) {
	place := regexp.MustCompile(`\{[a-z]+\}`)
	english := languages[0]
	if english.Tag != "en" {
		t.Fatalf("first language is %q, want en", english.Tag)
	}
	for _, l := range languages[1:] {
		if got, want := slices.Sorted(maps.Keys(l.texts)), slices.Sorted(maps.Keys(english.texts)); !slices.Equal(got, want) {
			t.Errorf("%s has other keys than en:\n%v\n%v", l.Tag, got, want)
		}
		for key, text := range english.texts {
			want := slices.Compact(slices.Sorted(slices.Values(place.FindAllString(text, -1))))
			got := slices.Compact(slices.Sorted(slices.Values(place.FindAllString(l.texts[key], -1))))
			if !slices.Equal(got, want) {
				t.Errorf("%s %s has places %v, want %v", l.Tag, key, got, want)
			}
		}
		if l.Name == "" || (l.Direction != "ltr" && l.Direction != "rtl") {
			t.Errorf("%s has name %q and direction %q", l.Tag, l.Name, l.Direction)
		}
	}
}

// The wrong pick shows a customer a language that they cannot read.
func TestPickTakesTheFirstCandidateThatNamesALanguageWeHave(t *testing.T) {
	for _, c := range []struct {
		candidates []string
		want       string
	}{
		{nil, "en"},
		{[]string{"", "xx", "hi"}, "hi"},
		{[]string{"hi-IN", "en"}, "hi"},
		{[]string{"HI_in"}, "hi"},
		{[]string{"sw", "en-GB,en;q=0.9,hi;q=0.8"}, "en"},
		{[]string{"ar-EG,en;q=0.9"}, "ar"},
		{[]string{"en;q=0.5, hi;q=0.51"}, "hi"},
		{[]string{"hi;q=0, en;q=0.1"}, "en"},
		{[]string{"hi;q=0"}, "en"},
		{[]string{"hi;q=2,en;q=abc"}, "en"},
		{[]string{"*", "hi"}, "hi"},
		{[]string{"hindi"}, "en"},
		{[]string{";;;,,,q=1"}, "en"},
	} {
		if got := Pick(c.candidates...).Tag; got != c.want {
			t.Errorf("Pick(%q) = %s, want %s", c.candidates, got, c.want)
		}
	}
}

// A value with braces must not be filled a second time: it is a stranger's text.
func TestTFillsEachPlaceOnceAndFallsBackToEnglish(t *testing.T) {
	en, hi := Pick("en"), Pick("hi")
	if got, want := en.T("pay.button", "amount", "{amount}{merchant}"), "Pay {amount}{merchant}"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := en.T("pay.button"), "Pay {amount}"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := en.T("pay.button", "merchant", "amount"), "Pay {amount}"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := en.T("no.such"), "⟦no.such⟧"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	lacking := Language{Tag: "xx", texts: map[string]string{}}
	if got, want := lacking.T("paid.heading"), "Paid"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := hi.T("pay.button", "amount", "₹1"), "₹1 का भुगतान करें"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A comma or a decimal in the wrong place asks for another amount.
func TestMoneyIsGroupedAsTheCurrencysPeopleWriteIt(t *testing.T) {
	for _, c := range []struct {
		money          paylink.Money
		en, hi, inText string
	}{
		{paylink.Money{Minor: 245000, Currency: "INR"}, "₹2,450.00", "₹2,450.00", "Rs 2,450"},
		{paylink.Money{Minor: 245050, Currency: "INR"}, "₹2,450.50", "₹2,450.50", "Rs 2,450.50"},
		{paylink.Money{Minor: 12345600, Currency: "INR"}, "₹1,23,456.00", "₹1,23,456.00", "Rs 1,23,456"},
		{paylink.Money{Minor: 1, Currency: "INR"}, "₹0.01", "₹0.01", "Rs 0.01"},
		{paylink.Money{Minor: 99900, Currency: "INR"}, "₹999.00", "₹999.00", "Rs 999"},
		{paylink.Money{Minor: paylink.MaxMinor, Currency: "INR"}, "₹10,00,00,00,000.00", "₹10,00,00,00,000.00", "Rs 10,00,00,00,000"},
		{paylink.Money{Minor: 12345600, Currency: "USD"}, "$123,456.00", "$1,23,456.00", "USD 123,456"},
		{paylink.Money{Minor: 500, Currency: "JPY"}, "¥500", "¥500", "JPY 500"},
		{paylink.Money{Minor: 1234567, Currency: "JPY"}, "¥1,234,567", "¥12,34,567", "JPY 1,234,567"},
		{paylink.Money{Minor: 1250, Currency: "KWD"}, "KWD\u00a01.250", "KWD\u00a01.250", "KWD 1.250"},
		{paylink.Money{Minor: -245000, Currency: "INR"}, "−₹2,450.00", "−₹2,450.00", "−Rs 2,450"},
	} {
		if got := Pick("en").Money(c.money); got != c.en {
			t.Errorf("en %v: %q, want %q", c.money, got, c.en)
		}
		if got := Pick("hi").Money(c.money); got != c.hi {
			t.Errorf("hi %v: %q, want %q", c.money, got, c.hi)
		}
		if got := Pick("en").shortMoney(c.money); got != c.inText {
			t.Errorf("short %v: %q, want %q", c.money, got, c.inText)
		}
	}
}

// "Valid until" without the merchant's zone would be wrong by hours for half the customers.
func TestMomentsAreWrittenInTheMerchantsZone(t *testing.T) {
	at := time.Date(2026, 11, 24, 12, 30, 0, 0, time.UTC)
	for _, c := range []struct{ tag, zone, want string }{
		{"en", "Asia/Kolkata", "24 Nov 2026, 18:00 IST"},
		{"hi", "Asia/Kolkata", "24 नवंबर 2026, 18:00 IST"},
		{"en", "Asia/Dubai", "24 Nov 2026, 16:30 UTC+04"},
		{"en", "Asia/Kathmandu", "24 Nov 2026, 18:15 UTC+0545"},
		{"en", "", "24 Nov 2026, 12:30 UTC"},
		{"en", "No/Where", "24 Nov 2026, 12:30 UTC"},
	} {
		if got := Pick(c.tag).Moment(at, c.zone); got != c.want {
			t.Errorf("%s in %q: %q, want %q", c.tag, c.zone, got, c.want)
		}
	}
	if got, want := Pick("en").Day(at.Add(7*time.Hour), "Asia/Kolkata"), "25 Nov 2026"; got != want {
		t.Errorf("day: %q, want %q", got, want)
	}
}

// A gateway's own words may frighten or mislead; every group must end in a text of ours.
func TestEveryDeclineHasATextAndUnknownOnesSayNotApproved(t *testing.T) {
	en := Pick("en")
	for _, c := range []struct{ group, app, want string }{
		{"insufficient_funds", "", "Your bank declined this because of the balance or limit. Try another card or another method."},
		{"upi_declined", "PhonePe", "You or your bank declined in PhonePe. No money was taken."},
		{"upi_declined", "", "You or your bank declined in your UPI app. No money was taken."},
		{"stolen_card", "", "Your bank did not approve this payment. Try another method or call your bank."},
		{"upi_app", "", "Your bank did not approve this payment. Try another method or call your bank."},
		{"", "", "Your bank did not approve this payment. Try another method or call your bank."},
	} {
		if got := en.Decline(paylink.Decline{Group: c.group, Message: "DO NOT HONOUR"}, c.app); got != c.want {
			t.Errorf("%q: %q, want %q", c.group, got, c.want)
		}
	}
}
