package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"paylink"
)

// shop is a customer's page that keeps the contract of the wire page and nothing more: it orders at
// the sandbox over HTTP and believes its notices.
type shop struct {
	t       *testing.T
	sandbox *Sandbox
	at      string // the sandbox's URL
	own     string

	mu      sync.Mutex
	payment paylink.PaymentStatus
	action  string
}

func (p *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch r.Method + " " + r.URL.Path {
	case "POST /notices":
		var n told
		json.NewDecoder(r.Body).Decode(&n)
		p.payment = n.Data.Status
	case "GET /abc/state", "GET /nofield/state":
		fmt.Fprintf(w, `{"status":%q,"amount_due":1,"currency":"INR","payment":{"status":%q,"action_url":null}}`, p.status(), p.payment)
	case "GET /abc", "GET /nofield":
		p.lookUp()
		p.page(w, r.URL.Path)
	case "POST /abc", "POST /nofield":
		if c, err := r.Cookie("device"); err != nil || c.Value != "1" || r.PostFormValue("token") != "one-time" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		p.order(r.PostFormValue("method"), r.PostFormValue("amount"))
		http.Redirect(w, r, r.URL.Path, http.StatusSeeOther)
	default:
		http.NotFound(w, r)
	}
}

// lookUp asks the gateway when the customer comes back and no notice has come.
func (p *shop) lookUp() {
	if p.payment != paylink.PaymentActionRequired {
		return
	}
	w := p.sandbox.call(p.t, account, "GET", "/sandbox/gateway/orders/"+reference, nil)
	if w.Code == http.StatusGatewayTimeout {
		p.payment = paylink.PaymentUnknown
	}
}

func (p *shop) status() string {
	if p.payment == paylink.PaymentCaptured {
		return "paid"
	}
	return "pending"
}

func (p *shop) page(w http.ResponseWriter, path string) {
	http.SetCookie(w, &http.Cookie{Name: "device", Value: "1"})
	fmt.Fprintf(w, `<body data-status=%q data-payment=%q>`, p.status(), p.payment)
	switch {
	case p.action != "" && p.payment == "action_required":
		fmt.Fprintf(w, `<a id="continue" href=%q>Go on</a>`, p.action)
	case p.payment == "":
		fmt.Fprintf(w, `<form id="pay" method="post" action=%q><input type="hidden" name="token" value="one-time">`, path)
		if path == "/abc" {
			io.WriteString(w, `<input name="amount" value="5.00">`)
		}
		io.WriteString(w, `<input type="radio" name="method" value="upi" checked><input type="radio" name="method" value="card"><input type="radio" name="method" value="netbanking"><button>Pay</button></form>`)
	}
}

func (p *shop) order(method, amount string) {
	o := anOrder(method)
	o["return_url"], o["notify_url"] = p.own+"/abc", p.own+"/notices"
	if amount == "77.00" {
		o["amount"] = 7700
	}
	raw, _ := json.Marshal(o)
	r, _ := http.NewRequest("POST", p.at+"/gateway/orders", strings.NewReader(string(raw)))
	r.Header.Set("Content-Type", "application/json")
	r.SetBasicAuth(account, p.sandbox.password(account))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return
	}
	defer res.Body.Close()
	var got startedOrder
	json.NewDecoder(res.Body).Decode(&got)
	p.action, p.payment = got.Action.URL, "action_required"
}

func openShop(t *testing.T) (*shop, *Sandbox) {
	t.Helper()
	p := &shop{t: t}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	p.own = server.URL
	p.sandbox, p.at = serve(t, server.URL)
	return p, p.sandbox
}

// The walk is how every story pays; it must take the customer's own way through page, bank and back,
// whatever the method, and tell what the bank said.
func TestWalkPaysAsACustomerWould(t *testing.T) {
	for _, c := range []struct {
		method  string
		outcome outcome
		want    paylink.PaymentStatus
		link    string
	}{
		{"card", success, "captured", "paid"}, {"card", declined, "failed", "pending"}, {"card", pending, "pending", "pending"},
		{"upi", success, "captured", "paid"}, {"upi", late, "failed", "pending"}, {"upi", declined, "failed", "pending"},
		{"netbanking", success, "captured", "paid"}, {"netbanking", duplicate, "captured", "paid"}, {"netbanking", unknown, "unknown", "pending"},
	} {
		t.Run(c.method+" "+string(c.outcome), func(t *testing.T) {
			shop, s := openShop(t)
			w := s.call(t, "", "POST", "/sandbox/pay", map[string]any{"url": shop.own + "/abc", "method": c.method, "outcome": c.outcome})
			var got payResult
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
				t.Fatalf("answered %d %s", w.Code, w.Body)
			}
			want := payResult{Reference: reference, Payment: got.Payment, Outcome: c.outcome, Status: c.want, LinkStatus: c.link}
			if got != want || !strings.HasPrefix(got.Payment, "sbx_pay_") {
				t.Errorf("\n got %+v\nwant %+v", got, want)
			}
		})
	}
}

// A walk that went on regardless would pay the wrong amount, another site's page, or nothing, and
// say that all was well.
func TestWalkSaysWhyItCannotPay(t *testing.T) {
	for name, c := range map[string]struct {
		path   string
		change map[string]any
		before paylink.PaymentStatus
		status int
		says   string
	}{
		"another site":     {"", map[string]any{"url": "http://other.test/abc"}, "", 422, "/url"},
		"looks alike":      {"", map[string]any{"url": "http://pay.test.other/abc"}, "", 422, "/url"},
		"no link":          {"/unknown", nil, "", 404, "not_found"},
		"no method":        {"/abc", map[string]any{"method": "cash"}, "", 422, "/method"},
		"no outcome":       {"/abc", map[string]any{"outcome": "luck"}, "", 422, "/outcome"},
		"negative amount":  {"/abc", map[string]any{"amount": -1}, "", 422, "/amount"},
		"fixed amount":     {"/nofield", map[string]any{"amount": 7700}, "", 422, "amount_fixed"},
		"paid already":     {"/abc", nil, "captured", 409, "not_payable"},
		"payment underway": {"/abc", nil, "pending", 409, "not_payable"},
	} {
		t.Run(name, func(t *testing.T) {
			shop, s := openShop(t)
			shop.payment = c.before
			req := map[string]any{"url": shop.own + c.path, "method": "card", "outcome": "success"}
			for field, value := range c.change {
				req[field] = value
			}
			w := s.call(t, "", "POST", "/sandbox/pay", req)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("answered %d %s", w.Code, w.Body)
			}
		})
	}
}

// Minor units become the decimal that a customer would type.
func TestWalkTypesTheAmount(t *testing.T) {
	shop, s := openShop(t)
	w := s.call(t, "", "POST", "/sandbox/pay", map[string]any{"url": shop.own + "/abc", "method": "upi", "outcome": "success", "amount": 7700})
	if w.Code != http.StatusOK || s.world.orders[0].Amount.Minor != 7700 {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
}

// A payment page belongs to its merchant: another one's key must not pay it.
func TestWalkStaysWithItsMerchant(t *testing.T) {
	shop, s := openShop(t)
	r := httptest.NewRequest("POST", "/sandbox/pay", strings.NewReader(`{"url":"`+shop.own+`/abc","method":"upi","outcome":"success"}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sandbox-Merchant", "mer_2")
	if w := s.do(r); w.Code != http.StatusConflict || s.world.orders[0].Status != "created" {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
}

// The walker is a way to make the server call addresses: it must stay below the two that it knows.
func TestUnderIsTheSameHostAndBelow(t *testing.T) {
	base, err := url.Parse("http://pay.test/sandbox")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"http://pay.test/sandbox": true, "http://pay.test/sandbox/x": true, "http://pay.test/sandboxes": false, "http://pay.test/": false,
		"https://pay.test/sandbox/x": false, "http://pay.test:8080/sandbox/x": false, "http://pay.test@evil.test/sandbox/x": false,
		"http://a@pay.test/sandbox/x": false, "http://pay.test/sandbox/../x": false, "/sandbox/x": false,
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if under(u, base) != want {
			t.Errorf("%s: %v", text, !want)
		}
	}
}
