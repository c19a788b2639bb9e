package httpwire_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"paylink/outbound"
	"paylink/provider"
	"paylink/provider/httpwire"
	"paylink/provider/providertest"
)

// api is of a provider that exists in these tests only.
var api = httpwire.API{
	Name: "acme",
	Read: func(body []byte) httpwire.Complaint {
		code, words, _ := strings.Cut(string(body), " ")
		return httpwire.Complaint{Code: code, Words: words}
	},
	Refused: map[string]httpwire.Refused{"busy": {Reason: provider.Throttled, Temporary: true}, "poor": {Reason: provider.OptedOut}},
	Status:  map[int]httpwire.Refused{http.StatusTeapot: {Reason: provider.Blocked}},
}

// An answer is judged otherwise than it means: a payment or a message is given up, or begun twice.
func TestAnswersAreJudged(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		wait   string
		want   string
		how    provider.Rejected
	}{
		"yes":                    {200, "well", "", "well", provider.Rejected{}},
		"yes without a word":     {204, "", "", "well", provider.Rejected{}},
		"3 MB of yes":            {200, strings.Repeat("x", 3<<20), "", "unknown", provider.Rejected{}},
		"elsewhere":              {302, "", "", "unknown", provider.Rejected{}},
		"too slow":               {408, "busy x", "", "unknown", provider.Rejected{}},
		"down":                   {503, "<html>busy</html>", "5", "unknown", provider.Rejected{}},
		"a code that passes":     {400, "busy for +919812345642", "30", "rejected for now", provider.Rejected{Code: "acme_busy", Reason: provider.Throttled, Temporary: true, Words: "for …", After: 30 * time.Second}},
		"a code we do not know":  {401, "who", "", "rejected", provider.Rejected{Code: "acme_who", Reason: provider.BadCredentials}},
		"a code that is none":    {422, "+919812345642 x", "", "rejected", provider.Rejected{Code: "http_422", Reason: provider.BadRequest, Words: "x"}},
		"no balance":             {402, "", "", "rejected", provider.Rejected{Code: "http_402", Reason: provider.NoBalance}},
		"a status of its own":    {418, "", "", "rejected", provider.Rejected{Code: "http_418", Reason: provider.Blocked}},
		"a code that is poor":    {403, "poor no +919812345642 here", "", "rejected", provider.Rejected{Code: "acme_poor", Reason: provider.OptedOut, Words: "no … here"}},
		"a wait that is none":    {429, "", "soon", "rejected for now", provider.Rejected{Code: "http_429", Reason: provider.Throttled, Temporary: true}},
		"a wait of less than no": {429, "", "-1", "rejected for now", provider.Rejected{Code: "http_429", Reason: provider.Throttled, Temporary: true}},
		"3 MB of no":             {400, "busy " + strings.Repeat("x", 3<<20), "", "rejected", provider.Rejected{Code: "http_400", Reason: provider.BadRequest}},
		"too often":              {429, "", "86400", "rejected for now", provider.Rejected{Code: "http_429", Reason: provider.Throttled, Temporary: true, After: time.Hour}},
		"a page of no":           {404, "<!doctype html> gone", "", "rejected", provider.Rejected{Code: "http_404", Reason: provider.BadRequest, Words: "html> gone"}},
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
		res, err := api.Do(t.Context(), client, httpwire.Call{Method: http.MethodPost, URL: far.Origin, Header: http.Header{}, Body: []byte("{}")})
		if got := providertest.Ending(err); got != c.want || c.want == "well" && string(res.Body) != c.body {
			t.Errorf("%s: ended %q with %.20q, want %q", name, got, res.Body, c.want)
		}
		var got *provider.Rejected
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
		`{"a":"1"}{}`: false, `{"a":"1"} x`: false, `{"a":"1"`: false, ``: false, `[]`: false, `null`: false, `"a"`: false, `{"b":{"x":1,"X":1}}`: false, `{"a":["1"]}`: false, "{\"a\":\"\xff\"}": false,
		strings.Repeat(`{"b":`, 20) + `1` + strings.Repeat(`}`, 20): false, `{"a":"` + strings.Repeat("x", httpwire.MaxBody) + `"}`: false,
	} {
		var v struct {
			A httpwire.Word `json:"a"`
			B any           `json:"b"`
		}
		if err := httpwire.Decode([]byte(body), &v); (err == nil) != want {
			t.Errorf("%.60q: %v, read should be %t", body, err, want)
		}
	}
	const form = "Application/X-WWW-Form-Urlencoded; charset=utf-8"
	posted := func(kind, body string) provider.Post {
		return provider.Post{URL: &url.URL{}, Header: http.Header{"Content-Type": {kind}}, Body: []byte(body)}
	}
	for body, want := range map[string]bool{
		"a=1&b=2": true, "": true, "a=1&a=2": false, "a=1&A=2": false, "a=%zz": false, "a=%ff": false, "a=1;b=2": false, "a=" + strings.Repeat("x", httpwire.MaxBody): false,
	} {
		if _, err := httpwire.Form(posted(form, body)); (err == nil) != want {
			t.Errorf("the form %.60q: %v, read should be %t", body, err, want)
		}
	}
	if _, err := httpwire.Form(posted("application/json", "a=1")); err == nil {
		t.Error("a form that says it is JSON is read")
	}
}

// A list is read as strictly as an object.
func TestListsAreRead(t *testing.T) {
	var v []struct {
		A httpwire.Word `json:"a"`
	}
	if err := httpwire.Decode([]byte(`[{"a":1},{"a":"2"}]`), &v); err != nil || len(v) != 2 || v[0].A != "1" || v[1].A != "2" {
		t.Errorf("the list is read as %v (%v)", v, err)
	}
	if err := httpwire.Decode([]byte(`[{"a":1,"A":2}]`), &v); err == nil {
		t.Error("a list with a key twice is read")
	}
}
