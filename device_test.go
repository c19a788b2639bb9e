package paylink_test

import (
	"strings"
	"testing"

	"paylink"
)

// The example of RFC 8291.
const (
	p256dh = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
	auth   = "BTBZMqHH6r4Tts7J_aSIgg"
)

// What no push service knows is kept and called for ever, or one device is told everything twice because it
// spelled its address in two ways.
func TestDeviceIsKnownByWhatTellsItFromOthers(t *testing.T) {
	sub := `{"endpoint":"https://push.example/1","expirationTime":null,"keys":{"p256dh":"` + p256dh + `","auth":"` + auth + `"}}`
	token, identity, ok := paylink.DeviceToken(paylink.DeviceWebPush, " "+sub+"\n")
	again, _, _ := paylink.DeviceToken(paylink.DeviceWebPush, strings.Replace(sub, `"expirationTime":null,`, "", 1))
	if !ok || identity != "https://push.example/1" || token != again || strings.Contains(token, "expiration") {
		t.Errorf("a subscription is %q, known by %q (%t)", token, identity, ok)
	}
	hexadecimal := strings.Repeat("aB", 32)
	if token, _, ok := paylink.DeviceToken(paylink.DeviceAPNs, hexadecimal); !ok || token != strings.ToLower(hexadecimal) {
		t.Errorf("an APNs token is %q (%t)", token, ok)
	}
	for _, bad := range []struct {
		kind paylink.DeviceKind
		said string
	}{
		{"sms", sub}, {paylink.DeviceFCM, "short"}, {paylink.DeviceFCM, strings.Repeat("a", 30) + " " + "b"}, {paylink.DeviceAPNs, strings.Repeat("x", 64)},
		{paylink.DeviceWebPush, "{}"}, {paylink.DeviceWebPush, strings.Replace(sub, "https", "http", 1)},
		{paylink.DeviceWebPush, strings.Replace(sub, p256dh, auth, 1)}, {paylink.DeviceWebPush, strings.Replace(sub, auth, "!", 1)},
		{paylink.DeviceWebPush, strings.Replace(sub, "push.example", "me@push.example", 1)}, {paylink.DeviceWebPush, sub + strings.Repeat(" ", 1) + "x"},
	} {
		if _, _, ok := paylink.DeviceToken(bad.kind, bad.said); ok {
			t.Errorf("%s takes %q", bad.kind, bad.said)
		}
	}
}
