package stripe_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"paylink/provider/providertest"
)

// A fake is Stripe as its documents describe it, with two accounts: it keeps sessions and what comes of them,
// knows repeated keys, lists in pages, and posts signed events. It shares nothing with the adapter, and Stripe's
// own document judges each of its answers and events.
type fake struct {
	t     *testing.T
	far   *providertest.Far
	judge *judge
	now   func() time.Time
	loses atomic.Bool // it does what it is asked, but its answers are lost
	posts chan func() // what is to be posted, in order

	mu    sync.Mutex
	last  int
	books map[string]*books // by secret key
}

// books are one account's.
type books struct {
	secret  string // of its webhook endpoint
	inbox   string
	objects map[string]object
	order   []string // ids, the oldest first
	keys    map[string]kept
	next    string // what the bank does with the next refund
}

type object = map[string]any

// kept is what an idempotency key was used for.
type kept struct {
	form   string
	status int
	body   []byte
}

const (
	ourKey, ourSecret           = "sk_test_4eC39HqLyjWDarjtT1zdp7dc", "whsec_ours"
	strangersKey, strangeSecret = "sk_test_strangerStranger00000000", "whsec_strangers"
)

func serve(t *testing.T) *fake {
	f := &fake{t: t, judge: theJudge(t), now: time.Now, books: map[string]*books{}, posts: make(chan func(), 1000)}
	f.far = providertest.Serve(t, func(*providertest.Far) http.Handler { return f.judge.between(t, f.handler()) })
	f.books[ourKey] = &books{secret: ourSecret, inbox: f.far.Inbox, objects: map[string]object{}, keys: map[string]kept{}}
	f.books[strangersKey] = &books{secret: strangeSecret, objects: map[string]object{}, keys: map[string]kept{}}
	var posting sync.WaitGroup
	posting.Go(func() {
		for does := range f.posts {
			does()
		}
	})
	t.Cleanup(func() { close(f.posts); posting.Wait() })
	return f
}

// call is one call to the fake, with its account's books.
type call struct {
	*fake
	b    *books
	r    *http.Request
	form url.Values
}

// problem is how Stripe refuses.
type problem struct {
	status                   int
	kind, code, param, words string
}

func missing(what, id string) *problem {
	return &problem{404, "invalid_request_error", "resource_missing", what, "No such " + what + ": '" + id + "'"}
}

func invalid(code, param, words string) *problem {
	return &problem{400, "invalid_request_error", code, param, words}
}

func (f *fake) handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, does := range map[string]func(call) (any, *problem){
		"POST /v1/checkout/sessions":             call.createSession,
		"GET /v1/checkout/sessions":              listing("checkout.session"),
		"GET /v1/checkout/sessions/{id}":         call.one,
		"POST /v1/checkout/sessions/{id}/expire": call.expire,
		"POST /v1/payment_intents/{id}/capture":  call.capture,
		"POST /v1/payment_intents/{id}/cancel":   call.cancel,
		"POST /v1/refunds":                       call.refund,
		"GET /v1/refunds":                        listing("refund"),
		"GET /v1/refunds/{id}":                   call.one,
		"GET /v1/events":                         listing("event"),
		"GET /v1/disputes/{id}":                  call.one,
		"POST /v1/disputes/{id}":                 call.contest,
		"POST /v1/disputes/{id}/close":           call.accept,
		"POST /v1/files":                         call.upload,
		"GET /v1/payouts":                        listing("payout"),
		"GET /v1/balance":                        call.balance,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { f.answer(w, r, does) })
	}
	return mux
}

func (f *fake) answer(w http.ResponseWriter, r *http.Request, does func(call) (any, *problem)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	b := f.books[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	if b == nil {
		write(w, 401, refusal(&problem{401, "invalid_request_error", "", "", "Invalid API Key provided: sk_test_***"}))
		return
	}
	form, err := url.ParseQuery(r.URL.RawQuery + "&" + string(body))
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		form, err = url.Values{"body": {string(body)}}, nil
	}
	if err != nil {
		write(w, 400, refusal(invalid("", "", "Not a form")))
		return
	}
	key := r.Header.Get("Idempotency-Key")
	if before, used := b.keys[key]; used && r.Method == http.MethodPost {
		if before.form != r.URL.Path+"?"+string(body) {
			write(w, 400, refusal(&problem{400, "idempotency_error", "", "", "Keys for idempotent requests can only be used with the same parameters they were first used with."}))
			return
		}
		w.Header().Set("Idempotent-Replayed", "true")
		write(w, before.status, before.body)
		return
	}
	status, said := 200, []byte(nil)
	if answer, p := does(call{f, b, r, form}); p != nil {
		status, said = p.status, refusal(p)
	} else {
		said, _ = json.Marshal(answer)
	}
	// What fails validation is not kept, so that the key can be used again.
	if key != "" && status < 400 {
		b.keys[key] = kept{r.URL.Path + "?" + string(body), status, said}
	}
	if f.loses.Load() {
		write(w, 502, nil)
		return
	}
	write(w, status, said)
}

func write(w http.ResponseWriter, status int, body []byte) {
	if body != nil {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func refusal(p *problem) []byte {
	e := object{"type": p.kind, "message": p.words}
	if p.code != "" {
		e["code"] = p.code
	}
	if p.param != "" {
		e["param"] = p.param
	}
	body, _ := json.Marshal(object{"error": e})
	return body
}

// id is a fresh name of a kind.
func (f *fake) id(kind string) string {
	f.last++
	return fmt.Sprintf("%s_%024d", kind, f.last)
}

// keep adds an object to the books.
func (b *books) keep(o object) object {
	id := o["id"].(string)
	b.objects[id] = o
	b.order = append(b.order, id)
	return o
}

// one answers an object by its id.
func (c call) one() (any, *problem) {
	o := c.b.objects[c.r.PathValue("id")]
	if o == nil {
		return nil, missing("object", c.r.PathValue("id"))
	}
	return c.expanded(o, ""), nil
}

// expanded is a copy of an object with what the call asked to have whole.
func (c call) expanded(o object, under string) object {
	o = maps.Clone(o)
	for name, values := range c.form {
		if !strings.HasPrefix(name, "expand[") {
			continue
		}
		for _, path := range values {
			o = c.b.expand(o, strings.Split(strings.TrimPrefix(path, under), "."))
		}
	}
	return o
}

func (b *books) expand(o object, path []string) object {
	id, isID := o[path[0]].(string)
	inner := b.objects[id]
	if !isID || inner == nil {
		return o
	}
	o = maps.Clone(o)
	if len(path) > 1 {
		inner = b.expand(inner, path[1:])
	}
	o[path[0]] = inner
	return o
}

// listOf answers a page of a kind, the newest first.
func (c call) listOf(kind string) (any, *problem) {
	var all []object
	for _, id := range slices.Backward(c.b.order) {
		if o := c.b.objects[id]; o["object"] == kind && c.wanted(o) {
			all = append(all, o)
		}
	}
	if id := c.form.Get("payment_intent"); id != "" && c.b.objects[id] == nil {
		return nil, missing("payment_intent", id)
	}
	limit, _ := strconv.Atoi(c.form.Get("limit"))
	if limit == 0 {
		limit = 10
	}
	at := func(id string) int { return slices.IndexFunc(all, func(o object) bool { return o["id"] == id }) }
	from, to := 0, 0
	switch before, after := c.form.Get("ending_before"), c.form.Get("starting_after"); {
	case before != "":
		to = max(at(before), 0)
		from = max(to-limit, 0)
	case after != "":
		from = at(after) + 1
		to = min(from+limit, len(all))
	default:
		to = min(limit, len(all))
	}
	more := to < len(all)
	if c.form.Get("ending_before") != "" {
		more = from > 0
	}
	page := []any{}
	for _, o := range all[from:to] {
		page = append(page, c.expanded(o, "data."))
	}
	return object{"object": "list", "data": page, "has_more": more, "url": c.r.URL.Path}, nil
}

// wanted tells whether an object is what the filters of a list let through.
func (c call) wanted(o object) bool {
	created := o["created"].(int64)
	for name, fits := range map[string]func(int64) bool{
		"created[gte]": func(n int64) bool { return created >= n }, "created[lte]": func(n int64) bool { return created <= n },
		"created[lt]": func(n int64) bool { return created < n },
	} {
		if said := c.form.Get(name); said != "" {
			if n, err := strconv.ParseInt(said, 10, 64); err != nil || !fits(n) {
				return false
			}
		}
	}
	if intent := c.form.Get("payment_intent"); intent != "" && o["payment_intent"] != intent {
		return false
	}
	types := []string{}
	for name, values := range c.form {
		if strings.HasPrefix(name, "types[") {
			types = append(types, values...)
		}
	}
	return len(types) == 0 || slices.Contains(types, o["type"].(string))
}

// tell posts events about an object, in order, to the account's endpoint.
func (f *fake) tell(b *books, o object, types ...string) {
	at := f.now()
	for _, kind := range types {
		e := b.keep(object{
			"id": f.id("evt"), "object": "event", "api_version": "2026-08-26.dahlia", "created": at.Unix(), "livemode": false,
			"pending_webhooks": 1, "request": object{"id": nil, "idempotency_key": nil}, "type": kind, "data": object{"object": maps.Clone(o)},
		})
		body, err := json.Marshal(e)
		if err != nil {
			f.t.Error(err)
		}
		whole, _ := json.Marshal(o)
		if err := f.judge.validateObject("event", body); err != nil {
			f.t.Errorf("the fake's event %s: %v", body, err)
		}
		if err := f.judge.validateObject(o["object"].(string), whole); err != nil {
			f.t.Errorf("the fake's %s: %v in %s", o["object"], err, whole)
		}
		if b.inbox == "" {
			continue
		}
		f.posts <- func() { post(b.inbox, b.secret, body, at) }
	}
}

func post(inbox, secret string, body []byte, at time.Time) {
	req, err := http.NewRequest(http.MethodPost, inbox, bytes.NewReader(body))
	if err != nil {
		return
	}
	req.Header = sign(secret, body, at)
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	client := http.Client{Timeout: 10 * time.Second}
	if res, err := client.Do(req); err == nil {
		_ = res.Body.Close()
	}
}

// sign is Stripe's published recipe in our own words.
func sign(secret string, body []byte, at time.Time) http.Header {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%s.%s", stamp, body)
	return http.Header{"Stripe-Signature": {"t=" + stamp + ",v1=" + hex.EncodeToString(mac.Sum(nil))}}
}

func listing(kind string) func(call) (any, *problem) {
	return func(c call) (any, *problem) { return c.listOf(kind) }
}
