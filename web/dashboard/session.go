package dashboard

import (
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"

	"paylink"
	"paylink/access"
	"paylink/web/respond"
)

// signIn is what the sign-in page shows.
type signIn struct {
	Email   string
	Next    string // where to go afterwards
	Problem string
}

// SignInForm shows the sign-in form: GET /dashboard/login. Whoever is signed in goes on.
func (d *Dashboard) SignInForm(w http.ResponseWriter, r *http.Request) {
	d.headers(w)
	next := safeNext(r.URL.Query().Get("next"))
	if _, err := d.Access.Session(r.Context(), d.sessionToken(r)); err == nil {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	if err := d.render(w, r, http.StatusOK, signInPage(signIn{Next: next})); err != nil {
		d.fail(w, r, err)
	}
}

// SignIn takes the form: POST /dashboard/login. What is wrong is not told apart; the session is a new
// one, and an old one of this browser ends.
func (d *Dashboard) SignIn(w http.ResponseWriter, r *http.Request) {
	d.headers(w)
	if !d.readForm(w, r) {
		return
	}
	v := signIn{Email: r.PostForm.Get("email"), Next: safeNext(r.PostForm.Get("next"))}
	token, session, err := d.Access.SignIn(r.Context(), v.Email, r.PostForm.Get("password"), clientIP(r), d.sessionToken(r))
	var refused *paylink.Refused
	if errors.As(err, &refused) {
		p := respond.ProblemOf(err)
		respond.Prepare(w.Header(), r.Context(), p)
		w.Header().Del("WWW-Authenticate")
		v.Problem = refused.Detail
		err = d.render(w, r, p.Status, signInPage(v))
		if err == nil {
			return
		}
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	line := respond.LineOf(r.Context())
	line.Merchant, line.Actor = session.Merchant, string(session.Staff)
	http.SetCookie(w, d.cookie(token, int(access.SessionLife.Seconds())))
	http.Redirect(w, r, v.Next, http.StatusSeeOther)
}

// SignOut ends the session: POST /dashboard/logout.
func (d *Dashboard) SignOut(w http.ResponseWriter, r *http.Request) {
	d.headers(w)
	if !d.readForm(w, r) {
		return
	}
	if token := d.sessionToken(r); token != "" {
		if err := d.Access.SignOut(r.Context(), token); err != nil {
			d.fail(w, r, err)
			return
		}
	}
	http.SetCookie(w, d.cookie("", -1))
	http.Redirect(w, r, Root+"/login", http.StatusSeeOther)
}

// Front leads to the home page: GET /dashboard and GET /dashboard/{$}.
func (d *Dashboard) Front(w http.ResponseWriter, r *http.Request) {
	d.headers(w)
	http.Redirect(w, r, Root+"/test/", http.StatusSeeOther)
}

// askToSignIn sends a person to the form, and tells a script that nobody is signed in any more.
func (d *Dashboard) askToSignIn(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Sec-Fetch-Dest") == "empty" || r.Header.Get("Accept") == "text/event-stream" {
		http.Error(w, "not signed in", http.StatusUnauthorized)
		return
	}
	to := Root + "/login"
	if r.Method == http.MethodGet {
		to += "?next=" + url.QueryEscape(r.URL.RequestURI())
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// nobody tells whether an error only says that no session is open.
func nobody(err error) bool {
	var refused *paylink.Refused
	var expired *paylink.Expired
	return errors.As(err, &refused) || errors.As(err, &expired)
}

func (d *Dashboard) sessionToken(r *http.Request) string {
	c, err := r.Cookie(d.cookieName())
	if err != nil {
		return ""
	}
	return c.Value
}

// cookieName: under https the name binds the cookie to this very host, so that no neighbouring domain
// can plant one.
func (d *Dashboard) cookieName() string {
	if d.Secure {
		return "__Host-paylink_session"
	}
	return "paylink_session"
}

func (d *Dashboard) cookie(token string, age int) *http.Cookie {
	return &http.Cookie{
		Name: d.cookieName(), Value: token, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: d.Secure, SameSite: http.SameSiteLaxMode,
	}
}

// safeNext keeps the way back within the dashboard: anything that a browser might read as another
// site leads home.
func safeNext(next string) string {
	const home = Root + "/test/"
	u, err := url.Parse(next)
	if err != nil || len(next) > 2000 || u.IsAbs() || u.Host != "" || u.User != nil || strings.ContainsAny(next, "\\\r\n\t") {
		return home
	}
	clean := path.Clean(u.Path)
	if !strings.HasPrefix(clean, Root+"/test") && !strings.HasPrefix(clean, Root+"/live") || strings.HasSuffix(clean, "/feed") {
		return home
	}
	return (&url.URL{Path: u.Path, RawQuery: u.RawQuery}).String()
}

// SignedIn tells which merchant the browser of a request is signed in for. It is for what stands
// beside the dashboard, such as the sandbox phone.
func (d *Dashboard) SignedIn(r *http.Request) (paylink.MerchantID, bool) {
	s, err := d.Access.Session(r.Context(), d.sessionToken(r))
	return s.Merchant, err == nil
}
