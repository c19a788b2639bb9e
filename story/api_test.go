package story

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdAPI makes a call with the merchant's key:
//
//	api METHOD /path [file] ['Header: value'…]
//
// The file is a part of the story. A header without a value is left out: 'Authorization:'.
func cmdAPI(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: api METHOD /path [file] ['Header: value'…]")
	}
	body, headers := "", args[2:]
	if len(headers) > 0 && !strings.Contains(headers[0], ":") {
		body, headers = fileIn(ts, headers[0]), headers[1:]
		headers = append([]string{"Content-Type: application/json"}, headers...) // an empty file has one, too
	}
	worldOf(ts).api(ts, args[0], args[1], body, headers...)
}

func (w *world) api(ts *testscript.TestScript, method, path, body string, headers ...string) {
	if w.demo.URL == "" {
		ts.Fatalf("no program runs yet; begin with: paylink demo")
	}
	req, err := http.NewRequest(method, w.demo.URL+path, strings.NewReader(body))
	ts.Check(err)
	req.Header.Set("Authorization", "Bearer "+w.demo.APIKey)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok {
			ts.Fatalf("%q is no header", h)
		}
		if req.Header.Del(name); strings.TrimSpace(value) != "" {
			req.Header.Set(name, strings.TrimSpace(value))
		}
	}
	w.call(ts, client, req)
}

// asked is what a story asks for when it does not say otherwise: ₹2,450.00 from Asha, told nowhere.
func (w *world) asked() map[string]any {
	w.links++
	return map[string]any{
		"amount": 245000, "currency": "INR", "description": "Order 1042",
		"reference":  fmt.Sprintf("order-%d", 1041+w.links),
		"customer":   map[string]any{"name": "Asha", "phone": "+919812345642", "email": "asha@example.com"},
		"expires_in": 86400,
	}
}

// cmdAsk asks for a link with some fields changed, whatever comes of it:
//
//	ask [field=value…]    ask amount=-1   ask customer.phone=12   ask amount=absent
//
// A value is JSON, or a word; absent leaves the field out.
func cmdAsk(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	body := w.asked()
	for _, change := range args {
		field, value, ok := strings.Cut(change, "=")
		if neg || !ok {
			ts.Fatalf("usage: ask [field=value…]")
		}
		at, name := body, field
		if parent, child, ok := strings.Cut(field, "."); ok {
			inner, _ := at[parent].(map[string]any)
			inner = maps.Clone(inner)
			if inner == nil {
				inner = map[string]any{}
			}
			at[parent], at, name = inner, inner, child
		}
		switch {
		case value == "absent":
			delete(at, name)
		case json.Valid([]byte(value)):
			at[name] = json.RawMessage(value)
		default:
			at[name] = value
		}
	}
	b, err := json.Marshal(body)
	ts.Check(err)
	w.api(ts, http.MethodPost, "/v1/payment_links", string(b))
}

// cmdLink makes a link that must be made, and remembers ID, URL, CODE and REFERENCE:
//
//	link [field=value…]
func cmdLink(ts *testscript.TestScript, neg bool, args []string) {
	cmdAsk(ts, neg, args)
	cmdStatus(ts, false, []string{"201"})
	for name, path := range map[string]string{"ID": ".id", "URL": ".url", "CODE": ".code", "REFERENCE": ".reference"} {
		cmdRemember(ts, false, []string{name, path})
	}
}

// cmdBecomes waits until the remembered link has a status; the answer is then the link:
//
//	becomes paid
func cmdBecomes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: becomes STATUS")
	}
	cmdEventually(ts, false, []string{"/v1/payment_links/" + ts.Getenv("ID"), ".status", args[0]})
}

// cmdEventually reads again until a value is there; the answer is then what was read:
//
//	eventually /path .field value ['Header: value'…]
func cmdEventually(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || len(args) < 3 {
		ts.Fatalf("usage: eventually /path .field value ['Header: value'…]")
	}
	if !until(func() bool {
		w.api(ts, http.MethodGet, args[0], "", args[3:]...)
		v, ok := w.last.value(args[1])
		return ok && text(v) == args[2]
	}) {
		ts.Fatalf("%s did not become %s within %v; %s", args[1], args[2], patience, &w.last)
	}
}
