package carrierwire_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"paylink/channel"
	"paylink/channel/carrierwire"
	"paylink/channel/carrierwire/carriertest"
	"paylink/provider"
	"paylink/provider/providertest"
)

// carrier is one that exists in these tests only.
var carrier = carrierwire.Carrier{
	Name: "acme",
	Read: func(body []byte) carrierwire.Complaint {
		code, words, _ := strings.Cut(string(body), " ")
		return carrierwire.Complaint{Code: code, Words: words}
	},
	Refused: map[string]carrierwire.Refused{"7": {Reason: provider.OptedOut}, "9": {Reason: provider.Throttled, Temporary: true}},
}

// An answer is judged otherwise than it means: a message is given up, or sent twice.
func TestAnswersAreJudged(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		wait   string
		want   string
		how    channel.Rejected
	}{
		"yes":                    {200, "well", "", "well", channel.Rejected{}},
		"yes without a word":     {204, "", "", "well", channel.Rejected{}},
		"3 MB of yes":            {200, strings.Repeat("x", 3<<20), "", "unknown", channel.Rejected{}},
		"elsewhere":              {302, "", "", "unknown", channel.Rejected{}},
		"too slow":               {408, "7 x", "", "unknown", channel.Rejected{}},
		"down":                   {503, "7 x", "5", "unknown", channel.Rejected{}},
		"a code we know":         {400, "7 no +919812345642 here", "", "rejected", channel.Rejected{Code: "acme_7", Reason: provider.OptedOut, Words: "no … here"}},
		"a code that passes":     {403, "9 later", "30", "rejected for now", channel.Rejected{Code: "acme_9", Reason: provider.Throttled, Temporary: true, Words: "later", After: 30 * time.Second}},
		"a code we do not know":  {401, "8 who", "", "rejected", channel.Rejected{Code: "acme_8", Reason: provider.BadCredentials, Words: "who"}},
		"a code that is none":    {422, "+919812345642 x", "", "rejected", channel.Rejected{Code: "http_422", Reason: provider.BadRequest, Words: "x"}},
		"no balance":             {402, "", "", "rejected", channel.Rejected{Code: "http_402", Reason: provider.NoBalance}},
		"a long wait":            {429, "", "86400", "rejected for now", channel.Rejected{Code: "http_429", Reason: provider.Throttled, Temporary: true, After: time.Hour}},
		"a wait that is none":    {429, "", "soon", "rejected for now", channel.Rejected{Code: "http_429", Reason: provider.Throttled, Temporary: true}},
		"a wait of less than no": {429, "", "-1", "rejected for now", channel.Rejected{Code: "http_429", Reason: provider.Throttled, Temporary: true}},
		"3 MB of no":             {400, "7 " + strings.Repeat("x", 3<<20), "", "rejected", channel.Rejected{Code: "http_400", Reason: provider.BadRequest}},
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
		body, err := carrier.Do(t.Context(), carriertest.Client(t), carrierwire.Call{Method: http.MethodPost, URL: far.Origin, Header: http.Header{}, Body: []byte("{}")})
		if got := providertest.Ending(err); got != c.want || c.want == "well" && string(body) != c.body {
			t.Errorf("%s: ended %q with %.20q, want %q", name, got, body, c.want)
		}
		if got := carriertest.Rejected(err); got != nil && *got != c.how {
			t.Errorf("%s: %+v, want %+v", name, *got, c.how)
		}
	}
}

// A body says two things at once, and the one that counts is chosen by chance.
func TestBodiesSayOneThing(t *testing.T) {
	for body, want := range map[string]bool{
		`{"a":"1","b":{"a":2}}`: true, ` {"a":"1"} `: true, `{}`: true,
		`{"a":"1","a":"2"}`: false, `{"a":"1","A":"2"}`: false, `{"b":{"x":1,"X":1}}`: false, `{"b":[{"x":1,"x":1}]}`: false,
		`{"a":"1"}{}`: false, `{"a":"1"} x`: false, `{"a":"1"`: false, ``: false, `{"a":["1"]}`: false, "{\"a\":\"\xff\"}": false,
		strings.Repeat(`{"b":`, 20) + `1` + strings.Repeat(`}`, 20): false, `{"a":"` + strings.Repeat("x", carrierwire.MaxPost) + `"}`: false,
	} {
		var v struct {
			A carrierwire.Word `json:"a"`
			B any              `json:"b"`
		}
		if err := carrierwire.Decode([]byte(body), &v); (err == nil) != want {
			t.Errorf("%.60q: %v, read should be %t", body, err, want)
		}
	}
	for body, want := range map[string]bool{
		"a=1&b=2": true, "": true, "a=1&a=2": false, "a=1&A=2": false, "a=%zz": false, "a=%ff": false, "a=1;b=2": false, "a=" + strings.Repeat("x", carrierwire.MaxPost): false,
	} {
		if _, err := carrierwire.Form(carriertest.Posted("https://pay.example/", "Application/X-WWW-Form-Urlencoded; charset=utf-8", body)); (err == nil) != want {
			t.Errorf("the form %.60q: %v, read should be %t", body, err, want)
		}
	}
	if _, err := carrierwire.Form(carriertest.Posted("https://pay.example/", "application/json", "a=1")); err == nil {
		t.Error("a form that says it is JSON is read")
	}
}

// A letter's time is over before it starts, or the provider keeps trying for a link that is dead.
func TestSecondsOfALetter(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for until, want := range map[time.Time]int64{
		{}: 0, at.Add(-time.Hour): 60, at.Add(time.Second): 60, at.Add(5 * time.Minute): 300, at.Add(time.Hour): 0, at.Add(time.Hour - time.Second): 3599,
	} {
		if got := carrierwire.Seconds(channel.Letter{At: at, Until: until}, 60, 3600); got != want {
			t.Errorf("until %v: %d s, want %d", until, got, want)
		}
	}
}

// The address names a message of somebody else's, or two.
func TestMessageOfAnAddress(t *testing.T) {
	const id = "msg_00000000000000000000000000"
	for query, want := range map[string]string{
		"": "", "?x=1": "", "?message=" + id: id, "?message=": "refused", "?message=pay_00000000000000000000000000": "refused", "?message=" + id + "&message=" + id: "refused",
	} {
		got, err := carrierwire.Message(carriertest.Posted("https://pay.example/"+query, "", ""))
		if (err != nil) != (want == "refused") || err == nil && string(got) != want {
			t.Errorf("%s: %q, %v, want %q", query, got, err, want)
		}
	}
}
