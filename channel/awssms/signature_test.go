package awssms

import (
	"strings"
	"testing"
	"time"
)

// A call is signed in a way of our own, and AWS refuses every message. The first four are from AWS's published
// test suite and its guide to Signature Version 4; the last was made by the signer of its SDK for Go 1.47.7.
func TestSignaturesAreThoseThatAWSPublished(t *testing.T) {
	at := time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
	const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	for _, c := range []struct {
		name, region, service string
		request               request
		want                  string
	}{
		{"get-vanilla", "us-east-1", "service", request{method: "GET", address: "https://example.amazonaws.com/"}, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"post-vanilla", "us-east-1", "service", request{method: "POST", address: "https://example.amazonaws.com"}, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
		{"post-x-www-form-urlencoded", "us-east-1", "service", request{
			method: "POST", address: "https://example.amazonaws.com/", body: []byte("Param1=value1"),
			header: map[string]string{"content-type": "application/x-www-form-urlencoded"},
		}, "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
		{"ListUsers", "us-east-1", "iam", request{
			method: "GET", address: "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
			header: map[string]string{"content-type": "application/x-www-form-urlencoded; charset=utf-8"},
		}, "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"},
		{"SendTextMessage by the SDK", "ap-south-1", "sms-voice", request{
			method: "POST", address: "https://sms-voice.ap-south-1.amazonaws.com/", body: []byte(`{"DestinationPhoneNumber":"+919812345642","MessageBody":"Acme"}`),
			header: map[string]string{"content-type": "application/x-amz-json-1.0", "x-amz-target": "PinpointSMSVoiceV2.SendTextMessage"},
		}, "a544401755998099bb332dee2b7c640b56193f7022aba687d6729047a06a7708"},
	} {
		c.request.at = at
		header, err := c.request.signed(key{"AKIDEXAMPLE", secret, c.region, c.service})
		_, got, _ := strings.Cut(header.Get("Authorization"), "Signature=")
		if err != nil || got != c.want || header.Get("X-Amz-Date") != "20150830T123600Z" {
			t.Errorf("%s: %s (%v), want %s", c.name, header.Get("Authorization"), err, c.want)
		}
	}
}
