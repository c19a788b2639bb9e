package delivery_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// twilio is a far side that speaks as Twilio's documents say: it creates messages, lists them, and calls back.
type twilio struct {
	*far
	sid string

	mu   sync.Mutex
	held map[string][]map[string]any // by number, the oldest first
	made int
}

func (t *twilio) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, token, _ := r.BasicAuth()
	path := "/2010-04-01/Accounts/" + t.sid + "/Messages.json"
	switch {
	case name != t.sid || token != t.secret || r.URL.Path != path || r.ParseForm() != nil:
		t.answer(w, http.StatusUnauthorized, map[string]any{"code": 20003, "message": "Authenticate", "status": 401})
	case r.Method == http.MethodGet:
		t.list(w, r)
	default:
		t.create(w, r.PostForm)
	}
}

func (t *twilio) create(w http.ResponseWriter, form url.Values) {
	customer := t.world.byPhone(form.Get("To"))
	e, dice := t.call(customer)
	switch e {
	case throttles:
		w.Header().Set("Retry-After", "2")
		t.answer(w, http.StatusTooManyRequests, map[string]any{"code": 20429, "message": "Too Many Requests", "status": 429})
		return
	case fails:
		t.answer(w, http.StatusServiceUnavailable, map[string]any{"code": 20503, "message": "Service unavailable", "status": 503})
		return
	case hangsUp:
		panic(http.ErrAbortHandler)
	}
	t.mu.Lock()
	t.made++
	sid := fmt.Sprintf("SM%032x", t.made)
	m := map[string]any{
		"sid": sid, "account_sid": t.sid, "api_version": "2010-04-01", "status": "queued", "to": form.Get("To"), "from": form.Get("From"), "body": form.Get("Body"),
		"num_segments": "1", "num_media": "0", "direction": "outbound-api", "price": nil, "price_unit": "GBP", "error_code": nil, "error_message": nil,
		"date_created": time.Now().UTC().Format(time.RFC1123Z),
	}
	t.held[form.Get("To")] = append(t.held[form.Get("To")], m)
	t.mu.Unlock()
	back := form.Get("StatusCallback")
	named, _ := url.Parse(back)
	t.carry(letter{customer, named.Query().Get("message"), codeIn(form.Get("Body"))}, dice, func(status string) int { return t.callBack(back, sid, form, status) })
	if e == takesAndCuts {
		panic(http.ErrAbortHandler)
	}
	t.answer(w, http.StatusCreated, m)
}

// list is of one number, the newest first; nobody has so many here that there would be a second page.
func (t *twilio) list(w http.ResponseWriter, r *http.Request) {
	if now := time.Now(); t.trouble.unreachable(now) || t.trouble.broken(now) {
		panic(http.ErrAbortHandler)
	}
	t.mu.Lock()
	found := slices.Clone(t.held[r.URL.Query().Get("To")])
	t.mu.Unlock()
	slices.Reverse(found)
	if found == nil {
		found = []map[string]any{}
	}
	t.answer(w, http.StatusOK, map[string]any{"messages": found, "page": 0, "page_size": 10, "next_page_uri": nil})
}

// callBack posts a status, signed as Twilio publishes it: the address, then each field and its value, sorted.
func (t *twilio) callBack(address, sid string, form url.Values, status string) int {
	says := url.Values{
		"MessageSid": {sid}, "SmsSid": {sid}, "AccountSid": {t.sid}, "ApiVersion": {"2010-04-01"}, "To": {form.Get("To")}, "From": {form.Get("From")},
		"MessageStatus": {status}, "SmsStatus": {status},
	}
	if status == "failed" {
		says.Set("MessageStatus", "undelivered")
		says.Set("ErrorCode", "30008")
	}
	signed := address
	for _, name := range slices.Sorted(maps.Keys(says)) {
		signed += name + says.Get(name)
	}
	mac := hmac.New(sha1.New, []byte(t.secret))
	mac.Write([]byte(signed))
	r, err := http.NewRequest(http.MethodPost, address, strings.NewReader(says.Encode()))
	if err != nil {
		return 0
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return t.post(r)
}

// answer writes JSON.
func (f *far) answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // who does not listen any more learns nothing
}
