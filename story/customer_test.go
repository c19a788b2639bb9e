package story

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/net/html"
)

// browser is a customer's: it keeps cookies and the form that it last saw, and runs no script.
type browser struct {
	http http.Client
	form form
	page *html.Node // the one that was seen last, and where it is
	at   *url.URL

	forms   map[string]form // of the page that was last seen, by id
	country string          // as a load balancer in front would tell it; empty: it does not
}

// form is the payment form of a page: where it goes, and what stands in it unseen.
type form struct {
	action string
	hidden url.Values
}

const (
	desktop = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
	mobile  = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"
)

func newBrowser() *browser {
	jar, _ := cookiejar.New(nil) // without options it cannot fail
	return &browser{http: http.Client{Timeout: client.Timeout, CheckRedirect: client.CheckRedirect, Jar: jar}}
}

func (b *browser) get(to, agent string) (*http.Response, error) {
	req, err := http.NewRequest(http.MethodGet, to, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", agent)
	return b.do(req)
}

// post submits the form as a browser does, from the page itself. Fields are "name=value", as the
// customer fills them in.
func (b *browser) post(method string, fields ...string) (*http.Response, error) {
	values := maps.Clone(b.form.hidden)
	values.Set("method", method)
	for _, field := range fields {
		name, value, _ := strings.Cut(field, "=")
		values.Set(name, value)
	}
	req, err := http.NewRequest(http.MethodPost, b.form.action, strings.NewReader(values.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("User-Agent", desktop)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(req)
}

// see keeps the page's payment form, if it has one.
func (b *browser) see(page *url.URL, body []byte) error {
	doc, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		return err
	}
	if b.forms, err = formsOf(page, doc); err != nil {
		return err
	}
	b.page, b.at = doc, page
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" || attribute(n, "id") != "pay" {
			continue
		}
		action, err := page.Parse(attribute(n, "action"))
		if err != nil {
			return err
		}
		b.form = form{action.String(), url.Values{}}
		for in := range n.Descendants() {
			if in.Data == "input" && attribute(in, "type") == "hidden" {
				b.form.hidden.Set(attribute(in, "name"), attribute(in, "value"))
			}
		}
	}
	return nil
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// cmdOpen opens a page in the customer's browser:
//
//	open $URL [phone|stranger]
//
// A stranger has another device, without the customer's cookies.
func cmdOpen(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || len(args) < 1 {
		ts.Fatalf("usage: open URL [phone|stranger]")
	}
	if w.browser == nil {
		w.browser = newBrowser()
	}
	b, agent := w.browser, desktop
	switch strings.Join(args[1:], " ") {
	case "phone":
		agent = mobile
	case "stranger":
		b = newBrowser()
	}
	at, err := url.Parse(args[0])
	ts.Check(err)
	w.last = answer{call: "GET " + at.Path}
	res, err := b.get(args[0], agent)
	ts.Check(err)
	w.last.read(ts, res)
	ts.Check(b.see(at, w.last.body))
}

// cmdPage wants the page to show something, or with ! not to:
//
//	page 'data-status="paid"'
func cmdPage(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if len(args) != 1 {
		ts.Fatalf("usage: [!] page regexp")
	}
	if regexp.MustCompile(args[0]).Match(w.last.body) == neg {
		ts.Fatalf("page and %q; %s", args[0], &w.last)
	}
}

// cmdSubmit sends the payment form that the customer last saw, however often:
//
//	submit upi [field=value…]
func cmdSubmit(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || len(args) == 0 {
		ts.Fatalf("usage: submit METHOD [field=value…]")
	}
	if w.browser == nil || w.browser.form.action == "" {
		ts.Fatalf("the customer has seen no payment form")
	}
	w.last = answer{call: "POST the payment form"}
	res, err := w.browser.post(args[0], args[1:]...)
	ts.Check(err)
	w.last.read(ts, res)
}

// cmdCrowd lets many customers open the page, and then all submit its form at the same moment:
//
//	crowd 40 $URL upi [field=value…]
func cmdCrowd(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(first(args))
	if neg || err != nil || len(args) < 3 {
		ts.Fatalf("usage: crowd N URL METHOD [field=value…]")
	}
	at, err := url.Parse(args[1])
	ts.Check(err)
	people := make([]*browser, n)
	for i := range people {
		people[i] = newBrowser()
		res, err := people[i].get(args[1], desktop)
		ts.Check(err)
		var page answer
		page.read(ts, res)
		if ts.Check(people[i].see(at, page.body)); people[i].form.action == "" {
			ts.Fatalf("customer %d sees no payment form; %s", i, &page)
		}
	}
	start, wrong := make(chan struct{}), make([]error, n)
	var crowd sync.WaitGroup
	for i, person := range people {
		crowd.Go(func() {
			<-start
			wrong[i] = person.press(args[2], args[3:]...)
		})
	}
	close(start)
	crowd.Wait()
	for _, err := range wrong {
		ts.Check(err)
	}
}

// press submits the form; only an answer that is the program's own fault, or none, is an error.
func (b *browser) press(method string, fields ...string) error {
	res, err := b.post(method, fields...)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode >= http.StatusInternalServerError {
		return fmt.Errorf("a submission in the crowd was answered %s", res.Status)
	}
	return nil
}

// cmdAlike opens each address as a stranger and wants the same answer, to the byte, in headers and
// page, so that nobody can learn from it which codes exist:
//
//	alike 404 $PAYLINK/aaaa $PAYLINK/bbbb
func cmdAlike(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || len(args) < 3 {
		ts.Fatalf("usage: alike STATUS URL URL…")
	}
	var model answer
	for i, to := range args[1:] {
		w.last = answer{call: "GET " + to}
		res, err := newBrowser().get(to, desktop)
		ts.Check(err)
		w.last.read(ts, res)
		cmdStatus(ts, false, args[:1])
		for _, name := range []string{"Date", "X-Request-Id"} { // these differ between any two answers
			w.last.header.Del(name)
		}
		if i == 0 {
			model = w.last
		}
		if !bytes.Equal(model.body, w.last.body) || !reflect.DeepEqual(model.header, w.last.header) {
			ts.Fatalf("not alike:\n%v\n%s\n%v\n%s", model.header, &model, w.last.header, &w.last)
		}
	}
}
