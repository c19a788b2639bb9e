package story

import (
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdStaff opens a page of the dashboard as the owner, signed in, or with fields posts its form; the answer is then
// the page that comes of it, for the command page:
//
//	staff attention
//	staff payments/$PAYMENT/approve_refund refund=$REFUND
func cmdStaff(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || len(args) == 0 {
		ts.Fatalf("usage: staff PATH [field=value…]")
	}
	if w.staff == nil {
		w.signIn(ts)
	}
	address, method, body := w.demo.URL+"/dashboard/test/"+args[0], http.MethodGet, ""
	if len(args) > 1 {
		form := url.Values{"form_key": {"story-" + strings.Join(args, "-")}}
		for _, field := range args[1:] {
			name, value, _ := strings.Cut(field, "=")
			form.Set(name, value)
		}
		method, body = http.MethodPost, form.Encode()
	}
	w.ask(ts, method, address, body)
}

// signIn gives the owner a browser that is signed in, with the password that demo.json tells.
func (w *world) signIn(ts *testscript.TestScript) {
	var owner struct {
		Email    string `json:"dashboard_email"`
		Password string `json:"dashboard_password"`
	}
	raw, err := os.ReadFile(filepath.Join(w.dir, "data", "demo.json"))
	ts.Check(err)
	ts.Check(json.Unmarshal(raw, &owner))
	jar, err := cookiejar.New(nil)
	ts.Check(err)
	w.staff = &http.Client{Jar: jar, Timeout: patience}
	w.ask(ts, http.MethodPost, w.demo.URL+"/dashboard/login", url.Values{"email": {owner.Email}, "password": {owner.Password}}.Encode())
	if w.last.status != http.StatusOK {
		ts.Fatalf("the owner is not let in; %s", &w.last)
	}
}

func (w *world) ask(ts *testscript.TestScript, method, address, form string) {
	req, err := http.NewRequest(method, address, strings.NewReader(form))
	ts.Check(err)
	req.Header.Set("User-Agent", desktop)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w.last = answer{call: method + " " + req.URL.Path}
	res, err := w.staff.Do(req)
	ts.Check(err)
	w.last.read(ts, res)
}
