package dashboard

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"paylink/store"
	"paylink/store/storetest"
)

// A page that forgets to ask who is there shows a merchant's books to the whole world.
func TestEveryRouteNeedsASession(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	l := o.link(nil)
	stale := *o.session
	for name, session := range map[string]*http.Cookie{"none": nil, "made up": {Name: "paylink_session", Value: strings.Repeat("x", 43)}, "ended": &stale} {
		o.session = session
		if name == "ended" {
			o.pass(13 * time.Hour)
		}
		for pattern := range routes(o.board) {
			method, path, _ := strings.Cut(pattern, " ")
			path = strings.NewReplacer("{mode}", "test", "{$}", "", "{id}", string(l.ID)).Replace(path)
			w := o.get(path)
			if method == http.MethodPost {
				w = o.post(path, url.Values{"amount": {"1"}, "currency": {"INR"}, "expiry": {"900"}, "mode": {"single"}, "channel": {"sms"}})
			}
			if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/dashboard/login") || strings.Contains(w.Body.String(), "Order 1042") {
				t.Errorf("%s with session %q: %d to %q", pattern, name, w.Code, w.Header().Get("Location"))
			}
		}
	}
	if n := len(o.links()); n != 1 {
		t.Errorf("a stranger's form made %d links", n-1)
	}
}

// A script that goes on asking after the session has ended must not take the sign-in page for data.
func TestScriptsAreToldThatTheSessionEnded(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	o.session = nil
	for _, header := range [][2]string{{"Accept", "text/event-stream"}, {"Sec-Fetch-Dest", "empty"}} {
		r := httptest.NewRequest(http.MethodGet, "/dashboard/test/feed", nil)
		r.Header.Set(header[0], header[1])
		if w := o.do(r); w.Code != http.StatusUnauthorized {
			t.Errorf("%s: %s got %d", header[0], header[1], w.Code)
		}
	}
}

// Signing in must give a new session whose cookie no script and no other site gets at, end the one
// that the browser had, and lead back to where the person wanted to go.
func TestSignInRotatesTheSession(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		before := o.session.Value
		w := o.post("/dashboard/login", url.Values{"email": {ownerEmail}, "password": {ownerPassword}, "next": {"/dashboard/test/links?status=paid"}})
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/dashboard/test/links?status=paid" {
			t.Fatalf("%d to %q", w.Code, w.Header().Get("Location"))
		}
		cookie := w.Result().Cookies()[0]
		if cookie.Value == before || len(cookie.Value) < 43 || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" {
			t.Errorf("cookie %v", cookie)
		}
		if w := o.get("/dashboard/test/"); w.Code != http.StatusSeeOther {
			t.Errorf("the old session still opens the dashboard: %d", w.Code)
		}
		o.session = cookie
		if w := o.get("/dashboard/test/"); w.Code != http.StatusOK {
			t.Errorf("the new session does not: %d", w.Code)
		}
		out := o.post("/dashboard/logout", nil)
		if out.Code != http.StatusSeeOther || out.Result().Cookies()[0].MaxAge >= 0 {
			t.Errorf("signing out: %d %v", out.Code, out.Result().Cookies())
		}
		if w := o.get("/dashboard/test/"); w.Code != http.StatusSeeOther {
			t.Errorf("the session lives on after signing out: %d", w.Code)
		}
	})
}

// Under https a cookie without Secure travels in the clear, and one without __Host- can be planted by a
// neighbouring domain.
func TestSecureCookieIsBoundToTheHost(t *testing.T) {
	d := New(Deps{Secure: true})
	if got, want := d.cookie("x", 60).String(), "__Host-paylink_session=x; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Different answers for a wrong address and a wrong password tell a stranger who works here; without a
// lock they can try for ever.
func TestWrongSignInsAreAlikeAndLock(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		o.session = nil
		try := func(email, password string) (int, string) {
			w := o.post("/dashboard/login", url.Values{"email": {email}, "password": {password}})
			if len(w.Result().Cookies()) > 0 {
				t.Errorf("a failed sign-in set a cookie")
			}
			return w.Code, strings.ReplaceAll(w.Body.String(), email, "")
		}
		code, wrong := try(ownerEmail, "not the password")
		other, unknown := try("nobody@acme.example", "not the password")
		if code != http.StatusUnauthorized || other != code || wrong != unknown {
			t.Errorf("wrong password %d, unknown address %d, same page %t", code, other, wrong == unknown)
		}
		if !strings.Contains(wrong, "The e-mail address or the password is wrong.") || strings.Contains(wrong, "not the password") {
			t.Error("the page does not say what is wrong, or repeats the password")
		}
		for range 4 {
			try(ownerEmail, "not the password")
		}
		if code, text := try(ownerEmail, ownerPassword); code != http.StatusTooManyRequests || !strings.Contains(text, "Too many attempts.") {
			t.Errorf("after five failures: %d", code)
		}
	})
}

// A way back that leads to another site turns our sign-in page into a phisher's.
func TestNextStaysInTheDashboard(t *testing.T) {
	for next, want := range map[string]string{
		"":                           "/dashboard/test/",
		"/dashboard/live/links?q=a":  "/dashboard/live/links?q=a",
		"https://evil.example/":      "/dashboard/test/",
		"//evil.example/dashboard":   "/dashboard/test/",
		"/\\evil.example":            "/dashboard/test/",
		"/dashboard/../v1/x":         "/dashboard/test/",
		"/dashboard/test/../../../x": "/dashboard/test/",
		"javascript:alert(1)":        "/dashboard/test/",
		"/dashboard/test/feed":       "/dashboard/test/",
		"/dashboard/test/\r\nX: y":   "/dashboard/test/",
		"https:evil.example":         "/dashboard/test/",
	} {
		if got := safeNext(next); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
}

// Another site's page that sends our forms from the merchant's browser would make links in his name.
func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	l := o.link(nil)
	for pattern := range routes(o.board) {
		method, path, _ := strings.Cut(pattern, " ")
		if method != http.MethodPost {
			continue
		}
		path = strings.NewReplacer("{mode}", "test", "{id}", string(l.ID)).Replace(path)
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader("amount=1&currency=INR&expiry=900&channel=sms&expires_in=900"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		if w := o.do(r); w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", pattern, w.Code)
		}
	}
	if now := o.links(); len(now) != 1 || now[0].UpdatedAt != l.UpdatedAt {
		t.Errorf("a refused form changed something: %d links", len(now))
	}
}
