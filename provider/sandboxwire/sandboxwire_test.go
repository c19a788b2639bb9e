package sandboxwire_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"paylink/provider"
	"paylink/provider/sandboxwire"
)

// The numbers were computed by openssl from the wire's description:
//
//	printf 'mer_1.acct_1' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
//	printf '1763805600.{"id":"sbx_ntc_1"}' | openssl dgst -sha256 -hmac SECRET
const (
	secret    = "4e15afa17ea43b459a2ead68aaa26c02ed64fb9dbcead86d1cbeb4bfdf5d7e84"
	signature = "9f646db8044e5be6a184bac9889add9540e11dcb1f42a613b69e5cf534411643"
)

// The two sides derive different passwords, or sign differently, and nothing works or everything
// does.
func TestSecretAndSignatureAreThoseOfTheWire(t *testing.T) {
	a := provider.Account{ID: "acct_1", Merchant: "mer_1"}
	a.Secret = sandboxwire.Secret([]byte("0123456789abcdef0123456789abcdef"), a)
	if a.Secret != secret {
		t.Errorf("the secret is %s, want %s", a.Secret, secret)
	}
	h := http.Header{"Sandbox-Signature": {"t=1763805600,v1=" + signature}}
	if err := sandboxwire.Verify(a, h, []byte(`{"id":"sbx_ntc_1"}`), time.Unix(1763805600, 0)); err != nil {
		t.Errorf("the vector: %v", err)
	}
}

// Two spellings of one signature let somebody slip a second one past whoever looks for replays.
func TestSignatureHasOneSpelling(t *testing.T) {
	a := provider.Account{ID: "acct_1", Merchant: "mer_1", Secret: secret}
	for name, value := range map[string]string{
		"capitals":          "t=1763805600,v1=" + strings.ToUpper(signature),
		"a blank":           "t=1763805600, v1=" + signature,
		"blanks around":     " t=1763805600,v1=" + signature + " ",
		"swapped":           "v1=" + signature + ",t=1763805600",
		"a leading zero":    "t=01763805600,v1=" + signature,
		"a plus":            "t=+1763805600,v1=" + signature,
		"a minus":           "t=-1763805600,v1=" + signature,
		"no time":           "t=,v1=" + signature,
		"a time too long":   "t=1763805600000000000000,v1=" + signature,
		"a hex time":        "t=0x6921a1e0,v1=" + signature,
		"a second v1":       "t=1763805600,v1=" + signature + ",v1=" + signature,
		"a v0 before":       "t=1763805600,v0=00,v1=" + signature,
		"something after":   "t=1763805600,v1=" + signature + ",",
		"no hex":            "t=1763805600,v1=" + strings.Repeat("zz", 32),
		"base64":            "t=1763805600,v1=q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=",
		"no signature":      "t=1763805600,v1=",
		"a shorter one":     "t=1763805600,v1=" + signature[:62],
		"only the hex":      signature,
		"another version":   "t=1763805600,v2=" + signature,
		"an upper-case tag": "T=1763805600,V1=" + signature,
	} {
		h := http.Header{"Sandbox-Signature": {value}}
		if err := sandboxwire.Verify(a, h, []byte(`{"id":"sbx_ntc_1"}`), time.Unix(1763805600, 0)); err == nil {
			t.Errorf("with %s it is believed: %q", name, value)
		}
	}
}

// A notice says two things at once, and which one counts is chance.
func TestDecodeReadsOneObjectThatSaysOneThing(t *testing.T) {
	type small struct {
		Amount int64 `json:"amount"`
		Inner  struct {
			Text string `json:"text"`
		} `json:"inner"`
	}
	for _, c := range []struct {
		name, body string
		good       bool
	}{
		{"plain", `{"amount":5,"inner":{"text":"é"}}`, true},
		{"unknown keys", ` {"more":[1,{"x":null}],"amount":5,"inner":{"text":"é"}}` + "\n", true},
		{"the same key in two objects", `{"amount":5,"other":{"amount":6},"inner":{"text":"é","amount":7}}`, true},
		{"duplicate key", `{"amount":5,"amount":5}`, false},
		{"duplicate key inside", `{"inner":{"text":"a","text":"b"}}`, false},
		{"duplicate key in a list", `{"list":[{"a":1,"a":2}]}`, false},
		{"duplicate of an unknown key", `{"x":5,"x":5}`, false},
		{"duplicate key by escape", `{"amount":5,"am\u006funt":6}`, false},
		{"capitals", `{"Amount":5}`, false},
		{"capitals beside", `{"amount":5,"AMOUNT":6}`, false},
		{"long s, which folds to s", `{"ſ":5}`, false},
		{"an empty key", `{"":5}`, false},
		{"a fraction", `{"amount":5.5}`, false},
		{"a whole float", `{"amount":5.0}`, false},
		{"an exponent", `{"amount":5e0}`, false},
		{"text", `{"amount":"5"}`, false},
		{"beyond int64", `{"amount":9223372036854775808}`, false},
		{"a comma too many", `{"amount":5,}`, false},
		{"a comma missing", `{"amount":5 "b":6}`, false},
		{"a colon missing", `{"amount" 5}`, false},
		{"a comment", `{"amount":5/**/}`, false},
		{"a second object", `{"amount":5}{"amount":6}`, false},
		{"text behind", `{"amount":5}x`, false},
		{"a byte order mark", "\xef\xbb\xbf" + `{"amount":5}`, false},
		{"broken UTF-8", "{\"inner\":{\"text\":\"\xff\"}}", false},
		{"an array", `[{"amount":5}]`, false},
		{"null", `null`, false},
		{"eight deep", `{"x":` + strings.Repeat("[", 7) + strings.Repeat("]", 7) + `,"amount":5,"inner":{"text":"é"}}`, true},
		{"nine deep", `{"x":` + strings.Repeat("[", 8) + strings.Repeat("]", 8) + `}`, false},
		{"largest", `{"amount":5,"inner":{"text":"é"}}` + strings.Repeat(" ", sandboxwire.MaxBody-34), true},
		{"too large", `{"amount":5,"inner":{"text":"é"}}` + strings.Repeat(" ", sandboxwire.MaxBody-33), false},
	} {
		var v small
		err := sandboxwire.Decode([]byte(c.body), &v)
		if (err == nil) != c.good {
			t.Errorf("%s: %v, want it read: %t", c.name, err, c.good)
		}
		if c.good && (v.Amount != 5 || v.Inner.Text != "é") {
			t.Errorf("%s: read as %+v", c.name, v)
		}
	}
}
