package dashboard

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

// Somebody who knows or guesses an id must learn nothing from it, not even that it exists.
func TestForeignLinksAreNotThere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		foreign := o.linkOf(o.addMerchant("Other"), func(d *issue.Draft) { d.Description = "CANARY" })
		own := o.link(func(d *issue.Draft) { d.Description = "CANARY" })
		for _, at := range []string{"test/links/" + string(foreign.ID), "live/links/" + string(own.ID), "test/links/plink_x", "test/links/%2e%2e"} {
			for pattern := range routes(o.board) {
				method, path, _ := strings.Cut(pattern, " ")
				before, after, ok := strings.Cut(path, "{mode}/links/{id}")
				if !ok {
					continue
				}
				w := o.get(before + at + after)
				if method == http.MethodPost {
					w = o.post(before+at+after, url.Values{"channel": {"sms"}, "expires_in": {"604800"}})
				}
				if w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "CANARY") {
					t.Errorf("%s at %s: %d", pattern, at, w.Code)
				}
			}
		}
		if page := o.get("/dashboard/test/links").Body.String(); strings.Contains(page, string(foreign.ID)) || !strings.Contains(page, string(own.ID)) {
			t.Error("the list shows another merchant's link, or not the own one")
		}
		if w := o.get("/dashboard/real/"); w.Code != http.StatusNotFound {
			t.Errorf("a mode that does not exist: %d", w.Code)
		}
		if events, err := s.Read(t.Context()).Timeline(foreign.Merchant, foreign.ID, 10); err != nil || len(events) != 1 {
			t.Errorf("the foreign link has %d events, %v", len(events), err)
		}
	})
}

// polyglots break out of text, attributes, scripts, comments and addresses, wherever one of them is
// not escaped.
var polyglots = []string{
	`<script>window.__x=1</script>`, `"><img src=x onerror=__x=1>`, `'"--></title></textarea></style><svg onload=__x=1>`,
	`javascript:__x=1//`, `{{7*7}}${7*7}`, `</li><li data-link="x" onclick="__x=1">`,
}

// A merchant's text that a page takes for markup runs in the browsers of his colleagues.
func TestTextsStayTexts(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	for i, poly := range polyglots {
		l := o.link(func(d *issue.Draft) {
			d.Description, d.Reference, d.Notes = poly, fmt.Sprintf("%s %d", poly, i), poly
			d.Customer.Name, d.Metadata = poly, map[string]string{poly[:min(len(poly), 40)]: poly}
		})
		pages := map[string]*httptest.ResponseRecorder{
			"home": o.get("/dashboard/test/"), "list": o.get("/dashboard/test/links?q=" + url.QueryEscape(poly)),
			"link": o.get("/dashboard/test/links/" + string(l.ID)), "row": o.get("/dashboard/test/links/" + string(l.ID) + "/row"),
			"cancel": o.get("/dashboard/test/links/" + string(l.ID) + "/cancel"),
			"note":   o.get("/dashboard/test/links/" + string(l.ID) + "?note=" + url.QueryEscape(poly)),
			"form": o.post("/dashboard/test/links", url.Values{"amount": {poly}, "currency": {poly}, "description": {poly}, "reference": {poly}, "name": {poly},
				"phone": {poly}, "email": {poly}, "notes": {poly}, "expires_at": {poly}, "expiry": {poly}, "mode": {poly}, "max_payments": {poly}, "channel": {poly}}),
			"sign-in": o.post("/dashboard/login", url.Values{"email": {poly}, "password": {"x"}, "next": {poly}}),
		}
		for name, w := range pages {
			if bad := markup(t, w.Body.String()); len(bad) > 0 {
				t.Errorf("%s with %s: %q", name, poly, bad)
			}
		}
		if !strings.Contains(pages["link"].Body.String(), html.EscapeString(poly)) && !strings.Contains(pages["link"].Body.String(), strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;").Replace(poly)) {
			t.Errorf("the link's page does not show %s", poly)
		}
	}
}

// markup lists what no page of ours holds: inline scripts and styles, handlers, and addresses that
// run.
func markup(t *testing.T, page string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	must(t, err)
	var bad []string
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "style" || n.Data == "script" && n.FirstChild != nil || n.Data == "img" && !slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "alt" }) {
			bad = append(bad, n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") && a.Key != "value" && a.Key != "datetime" {
				bad = append(bad, n.Data+" "+a.Key+"="+a.Val)
			}
		}
	}
	return bad
}

// One header that is lost in a rewrite opens the door that it kept shut.
func TestHeadersAreThoseOfTheGoldenFile(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	l := o.link(nil)
	var b strings.Builder
	session := o.session
	for _, path := range []string{"/dashboard/login?next=x", "/dashboard/test/", "/dashboard/test/links", "/dashboard/test/links/new", "/dashboard/test/links/" + string(l.ID), "/dashboard/test/links/" + string(l.ID) + "/qr.svg", "/dashboard/test/links/plink_x"} {
		if o.session = session; strings.HasPrefix(path, "/dashboard/login") {
			o.session = nil
		}
		w := o.get(path)
		fmt.Fprintf(&b, "%s %d\n", strings.ReplaceAll(path, string(l.ID), "{id}"), w.Code)
		w.Header().Del("Content-Length")
		for _, name := range slices.Sorted(maps.Keys(w.Header())) {
			fmt.Fprintf(&b, "  %s: %s\n", name, strings.Join(w.Header()[name], ", "))
		}
	}
	golden(t, "testdata/headers.txt", b.String())
}

// golden compares with a file that is written by hand, or by UPDATE_GOLDEN=1 and read before it is
// believed.
func golden(t *testing.T, name, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		must(t, os.WriteFile(name, []byte(got), 0o644))
	}
	want, err := os.ReadFile(name)
	must(t, err)
	if got != string(want) {
		t.Errorf("%s differs; got:\n%s", name, got)
	}
}

// A list that hides what was asked for, or shows a page twice, sends a merchant after money that is
// there.
func TestListIsFilteredAndPaged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		var ids []string
		for i := range pageSize + 5 {
			o.pass(time.Second)
			ids = append(ids, string(o.link(func(d *issue.Draft) { d.Reference, d.Channels = fmt.Sprintf("ref-%02d", i), nil }).ID))
		}
		slices.Reverse(ids)
		first := o.get("/dashboard/test/links").Body.String()
		if got := shown(first); !slices.Equal(got, ids[:pageSize]) {
			t.Errorf("the first page shows %d rows in another order or number", len(got))
		}
		second := o.get("/dashboard/test/links?before=" + ids[pageSize-1]).Body.String()
		if got := shown(second); !slices.Equal(got, ids[pageSize:]) {
			t.Errorf("the second page shows %v", got)
		}
		cancelled := o.links()[0].ID
		o.alter(cancelled, func(l *paylink.Link) { l.CancelledAt = o.clock() })
		for query, want := range map[string][]string{
			"status=cancelled": {string(cancelled)}, "q=ref-03": {ids[len(ids)-4]}, "q=%2B91+98123+45642&status=cancelled": {string(cancelled)},
			"q=asha@example.com&status=cancelled": {string(cancelled)}, "q=nothing+like+it": nil, "q=%25": nil, "status=paid": nil,
		} {
			if got := shown(o.get("/dashboard/test/links?" + query).Body.String()); !slices.Equal(got, want) {
				t.Errorf("?%s shows %v, want %v", query, got, want)
			}
		}
	})
}

func shown(page string) []string {
	var ids []string
	for _, part := range strings.Split(page, `data-link="`)[1:] {
		id, _, _ := strings.Cut(part, `"`)
		ids = append(ids, id)
	}
	return ids
}

// The home page's money is what was captured and accepted since midnight on the merchant's clock,
// no more and in no other currency's sum.
func TestFiguresAreOfTheMerchantsDay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		l := o.link(nil)
		midnight := time.Date(2026, 11, 21, 18, 30, 0, 0, time.UTC)
		o.write(func(tx *store.Tx) {
			for _, p := range []struct {
				minor    int64
				currency paylink.Currency
				at       time.Time
				refund   paylink.Policy
			}{{100, "INR", midnight.Add(-time.Microsecond), ""}, {245000, "INR", midnight, ""}, {5000, "INR", noon, ""}, {700, "INR", noon, paylink.PolicyRefund}, {1250, "KWD", noon, ""}} {
				tx.InsertPayment(paylink.Payment{
					ID: paylink.NewPaymentID(p.at), Merchant: o.merchant.ID, Link: l.ID, Status: paylink.PaymentCaptured, Amount: paylink.Money{Minor: p.minor, Currency: p.currency},
					AmountCaptured: p.minor, Method: "card", Gateway: "sandbox", Reference: paylink.NewPaymentReference(), Disposition: p.refund, CreatedAt: p.at, UpdatedAt: p.at, CapturedAt: p.at,
				})
			}
		})
		got, err := o.board.figures(t.Context(), scene{Merchant: o.merchant, Now: noon, World: noon})
		must(t, err)
		want := []figure{
			{"Collected today", "₹2,500.00 · KWD\u00a01.250", "3 payments", "/dashboard/test/links?status=paid"},
			{"Open links", "1", "waiting for customers", "/dashboard/test/links?status=pending"},
			{"Made today", "1", "since midnight", "/dashboard/test/links"},
			{"Expired today", "0", "not paid in time", "/dashboard/test/links?status=expired"},
		}
		if !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}

// A sandbox clock that was moved on by a day makes links lapse tomorrow: they belong to that day, not to
// today's figure and again to tomorrow's.
func TestExpiredTodayIsOfTheLinksOwnWorld(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		l := o.link(nil) // for a day
		o.pass(24 * time.Hour)
		o.alter(l.ID, func(*paylink.Link) {})
		for _, c := range []struct {
			ahead time.Duration
			want  string
		}{{24 * time.Hour, "1"}, {48 * time.Hour, "0"}} {
			got, err := o.board.figures(t.Context(), scene{Merchant: o.merchant, Now: noon, World: noon.Add(c.ahead)})
			must(t, err)
			want := figure{"Expired today", c.want, "not paid in time", "/dashboard/test/links?status=expired"}
			if got[3] != want || got[1].Value != "0" {
				t.Errorf("%v ahead: %q", c.ahead, got)
			}
		}
	})
}

// The pages of a merchant who has just begun lead on instead of showing zeros.
func TestFirstRunShowsTheSteps(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	for _, path := range []string{"/dashboard/test/", "/dashboard/test/links"} {
		if page := o.get(path).Body.String(); !strings.Contains(page, "Create your first link") {
			t.Errorf("%s does not lead to the first link", path)
		}
	}
}
