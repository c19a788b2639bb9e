package paypage

import (
	"bytes"
	"compress/gzip"
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

var update = flag.Bool("update", false, "write the golden files anew")

var contentHash = regexp.MustCompile(`-[0-9a-f]{10}\.(css|js)`)

// A word or a form that disappears from a state would be seen first by a customer. Golden files hold
// each state as an outline: elements with their attributes, and words; hashes of contents left out.
func TestEachStateShowsWhatItShould(t *testing.T) {
	h := fixtureHandler()
	pages := map[string]*httptest.ResponseRecorder{}
	for _, f := range faces() {
		if got := stand(f.page, strings.Contains(f.query, "again=1")); got != f.want {
			t.Errorf("%s stands as %s, want %s", f.name, got, f.want)
		}
		pages[f.name] = f.rendered(h)
	}
	pages["not_found"] = httptest.NewRecorder()
	h.notFound(pages["not_found"], httptest.NewRequest("GET", "/x", nil))
	pages["away"] = httptest.NewRecorder()
	New(Deps{PublicURL: h.PublicURL, Log: h.Log}).Away(pages["away"], httptest.NewRequest("POST", "/x/pay", nil))
	for name, w := range pages {
		got := outline(t, w.Body.String())
		file := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs from %s (go test ./web/paypage -update, then read the difference):\n%s", name, file, got)
		}
	}
}

// A page that breaks these rules is refused by screen readers, by our own policy or by slow networks.
func TestEachStateKeepsTheRulesOfThePage(t *testing.T) {
	h := fixtureHandler()
	for _, f := range faces() {
		w := f.rendered(h)
		body := w.Body.String()
		if strings.Contains(body, "⟦") {
			t.Errorf("%s: a text is missing", f.name)
		}
		if n := strings.Count(body, "<h1"); n != 1 {
			t.Errorf("%s has %d first headings", f.name, n)
		}
		for _, inline := range []string{"<style", " style=", " onclick=", " onload=", "javascript:", "<script>"} {
			if strings.Contains(body, inline) {
				t.Errorf("%s holds %q, which the policy refuses", f.name, inline)
			}
		}
		for _, personal := range []string{"Asha", "9812345642", "+91981"} {
			if strings.Contains(body, personal) {
				t.Errorf("%s shows %q to whoever has the link", f.name, personal)
			}
		}
		if size := zipped(t, w.Body.Bytes()); size > 14<<10 {
			t.Errorf("%s is %d bytes compressed, more than 14 KB", f.name, size)
		}
		if n := strings.Count(body, `<link rel="stylesheet"`) + strings.Count(body, "<script") + strings.Count(body, "<img"); 1+n > 5 {
			t.Errorf("%s makes %d requests before the customer has chosen", f.name, 1+n)
		}
		live := regexp.MustCompile(`<form id="(\w+)"`).FindAllStringSubmatch(body, -1)
		for _, form := range live {
			if form[1] == "pay" && !f.want.payable() {
				t.Errorf("%s holds a form that starts a payment", f.name)
			}
		}
	}
}

// A stranger with the link must not read from a paid page who paid, how, or what for.
func TestAStrangerSeesDateAndAmountOnly(t *testing.T) {
	body := face{page: stranger(paid())}.rendered(fixtureHandler()).Body.String()
	for _, secret := range []string{"4242", "Visa", "632600112233", "7Q2WERTY8MNBVCX3ZAB4", "order-1042", "Order 1042", "…42"} {
		if strings.Contains(body, secret) {
			t.Errorf("a stranger reads %q", secret)
		}
	}
	for _, open := range []string{"₹2,450.00", "22 Nov 2026, 12:00 IST"} {
		if !strings.Contains(body, open) {
			t.Errorf("a stranger does not read %q", open)
		}
	}
}

// The address of the bank's page, and the code to approve, are for the device that began the payment.
func TestAStrangerCannotContinueAPayment(t *testing.T) {
	body := face{page: stranger(upi())}.rendered(fixtureHandler()).Body.String()
	for _, secret := range []string{"bank.example", "upi://", "<svg class=\"qr\"", `id="continue"`, `id="abandon"`} {
		if strings.Contains(body, secret) {
			t.Errorf("a stranger's page holds %q", secret)
		}
	}
}

// Link previews are kept for days and forwarded: neither amount nor customer belongs into them.
func TestPreviewsNameTheMerchantOnly(t *testing.T) {
	for _, f := range faces() {
		head, _, _ := strings.Cut(f.rendered(fixtureHandler()).Body.String(), "</head>")
		if strings.Contains(head, "450") || strings.Contains(head, "order-1042") || strings.Contains(head, "…42") {
			t.Errorf("%s tells more than the merchant in its head: %s", f.name, head)
		}
	}
}

// The page must come over a slow network before a customer gives up.
func TestStylesAndModuleAreSmall(t *testing.T) {
	for _, name := range []string{"page.css", "page.js"} {
		content, err := os.ReadFile(filepath.Join("assets", name))
		if err != nil {
			t.Fatal(err)
		}
		if size := zipped(t, content); size > 8<<10 {
			t.Errorf("%s is %d bytes compressed, more than 8 KB", name, size)
		}
	}
}

func zipped(t *testing.T, content []byte) int {
	t.Helper()
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	if _, err := zw.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// outline writes a page as indented elements and words. Drawings are left out but for their labels.
func outline(t *testing.T, page string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	var walk func(n *html.Node, depth int)
	walk = func(n *html.Node, depth int) {
		indent := strings.Repeat("  ", max(depth, 0))
		switch n.Type {
		case html.TextNode:
			if text := strings.Join(strings.Fields(n.Data), " "); text != "" {
				b.WriteString(indent + text + "\n")
			}
			return
		case html.ElementNode:
			b.WriteString(indent + n.Data)
			for _, a := range n.Attr {
				if a.Key == "href" && strings.HasPrefix(a.Val, "data:") {
					a.Val = "data:…"
				}
				b.WriteString(" " + a.Key + "=" + contentHash.ReplaceAllString(a.Val, "-HASH.$1"))
			}
			b.WriteString("\n")
			if n.Data == "svg" {
				return
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, depth+1)
		}
	}
	walk(root, -1)
	return b.String()
}
