package find_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"paylink"
	"paylink/issue/find"
	"paylink/keyring"
	"paylink/store"
	"paylink/token"
)

// A text that is taken for the wrong thing finds nothing, and the agent tells a customer that there is no
// such link.
func TestTextsMeanWhatPeopleMean(t *testing.T) {
	ring := ringOf(t, 7)
	key, slot, code, err := token.NewCode(ring, 0, strings.NewReader("seven b"))
	if err != nil {
		t.Fatal(err)
	}
	ours := store.Search{Code: store.Code{Key: key, Slot: slot, Is: true}}
	link, payment := paylink.LinkID("plink_"+strings.Repeat("0", 26)), paylink.PaymentID("pay_"+strings.Repeat("0", 26))
	phone := "+919812345642"
	inr := func(minor int64) paylink.Money { return paylink.Money{Minor: minor, Currency: "INR"} }
	for text, want := range map[string]store.Search{
		"": {}, " \t": {},
		string(link): {Link: link}, " " + string(link) + "\n": {Link: link}, string(payment): {Payment: payment},
		code: ours, "https://pay.example/" + code: ours, "https://pay.example/ACMEIN/" + code: ours, "https://pay.example/p?c=" + code: ours,
		"pay.example/" + code: ours,
		"+91 98123 45642":     {Phone: phone}, "+91-9812345642": {Phone: phone},
		"98123 45642": {Phone: phone, Reference: "98123 45642", Words: "98123 45642"}, "098123-45642": {Phone: phone, Reference: "098123-45642", Words: "098123-45642"},
		"9812345642":       {Phone: phone, Reference: "9812345642", Words: "9812345642", Amount: inr(981234564200)},
		"Asha@Example.com": {Email: "Asha@Example.com"},
		"2450":             {Amount: inr(245000), Reference: "2450", Words: "2450"},
		"2,450.00":         {Amount: inr(245000), Reference: "2,450.00", Words: "2,450.00"},
		"₹2450":            {Amount: inr(245000), Reference: "₹2450"}, "Rs. 2,450": {Amount: inr(245000), Reference: "Rs. 2,450"}, "2450 inr": {Amount: inr(245000), Reference: "2450 inr"},
		"$24.50": {Amount: paylink.Money{Minor: 2450, Currency: "USD"}, Reference: "$24.50"}, "JPY 2450": {Amount: paylink.Money{Minor: 2450, Currency: "JPY"}, Reference: "JPY 2450"},
		"2450.123": {Reference: "2450.123", Words: "2450.123"}, "0": {Reference: "0", Words: "0"}, "order-1042": {Reference: "order-1042", Words: "order-1042"},
		"ABCDEFGHJK0123456789": {PaymentReference: "ABCDEFGHJK0123456789", Reference: "ABCDEFGHJK0123456789", Words: "ABCDEFGHJK0123456789"},
		"a b@c.d":              {Reference: "a b@c.d", Words: "a b@c.d"}, "50% off": {Reference: "50% off", Words: "50% off"},
	} {
		if got := (find.Finder{Ring: ring}).Read(paylink.Merchant{Country: "IN", Currency: "INR"}, text); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

// A code that somebody guessed must not be looked up: it is a text like any other.
func TestForeignCodeIsAWord(t *testing.T) {
	_, _, code, err := token.NewCode(ringOf(t, 7), 0, strings.NewReader("seven b"))
	if err != nil {
		t.Fatal(err)
	}
	if got := (find.Finder{Ring: ringOf(t, 8)}).Read(paylink.Merchant{}, code); got.Code.Is || got.Words != code {
		t.Errorf("%+v", got)
	}
}

func ringOf(t *testing.T, letter byte) *keyring.Ring {
	t.Helper()
	master := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{letter}, 32))
	ring, err := keyring.Parse([]byte("paylink-keyring 1\n0 " + master + " 2026-11-22 active\n"))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}
