package story

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/net/html"
)

// cmdPress presses the button of a form on the page that the customer last saw, by the form's id, and
// follows to the page that comes of it:
//
//	press more [field=value…]
func cmdPress(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || len(args) == 0 {
		ts.Fatalf("usage: press FORM [field=value…]")
	}
	if w.browser == nil || w.browser.page == nil {
		ts.Fatalf("the customer has seen no page")
	}
	f, ok := w.browser.formOf(args[0])
	if !ok {
		ts.Fatalf("the page has no form %q", args[0])
	}
	for _, field := range args[1:] {
		name, value, _ := strings.Cut(field, "=")
		f.hidden.Set(name, value)
	}
	req, err := http.NewRequest(http.MethodPost, f.action, strings.NewReader(f.hidden.Encode()))
	ts.Check(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("User-Agent", desktop)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	w.last = answer{call: "POST the form " + args[0]}
	res, err := w.browser.http.Do(req)
	ts.Check(err)
	w.last.read(ts, res)
	if to := res.Header.Get("Location"); to != "" {
		at, err := req.URL.Parse(to)
		ts.Check(err)
		cmdOpen(ts, false, []string{at.String()})
	}
}

// formOf finds a form of the page that was seen last, with what stands in it unseen.
func (b *browser) formOf(id string) (form, bool) {
	for n := range b.page.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" || attribute(n, "id") != id {
			continue
		}
		action, err := b.at.Parse(attribute(n, "action"))
		if err != nil {
			return form{}, false
		}
		f := form{action.String(), url.Values{}}
		for in := range n.Descendants() {
			if in.Data == "input" && attribute(in, "type") == "hidden" {
				f.hidden.Set(attribute(in, "name"), attribute(in, "value"))
			}
		}
		return f, true
	}
	return form{}, false
}
