package webpush

import (
	"crypto/ecdh"
	"encoding/base64"
	"encoding/json"
	"testing"

	"paylink/channel/pushwire/pushtest"
)

// The example of RFC 8291, section 5 and appendix A.
const (
	rfcPublic  = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
	rfcPrivate = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
	rfcAuth    = "BTBZMqHH6r4Tts7J_aSIgg"
	rfcOwn     = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
	rfcSalt    = "DGv6ra1nlYgDCS1FRnbzlw"
	rfcPlain   = "When I grow up, I want to be a watermelon"
	rfcBody    = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_" +
		"yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)

func raw(t *testing.T, text string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// subscribed is a subscription at an endpoint, with the keys of RFC 8291.
func subscribed(endpoint string) string {
	text, _ := json.Marshal(map[string]any{"endpoint": endpoint, "expirationTime": nil, "keys": map[string]string{"p256dh": rfcPublic, "auth": rfcAuth}})
	return string(text)
}

// No browser can read what we send.
func TestBodyIsThatOfTheStandardsExample(t *testing.T) {
	sub, err := parse(subscribed("https://fcm.googleapis.com/fcm/send/1"), defaultServices)
	if err != nil {
		t.Fatal(err)
	}
	own, err := ecdh.P256().NewPrivateKey(raw(t, rfcOwn))
	if err != nil {
		t.Fatal(err)
	}
	body, err := encrypt([]byte(rfcPlain), sub, own, raw(t, rfcSalt))
	if err != nil || base64.RawURLEncoding.EncodeToString(body) != rfcBody {
		t.Errorf("encrypted (%v) to %x", err, body)
	}
	if got := pushtest.Decrypt(t, body, raw(t, rfcPrivate), raw(t, rfcAuth)); got != rfcPlain {
		t.Errorf("http_ece reads %q", got)
	}
	longest, err := encrypt(make([]byte, mostPlain), sub, own, raw(t, rfcSalt))
	if err != nil || len(longest) != recordSize {
		t.Errorf("the longest notification makes %d bytes (%v)", len(longest), err)
	}
}

// A merchant brings no key, and gets one that signs nothing, or the same as everybody.
func TestKeyThatIsMadeSignsAndIsItsOwn(t *testing.T) {
	first, err := New(nil).Mint()
	if err != nil {
		t.Fatal(err)
	}
	second, _ := New(nil).Mint()
	if public, err := PublicKey(first); err != nil || len(public) != 87 || first == second || len(first) != 43 {
		t.Errorf("two keys %d and %d long, with the public half %q (%v)", len(first), len(second), public, err)
	}
}
