package cashfree_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"paylink/gateway"
	"paylink/provider/providertest"
)

// A fake is Cashfree as its documents describe it, with two merchants in it: it makes payment links, takes money
// on their pages, gives it back, and posts notices.
type fake struct {
	pages string // with which the addresses of its pages begin
	bank  string // what the bank does with money of cards: "" captures it, "reserves" does not
	ahead time.Duration
	// bare leaves out how a payment was made: Cashfree's document says that it matches exactly one of eight forms,
	// of which seven take every object, so that none of Cashfree's own examples match.
	bare  bool
	loses atomic.Bool // it does what it is asked, and its answers are lost

	mu      sync.Mutex
	number  int
	links   map[string]*held // by merchant and link id
	orders  map[string]*held // by merchant and order id
	refunds map[string]map[string]any
	answers map[string]repeat // by merchant and idempotency key
	fates   []string          // of the next refunds: "refuses" or "waits"
	told    chan struct{}     // closed when the last notice was posted: each waits for the one before
	calling sync.WaitGroup
}

var secrets = map[string]string{"TEST430329ae80e0f32e41a393d78b923034": "cf_test_secret_0123456789", "TEST00000000000000000000000000000002": "cf_test_secret_of_another"}

const clientID = "TEST430329ae80e0f32e41a393d78b923034"

// held is a payment link with what was paid on it.
type held struct {
	merchant, id string
	asked        map[string]any
	created      time.Time
	status       string
	orders       []map[string]any
	payments     map[string][]map[string]any // by order id
	refunded     float64
	number       int
}

type repeat struct {
	asked  string
	status int
	body   any
}

func serve(t *testing.T) (*fake, *providertest.Far) {
	f := &fake{links: map[string]*held{}, orders: map[string]*held{}, refunds: map[string]map[string]any{}, answers: map[string]repeat{}}
	far := providertest.Serve(t, func(*providertest.Far) http.Handler { return f })
	f.pages = far.Origin + "/page/"
	t.Cleanup(f.calling.Wait)
	return f, far
}

func (f *fake) now() time.Time { return time.Now().Add(f.ahead) }

func (f *fake) at() string { return f.now().In(time.FixedZone("", 19800)).Format(time.RFC3339) }

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if id, page := strings.CutPrefix(r.URL.Path, "/page/"); page {
		f.visit(f.links[strings.Replace(id, "-", "/", 1)], r.FormValue("yes") == "true")
		return
	}
	merchant := r.Header.Get("X-Client-Id")
	body, _ := io.ReadAll(r.Body)
	var asked map[string]any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	status, answer := http.StatusUnauthorized, any(refusal("request_failed", "authentication Failed", "authentication_error"))
	key := merchant + " " + r.Header.Get("X-Idempotency-Key")
	before, repeated := f.answers[key]
	switch {
	case secrets[merchant] == "" || r.Header.Get("X-Client-Secret") != secrets[merchant]:
	case r.Header.Get("X-Api-Version") != "2025-01-01":
		status, answer = http.StatusBadRequest, refusal("version_missing", "version is not supported", "invalid_request_error")
	case len(body) > 0 && d.Decode(&asked) != nil:
		status, answer = http.StatusBadRequest, refusal("request_invalid", "the body is not JSON", "invalid_request_error")
	case r.Header.Get("X-Idempotency-Key") != "" && repeated && before.asked == string(body):
		w.Header().Set("X-Idempotency-Replayed", "true")
		status, answer = before.status, before.body
	case r.Header.Get("X-Idempotency-Key") != "" && repeated:
		status, answer = http.StatusUnprocessableEntity, refusal("request_invalid", "the key was used for something else", "idempotency_error")
	default:
		status, answer = f.answer(merchant, r.Method, strings.Split(strings.Trim(r.URL.Path, "/"), "/"), asked)
		f.answers[key] = repeat{string(body), status, answer}
	}
	if f.loses.Load() && r.Method == http.MethodPost {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

func refusal(code, words, kind string) map[string]any {
	return map[string]any{"code": code, "message": words, "type": kind}
}

func missing(what string) (int, any) {
	return http.StatusNotFound, refusal(what+"_not_found", what+" does not exist", "invalid_request_error")
}

func (f *fake) answer(merchant, method string, path []string, asked map[string]any) (int, any) {
	l := f.links[merchant+"/"+path[min(1, len(path)-1)]]
	if path[0] == "orders" {
		l = f.orders[merchant+"/"+path[min(1, len(path)-1)]]
	}
	switch what := method + " " + path[0]; {
	case what == "POST links" && len(path) == 1:
		return f.makeLink(merchant, asked)
	case l == nil && path[0] == "links":
		return missing("link")
	case l == nil:
		return missing("order")
	case what == "POST links" && len(path) == 3 && path[2] == "cancel":
		if l.status != "ACTIVE" {
			return http.StatusBadRequest, refusal("link_cancellation_failed", "link is not active", "invalid_request_error")
		}
		l.status = "CANCELLED"
		return http.StatusOK, f.resource(l)
	case what == "GET links" && len(path) == 2:
		return http.StatusOK, f.resource(l)
	case what == "GET links":
		return http.StatusOK, append([]map[string]any{}, l.orders...)
	case what == "GET orders" && path[2] == "payments":
		return http.StatusOK, l.payments[path[1]]
	case what == "POST orders" && path[2] == "authorization":
		return f.authorize(l, path[1], asked)
	case what == "POST orders" && path[2] == "refunds":
		return f.refund(l, path[1], fmt.Sprint(asked["refund_id"]), asked)
	case what == "GET orders" && path[2] == "refunds" && len(path) == 4:
		if r := f.refunds[merchant+"/"+path[1]+"/"+path[3]]; r != nil {
			return http.StatusOK, r
		}
		return missing("refund")
	}
	return missing("path")
}

func (f *fake) makeLink(merchant string, asked map[string]any) (int, any) {
	id, _ := asked["link_id"].(string)
	customer, _ := asked["customer_details"].(map[string]any)
	amount, _ := asked["link_amount"].(json.Number)
	phone, _ := customer["customer_phone"].(string)
	switch {
	case id == "" || len(id) > 50 || len(phone) != 10 || amount == "" || strings.HasPrefix(amount.String(), "-"):
		return http.StatusBadRequest, refusal("request_invalid", "link_id, phone or amount is invalid", "invalid_request_error")
	case f.links[merchant+"/"+id] != nil:
		return http.StatusConflict, refusal("link_already_exists", "link with this id is already present", "invalid_request_error")
	}
	f.number++
	l := &held{number: f.number, merchant: merchant, id: id, asked: asked, created: f.now(), status: "ACTIVE", payments: map[string][]map[string]any{}}
	f.links[merchant+"/"+id] = l
	return http.StatusOK, f.resource(l)
}

// resource is a link as Cashfree shows it: what was asked for, and more.
func (f *fake) resource(l *held) map[string]any {
	shown := map[string]any{}
	for name, value := range l.asked {
		shown[name] = value
	}
	shown["cf_link_id"], shown["link_status"], shown["link_amount_paid"] = fmt.Sprintf("19%05d", l.number), l.status, 0
	shown["link_created_at"], shown["link_url"] = l.created.In(time.FixedZone("", 19800)).Format(time.RFC3339), f.pages+l.merchant+"-"+l.id
	return shown
}

// visit is the customer on the page of a link: the bank says yes, or no.
func (f *fake) visit(l *held, approves bool) {
	if l.status == "CANCELLED" {
		return // its page says so
	}
	f.number++
	id, number := fmt.Sprintf("CFPay_%s_%010d", "U1mgll3c0e9g", f.number), strconv.Itoa(975672264+f.number)
	offered := l.asked["link_meta"].(map[string]any)["payment_methods"]
	group, method := "upi", map[string]any{"upi": map[string]any{"channel": "link", "upi_id": "asha@okbank"}}
	switch offered {
	case "nb":
		group, method = "net_banking", map[string]any{"netbanking": map[string]any{"channel": "link", "netbanking_bank_code": 3044, "netbanking_bank_name": "State Bank Of India"}}
	case "cc,dc,ccc,ppc":
		group, method = "debit_card", map[string]any{"card": map[string]any{"channel": "link", "card_number": "XXXXXXXXXXXX1212", "card_network": "mastercard", "card_type": "debit_card", "card_bank_name": "TEST Bank"}}
	}
	o := map[string]any{"cf_order_id": number, "link_id": l.id, "order_id": id, "entity": "order", "order_currency": "INR", "order_amount": l.asked["link_amount"], "order_status": "ACTIVE", "created_at": f.at()}
	p := map[string]any{
		"cf_payment_id": number, "order_id": id, "entity": "payment", "payment_currency": "INR", "order_currency": "INR", "is_captured": f.bank != "reserves" || group != "debit_card",
		"order_amount": l.asked["link_amount"], "payment_amount": l.asked["link_amount"], "payment_group": group, "payment_method": method,
		"payment_time": f.at(), "payment_completion_time": f.at(), "payment_status": "SUCCESS", "payment_message": "Transaction successful", "bank_reference": "234928698581",
	}
	if f.bare {
		delete(p, "payment_method")
	}
	kind := "PAYMENT_SUCCESS_WEBHOOK"
	if approves {
		l.status, o["order_status"] = "PAID", "PAID"
	} else {
		kind, p["payment_status"], p["payment_message"], p["is_captured"] = "PAYMENT_FAILED_WEBHOOK", "FAILED", "Transaction failed", false
		p["error_details"] = map[string]any{"error_code": "TRANSACTION_DECLINED", "error_description": "insufficient funds in the account", "error_reason": "insufficient_funds", "error_source": "customer"}
	}
	l.orders, l.payments[id] = append([]map[string]any{o}, l.orders...), []map[string]any{p}
	f.orders[l.merchant+"/"+id] = l
	f.tellPayment(l, kind, o, p, approves)
}

// tellPayment posts the notice of a payment, and that of the link where money came.
func (f *fake) tellPayment(l *held, kind string, o, p map[string]any, linkToo bool) {
	told := map[string]any{}
	for name, value := range p {
		told[name] = value
	}
	for _, name := range []string{"order_id", "entity", "order_currency", "order_amount", "error_details", "payment_completion_time"} {
		delete(told, name)
	}
	tags := map[string]any{"link_id": l.id}
	bodies := [][]byte{f.notice(kind, map[string]any{
		"order":   map[string]any{"order_id": o["order_id"], "order_amount": o["order_amount"], "order_currency": "INR", "order_tags": tags},
		"payment": told, "error_details": p["error_details"],
		"customer_details": map[string]any{"customer_name": nil, "customer_id": "7112AAA812234", "customer_phone": "9812345642"},
	})}
	if linkToo {
		bodies = append(bodies, f.notice("PAYMENT_LINK_EVENT", map[string]any{
			"cf_link_id": 1576977, "link_id": l.id, "link_status": "PAID", "link_currency": "INR", "link_amount": fmt.Sprint(o["order_amount"]), "link_amount_paid": fmt.Sprint(o["order_amount"]),
			"order": map[string]any{"order_amount": fmt.Sprint(o["order_amount"]), "order_id": o["order_id"], "order_hash": "Gb2gC7z0tILhGbZUIeds", "transaction_id": 1021206, "transaction_status": "SUCCESS"},
		}))
	}
	f.post(l, bodies...)
}

func (f *fake) notice(kind string, data any) []byte {
	body, err := json.Marshal(map[string]any{"type": kind, "event_time": f.at(), "data": data})
	if err != nil {
		panic(err)
	}
	return body
}

// post tells the link's address, signed, one after the other.
func (f *fake) post(l *held, bodies ...[]byte) {
	address, _ := l.asked["link_meta"].(map[string]any)["notify_url"].(string)
	secret, at := secrets[l.merchant], f.now()
	before, done := f.told, make(chan struct{})
	f.told = done
	f.calling.Go(func() {
		defer close(done)
		if before != nil {
			<-before
		}
		client := http.Client{Timeout: 10 * time.Second}
		for _, body := range bodies {
			req, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(body))
			if err != nil {
				return
			}
			req.Header = sign(secret, body, at)
			req.Header.Set("Content-Type", "application/json")
			if res, err := client.Do(req); err == nil {
				_ = res.Body.Close()
			}
		}
	})
}

// sign is Cashfree's published recipe in our own words.
func sign(secret string, body []byte, at time.Time) http.Header {
	stamp := strconv.FormatInt(at.UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%s%s", stamp, body)
	return http.Header{"X-Webhook-Signature": {base64.StdEncoding.EncodeToString(mac.Sum(nil))}, "X-Webhook-Timestamp": {stamp}, "X-Webhook-Version": {"2025-01-01"}}
}

// number is a decimal as the fake counts with it; the amounts of its tests are small.
func number(v any) float64 {
	n, _ := strconv.ParseFloat(fmt.Sprint(v), 64)
	return n
}

func (f *fake) authorize(l *held, order string, asked map[string]any) (int, any) {
	p := l.payments[order][0]
	_, decided := p["authorization"]
	amount := asked["amount"]
	if asked["action"] == "VOID" {
		amount = p["payment_amount"]
	}
	if decided || p["payment_status"] != "SUCCESS" || p["is_captured"] == true || number(amount) > number(p["payment_amount"]) {
		return http.StatusBadRequest, refusal("authorization_invalid", "the payment cannot be captured or voided", "invalid_request_error")
	}
	z := map[string]any{"action": asked["action"], "status": "SUCCESS", "action_reference": "6595231908096894505959", "action_time": f.at()}
	if asked["action"] == "CAPTURE" {
		z["captured_amount"], p["is_captured"] = amount, true
	} else {
		p["payment_status"] = "VOID"
	}
	p["authorization"] = z
	f.tellPayment(l, "PAYMENT_SUCCESS_WEBHOOK", l.orders[0], p, false)
	return http.StatusOK, p
}

func (f *fake) refund(l *held, order, id string, asked map[string]any) (int, any) {
	p, name := l.payments[order][0], l.merchant+"/"+order+"/"+id
	rest := number(p["payment_amount"]) - l.refunded
	switch {
	case f.refunds[name] != nil:
		return http.StatusConflict, refusal("refund_already_exists", "refund with this id is already present", "invalid_request_error")
	case p["payment_status"] != "SUCCESS" || number(asked["refund_amount"]) > rest+0.001:
		return http.StatusBadRequest, refusal("refund_amount_invalid", "refund amount is more than the payment's", "invalid_request_error")
	}
	fate := ""
	if len(f.fates) > 0 {
		fate, f.fates = f.fates[0], f.fates[1:]
	}
	f.number++
	r := map[string]any{
		"cf_payment_id": p["cf_payment_id"], "cf_refund_id": strconv.Itoa(1553000 + f.number), "refund_id": id, "order_id": order, "entity": "refund",
		"refund_amount": asked["refund_amount"], "refund_currency": "INR", "refund_status": "SUCCESS", "refund_type": "MERCHANT_INITIATED", "refund_arn": "205907014017",
		"status_description": "Refund processed successfully", "created_at": f.at(), "processed_at": f.at(), "refund_charge": 0, "refund_mode": "STANDARD",
	}
	answer := map[string]any{}
	for name, value := range r {
		answer[name] = value
	}
	switch fate {
	case "refuses":
		r["refund_status"], r["status_description"] = "CANCELLED", "the account is closed"
	default:
		l.refunded += number(asked["refund_amount"])
	}
	if fate != "" {
		answer["refund_status"], answer["status_description"] = "PENDING", "In Progress"
		delete(answer, "processed_at")
	}
	f.refunds[name] = r
	f.post(l, f.notice("REFUND_STATUS_WEBHOOK", map[string]any{"refund": r}))
	return http.StatusOK, answer
}

func account(far *providertest.Far) gateway.Account {
	return gateway.Account{
		ID: "acct_01kaa", Merchant: "mer_01kaa", BaseURL: far.Origin, Secret: secrets[clientID],
		Fields: map[string]string{"client_id": clientID, "phone": "9000000000"},
	}
}
