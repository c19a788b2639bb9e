package razorpay_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink/gateway"
	"paylink/outbound"
	"paylink/provider/providertest"
)

// object is an entity as Razorpay writes it.
type object map[string]any

func (o object) num(name string) int64   { n, _ := o[name].(int64); return n }
func (o object) text(name string) string { s, _ := o[name].(string); return s }

// shop is one merchant's account at the fake.
type shop struct{ keyID, keySecret, webhookSecret string }

// fake is a Razorpay written from its documents, which remembers what it was told. It shares nothing with the
// adapter.
type fake struct {
	mu                                     sync.Mutex
	far                                    *providertest.Far
	now                                    func() time.Time
	ours, other                            shop
	owner                                  map[string]string // of each order, payment, refund and dispute: the key id
	orders, payments, codes                []object
	silent                                 bool // it tells no content of codes, as where that is not switched on
	refunds, disputes, settlements, papers []object
	page                                   map[string]string // of each order: the method chosen on the hosted page
	asked                                  []string          // the calls, as METHOD path
	lose                                   string            // a call whose answer gets lost after it was done: its path's end
	fate                                   string            // of the next refund
	ids                                    int
}

func serve(t *testing.T) *fake {
	f := &fake{
		now: time.Now, owner: map[string]string{}, page: map[string]string{},
		ours:  shop{"rzp_test_AAAAAAAAAAAAAA", "canary-key-secret", "canary-webhook-secret"},
		other: shop{"rzp_test_BBBBBBBBBBBBBB", "another-key-secret", "another-webhook-secret"},
	}
	f.far = providertest.Serve(t, func(*providertest.Far) http.Handler { return http.HandlerFunc(f.serve) })
	return f
}

func (f *fake) account(s shop) gateway.Account {
	a := gateway.Account{ID: "acct_01kaa", Merchant: "mer_01kaa", BaseURL: f.far.Origin, Secret: s.webhookSecret,
		Fields: map[string]string{"key_id": s.keyID, "key_secret": s.keySecret}}
	if s == f.other {
		a.ID, a.Merchant = "acct_01kbb", "mer_01kbb"
	}
	return a
}

func client(t testing.TB) *outbound.Client {
	c := outbound.New(outbound.Options{AllowLoopback: true})
	t.Cleanup(c.Close)
	return c
}

// refusal is an error as Razorpay answers it.
type refusal struct {
	status      int
	description string
}

var (
	noSuchID = &refusal{400, "The id provided does not exist"}
	noURL    = &refusal{400, "The requested URL was not found on the server."}
)

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.asked = append(f.asked, r.Method+" "+r.URL.Path)
	lost := f.lose != "" && strings.HasSuffix(r.URL.Path, f.lose) && r.Method != http.MethodGet
	if lost {
		f.lose = ""
	}
	f.mu.Unlock()
	if r.URL.Path == "/v1/checkout/embedded" {
		f.hosted(w, r)
		return
	}
	keyID, secret, _ := r.BasicAuth()
	if (keyID != f.ours.keyID || secret != f.ours.keySecret) && (keyID != f.other.keyID || secret != f.other.keySecret) {
		answer(w, http.StatusUnauthorized, fault("Authentication failed"))
		return
	}
	body, bad := f.act(keyID, r)
	switch {
	case lost:
		w.WriteHeader(http.StatusGatewayTimeout)
		_, _ = w.Write([]byte("<html><body>upstream timed out</body></html>"))
	case bad != nil:
		answer(w, bad.status, fault(bad.description))
	default:
		answer(w, http.StatusOK, body)
	}
}

func fault(description string) object {
	return object{"error": object{"code": "BAD_REQUEST_ERROR", "description": description, "source": "business", "step": "payment_initiation", "reason": "input_validation_failed", "metadata": object{}}}
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// act does what an API call asks for.
func (f *fake) act(key string, r *http.Request) (any, *refusal) {
	in := object{}
	if r.Method != http.MethodGet && strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		if json.NewDecoder(r.Body).Decode(&in) != nil {
			return nil, &refusal{400, "The body is no JSON"}
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	part := strings.Split(strings.Trim(strings.TrimPrefix(r.URL.Path, "/v1"), "/"), "/")
	last := part[len(part)-1]
	switch route := r.Method + " " + part[0]; {
	case route == "POST orders" && len(part) == 1:
		return f.makeOrder(key, in)
	case route == "GET orders" && len(part) == 1:
		return f.list(r, key, f.orders, func(o object) bool { return o.text("receipt") == r.FormValue("receipt") }), nil
	case route == "GET orders" && len(part) == 2:
		return f.find(key, f.orders, part[1])
	case route == "GET orders" && last == "payments":
		if _, bad := f.find(key, f.orders, part[1]); bad != nil {
			return nil, bad
		}
		return f.list(r, key, f.payments, func(p object) bool { return p["order_id"] == part[1] }), nil
	case route == "GET payments" && len(part) == 1:
		return f.list(r, key, f.payments, nil), nil
	case part[0] == "payments" && len(part) > 1 && part[1] == "qr_codes":
		return f.code(key, r, part, in)
	case route == "POST payments" && last == "capture":
		return f.capture(key, part[1], in)
	case part[0] == "payments" && len(part) >= 3 && strings.HasPrefix(part[2], "refund"):
		return f.refund(key, r, part, in)
	case route == "GET settlements":
		return f.list(r, key, f.settlements, nil), nil
	case part[0] == "disputes":
		return f.disputed(key, r, part, in)
	case route == "POST documents":
		return f.keepPaper(key, r)
	}
	return nil, noURL
}

// list is a page of what belongs to a key, newest first.
func (f *fake) list(r *http.Request, key string, all []object, want func(object) bool) object {
	items := []object{}
	from, _ := strconv.ParseInt(r.FormValue("from"), 10, 64)
	to, bounded := strconv.ParseInt(r.FormValue("to"), 10, 64)
	for i := len(all) - 1; i >= 0; i-- {
		o := all[i]
		if f.owner[o.text("id")] == key && (want == nil || want(o)) && o.num("created_at") >= from && (bounded != nil || o.num("created_at") <= to) {
			items = append(items, o)
		}
	}
	skip, _ := strconv.Atoi(r.FormValue("skip"))
	count := 10
	if said := r.FormValue("count"); said != "" {
		count, _ = strconv.Atoi(said)
	}
	items = items[min(skip, len(items)):]
	items = items[:min(count, len(items))]
	return object{"entity": "collection", "count": len(items), "items": items}
}

func (f *fake) find(key string, all []object, id string) (object, *refusal) {
	for _, o := range all {
		if o.text("id") == id && f.owner[id] == key {
			return o, nil
		}
	}
	return nil, noSuchID
}

func (f *fake) id(kind, key string) string {
	f.ids++
	id := fmt.Sprintf("%s_%014d", kind, f.ids)
	f.owner[id] = key
	return id
}

func (f *fake) makeOrder(key string, in object) (any, *refusal) {
	amount, whole := whole(in["amount"])
	if !whole || amount < 1 || in["currency"] != "INR" || len(in.text("receipt")) > 40 {
		return nil, &refusal{400, "The amount must be at least INR 1.00"}
	}
	rule, _ := in["payment"].(map[string]any)
	o := object{
		"id": f.id("order", key), "entity": "order", "amount": amount, "amount_paid": int64(0), "amount_due": amount, "currency": "INR",
		"receipt": in.text("receipt"), "offer_id": nil, "status": "created", "attempts": 0, "notes": in["notes"], "created_at": f.now().Unix(),
	}
	f.page[o.text("id")+" capture"], _ = rule["capture"].(string)
	f.orders = append(f.orders, o)
	return o, nil
}

// whole reads a number that has no fraction.
func whole(v any) (int64, bool) {
	n, ok := v.(float64)
	return int64(n), ok && n == float64(int64(n))
}

// hosted is the page that a customer's browser opens by a form.
func (f *fake) hosted(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key, id := r.PostFormValue("key_id"), r.PostFormValue("order_id")
	o, bad := f.find(key, f.orders, id)
	switch {
	case r.Method != http.MethodPost || bad != nil:
		w.WriteHeader(http.StatusBadRequest)
	case r.PostFormValue("amount") != strconv.FormatInt(o.num("amount"), 10) || r.PostFormValue("callback_url") == "":
		w.WriteHeader(http.StatusBadRequest)
	default:
		f.page[id] = r.PostFormValue("prefill[method]")
		f.page[id+" reference"], f.page[id+" account"] = r.PostFormValue("notes[paylink_reference]"), r.PostFormValue("notes[paylink_account]")
		_, _ = w.Write([]byte("<!doctype html><title>Checkout</title>"))
	}
}

// post tells our shop an event about entities.
func (f *fake) post(name string, about map[string]object) {
	payload, contains := object{}, []string{}
	for kind, entity := range about {
		payload[kind] = object{"entity": entity}
		contains = append(contains, kind)
	}
	body, err := json.Marshal(object{"entity": "event", "account_id": "acc_AAAAAAAAAAAAAA", "event": name, "contains": contains, "payload": payload, "created_at": f.now().Unix()})
	if err != nil {
		panic(err)
	}
	req, err := http.NewRequest(http.MethodPost, f.far.Inbox, bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	req.Header = signed(f.ours.webhookSecret, body)
	req.Header.Set("Content-Type", "application/json")
	browser := http.Client{Timeout: 10 * time.Second}
	if res, err := browser.Do(req); err == nil {
		_ = res.Body.Close()
	}
}

// signed is the header under a webhook's body, as Razorpay's documents say it.
func signed(secret string, body []byte) http.Header {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return http.Header{"X-Razorpay-Signature": {hex.EncodeToString(mac.Sum(nil))}}
}
