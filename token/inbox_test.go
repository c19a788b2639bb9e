package token

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"paylink"
)

// A stranger writes a token of his own, or one customer's token opens another's inbox, or an old one opens it
// for ever.
func TestInboxTokenSaysWhoseInboxUntilItsEnd(t *testing.T) {
	ring := fixedRing(t)
	claims := Inbox{Merchant: "mer_1", Live: true, Customer: "cust_1", Generation: 3, ExpiresAt: noon.Add(time.Hour)}
	text, err := SignInbox(ring, claims)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ReadInbox(ring, text, noon); err != nil || got != claims {
		t.Errorf("read %+v (%v)", got, err)
	}
	if again, _ := SignInbox(ring, claims); again == text {
		t.Error("two tokens are the same")
	}
	if was, err := ReadInbox(ring, text, claims.ExpiresAt); !errors.Is(err, ErrExpired) || was != claims {
		t.Errorf("at its end it gives %v", err)
	}
	for i := range len(text) {
		forged := []byte(text)
		forged[i] ^= 1
		if _, err := ReadInbox(ring, string(forged), noon); !errors.Is(err, ErrForged) {
			t.Fatalf("with character %d changed it gives %v", i, err)
		}
	}
	for _, other := range []string{"", InboxPrefix, strings.TrimPrefix(text, InboxPrefix), text + "=", "sk_test_" + text} {
		if _, err := ReadInbox(ring, other, noon); !errors.Is(err, ErrForged) {
			t.Errorf("%q gives %v", other, err)
		}
	}
	link, err := SignProven(ring, Proven{Link: "plink_1", ExpiresAt: noon.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadInbox(ring, InboxPrefix+link, noon); !errors.Is(err, ErrForged) {
		t.Errorf("a token for something else gives %v", err)
	}
	if _, err := SignInbox(ring, Inbox{Merchant: "mer_1"}); err == nil {
		t.Error("a token for nobody is signed")
	}
}

// A key is rotated, and every device is there twice; or what is kept of a device can be read in the database.
func TestDeviceIsFoundUnderEveryKeyOfTheRing(t *testing.T) {
	before := fixedRing(t)
	entered, err := DeviceKeys(before, "mer_1", true, paylink.DeviceFCM, "token-canary")
	if err != nil {
		t.Fatal(err)
	}
	after, err := before.Rotate(bytes.NewReader(make([]byte, 64)), noon)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := DeviceKeys(after, "mer_1", true, paylink.DeviceFCM, "token-canary")
	if err != nil || len(keys) != len(after.Slots()) || keys[0][0] != byte(after.Active()) || bytes.Equal(keys[0], entered[0]) {
		t.Errorf("the keys are %x (%v)", keys, err)
	}
	found := 0
	for _, key := range keys {
		if bytes.Equal(key, entered[0]) {
			found++
		}
	}
	if found != 1 {
		t.Errorf("the device %x is %d times among %x", entered[0], found, keys)
	}
	other, _ := DeviceKeys(before, "mer_1", false, paylink.DeviceFCM, "token-canary")
	if bytes.Equal(other[0], entered[0]) {
		t.Error("both worlds know a device by one key")
	}
	d := paylink.Device{ID: "dev_1", Sealed: SealDevice(before, "dev_1", "token-canary")}
	if said, err := OpenDevice(after, d); err != nil || said != "token-canary" || bytes.Contains(d.Sealed, []byte("canary")) {
		t.Errorf("opened %q (%v)", said, err)
	}
	d.ID = "dev_2"
	if _, err := OpenDevice(after, d); err == nil {
		t.Error("what was sealed for one device opens for another")
	}
}
