package adyen_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"paylink/gateway"
	"paylink/provider/providertest"
)

// A fake is Adyen as its documents describe it, with two companies in it: it makes payment links, takes money on
// their pages, says "received" to what follows, and tells in notices what came of it.
type fake struct {
	pages string // with which the addresses of its pages begin
	inbox string // where its webhook is set to
	key   string // of the webhook's HMAC, in hex
	ahead time.Duration
	loses atomic.Bool // it does what it is asked, and its answers are lost

	mu       sync.Mutex
	number   int
	links    map[string]*held
	payments map[string]*paid
	answers  map[string]reply // by API key and Idempotency-Key
	fates    []string         // of the next refunds: "refuses" or "fails later"
	told     chan struct{}    // closed when the last notice was posted: each waits for the one before
	calling  sync.WaitGroup
}

// companies are the merchant accounts by the API key that may use them.
var companies = map[string]string{"AQE-key-one": "AcmeECOM", "AQE-key-two": "OtherECOM"}

const hmacKey = "DFB1EB5485895CFA84146406857104ABB4CBCABDC8AAF103A624C8F6A3EAAB00" // of Adyen's published vectors

// held is a payment link: what was asked for, and how it stands.
type held struct {
	id, account string
	asked       map[string]any
	status      string
	updated     time.Time
}

// paid is a payment, in minor units.
type paid struct {
	psp, link, account, reference, method, currency string
	value, captured, refunded                       int64
	manual, over                                    bool
}

type reply struct {
	status int
	body   []byte
}

func serve(t *testing.T) (*fake, *providertest.Far) {
	f := &fake{key: hmacKey, links: map[string]*held{}, payments: map[string]*paid{}, answers: map[string]reply{}}
	far := providertest.Serve(t, func(*providertest.Far) http.Handler { return f })
	f.pages, f.inbox = far.Origin+"/pay/", far.Inbox
	t.Cleanup(f.calling.Wait)
	return f, far
}

func (f *fake) now() time.Time { return time.Now().Add(f.ahead).UTC().Truncate(time.Second) }

// ServeHTTP answers a call; a repeated Idempotency-Key repeats the answer, whatever it now asks for.
func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if id, page := strings.CutPrefix(r.URL.Path, "/pay/"); page {
		f.visit(f.links[id], r.FormValue("yes") == "true")
		return
	}
	key := r.Header.Get("X-Api-Key")
	account := companies[key]
	body, _ := io.ReadAll(r.Body)
	var answer reply
	known, repeated := f.answers[key+" "+r.Header.Get("Idempotency-Key")]
	switch {
	case account == "":
		answer = refuse(http.StatusUnauthorized, "000", "HTTP Status Response - Unauthorized", "security")
	case len(r.Header.Get("Idempotency-Key")) > 64:
		answer = refuse(http.StatusUnprocessableEntity, "703", "Invalid idempotency key", "validation")
	case r.Header.Get("Idempotency-Key") != "" && repeated:
		answer = known
	default:
		answer = f.answer(account, r.Method, r.URL.Path, body)
		f.answers[key+" "+r.Header.Get("Idempotency-Key")] = answer
	}
	if f.loses.Load() {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.body)
}

func (f *fake) answer(account, method, path string, body []byte) reply {
	var asked map[string]any
	if method == http.MethodPost {
		if json.Unmarshal(body, &asked) != nil {
			return refuse(http.StatusBadRequest, "702", "The request is empty or contains an error", "validation")
		}
		if asked["merchantAccount"] != account {
			return refuse(http.StatusForbidden, "901", "Invalid Merchant Account", "security")
		}
	}
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case method == http.MethodPost && path == "/paymentMethods":
		return yes(http.StatusOK, map[string]any{"paymentMethods": []any{map[string]any{"type": "scheme", "name": "Cards"}}})
	case method == http.MethodPost && path == "/paymentLinks":
		return f.makeLink(account, asked)
	case method == http.MethodGet && len(parts) == 2 && parts[0] == "paymentLinks":
		if l := f.links[parts[1]]; l != nil && l.account == account {
			return yes(http.StatusOK, f.resource(l))
		}
		return refuse(http.StatusUnprocessableEntity, "138", "Payment link not found", "validation")
	case method == http.MethodPatch && len(parts) == 2 && parts[0] == "paymentLinks":
		return f.expire(account, f.links[parts[1]], body)
	case method == http.MethodPost && len(parts) == 3 && parts[0] == "payments":
		return f.follow(account, parts[1], parts[2], asked)
	}
	return refuse(http.StatusNotFound, "000", "Not found", "validation")
}

// expire closes a link that nobody has paid.
func (f *fake) expire(account string, l *held, body []byte) reply {
	switch {
	case l == nil || l.account != account:
		return refuse(http.StatusUnprocessableEntity, "138", "Payment link not found", "validation")
	case string(body) != `{"status":"expired"}` || l.status != "active":
		return refuse(http.StatusUnprocessableEntity, "139", "Payment link status cannot be updated", "validation")
	}
	l.status, l.updated = "expired", f.now()
	return yes(http.StatusOK, f.resource(l))
}

func (f *fake) makeLink(account string, asked map[string]any) reply {
	sum, _ := asked["amount"].(map[string]any)
	if value, _ := sum["value"].(float64); value <= 0 || asked["reference"] == nil {
		return refuse(http.StatusUnprocessableEntity, "137", "Invalid amount specified", "validation")
	}
	f.number++
	l := &held{id: fmt.Sprintf("PL%015X", f.number), account: account, asked: asked, status: "active"}
	f.links[l.id] = l
	return yes(http.StatusCreated, f.resource(l))
}

// resource is a link as Adyen shows it: what was asked for, and more.
func (f *fake) resource(l *held) map[string]any {
	shown := map[string]any{"id": l.id, "url": f.pages + l.id, "status": l.status}
	for name, value := range l.asked {
		shown[name] = value
	}
	delete(shown, "returnUrl") // which Adyen keeps for itself
	delete(shown, "captureDelayHours")
	if !l.updated.IsZero() {
		shown["updatedAt"] = l.updated.Format(time.RFC3339)
	}
	return shown
}

// visit is the customer on the page of a link: the bank says yes, or no.
func (f *fake) visit(l *held, approves bool) {
	if l.status == "expired" {
		return // its page says so
	}
	sum := l.asked["amount"].(map[string]any)
	offered, _ := l.asked["allowedPaymentMethods"].([]any)
	p := &paid{psp: f.psp(), link: l.id, account: l.account, reference: l.asked["reference"].(string), currency: sum["currency"].(string), value: int64(sum["value"].(float64))}
	p.method, p.manual = fmt.Sprint(offered[0]), l.asked["manualCapture"] == true
	event := map[string]any{"eventCode": "AUTHORISATION", "success": fmt.Sprint(approves), "operations": []string{"CANCEL", "CAPTURE", "REFUND"}, "reason": ""}
	if p.method == "scheme" {
		p.method, event["reason"] = "visa", "074676:1111:03/2030"
	}
	if approves {
		l.status, l.updated = "completed", f.now()
		if !p.manual {
			p.captured = p.value
		}
		f.payments[p.psp] = p
	} else {
		event["reason"] = "Not enough balance"
	}
	f.tell(p, p.psp, "", p.value, event)
}

func (f *fake) psp() string {
	f.number++
	return fmt.Sprintf("QFQTPCQ8H%07d", f.number)
}

// follow takes what follows a payment and decides about it afterwards.
func (f *fake) follow(account, psp, what string, asked map[string]any) reply {
	p := f.payments[psp]
	if p == nil || p.account != account {
		return refuse(http.StatusUnprocessableEntity, "167", "Original pspReference required for this operation", "validation")
	}
	request, value := f.psp(), p.value
	answer := map[string]any{"merchantAccount": account, "paymentPspReference": psp, "pspReference": request, "status": "received", "reference": asked["reference"]}
	if sum, ok := asked["amount"].(map[string]any); ok {
		value = int64(sum["value"].(float64))
		answer["amount"] = asked["amount"]
	}
	if reason, ok := asked["merchantRefundReason"]; ok {
		answer["merchantRefundReason"] = reason
	}
	reference, _ := asked["reference"].(string)
	switch what {
	case "captures":
		f.decide(p, request, reference, "CAPTURE", value, p.manual && !p.over && p.captured == 0 && value <= p.value, func() { p.captured, p.over = value, true })
	case "cancels":
		f.decide(p, request, reference, "CANCELLATION", value, p.captured == 0 && !p.over, func() { p.over = true })
	case "refunds":
		f.refund(p, request, reference, value)
	}
	return yes(http.StatusCreated, answer)
}

func (f *fake) decide(p *paid, request, reference, code string, value int64, can bool, do func()) {
	reason := ""
	if can {
		do()
	} else {
		reason = "Insufficient balance on payment"
	}
	f.tell(p, request, reference, value, map[string]any{"eventCode": code, "success": fmt.Sprint(can), "reason": reason})
}

func (f *fake) refund(p *paid, request, reference string, value int64) {
	fate := ""
	if len(f.fates) > 0 {
		fate, f.fates = f.fates[0], f.fates[1:]
	}
	f.decide(p, request, reference, "REFUND", value, fate != "refuses" && p.refunded+value <= p.captured, func() { p.refunded += value })
	if fate == "fails later" {
		p.refunded -= value
		f.tell(p, request, reference, value, map[string]any{"eventCode": "REFUND_FAILED", "success": "true", "reason": "Refund Failed"})
	}
}

// tell posts a notice about a payment, signed, after whatever was told before it.
func (f *fake) tell(p *paid, psp, reference string, value int64, more map[string]any) {
	if reference == "" {
		reference = p.reference
	}
	item := map[string]any{
		"amount": map[string]any{"currency": p.currency, "value": value}, "eventDate": f.now().In(time.FixedZone("", 3600)).Format(time.RFC3339),
		"merchantAccountCode": p.account, "merchantReference": reference, "paymentMethod": p.method, "pspReference": psp, "additionalData": map[string]any{"paymentLinkId": p.link},
	}
	if psp != p.psp {
		item["originalReference"] = p.psp
	}
	for name, v := range more {
		item[name] = v
	}
	body := signBody(f.key, wrap(item))
	inbox := f.inbox
	before, done := f.told, make(chan struct{})
	f.told = done
	f.calling.Go(func() {
		defer close(done)
		if before != nil {
			<-before
		}
		client := http.Client{Timeout: 10 * time.Second}
		if res, err := client.Post(inbox, "application/json; charset=utf-8", strings.NewReader(string(body))); err == nil {
			_ = res.Body.Close()
		}
	})
}

func wrap(items ...any) []byte {
	var wrapped []any
	for _, i := range items {
		wrapped = append(wrapped, map[string]any{"NotificationRequestItem": i})
	}
	body, err := json.Marshal(map[string]any{"live": "false", "notificationItems": wrapped})
	if err != nil {
		panic(err)
	}
	return body
}

// parse gives the items of a notice.
func parse(body []byte) (items []map[string]any) {
	var n struct {
		Items []map[string]map[string]any `json:"notificationItems"`
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	if err := d.Decode(&n); err != nil {
		panic(err)
	}
	for _, i := range n.Items {
		items = append(items, i["NotificationRequestItem"])
	}
	return items
}

// signBody signs every item by Adyen's published recipe, in our own words.
func signBody(key string, body []byte) []byte {
	var items []any
	for _, i := range parse(body) {
		more, _ := i["additionalData"].(map[string]any)
		if more == nil {
			more = map[string]any{}
			i["additionalData"] = more
		}
		more["hmacSignature"] = signature(key, i)
		items = append(items, i)
	}
	return wrap(items...)
}

func signature(key string, i map[string]any) string {
	sum, _ := i["amount"].(map[string]any)
	said := ""
	for n, v := range []any{i["pspReference"], i["originalReference"], i["merchantAccountCode"], i["merchantReference"], sum["value"], sum["currency"], i["eventCode"], i["success"]} {
		if n > 0 {
			said += ":"
		}
		if v != nil {
			said += fmt.Sprint(v)
		}
	}
	raw, _ := hex.DecodeString(key)
	mac := hmac.New(sha256.New, raw)
	mac.Write([]byte(said))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func yes(status int, body any) reply {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return reply{status, text}
}

func refuse(status int, code, words, kind string) reply {
	return yes(status, map[string]any{"status": status, "errorCode": code, "message": words, "errorType": kind})
}

func account(far *providertest.Far) gateway.Account {
	return gateway.Account{
		ID: "acct_01kaa", Merchant: "mer_01kaa", BaseURL: far.Origin, Secret: hmacKey,
		Fields: map[string]string{"merchant_account": "AcmeECOM", "api_key": "AQE-key-one"},
	}
}
