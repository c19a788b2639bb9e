package sandbox

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// everyPage renders each page in its states, by name.
func everyPage(t *testing.T) map[string]string {
	t.Helper()
	const nasty = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	s := open(t, Config{})
	order := func(method, ref string) string {
		o := anOrder(method)
		o["merchant_name"], o["description"], o["reference"] = nasty, nasty, ref+reference[1:]
		s.call(t, account, "POST", "/sandbox/gateway/orders", o)
		return s.world.orders[len(s.world.orders)-1].Page
	}
	card, challenge, bank, upi := order("card", "A"), order("card", "B"), order("netbanking", "C"), order("upi", "D")
	done := order("upi", "E")
	s.press("/sandbox/upi/"+done, "outcome=pending")
	s.press("/sandbox/bank/card/"+challenge, "number=4000000000003220&expiry=01/40&code=123&name=Asha")
	for _, channel := range []string{"sms", "whatsapp", "email", "in_app"} {
		m := aMessage("msg_"+channel, "+919812345642")
		m["sender"], m["subject"], m["text"], m["html"] = nasty, nasty, nasty+" http://pay.test/abc", "<p>Hello</p>"+nasty
		m["button"] = button{nasty, "http://pay.test/abc"}
		s.call(t, account, "POST", "/sandbox/carrier/"+channel+"/messages", m)
	}
	return map[string]string{
		"phone":           s.get("/sandbox/").Body.String(),
		"phone mail":      s.get("/sandbox/?show=email").Body.String(),
		"phone trouble":   s.get("/sandbox/?trouble=clock").Body.String(),
		"empty phone":     open(t, Config{}).get("/sandbox").Body.String(),
		"card":            s.get("/sandbox/bank/card/" + card).Body.String(),
		"card with error": s.press("/sandbox/bank/card/"+card, "name="+nasty).Body.String(),
		"challenge":       s.get("/sandbox/bank/challenge/" + challenge).Body.String(),
		"bank":            s.get("/sandbox/bank/netbanking/" + bank).Body.String(),
		"upi":             s.get("/sandbox/upi/" + upi).Body.String(),
		"closed":          s.get("/sandbox/upi/" + done).Body.String(),
		"nothing":         s.get("/sandbox/upi/nothing").Body.String(),
	}
}

// The content policy allows nothing inline: a page that had it would be broken, and a merchant's
// name that became markup would run in the customer's browser.
func TestPagesHoldNothingInline(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=["']|javascript:|<script>|<img`)
	script := regexp.MustCompile(`<script[^>]*>`)
	for name, body := range everyPage(t) {
		if found := inline.FindString(body); found != "" {
			t.Errorf("%s holds %q", name, found)
		}
		for _, tag := range script.FindAllString(body, -1) {
			if tag != `<script type="module" src="/sandbox/static/phone.js">` {
				t.Errorf("%s holds %s", name, tag)
			}
		}
	}
}

// Somebody who hears the page instead of seeing it needs its language, one heading to begin at, and a
// name for every field.
func TestPagesCanBeHeard(t *testing.T) {
	id := regexp.MustCompile(`<(?:input|select)[^>]*\sid="([^"]+)"`)
	for name, body := range everyPage(t) {
		if !strings.Contains(body, `<html lang="en"`) || strings.Count(body, "<h1") != 1 || !strings.Contains(body, "<main") {
			t.Errorf("%s: language, main or the one heading is missing", name)
		}
		for _, field := range id.FindAllStringSubmatch(body, -1) {
			if !strings.Contains(body, `<label for="`+field[1]+`"`) {
				t.Errorf("%s: field %s has no label", name, field[1])
			}
		}
	}
}

// Browsers hold a form's redirect to form-action: without the merchant's origin the customer would
// be stranded at the bank. Nothing else may be let in.
func TestPagesCarryTheirPolicy(t *testing.T) {
	s := open(t, Config{})
	const policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'%; frame-ancestors 'none'; base-uri 'none'"
	for path, back := range map[string]string{s.start(t, "card"): " http://pay.test", "/sandbox/": ""} {
		h := s.get(path).Header()
		got := []string{h.Get("Content-Security-Policy"), h.Get("Cache-Control"), h.Get("X-Content-Type-Options"), h.Get("Content-Type")}
		want := []string{strings.Replace(policy, "%", back, 1), "no-store", "nosniff", "text/html; charset=utf-8"}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: %q, want %q", path, got[i], want[i])
			}
		}
	}
	for _, file := range []string{"style.css", "phone.js", "icon.svg"} {
		if w := s.get("/sandbox/static/" + file); w.Code != http.StatusOK || w.Body.Len() == 0 {
			t.Errorf("%s answered %d", file, w.Code)
		}
	}
}

// A look must change nothing: link previews and scanners look at every URL that they see.
func TestLookingChangesNothing(t *testing.T) {
	inVirtualTime(t, Config{}, func(t *testing.T, s *Sandbox, in *inbox) {
		s.call(t, account, "POST", "/sandbox/carrier/whatsapp/messages", aMessage("msg_1", "+919812345642"))
		page := s.start(t, "upi")
		settleFor(time.Second)
		letters, order, message := len(in.taken()), *s.world.orders[0], *s.world.messages[0]
		for _, path := range []string{page, "/sandbox/", "/sandbox/?show=whatsapp", "/sandbox/messages"} {
			for _, method := range []string{"GET", "HEAD"} {
				if w := s.call(t, "", method, path, nil); w.Code != http.StatusOK {
					t.Errorf("%s %s answered %d", method, path, w.Code)
				}
			}
		}
		settleFor(time.Second)
		if len(in.taken()) != letters || *s.world.orders[0] != order || *s.world.messages[0] != message {
			t.Error("somebody looked and something changed")
		}
	})
}

// A page of another site could otherwise move the clock or settle payments in the browser of whoever
// has the sandbox open.
func TestOtherSitesCannotPressOurButtons(t *testing.T) {
	s := open(t, Config{})
	s.start(t, "upi")
	r, err := http.NewRequest("POST", "http://bank.test/sandbox/orders/"+s.world.orders[0].Page+"/outcome", strings.NewReader("outcome=success"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if w := s.do(r); w.Code != http.StatusForbidden || s.world.orders[0].Status != "created" {
		t.Errorf("answered %d, order %s", w.Code, s.world.orders[0].Status)
	}
}

// The server that mounts the sandbox asks this before it lets a stranger through: a control page on
// the open side would show every message to everybody.
func TestControlIsWhatMerchantsUse(t *testing.T) {
	s := open(t, Config{})
	for path, control := range map[string]bool{
		"/sandbox": true, "/sandbox/": true, "/sandbox/stream": true, "/sandbox/messages": true, "/sandbox/messages/x/read": true,
		"/sandbox/pay": true, "/sandbox/clock": true, "/sandbox/orders/x/outcome": true, "/sandbox/new-thing": true,
		"/sandbox/gateway/orders": false, "/sandbox/carrier/sms/messages": false, "/sandbox/bank/card/x": false,
		"/sandbox/upi/x": false, "/sandbox/static/style.css": false,
	} {
		if s.Control(path) != control {
			t.Errorf("%s: control is %v", path, !control)
		}
	}
	// An open beginning must not lead to a control page by a detour.
	for _, detour := range []string{"/sandbox/gateway/../messages", "/sandbox/gateway/%2e%2e/messages", "/sandbox/upi//messages"} {
		if w := s.get(detour); w.Code == http.StatusOK {
			t.Errorf("%s answered %s", detour, w.Body)
		}
	}
}

// Every mistake in the settings is named at once: an operator should not have to start five times.
func TestWrongSettingsAreAllNamed(t *testing.T) {
	_, err := New(Config{Master: []byte("short"), URL: "sandbox", Paylink: "ftp://x"})
	for _, word := range []string{"master secret", "own URL", "paylink's URL", "clock"} {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%q is not in %v", word, err)
		}
	}
}

// Mail is shown as words: markup that came through would be the sender's page inside ours.
func TestMailIsShownAsWords(t *testing.T) {
	got := plain(`<html><head><title>t</title><style>p{}</style></head><body><h1>Hello &amp; welcome</h1><p>Pay <b>Rs 5</b><br>now &lt;b&gt;</p><script>alert(1)</script></body>`)
	if want := "Hello & welcome\nPay Rs 5\nnow <b>"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Anything can come in a mail; reading it must end and must not fail.
func FuzzPlain(f *testing.F) {
	f.Add("<p>Hello<br>world</p>")
	f.Add("<script><style></script>text")
	f.Fuzz(func(t *testing.T, mail string) {
		if text := plain(mail); len(text) > 4*len(mail)+16 {
			t.Errorf("%d bytes became %d", len(mail), len(text))
		}
	})
}
