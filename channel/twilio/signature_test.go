package twilio_test

import (
	"strings"
	"testing"
	"time"

	official "github.com/twilio/twilio-go/client"

	"paylink/channel"
	"paylink/channel/carrierwire/carriertest"
	"paylink/channel/twilio"
)

// posted is a request to the door as Twilio makes it.
func posted(address, kind, body, signature string) channel.Post {
	p := carriertest.Posted(address, kind, body)
	p.Header.Set("X-Twilio-Signature", signature)
	return p
}

const (
	formType = "application/x-www-form-urlencoded"
	vector   = "https://mycompany.com/myapp.php?foo=1&bar=2"
	hashed   = vector + "&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
	callForm = "Digits=1234&CallSid=CA1234567890ABCDE&To=%2B18005551212&Caller=%2B14158675309&From=%2B14158675309&ReasonConferenceEnded=test&Reason=Participant"
	jsonBody = `{"property": "value", "boolean": true}`
)

// Twilio's own receipts are refused, or somebody else's are believed.
func TestSignaturesAreThoseThatTwilioPublished(t *testing.T) {
	for _, c := range []struct {
		name, address, kind, body, signature string
		want                                 bool
	}{
		{"a form", vector, formType, callForm, "vOEb5UThFn24KEfnOFLQY2AE5FY=", true},
		{"fields sorted wrongly", vector, formType, callForm, "95+Bu0JVPi0r/SsESZCVf0dWAjw=", false},
		{"the address with its port", strings.Replace(vector, ".com", ".com:443", 1), formType, callForm, "vOEb5UThFn24KEfnOFLQY2AE5FY=", true},
		{"another port", strings.Replace(vector, ".com", ".com:8443", 1), formType, callForm, "vOEb5UThFn24KEfnOFLQY2AE5FY=", false},
		{"another scheme", strings.Replace(vector, "https", "http", 1), formType, callForm, "vOEb5UThFn24KEfnOFLQY2AE5FY=", false},
		{"http", strings.Replace(vector, "https", "http", 1), formType, callForm, "n2xBNyzSW7rfYStDtOFiFMv7qNo=", true},
		{"a short form", vector, formType, "property=value&boolean=true", "NBdBDr/T/lgjI+tlgpXjKZQZs/k=", true},
		{"JSON by its hash", hashed, "application/json", jsonBody, "a9nBmqA0ju/hNViExpshrM61xv4=", true},
		{"another body under the hash", hashed, "application/json", jsonBody + " ", "a9nBmqA0ju/hNViExpshrM61xv4=", false},
		{"JSON without a hash", vector, "application/json", jsonBody, "a9nBmqA0ju/hNViExpshrM61xv4=", false},
		{"a field twice", vector, formType, callForm + "&Digits=1234", "vOEb5UThFn24KEfnOFLQY2AE5FY=", false},
	} {
		a := channel.Account{Secret: "12345"}
		if err := twilio.New(nil).Verify(a, posted(c.address, c.kind, c.body, c.signature), time.Time{}); (err == nil) != c.want {
			t.Errorf("%s: %v, believed should be %t", c.name, err, c.want)
		}
	}
}

// The adapter and Twilio's own library judge a receipt differently.
func TestTwiliosOwnLibraryBelievesTheSame(t *testing.T) {
	const token = "12345678901234567890123456789012"
	validator := official.NewRequestValidator(token)
	for _, address := range []string{vector, "https://pay.example/inbound/channel/twilio/acct_1?message=msg_1", "http://127.0.0.1:8080/x", "https://pay.example:443/x"} {
		for _, body := range []string{callForm, "a=1&B=2&b=3", "Body=%E2%82%B9+2%2C450&From=%2B1", "", "empty=&x=y"} {
			for _, signed := range []string{sign(token, address, body), sign(token+"0", address, body), sign(token, address+"0", body), "", "AAAA"} {
				theirs := validator.ValidateBody(address, []byte(body), signed)
				ours := twilio.New(nil).Verify(channel.Account{Secret: token}, posted(address, formType, body, signed), time.Time{}) == nil
				if ours != theirs {
					t.Errorf("%s with %q under %q: believed %t, by Twilio's library %t", address, body, signed, ours, theirs)
				}
			}
		}
	}
}
