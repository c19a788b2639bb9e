package paywire_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/outbound"
	"paylink/provider"
	"paylink/provider/providertest"
)

// wire is of a gateway that exists in these tests only.
var wire = paywire.Wire{
	Name: "acme",
	Read: func(body []byte) paywire.Complaint {
		code, words, _ := strings.Cut(string(body), " ")
		return paywire.Complaint{Code: code, Words: words}
	},
	Refused: map[string]paywire.Refused{"busy": {Reason: provider.Throttled, Temporary: true}},
}

// An answer is judged otherwise than it means: a payment is given up, or begun twice.
func TestAnswersAreJudged(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		wait   string
		want   string
		how    gateway.Rejected
	}{
		"yes":                   {200, "well", "", "well", gateway.Rejected{}},
		"yes without a word":    {204, "", "", "well", gateway.Rejected{}},
		"3 MB of yes":           {200, strings.Repeat("x", 3<<20), "", "unknown", gateway.Rejected{}},
		"elsewhere":             {302, "", "", "unknown", gateway.Rejected{}},
		"too slow":              {408, "busy x", "", "unknown", gateway.Rejected{}},
		"down":                  {503, "<html>busy</html>", "5", "unknown", gateway.Rejected{}},
		"a code that passes":    {400, "busy for +919812345642", "30", "rejected for now", gateway.Rejected{Code: "acme_busy", Reason: provider.Throttled, Temporary: true, Words: "for …", After: 30 * time.Second}},
		"a code we do not know": {401, "who", "", "rejected", gateway.Rejected{Code: "acme_who", Reason: provider.BadCredentials}},
		"a code that is none":   {422, "+919812345642 x", "", "rejected", gateway.Rejected{Code: "http_422", Reason: provider.BadRequest, Words: "x"}},
		"too often":             {429, "", "86400", "rejected for now", gateway.Rejected{Code: "http_429", Reason: provider.Throttled, Temporary: true, After: time.Hour}},
		"a page of no":          {404, "<!doctype html> gone", "", "rejected", gateway.Rejected{Code: "http_404", Reason: provider.BadRequest, Words: "html> gone"}},
	} {
		far := providertest.Serve(t, func(*providertest.Far) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if c.wait != "" {
					w.Header().Set("Retry-After", c.wait)
				}
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			})
		})
		client := outbound.New(outbound.Options{AllowLoopback: true})
		t.Cleanup(client.Close)
		res, err := wire.Do(t.Context(), client, paywire.Call{Method: http.MethodPost, URL: far.Origin, Header: http.Header{}, Body: []byte("{}")})
		if got := providertest.Ending(err); got != c.want || c.want == "well" && string(res.Body) != c.body {
			t.Errorf("%s: ended %q with %.20q, want %q", name, got, res.Body, c.want)
		}
		var got *gateway.Rejected
		if errors.As(err, &got) && *got != c.how {
			t.Errorf("%s: %+v, want %+v", name, *got, c.how)
		}
	}
}

// A body says two things at once, and the one that counts is chosen by chance.
func TestBodiesSayOneThing(t *testing.T) {
	for body, want := range map[string]bool{
		`{"a":"1","b":{"a":2}}`: true, ` {"a":"1"} `: true, `{}`: true, `{"a":17}`: true, `{"a":null}`: true, `{"b":{"ключ":1}}`: true,
		`{"a":"1","a":"2"}`: false, `{"a":"1","A":"2"}`: false, `{"b":{"k":1,"` + "\u212a" + `":1}}`: false, `{"b":[{"x":1,"x":1}]}`: false,
		`{"a":"1"}{}`: false, `{"a":"1"} x`: false, `{"a":"1"`: false, ``: false, `[]`: false, `{"a":["1"]}`: false, "{\"a\":\"\xff\"}": false,
		strings.Repeat(`{"b":`, 20) + `1` + strings.Repeat(`}`, 20): false, `{"a":"` + strings.Repeat("x", paywire.MaxBody) + `"}`: false,
	} {
		var v struct {
			A paywire.Word `json:"a"`
			B any          `json:"b"`
		}
		if err := paywire.Decode([]byte(body), &v); (err == nil) != want {
			t.Errorf("%.60q: %v, read should be %t", body, err, want)
		}
	}
	const form = "Application/X-WWW-Form-Urlencoded; charset=utf-8"
	posted := func(kind, body string) gateway.Post {
		return gateway.Post{URL: &url.URL{}, Header: http.Header{"Content-Type": {kind}}, Body: []byte(body)}
	}
	for body, want := range map[string]bool{
		"a=1&b=2": true, "": true, "a=1&a=2": false, "a=1&A=2": false, "a=%zz": false, "a=%ff": false, "a=1;b=2": false, "a=" + strings.Repeat("x", paywire.MaxBody): false,
	} {
		if _, err := paywire.Form(posted(form, body)); (err == nil) != want {
			t.Errorf("the form %.60q: %v, read should be %t", body, err, want)
		}
	}
	if _, err := paywire.Form(posted("application/json", "a=1")); err == nil {
		t.Error("a form that says it is JSON is read")
	}
}

// An amount passes through a float, loses its last digit, or a crafted one becomes another.
func TestDecimalAmountsAreReadExactly(t *testing.T) {
	for _, c := range []struct {
		text     string
		currency paylink.Currency
		want     int64 // -1: refused
	}{
		{"499", "INR", 49900}, {"499.0", "INR", 49900}, {"499.00", "INR", 49900}, {"499.000000", "INR", 49900}, {"0.01", "INR", 1}, {"0", "INR", 0},
		{"9007199254740993.00", "INR", -1}, {"90071992.93", "INR", 9007199293}, {"10000000000.00", "INR", 1_000_000_000_000}, {"10000000000.01", "INR", -1},
		{"500", "JPY", 500}, {"500.0", "JPY", 500}, {"1.25", "KWD", 1250}, {"1.2505", "KWD", -1},
		{"4.995", "INR", -1}, {"", "INR", -1}, {".5", "INR", -1}, {"5.", "INR", -1}, {"-5", "INR", -1}, {"+5", "INR", -1}, {"1e3", "INR", -1},
		{"1,000.00", "INR", -1}, {" 5", "INR", -1}, {"5.0.0", "INR", -1}, {"5.-1", "INR", -1}, {"٥", "INR", -1}, {"5", "XXX", -1},
	} {
		got, err := paywire.ParseDecimal(c.text, c.currency)
		if (err != nil) != (c.want < 0) || err == nil && (got.Minor != c.want || got.Currency != c.currency) {
			t.Errorf("%q %s is %v (%v), want %d", c.text, c.currency, got, err, c.want)
		}
	}
}
