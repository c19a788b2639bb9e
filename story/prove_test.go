package story

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/net/html"
)

// cmdProve fills in a form of the page that the customer last saw, and sends it as a browser does:
//
//	prove 345642          the form that takes an answer
//	prove                 the form that has a code sent
//	prove code            the answer is the code in the latest message that came, then $CODE
//
// The answer is the page to which it leads.
func cmdProve(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || len(args) > 1 || w.browser == nil {
		ts.Fatalf("usage: prove [ANSWER|code]; a page must have been opened")
	}
	id, given := "prove", url.Values{}
	switch first(args) {
	case "":
		id = "code"
	case "code":
		given.Set("proof", w.codeSent(ts))
	default:
		given.Set("proof", args[0])
	}
	f, ok := w.browser.forms[id]
	if !ok {
		ts.Fatalf("the page has no form %q; %s", id, &w.last)
	}
	values := maps.Clone(f.hidden)
	maps.Copy(values, given)
	req, err := http.NewRequest(http.MethodPost, f.action, strings.NewReader(values.Encode()))
	ts.Check(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("User-Agent", desktop)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	w.last = answer{call: "POST the form " + id}
	res, err := w.browser.do(req)
	ts.Check(err)
	w.last.read(ts, res)
	cmdStatus(ts, false, []string{"303"})
	to, err := url.Parse(f.action)
	ts.Check(err)
	to, err = to.Parse(w.last.header.Get("Location"))
	ts.Check(err)
	cmdOpen(ts, false, []string{to.String()})
}

var sixDigits = regexp.MustCompile(`\b[0-9]{6}\b`)

// codeSent reads the code out of the latest message at the customer's phone.
func (w *world) codeSent(ts *testscript.TestScript) string {
	w.sandbox(ts, http.MethodGet, "/messages?limit=1", nil)
	v, _ := w.last.value(".data.0.text")
	text, _ := v.(string)
	code := sixDigits.FindString(text)
	if code == "" {
		ts.Fatalf("the latest message holds no code; %s", &w.last)
	}
	ts.Setenv("CODE", code)
	return code
}

// formsOf reads every form of a page by its id.
func formsOf(page *url.URL, doc *html.Node) (map[string]form, error) {
	forms := map[string]form{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" {
			continue
		}
		action, err := page.Parse(attribute(n, "action"))
		if err != nil {
			return nil, err
		}
		f := form{action.String(), url.Values{}}
		for in := range n.Descendants() {
			if in.Data == "input" && attribute(in, "type") == "hidden" {
				f.hidden.Set(attribute(in, "name"), attribute(in, "value"))
			}
		}
		forms[attribute(n, "id")] = f
	}
	return forms, nil
}

// cmdFrom says in which country the customer is, as a load balancer in front would:
//
//	from IN
func cmdFrom(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: from COUNTRY")
	}
	w := worldOf(ts)
	if w.browser == nil {
		w.browser = newBrowser()
	}
	w.browser.country = args[0]
}

func (b *browser) do(req *http.Request) (*http.Response, error) {
	if b.country != "" {
		req.Header.Set("CF-IPCountry", b.country)
	}
	return b.http.Do(req)
}
