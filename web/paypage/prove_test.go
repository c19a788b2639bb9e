package paypage

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/store"
)

// kept makes a link for Asha alone, with everything in it that must not be seen.
func (w *world) kept(r paylink.Restriction, change func(*paylink.Link)) (paylink.Link, string) {
	w.t.Helper()
	now := time.Now().UTC().Truncate(time.Microsecond)
	customer := paylink.Customer{
		ID: paylink.NewCustomerID(now), Merchant: w.merchant.ID, Name: "Asha Rao", Phone: "+919812345642", Email: "asha@example.com", Locale: "hi", CreatedAt: now,
	}
	w.write(func(tx *store.Tx) error { tx.InsertCustomer(customer); return nil })
	return w.link(func(l *paylink.Link) {
		l.Customer, l.Reference = customer.ID, "order-1042/"+string(l.ID)
		l.ReturnURL = "https://shop.example/thanks"
		l.Terms = paylink.Terms{
			Restrict: &r, SuccessText: "Doors open at eight", ClosedText: "Sold out", TermsURL: "https://club.example/terms",
			Partial: &paylink.Partial{MinimumFirst: 50000, Minimum: 10000},
		}
		if change != nil {
			change(l)
		}
	})
}

// Whoever gets a forwarded link must learn nothing from it: not from the page, not from the state that
// programs read, the stream, a form, a header, or what a preview shows; and not that there is more to see.
func TestNothingOfARestrictedLinkLeaksFromAnyAddress(t *testing.T) {
	w := openWorld(t)
	digits := paylink.Restriction{Proof: paylink.ProofPhoneDigits}
	_, open := w.kept(digits, nil)
	now := time.Now().UTC().Truncate(time.Microsecond)
	_, paid := w.kept(digits, func(l *paylink.Link) {
		l.Status, l.AmountPaid, l.PaymentsCount, l.PaidAt = paylink.LinkPaid, 245000, 1, now
	})
	under, live := w.kept(digits, func(l *paylink.Link) { l.Terms.TermsURL = "" })
	payer := w.browser()
	page := payer.get("/" + live)
	payer.do(http.MethodPost, "/"+live+"/prove", url.Values{"token": {page.token()}, "proof": {"345642"}}, nil)
	if got := payer.press(live, paylink.MethodUPI); got.status != http.StatusSeeOther {
		t.Fatalf("whoever proved it starts a payment: %d %s", got.status, got.body)
	}
	if _, payments := w.read(under); len(payments) != 1 {
		t.Fatalf("there are %d payments", len(payments))
	}
	_, abroad := w.kept(paylink.Restriction{Countries: []string{"IN"}}, nil)

	secrets := []string{
		"2,450", "245000", "500", "INR", "₹", "Order 1042", "order-1042", "Asha", "A…", "98123", "345642", "asha", "shop.example", "Doors open", "Sold out",
		"club.example", "upi://", "<svg class=\"qr\"", "पेमेंट", "paid", "created", "action_required", "bank",
	}
	paths := []string{""}
	for _, p := range parts {
		paths = append(paths, "/"+string(p))
	}
	var states []string
	for name, code := range map[string]string{"open": open, "paid": paid, "under way": live, "abroad": abroad} {
		for _, path := range paths {
			for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
				if path == "/stream" && method != http.MethodGet {
					continue
				}
				b := w.browser()
				token := b.get("/" + code).token()
				var form url.Values
				if method == http.MethodPost {
					form = url.Values{"token": {token}, "method": {"upi"}, "proof": {"000000"}, "part": {"full"}, "accept": {"yes"}}
				}
				got := b.do(method, "/"+code+path, form, nil)
				if got.status >= http.StatusInternalServerError {
					t.Errorf("%s: %s %s: %d", name, method, path, got.status)
				}
				said := got.body
				for header, values := range got.header {
					said += "\n" + header + ": " + strings.Join(values, " ")
				}
				said = strings.NewReplacer(code, "", "gateway_not", "", `"payment":null`, "", `"amount_due":0`, "").Replace(said)
				for _, secret := range secrets {
					if holds(said, secret) {
						t.Errorf("%s: %s %s tells %q:\n%s", name, method, path, secret, said)
					}
				}
				if path == "/state" && method == http.MethodGet && name != "abroad" {
					states = append(states, got.body)
				}
			}
		}
	}
	for _, s := range states {
		if s != states[0] {
			t.Errorf("states differ: %s and %s", s, states[0])
		}
	}
}

// holds looks for a secret outside of what every page has: its own texts about cards and banks.
func holds(said, secret string) bool {
	if secret == "paid" || secret == "created" || secret == "bank" {
		return strings.Contains(said, `"`+secret+`"`)
	}
	return strings.Contains(said, secret)
}

// The journey without JavaScript: asked, wrong, right, and the page is there; a stranger is asked anew.
func TestWhoProvesItSeesTheRequest(t *testing.T) {
	w := openWorld(t)
	_, code := w.kept(paylink.Restriction{Proof: paylink.ProofPhoneDigits}, func(l *paylink.Link) { l.Terms = paylink.Terms{Restrict: l.Terms.Restrict} })
	b := w.browser()
	asked := b.get("/" + code)
	if asked.status != http.StatusOK || !asked.shows(standProve) || !strings.Contains(asked.body, "…42") || !strings.Contains(asked.body, `data-final="true"`) {
		t.Fatalf("asked: %d %s", asked.status, asked.body)
	}
	wrong := b.do(http.MethodPost, "/"+code+"/prove", url.Values{"token": {asked.token()}, "proof": {"111111"}}, nil)
	if to := wrong.header.Get("Location"); wrong.status != http.StatusSeeOther || to != "/"+code+"?note=wrong_proof" {
		t.Fatalf("wrong: %d %s", wrong.status, to)
	}
	again := b.get("/" + code + "?note=wrong_proof")
	if !again.shows(standProve) || !strings.Contains(again.body, `aria-invalid="true"`) {
		t.Errorf("after a wrong answer: %s", again.body)
	}
	right := b.do(http.MethodPost, "/"+code+"/prove", url.Values{"token": {again.token()}, "proof": {"345642"}}, nil)
	cookie := right.header.Get("Set-Cookie")
	for _, part := range []string{"paylink_proof=", "Path=/" + code, "Max-Age=86400", "HttpOnly", "SameSite=Lax"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("the cookie %q lacks %s", cookie, part)
		}
	}
	if page := b.get("/" + code); !page.shows(standReady) || !strings.Contains(page.body, "Order 1042") {
		t.Errorf("after the proof: %s", page.body)
	}
	if page := w.browser().get("/" + code); !page.shows(standProve) {
		t.Errorf("a stranger sees %s", page.body)
	}
}

// A browser that is locked out is told until when, and gets no field to type in.
func TestALockedBrowserIsToldUntilWhen(t *testing.T) {
	w := openWorld(t)
	_, code := w.kept(paylink.Restriction{Proof: paylink.ProofPhoneDigits}, nil)
	b := w.browser()
	for range paylink.DeviceTries {
		page := b.get("/" + code)
		b.do(http.MethodPost, "/"+code+"/prove", url.Values{"token": {page.token()}, "proof": {"111111"}}, nil)
	}
	page := b.get("/" + code)
	if !page.shows(standProve) || strings.Contains(page.body, `id="proof"`) || !strings.Contains(page.body, "Too many tries") {
		t.Errorf("a locked browser sees %s", page.body)
	}
}
