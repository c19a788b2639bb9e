package story

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// wire stands between paylink and the sandbox. It changes nothing that passes, and learns from the
// orders what a gateway knows: the account, its key and where notices go. So a story can send notices
// that a real gateway never would.
type wire struct {
	server *httptest.Server
	mu     sync.Mutex
	orders []order
	sent   []byte // the body and …
	signed string // … the signature of the latest notice, to be sent again
}

// order is what paylink asked the gateway for.
type order struct {
	account, key string // as in HTTP Basic: the key is also what notices are signed with
	Reference    string
	Amount       int64
	Currency     string
	Method       string
	NotifyURL    string `json:"notify_url"`
}

// cmdWire puts the wire between the sandbox that runs and the demo that is started next:
//
//	wire listen
func cmdWire(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || first(args) != "listen" || w.apart == nil {
		ts.Fatalf("usage: wire listen, between paylink sandbox and paylink serve")
	}
	to, err := url.Parse(w.apart.sandbox)
	ts.Check(err)
	to.Path = ""
	w.wire = &wire{}
	proxy := httputil.NewSingleHostReverseProxy(to)
	w.wire.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/gateway/orders") {
			w.wire.hear(r)
		}
		proxy.ServeHTTP(rw, r)
	}))
}

func (w *wire) hear(r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	r.Body = io.NopCloser(bytes.NewReader(body))
	var o order
	if err != nil || json.Unmarshal(body, &o) != nil {
		return // the sandbox will say what is wrong with it
	}
	o.account, o.key, _ = r.BasicAuth()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.orders = append(w.orders, o)
}

func (w *wire) latest() (order, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.orders) == 0 {
		return order{}, false
	}
	return w.orders[len(w.orders)-1], true
}

// cmdNotice sends a notice about the latest order, right in everything but what is said:
//
//	notice captured [unsigned|missigned|old] [field=value…]
//	notice again                               the very same as before
//
// Fields are those of the notice's data, and id and account of the notice itself.
func cmdNotice(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || len(args) == 0 || w.wire == nil {
		ts.Fatalf("usage: notice STATUS|again [unsigned|missigned|old] [field=value…], after wire listen")
	}
	var o order
	if !until(func() (ok bool) { o, ok = w.wire.latest(); return ok }) {
		ts.Fatalf("no order has passed the wire")
	}
	if args[0] != "again" {
		w.wire.sent, w.wire.signed = o.notice(ts, args[0], args[1:])
	}
	req, err := http.NewRequest(http.MethodPost, o.NotifyURL, bytes.NewReader(w.wire.sent))
	ts.Check(err)
	req.Header.Set("Content-Type", "application/json")
	if w.wire.signed != "" {
		req.Header.Set("Sandbox-Signature", w.wire.signed)
	}
	w.call(ts, client, req)
}

func (o order) notice(ts *testscript.TestScript, status string, changes []string) (body []byte, signature string) {
	at, key := time.Now(), o.key
	data := map[string]any{
		"id": "sbx_pay_story" + o.Reference, "reference": o.Reference, "amount": o.Amount, "currency": o.Currency,
		"status": status, "method": o.Method, "details": map[string]any{}, "bank_reference": "412345678901",
		"fee": 0, "tax": 0, "decline": nil, "at": at.UTC().Format(time.RFC3339Nano),
	}
	if status == "failed" {
		data["decline"] = map[string]any{"group": "not_approved", "code": "do_not_honour", "message": "Do not honour"}
	}
	notice := map[string]any{
		"id": fmt.Sprintf("sbx_ntc_story%d", at.UnixNano()), "type": "payment." + status, "account": o.account,
		"created": at.UTC().Format(time.RFC3339), "data": data,
	}
	unsigned := false
	for _, change := range changes {
		field, value, ok := strings.Cut(change, "=")
		switch {
		case change == "unsigned":
			unsigned = true
		case change == "missigned":
			key = strings.Repeat("0", len(key))
		case change == "old":
			at = at.Add(-301 * time.Second)
		case ok && (field == "id" || field == "account"):
			notice[field] = value
		case ok:
			if data[field] = any(value); json.Valid([]byte(value)) {
				data[field] = json.RawMessage(value)
			}
		default:
			ts.Fatalf("a notice cannot be %q", change)
		}
	}
	body, err := json.Marshal(notice)
	ts.Check(err)
	if unsigned {
		return body, ""
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(stamp + "." + string(body)))
	return body, "t=" + stamp + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
