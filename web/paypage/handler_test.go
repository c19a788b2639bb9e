package paypage

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/token"
)

// A difference between "no such link" and "forged" would tell a guesser how far he has come.
func TestEveryCodeThatIsNotOursGetsTheSameAnswer(t *testing.T) {
	w := openWorld(t)
	_, code := w.link(nil)
	other := openWorld(t)
	_, foreign := other.link(nil)
	_, _, unknown, err := token.NewCode(w.ring, 0, strings.NewReader("7 bytes of no link"))
	must(t, err)
	forged := []byte(code)
	forged[len(forged)-1] ^= 1

	b := w.browser()
	want := b.get("/" + unknown)
	if want.status != http.StatusNotFound {
		t.Fatalf("an unknown code gets %d", want.status)
	}
	for name, path := range map[string]string{
		"forged": "/" + string(forged), "foreign": "/" + foreign, "short": "/" + code[:21], "long": "/" + code + "0", "word": "/hello",
		"markup": "/%3Cscript%3E", "a header that nobody holds": "/NOBODY/" + code, "deep": "/a/b/c/d", "root": "/",
		"reserved": "/static/" + code, "state": "/" + foreign + "/state", "stream": "/" + foreign + "/stream",
		"state under another's header": "/NOBODY/" + code + "/state", "p without a code": "/p", "p with a wrong one": "/p?c=hello",
		"returned": "/" + foreign + "/return",
	} {
		got := b.get(path)
		got.header.Del("Date")
		want.header.Del("Date")
		if got.status != want.status || got.body != want.body || !maps.EqualFunc(got.header, want.header, func(a, b []string) bool {
			return strings.Join(a, "\n") == strings.Join(b, "\n")
		}) {
			t.Errorf("%s: %d %v, want %d %v", name, got.status, got.header, want.status, want.header)
		}
	}
	for _, part := range parts {
		if !part.form() || part == partOpened {
			continue
		}
		got := b.do(http.MethodPost, "/"+foreign+"/"+string(part), url.Values{"token": {"x"}, "method": {"card"}}, nil)
		if got.status != http.StatusNotFound || got.body != want.body {
			t.Errorf("POST %s: %d", part, got.status)
		}
	}
}

// The main job, as a customer's browser does it without JavaScript.
func TestACustomerPaysByCardAndKeepsTheReceipt(t *testing.T) {
	w := openWorld(t)
	l, code := w.link(nil)
	payer, friend := w.browser(), w.browser()

	toBank := payer.press(code, paylink.MethodCard)
	if to := toBank.header.Get("Location"); toBank.status != http.StatusSeeOther || !strings.Contains(to, "/sandbox/bank/card/") {
		t.Fatalf("pay answered %d to %q", toBank.status, to)
	}
	waits := payer.get("/" + code)
	if !waits.shows(standRedirect) || !strings.Contains(waits.body, `<a id="continue"`) {
		t.Errorf("while the bank waits, the page shows %s", waits.body)
	}
	if seen := friend.get("/" + code); !seen.shows(standElsewhere) {
		t.Errorf("another browser sees %s", seen.body)
	}
	w.capture(l)
	if got := payer.get("/" + code); !got.shows(standPaid) || !strings.Contains(got.body, "Visa •••• 4242") || !strings.Contains(got.body, "632600112233") {
		t.Errorf("the payer sees %s", got.body)
	}
	if got := friend.get("/" + code); !got.shows(standStranger) || strings.Contains(got.body, "4242") {
		t.Errorf("another browser sees %s", got.body)
	}
	state := payer.get("/" + code + "/state")
	var got struct {
		Status    string
		AmountDue int64 `json:"amount_due"`
		Currency  string
		Payment   *struct {
			Status    string
			ActionURL *string `json:"action_url"`
		}
	}
	must(t, json.Unmarshal([]byte(state.body), &got))
	if got.Status != "paid" || got.AmountDue != 0 || got.Currency != "INR" || got.Payment == nil || got.Payment.Status != "captured" || got.Payment.ActionURL != nil {
		t.Errorf("state %s", state.body)
	}
}

// A customer who presses twice, goes back, or opens two tabs must not pay twice.
func TestAFormThatIsSentAgainShowsTheTrueState(t *testing.T) {
	w := openWorld(t)
	l, code := w.link(nil)
	b := w.browser()
	page := b.get("/" + code)
	form := url.Values{"token": {page.token()}, "method": {"upi"}}
	first := b.do(http.MethodPost, "/"+code+"/pay", form, nil)
	if first.status != http.StatusSeeOther || first.header.Get("Location") != "/"+code {
		t.Fatalf("UPI answered %d to %q", first.status, first.header.Get("Location"))
	}
	if got := b.get("/" + code); !got.shows(standApprove) || !strings.Contains(got.body, `<svg class="qr" role="img" aria-label="QR code to pay ₹2,450.00`) {
		t.Errorf("UPI shows %s", got.body)
	}
	second := b.do(http.MethodPost, "/"+code+"/pay", form, nil)
	if to := second.header.Get("Location"); second.status != http.StatusSeeOther || to != "/"+code+"?note=live" {
		t.Errorf("the second time: %d to %q", second.status, to)
	}
	if got := b.get("/" + code + "?note=live"); !got.shows(standApprove) || !strings.Contains(got.body, "no second one was started") {
		t.Errorf("then the page shows %s", got.body)
	}
	if _, payments := w.read(l); len(payments) != 1 {
		t.Errorf("%d payments were started", len(payments))
	}
}

// A customer whose phone has no UPI app must get away from the QR code, and back to all methods.
func TestACustomerCanStopATryAndUseAnotherMethod(t *testing.T) {
	w := openWorld(t)
	l, code := w.link(nil)
	b := w.browser()
	b.press(code, paylink.MethodUPI)
	waits := b.get("/" + code)
	left := b.do(http.MethodPost, "/"+code+"/abandon", url.Values{"token": {waits.token()}}, nil)
	if left.status != http.StatusSeeOther || left.header.Get("Location") != "/"+code {
		t.Fatalf("stopping answered %d to %q", left.status, left.header.Get("Location"))
	}
	if got := b.get("/" + code); !got.shows(standRetry) && !got.shows(standReady) {
		t.Errorf("after stopping, the page shows %s", got.body)
	}
	if got := b.press(code, paylink.MethodNetbanking); !strings.Contains(got.header.Get("Location"), "/sandbox/bank/netbanking/") {
		t.Errorf("another method led to %q", got.header.Get("Location"))
	}
	if now, payments := w.read(l); now.InFlight != 1 || len(payments) != 2 {
		t.Errorf("%d in flight of %d", now.InFlight, len(payments))
	}
}

// Another site's page must not be able to make a customer pay, stop or be seen.
func TestFormsOfOtherSitesChangeNothing(t *testing.T) {
	w := openWorld(t)
	l, code := w.link(nil)
	b := w.browser()
	page := b.get("/" + code)
	form := url.Values{"token": {page.token()}, "method": {"card"}}
	for _, evil := range []http.Header{
		{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {"https://evil.example"}},
		{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"null"}},
	} {
		for _, part := range []part{partPay, partAbandon, partAsk, partOpened} {
			if got := b.do(http.MethodPost, "/"+code+"/"+string(part), form, evil); got.status != http.StatusSeeOther || got.header.Get("Location") != "/"+code {
				t.Errorf("%v %s: %d to %q", evil, part, got.status, got.header.Get("Location"))
			}
		}
	}
	if now, payments := w.read(l); len(payments) != 0 || !now.OpenedAt.IsZero() {
		t.Errorf("%d payments were started, opened at %v", len(payments), now.OpenedAt)
	}
	for _, own := range []http.Header{{"Sec-Fetch-Site": {"same-origin"}}, {"Origin": {"null"}}} {
		again := url.Values{"token": {b.get("/" + code).token()}, "method": {"card"}}
		if got := b.do(http.MethodPost, "/"+code+"/pay", again, own); got.status != http.StatusSeeOther {
			t.Errorf("our own form %v: %d", own, got.status)
		}
	}
	if _, payments := w.read(l); len(payments) != 1 {
		t.Errorf("our own forms started %d payments", len(payments))
	}
}

// Gateways send browsers back with forms of their own, which carry no cookie of ours; whatever they
// claim must change nothing, and the payer must stay the payer.
func TestAGatewaysReturnIsAnsweredAndNotBelieved(t *testing.T) {
	w := openWorld(t)
	l, code := w.link(nil)
	b := w.browser()
	b.press(code, paylink.MethodCard)
	_, before := w.read(l)
	elsewhere := w.browser()
	for _, path := range []string{"/" + code, "/" + code + "/return"} {
		got := elsewhere.do(http.MethodPost, path, url.Values{"status": {"captured"}}, http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://bank.example"}})
		if got.status != http.StatusSeeOther || got.header.Get("Location") != "/"+code || got.header.Get("Set-Cookie") != "" {
			t.Errorf("POST %s: %d to %q, cookie %q", path[23:], got.status, got.header.Get("Location"), got.header.Get("Set-Cookie"))
		}
	}
	if got := b.get("/" + code + "/return?status=paid"); got.status != http.StatusSeeOther || got.header.Get("Location") != "/"+code {
		t.Errorf("GET return: %d to %q", got.status, got.header.Get("Location"))
	}
	if _, after := w.read(l); after[0].Status != before[0].Status || len(after) != 1 {
		t.Errorf("the payment became %s", after[0].Status)
	}
	if got := b.get("/" + code); !got.shows(standRedirect) {
		t.Errorf("the payer sees %s", got.body)
	}
}

// Preview bots and scanners read every link; a payment or an "opened" that they cause is a lie.
func TestReadingChangesNothing(t *testing.T) {
	w := openWorld(t)
	l, code := w.link(nil)
	before, _ := w.read(l)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		for _, path := range []string{"", "/pay", "/abandon", "/ask", "/opened", "/state"} {
			if got := w.browser().do(method, "/"+code+path, nil, nil); got.status != http.StatusOK && got.status != http.StatusSeeOther {
				t.Errorf("%s %s: %d", method, path, got.status)
			}
		}
	}
	after, payments := w.read(l)
	if !after.UpdatedAt.Equal(before.UpdatedAt) || !after.OpenedAt.IsZero() || len(payments) != 0 {
		t.Errorf("reading changed the link: updated %v → %v, opened %v, %d payments", before.UpdatedAt, after.UpdatedAt, after.OpenedAt, len(payments))
	}
	if got := w.browser().do(http.MethodDelete, "/"+code, nil, nil); got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("DELETE: %d, Allow %q", got.status, got.header.Get("Allow"))
	}
	b := w.browser()
	b.get("/" + code)
	if got := b.do(http.MethodPost, "/"+code+"/opened", nil, http.Header{"Sec-Fetch-Site": {"same-origin"}}); got.status != http.StatusNoContent {
		t.Errorf("the beacon: %d", got.status)
	}
	if now, _ := w.read(l); now.OpenedAt.IsZero() {
		t.Error("a person's visit is not noted")
	}
}

// The address forms that Indian operators demand must be served without a redirect.
func TestEveryAddressFormOpensThePage(t *testing.T) {
	w := openWorld(t)
	_, code := w.link(nil)
	for _, path := range []string{"/" + code, "/" + code + "/", "/ACMEIN/" + code, "/p?c=" + code, "/p/?c=" + code + "&lang=hi"} {
		if got := w.browser().get(path); got.status != http.StatusOK || !got.shows(standReady) {
			t.Errorf("%s: %d", strings.ReplaceAll(path, code, "CODE"), got.status)
		}
	}
	b := w.browser()
	if got := b.get("/ACMEIN/" + code); !strings.Contains(got.body, `action="/ACMEIN/`+code+`/pay"`) {
		t.Error("the form leaves the sender header's address")
	}
	b.get("/" + code + "?lang=hi")
	if got := b.get("/" + code); !strings.Contains(got.body, `<html lang="hi"`) {
		t.Error("the chosen language is forgotten")
	}
}

// A merchant's hold must reach the page that a customer has open.
func TestAHeldLinkTakesNoForm(t *testing.T) {
	w := openWorld(t)
	l, code := w.link(nil)
	b := w.browser()
	page := b.get("/" + code)
	w.write(func(tx *store.Tx) error {
		now, err := tx.Link(l.Merchant, l.Live, l.ID)
		if err != nil {
			return err
		}
		read := now.UpdatedAt
		now.Hold, now.HoldSince = paylink.HoldPaused, time.Now()
		now.Touch(time.Now())
		tx.UpdateLink(now, read)
		return nil
	})
	got := b.do(http.MethodPost, "/"+code+"/pay", url.Values{"token": {page.token()}, "method": {"card"}}, nil)
	if got.status != http.StatusSeeOther || !b.get("/"+code).shows(standHold) {
		t.Errorf("a held link's form: %d to %q", got.status, got.header.Get("Location"))
	}
}
