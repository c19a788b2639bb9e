package carrierwire_test

import (
	"testing"
	"time"

	"paylink/channel"
	"paylink/channel/carrierwire"
	"paylink/channel/carrierwire/carriertest"
)

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
