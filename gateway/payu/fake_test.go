package payu_test

import (
	"cmp"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink/gateway"
	"paylink/outbound"
	"paylink/provider/providertest"
)

// shop is one merchant's account at the fake.
type shop struct{ key, salt string }

// try is one order at the fake, as its customer's browser posted it.
type try struct {
	id, status, unmapped, mode, code, message string
	form                                      url.Values
	added                                     time.Time
	refunded                                  int // paise
	actions                                   []*act
}

// act is one thing that was done with a payment.
type act struct{ request, amount, token, status, later, action string }

// fake is a PayU written from its documents, which remembers what it was told. It shares nothing with the
// adapter.
type fake struct {
	mu          sync.Mutex
	far         *providertest.Far
	now         func() time.Time
	ours, other shop
	tries       map[string]*try // by key and txnid
	fate, lose  string          // of the next refund; the command whose answer gets lost after it was done
	ids         int
	commands    []string
	settled     map[string][]map[string]any // by day
}

func serve(t *testing.T) *fake {
	f := &fake{now: time.Now, tries: map[string]*try{}, settled: map[string][]map[string]any{}, ours: shop{"C0Dr8m", "canary-salt-3sf0"}, other: shop{"gtKFFx", "another-salt-eCwW"}}
	f.far = providertest.Serve(t, func(*providertest.Far) http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc("POST /_payment", f.page)
		mux.HandleFunc("POST /merchant/postservice", f.postservice)
		return mux
	})
	return f
}

func (f *fake) account(s shop) gateway.Account {
	a := gateway.Account{ID: "acct_01kaa", Merchant: "mer_01kaa", BaseURL: f.far.Origin, Secret: s.salt,
		Fields: map[string]string{"key": s.key, "contact_email": "payments@shop.example", "contact_phone": "9812345642"}}
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

func sha(text string) string {
	sum := sha512.Sum512([]byte(text))
	return hex.EncodeToString(sum[:])
}

// salt is a key's; empty for a key that nobody has.
func (f *fake) salt(key string) string {
	return map[string]string{f.ours.key: f.ours.salt, f.other.key: f.other.salt}[key]
}

// page is PayU's, opened by the customer's browser.
func (f *fake) page(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	v := r.PostFormValue
	salt := f.salt(v("key"))
	want := sha(v("key") + "|" + v("txnid") + "|" + v("amount") + "|" + v("productinfo") + "|" + v("firstname") + "|" + v("email") + "|" +
		v("udf1") + "|" + v("udf2") + "|" + v("udf3") + "|" + v("udf4") + "|" + v("udf5") + "||||||" + salt)
	at := v("key") + " " + v("txnid")
	known := f.tries[at]
	for _, name := range []string{"key", "txnid", "amount", "productinfo", "firstname", "email", "phone", "surl", "furl"} {
		if v(name) == "" {
			http.Error(w, "mandatory parameter missing: "+name, http.StatusBadRequest)
			return
		}
	}
	switch {
	case salt == "" || v("hash") != want || len(v("txnid")) > 25 || len(v("productinfo")) > 100 || len(v("firstname")) > 60:
		http.Error(w, "transaction error: the hash is incorrect", http.StatusBadRequest)
	case known != nil && known.status == "success":
		http.Error(w, "duplicate transaction id", http.StatusBadRequest)
	default:
		f.tries[at] = &try{id: f.id("4039937"), status: "pending", unmapped: "initiated", form: r.PostForm, added: f.now()}
		_, _ = w.Write([]byte("<!doctype html><title>Payment</title>"))
	}
}

func (f *fake) id(begin string) string {
	f.ids++
	return fmt.Sprintf("%s%011d", begin, f.ids)
}

// pay does on PayU's page what the customer does there.
func (f *fake) pay(t *testing.T, s gateway.Started, yes bool) {
	t.Helper()
	f.mu.Lock()
	p := f.tries[f.ours.key+" "+s.Order]
	if p == nil {
		f.mu.Unlock()
		t.Fatalf("the page of order %q was not opened", s.Order)
	}
	p.mode = map[string]string{"creditcard|debitcard": "CC", "creditcard": "CC", "netbanking": "NB", "": "UPI"}[p.form.Get("enforce_paymethod")]
	p.status, p.unmapped, p.code, p.message = "success", "captured", "E000", "No Error"
	if p.form.Get("pre_authorize") == "1" {
		p.unmapped = "auth"
	}
	if !yes {
		p.status, p.unmapped, p.code, p.message = "failure", "failed", "E1903", "Insufficient funds in the account of 919812345642"
	}
	body := f.notice(p, "")
	f.mu.Unlock()
	browser := http.Client{Timeout: 10 * time.Second}
	if res, err := browser.Post(f.far.Inbox, "application/x-www-form-urlencoded", strings.NewReader(body)); err == nil {
		_ = res.Body.Close()
	}
}

// said is what PayU tells of a try in its own fields.
func (p *try) said() [][2]string {
	card, bank := "", "SBIB"
	if p.mode == "CC" {
		card, bank = "512345XXXXXX2346", "CC"
	}
	return [][2]string{
		{"mihpayid", p.id}, {"mode", p.mode}, {"status", p.status}, {"unmappedstatus", p.unmapped}, {"key", p.form.Get("key")}, {"txnid", p.form.Get("txnid")},
		{"amount", p.form.Get("amount")}, {"discount", "0.00"}, {"addedon", p.added.In(time.FixedZone("", 19800)).Format("2006-01-02 15:04:05")},
		{"productinfo", p.form.Get("productinfo")}, {"firstname", p.form.Get("firstname")}, {"email", p.form.Get("email")}, {"phone", p.form.Get("phone")},
		{"udf1", p.form.Get("udf1")}, {"udf2", p.form.Get("udf2")}, {"udf3", ""}, {"udf4", ""}, {"udf5", ""}, {"PG_TYPE", "AXISPG"}, {"bank_ref_num", "643495"},
		{"bankcode", bank}, {"error", p.code}, {"error_Message", p.message}, {"cardnum", card},
	}
}

// notice is the form that PayU posts; the hash stands last.
func (f *fake) notice(p *try, charges string) string {
	var b strings.Builder
	for _, field := range p.said() {
		b.WriteString(url.QueryEscape(field[0]) + "=" + url.QueryEscape(field[1]) + "&")
	}
	if charges != "" {
		b.WriteString("additionalCharges=" + charges + "&")
	}
	b.WriteString("hash=" + back(f.salt(p.form.Get("key")), p.status, charges, p.form))
	return b.String()
}

// back is the reverse hash, as PayU's documents say it.
func back(salt, status, charges string, form url.Values) string {
	v := form.Get
	text := salt + "|" + status + "||||||" + v("udf5") + "|" + v("udf4") + "|" + v("udf3") + "|" + v("udf2") + "|" + v("udf1") + "|" +
		v("email") + "|" + v("firstname") + "|" + v("productinfo") + "|" + v("amount") + "|" + v("txnid") + "|" + v("key")
	if charges != "" {
		text = charges + "|" + text
	}
	return sha(text)
}

// postservice is the one address for commands.
func (f *fake) postservice(w http.ResponseWriter, r *http.Request) {
	v := r.PostFormValue
	f.mu.Lock()
	defer f.mu.Unlock()
	f.commands = append(f.commands, v("command"))
	salt := f.salt(v("key"))
	var said any
	switch {
	case r.URL.Query().Get("form") != "2":
		_, _ = w.Write([]byte(`a:2:{s:6:"status";i:0;s:3:"msg";s:13:"Invalid Hash.";}`))
		return
	case salt == "":
		said = map[string]any{"status": 0, "msg": "Invalid key."}
	case v("hash") != sha(v("key")+"|"+v("command")+"|"+v("var1")+"|"+salt):
		said = map[string]any{"status": 0, "msg": "Invalid Hash."}
	case v("command") == "verify_payment":
		said = f.verify(v("key"), v("var1"))
	case v("command") == "cancel_refund_transaction":
		said = f.refund(v("key"), v("var1"), v("var2"), v("var3"))
	case v("command") == "capture_transaction", v("command") == "cancel_transaction":
		said = f.follow(v("command"), v("key"), v("var1"), v("var2"), v("var3"))
	case v("command") == "get_settlement_details":
		page, _ := strconv.Atoi(v("var2"))
		size, _ := strconv.Atoi(v("var3"))
		said = f.settlements(v("var1"), page, size)
	case v("command") == "check_action_status" && v("var2") == "payuid":
		said = f.actions(v("key"), v("var1"))
	default:
		said = map[string]any{"status": 0, "msg": "Invalid command."}
	}
	if f.lose != "" && f.lose == v("command") {
		f.lose = ""
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte("<html>Bad Gateway</html>"))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(said)
}

func (f *fake) verify(key, txnid string) any {
	p := f.tries[key+" "+txnid]
	if p == nil {
		return map[string]any{"status": 0, "msg": "0 out of 1 Transactions Fetched Successfully", "transaction_details": map[string]any{txnid: map[string]any{"mihpayid": "Not Found", "status": "Not Found"}}}
	}
	d := map[string]any{"request_id": "", "amt": p.form.Get("amount"), "transaction_amount": p.form.Get("amount"), "error_code": p.code, "card_no": ""}
	for _, field := range p.said() {
		switch field[0] {
		case "cardnum":
			d["card_no"] = field[1]
		case "amount", "key", "error":
		default:
			d[field[0]] = field[1]
		}
	}
	return map[string]any{"status": 1, "msg": "1 out of 1 Transactions Fetched Successfully", "transaction_details": map[string]any{txnid: d}}
}

func (f *fake) byID(key, id string) *try {
	for at, p := range f.tries {
		if p.id == id && strings.HasPrefix(at, key+" ") {
			return p
		}
	}
	return nil
}

func paise(decimal string) int {
	n, err := strconv.Atoi(strings.Replace(decimal, ".", "", 1))
	if err != nil || len(decimal) < 4 || decimal[len(decimal)-3] != '.' {
		return -1
	}
	return n
}

func (f *fake) refund(key, id, token, amount string) any {
	p := f.byID(key, id)
	switch {
	case p == nil:
		return map[string]any{"status": 0, "msg": "Transaction not exists", "error_code": 105}
	case p.status != "success" || p.unmapped == "auth" || p.unmapped == "cancelled" || paise(amount) <= 0 || paise(amount) > paise(p.form.Get("amount"))-p.refunded:
		return map[string]any{"status": 0, "msg": "Refund amount is greater than the available amount", "error_code": 117}
	case len(token) > 23:
		return map[string]any{"status": 0, "msg": "Token is too long", "error_code": 104}
	}
	done := &act{request: f.id("131"), amount: amount, token: token, status: "queued", later: "success"}
	switch f.fate {
	case "refuses":
		done.later = "FAILURE"
	default:
		p.refunded += paise(amount)
	}
	f.fate = ""
	p.actions = append(p.actions, done)
	return map[string]any{"status": 1, "msg": "Refund Request Queued", "request_id": done.request, "bank_ref_num": nil, "mihpayid": id, "error_code": 102}
}

func (f *fake) actions(key, id string) any {
	p := f.byID(key, id)
	if p != nil && p.unmapped == "auth" && len(p.actions) == 0 {
		return map[string]any{"status": 1, "msg": "1 out of 1 Transactions Fetched Successfully", "transaction_details": map[string]any{id: "No action status found"}}
	}
	if p == nil || p.status != "success" {
		return map[string]any{"status": 0, "msg": "0 out of 1 Transactions Fetched Successfully", "transaction_details": map[string]any{id: "No action status found"}}
	}
	told := map[string]any{"131278418": map[string]any{"mihpayid": id, "bank_ref_num": "399900", "request_id": "131278418", "amt": p.form.Get("amount"), "mode": "CC", "action": "capture", "token": "", "status": "SUCCESS", "bank_arn": nil}}
	if p.form.Get("pre_authorize") == "1" {
		delete(told, "131278418") // it was not captured at once
	}
	for _, done := range p.actions {
		told[done.request] = map[string]any{
			"mihpayid": id, "bank_ref_num": "527013524405", "request_id": done.request, "amt": done.amount, "mode": "CC", "action": cmp.Or(done.action, "refund"), "token": done.token, "status": done.status, "bank_arn": nil, "settlement_id": nil,
		}
		done.status = done.later // by the next question the bank has answered
	}
	return map[string]any{"status": 1, "msg": "1 out of 1 Transactions Fetched Successfully", "transaction_details": map[string]any{id: told}}
}

// settlements is a page of what was paid out on a day.
func (f *fake) settlements(day string, page, size int) any {
	all := f.settled[day]
	some := all[min(len(all), (page-1)*size):]
	some = some[:min(len(some), size)]
	if len(some) == 0 {
		return map[string]any{"status": 0, "msg": "0 transactions settled on " + day}
	}
	return map[string]any{"status": 1, "msg": fmt.Sprintf("%d transactions settled on %s", len(all), day), "Txn_details": some}
}
