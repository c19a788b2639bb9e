package sandbox

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A client that heard no answer sends the order again; two orders would be two payments.
func TestOrderTwiceIsOneOrder(t *testing.T) {
	s := open(t, Config{})
	first := s.call(t, account, "POST", "/sandbox/gateway/orders", anOrder("card"))
	again := s.call(t, account, "POST", "/sandbox/gateway/orders", anOrder("card"))
	if first.Code != http.StatusCreated || again.Code != http.StatusOK || first.Body.String() != again.Body.String() {
		t.Errorf("first %d %s\nagain %d %s", first.Code, first.Body, again.Code, again.Body)
	}
	other := anOrder("card")
	other["amount"] = 1
	if w := s.call(t, account, "POST", "/sandbox/gateway/orders", other); w.Code != http.StatusConflict {
		t.Errorf("another amount under the same reference answered %d", w.Code)
	}
	if w := s.call(t, neighbor, "POST", "/sandbox/gateway/orders", other); w.Code != http.StatusCreated {
		t.Errorf("the neighbour's own reference answered %d", w.Code)
	}
}

// Each method needs another step of the customer; a client that was sent to the wrong one would
// leave them stranded.
func TestOrderSaysWhatTheCustomerDoes(t *testing.T) {
	for method, want := range map[string]struct{ kind, path, intent string }{
		"card":       {"redirect", "/bank/card/", ""},
		"netbanking": {"redirect", "/bank/netbanking/", ""},
		"upi": {"approve", "/upi/", "upi://pay?pa=merchant@sandbox&pn=Acme%20Retail&tr=" + reference +
			"&am=2450.50&cu=INR&tn=Order%201042"},
	} {
		s := open(t, Config{})
		w := s.call(t, account, "POST", "/sandbox/gateway/orders", anOrder(method))
		var got startedOrder
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		page, under := strings.CutPrefix(got.Action.URL, "http://bank.test/sandbox"+want.path)
		if string(got.Action.Kind) != want.kind || !under || len(page) < 26 || got.Action.Intent != want.intent || got.Status != "created" {
			t.Errorf("%s: %+v", method, got)
		}
	}
}

// The bank's page and paylink count the same money; a value that cannot be is refused, not mended.
func TestOrderWithWrongValuesIsRefused(t *testing.T) {
	for field, values := range map[string][]any{
		"reference":  {"", "short", strings.Repeat("a", 20), strings.Repeat("A", 21)},
		"amount":     {0, -1, int64(1_000_000_000_001)},
		"currency":   {"", "inr", "XXX"},
		"method":     {"", "cash"},
		"return_url": {"", "ftp://pay.test/", "/abc"},
		"notify_url": {"", "javascript:alert(1)"},
	} {
		for _, value := range values {
			s := open(t, Config{})
			order := maps.Clone(anOrder("card"))
			order[field] = value
			w := s.call(t, account, "POST", "/sandbox/gateway/orders", order)
			if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "The value of "+field) {
				t.Errorf("%s %v answered %d %s", field, value, w.Code, w.Body)
			}
		}
	}
}

// Anybody could make orders and messages of a merchant, or read how they went.
func TestWrongCredentialsAreRefused(t *testing.T) {
	s := open(t, Config{})
	for _, route := range [][2]string{
		{"POST", "/sandbox/gateway/orders"}, {"GET", "/sandbox/gateway/orders/" + reference}, {"POST", "/sandbox/carrier/sms/messages"},
	} {
		for name, password := range map[string]string{account: s.password(neighbor), "mer_1": s.password("mer_1"), "": ""} {
			r, err := http.NewRequest(route[0], route[1], strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			r.SetBasicAuth(name, password)
			if w := s.do(r); w.Code != http.StatusUnauthorized {
				t.Errorf("%s %s as %q answered %d", route[0], route[1], name, w.Code)
			}
		}
	}
}

// A look-up decides whether an attempt is tried again: an order that never arrived and one of a
// neighbour are both unknown here.
func TestLookUpKnowsOnlyItsOwnOrders(t *testing.T) {
	s := open(t, Config{})
	s.start(t, "card")
	for who, want := range map[string]int{account: http.StatusOK, neighbor: http.StatusNotFound} {
		if w := s.call(t, who, "GET", "/sandbox/gateway/orders/"+reference, nil); w.Code != want {
			t.Errorf("%s: answered %d, want %d", who, w.Code, want)
		}
	}
	w := s.call(t, account, "GET", "/sandbox/gateway/orders/"+reference, nil)
	var got word
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := word{Reference: reference, Amount: 245050, Currency: "INR", Status: "created", Method: "card", At: got.At}
	if got != want || time.Since(got.At) > time.Minute {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// A body without end would fill the memory of everybody's sandbox.
func TestLongBodyIsRefused(t *testing.T) {
	s := open(t, Config{})
	order := anOrder("card")
	order["description"] = strings.Repeat("x", maxBody)
	if w := s.call(t, account, "POST", "/sandbox/gateway/orders", order); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("answered %d", w.Code)
	}
}
