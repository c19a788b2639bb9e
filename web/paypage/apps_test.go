package paypage

import (
	"net/http/httptest"
	"slices"
	"testing"

	"paylink"
)

// A signed request to pay reaches the app changed by a letter, and no bank takes it; or a desktop offers apps
// that it does not have.
func TestAppsGetTheGatewaysTextToTheLetter(t *testing.T) {
	const asked = "pa=acme@bank&pn=Ritu%27s%20%26%20co&tr=R1&am=2450.00&cu=INR&sign=MEUCIQ+/a=="
	for _, row := range []struct {
		agent, first, last string
		many               int
	}{
		{"Mozilla/5.0 (Linux; Android 15) Mobile", "intent://pay?" + asked + "#Intent;scheme=upi;package=com.google.android.apps.nbu.paisa.user;end", "intent://pay?" + asked + "#Intent;scheme=upi;package=in.org.npci.upiapp;end", 4},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile", "tez://upi/pay?" + asked, "bhim://pay?" + asked, 4},
		{"Mozilla/5.0 (X11; Linux x86_64)", "", "", 0},
	} {
		r := httptest.NewRequest("GET", "/x", nil)
		r.Header.Set("User-Agent", row.agent)
		v := view{Phone: isPhone(r), System: systemOf(r)}
		apps := v.apps("upi://pay?" + asked)
		if len(apps) != row.many || row.many > 0 && (string(apps[0].URL) != row.first || string(apps[3].URL) != row.last) {
			t.Errorf("%s: %v", row.agent, apps)
		}
		for _, odd := range []string{"", "upi://mandate?pa=a", "javascript:alert(1)", "upi://pay?pa=a#Intent;package=evil;end"} {
			if got := v.apps(odd); got != nil {
				t.Errorf("%s: %q has apps: %v", row.agent, odd, got)
			}
		}
	}
}

// Who paid by card last time pays by card; but not when cards are slow now, and not by what the cookie makes up.
func TestMethodOfLastTimeComesFirst(t *testing.T) {
	all := []paylink.Method{"upi", "card", "netbanking"}
	for _, row := range []struct {
		cookie string
		slow   []paylink.Method
		want   []paylink.Method
	}{
		{"", nil, all},
		{"card", nil, []paylink.Method{"card", "upi", "netbanking"}},
		{"upi", nil, all},
		{"netbanking", []paylink.Method{"netbanking"}, all},
		{"gold", nil, all},
	} {
		r := httptest.NewRequest("GET", "/x", nil)
		r.Header.Set("Cookie", methodCookie+"="+row.cookie)
		if got := lastFirst(all, row.slow, lastMethod(r)); !slices.Equal(got, row.want) {
			t.Errorf("%q, slow %v: %v", row.cookie, row.slow, got)
		}
	}
}
