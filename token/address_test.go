package token

import (
	"bytes"
	"reflect"
	"testing"

	"paylink"
)

// A key is rotated, and everybody who said no gets messages again.
func TestAddressIsFoundUnderEveryKeyOfTheRing(t *testing.T) {
	before := fixedRing(t)
	entered, err := AddressKey(before, "mer_1", true, paylink.ChannelEmail, "asha@example.com")
	if err != nil {
		t.Fatal(err)
	}
	after, err := before.Rotate(bytes.NewReader(make([]byte, 64)), noon)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := AddressKeys(after, "mer_1", true, paylink.ChannelEmail, " Asha@Example.COM")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, key := range keys {
		if bytes.Equal(key, entered) {
			found++
		}
	}
	if found != 1 || len(keys) != len(after.Slots()) {
		t.Errorf("the entry %x is %d times among %x", entered, found, keys)
	}
}

// Two merchants compare their lists and learn whom they share; or a no in test mode silences the live one.
func TestAddressKeysDifferByMerchantModeAndChannel(t *testing.T) {
	ring, seen := fixedRing(t), map[string]bool{}
	for _, c := range []struct {
		merchant paylink.MerchantID
		live     bool
		channel  paylink.Channel
		address  string
	}{
		{"mer_1", true, paylink.ChannelSMS, "+919812345642"}, {"mer_2", true, paylink.ChannelSMS, "+919812345642"},
		{"mer_1", false, paylink.ChannelSMS, "+919812345642"}, {"mer_1", true, paylink.ChannelWhatsApp, "+919812345642"},
		{"mer_1", true, paylink.ChannelSMS, "+919812345643"},
	} {
		key, err := AddressKey(ring, c.merchant, c.live, c.channel, c.address)
		if err != nil || len(key) != 17 || seen[string(key)] {
			t.Errorf("%+v: key %x again, or error %v", c, key, err)
		}
		seen[string(key)] = true
	}
}

// A stranger unsubscribes whom he likes, by writing the token himself.
func TestUnsubscribeTokenIsOnlyOurs(t *testing.T) {
	ring := fixedRing(t)
	key, err := AddressKey(ring, "mer_1", true, paylink.ChannelEmail, "asha@example.com")
	if err != nil {
		t.Fatal(err)
	}
	want := Unsubscribe{Merchant: "mer_1", Live: true, Channel: paylink.ChannelEmail, Address: key, Message: "msg_1"}
	text, err := SignUnsubscribe(ring, want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadUnsubscribe(ring, text)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v (%v), want %+v", got, err, want)
	}
	for i := range len(text) {
		changed := []byte(text)
		changed[i] ^= 1
		if _, err := ReadUnsubscribe(ring, string(changed)); err != ErrForged {
			t.Errorf("changed at %d: %v", i, err)
		}
		if _, err := ReadUnsubscribe(ring, text[:i]); err != ErrForged {
			t.Errorf("cut at %d: %v", i, err)
		}
	}
}
