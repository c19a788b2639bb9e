package providertest

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"paylink/provider"
)

// Calling checks that call, which makes one fresh call to f by the adapter, tells how calls end. A
// wrong answer costs money or a message: what is thought not sent is sent again, what is thought
// refused is given up.
func Calling(t *testing.T, f *Far, a provider.Account, call func(context.Context, provider.Account) error) {
	t.Helper()
	for _, c := range []struct {
		status int
		want   string
	}{
		{http.StatusBadRequest, "rejected"},
		{http.StatusForbidden, "rejected"},
		{http.StatusNotFound, "rejected"}, // a bare one: a wrong address, not "no such order"
		{http.StatusUnprocessableEntity, "rejected"},
		{http.StatusTooManyRequests, "rejected for now"},
		{http.StatusFound, "unknown"},
		{http.StatusOK, "unknown"}, // with no body: who knows what answered
		{http.StatusInternalServerError, "unknown"},
		{http.StatusBadGateway, "unknown"},
		{http.StatusServiceUnavailable, "unknown"},
		{http.StatusGatewayTimeout, "unknown"},
	} {
		f.Break(c.status)
		if got := Ending(call(t.Context(), a)); got != c.want {
			t.Errorf("a call answered with a bare %d ended %q, want %q", c.status, got, c.want)
		}
	}

	f.Hang()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if got := Ending(call(ctx, a)); got != "unknown" {
		t.Errorf("a call cut by its deadline after it was sent ended %q, want unknown", got)
	}
	f.Break(0)

	over, cancel := context.WithCancel(t.Context())
	cancel()
	if got := Ending(call(over, a)); got != "not sent" {
		t.Errorf("a call with a context that was over before ended %q, want not sent", got)
	}
	nobody := a
	nobody.BaseURL = "http://127.0.0.1:1" // tcpmux: nothing listens there
	if got := Ending(call(t.Context(), nobody)); got != "not sent" {
		t.Errorf("a call to a port that nobody listens on ended %q, want not sent", got)
	}
	stranger := a
	stranger.Secret = "0000000000000000000000000000000000000000000000000000000000000000"
	stranger.Fields = map[string]string{}
	for name := range a.Fields {
		stranger.Fields[name] = stranger.Secret
	}
	if got := Ending(call(t.Context(), stranger)); got != "rejected" {
		t.Errorf("a call with a wrong secret ended %q, want rejected", got)
	}
	if err := call(t.Context(), a); err != nil {
		t.Errorf("a call after all this: %v", err)
	}
}

// Ending says in words how a call ended, as the types of err tell it.
func Ending(err error) string {
	var broken *provider.Broken
	var rejected *provider.Rejected
	switch {
	case err == nil:
		return "well"
	case errors.As(err, &rejected) && errors.As(err, &broken):
		return "rejected and broken at once"
	case errors.As(err, &rejected) && rejected.Code == "":
		return "rejected without a code"
	case errors.As(err, &rejected) && rejected.Temporary:
		return "rejected for now"
	case errors.As(err, &rejected):
		return "rejected"
	case errors.As(err, &broken) && broken.When == provider.NotSent:
		return "not sent"
	case errors.As(err, &broken) && broken.When == provider.Unknown:
		return "unknown"
	}
	return "with an error of another kind: " + err.Error()
}
