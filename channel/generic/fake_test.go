package generic_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/carrierwire/carriertest"
	"paylink/provider/providertest"
)

const (
	key    = "k-0123456789"
	secret = "a-very-long-random-word-0"
)

// A fake is a carrier as there are many: one call a message, as JSON with signed receipts, or as a form with
// receipts to an address that is a secret.
type fake struct {
	hook string

	mu      sync.Mutex
	sent    []channel.Letter
	calling sync.WaitGroup
}

func serve(t *testing.T) (*fake, *providertest.Far) {
	f := &fake{}
	far := providertest.Serve(t, func(far *providertest.Far) http.Handler {
		f.hook = far.Inbox + "?secret=" + secret
		mux := http.NewServeMux()
		mux.HandleFunc("POST /v1/messages", f.json)
		mux.HandleFunc("POST /send.php", f.form)
		mux.HandleFunc("GET /send", f.get)
		return mux
	})
	t.Cleanup(f.calling.Wait)
	return f, far
}

// byJSON describes the first kind of carrier, byForm the second.
func byJSON(far *providertest.Far) channel.Account {
	return channel.Account{ID: "acct_01kaa", Merchant: "mer_01kaa", BaseURL: far.Origin, Secret: secret, Fields: map[string]string{
		"url": "https://sms.example.com/v1/messages", "headers": "Authorization: Bearer {{key}}\n\nX-Client: paylink", "key": key, "sender": "ACME",
		"body":      `{"to":"{{digits}}","from":"{{sender}}","text":"{{text}}","ref":"{{id}}","callback":"{{receipt_url}}","dlt":{"pe":"{{entity}}","id":"{{template}}"}}`,
		"reference": "/messages/0/id", "refused": "insufficient = no_balance\nnot a number = invalid_address\nbusy=throttled\nsorry",
		"receipt_reference": "/id", "receipt_message": "/ref", "receipt_status": "/state/name", "receipt_error": "/state/code", "receipt_time": "/at",
		"receipt_statuses": "ENROUTE = ignore\nACCEPTED = sent\nDELIVRD = delivered\nUNDELIV = failed\nREJECTD = blocked opted_out",
		"receipt_proof":    "hmac-sha256-hex", "receipt_header": "X-Signature", "receipt_prefix": "sha256=",
	}}
}

func byForm(far *providertest.Far) channel.Account {
	return channel.Account{ID: "acct_01kaa", Merchant: "mer_01kaa", BaseURL: far.Origin, Secret: secret, Fields: map[string]string{
		"url": "https://sms.example.com/send.php?key={{key}}", "key": key, "sender": "ACME", "body_type": "form",
		"body":      "mobile={{digits}}&from={{sender}}&msg={{text}}&pe={{entity}}&dlt={{template}}",
		"reference": "*", "refused": "ERR",
		"receipt_format": "form", "receipt_reference": "id", "receipt_status": "stat", "receipt_error": "err", "receipt_time": "at",
		"receipt_statuses": "DELIVRD = delivered\nUNDELIV = failed unreachable",
	}}
}

func (f *fake) json(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+key || r.Header.Get("X-Client") != "paylink" {
		carriertest.Answer(w, http.StatusUnauthorized, map[string]any{"error": "who are you"})
		return
	}
	var m struct {
		To, From, Text, Ref, Callback string
		DLT                           struct{ PE, ID string }
	}
	if r.Header.Get("Content-Type") != "application/json" || json.NewDecoder(r.Body).Decode(&m) != nil {
		carriertest.Answer(w, http.StatusBadRequest, map[string]any{"error": "no JSON"})
		return
	}
	reference := f.keep(channel.Letter{
		ID: paylink.MessageID(m.Ref), Channel: "sms", To: "+" + m.To, Text: m.Text, ReceiptURL: m.Callback,
		Template: &channel.Template{Name: m.DLT.ID, Entity: m.DLT.PE, Header: m.From},
	})
	carriertest.Answer(w, http.StatusOK, map[string]any{"messages": []any{map[string]any{"id": reference}}})
	f.calling.Go(func() {
		for _, state := range []string{"ENROUTE", "ACCEPTED", outcome("+" + m.To)} {
			body := fmt.Sprintf(`{"id":%d,"ref":%q,"state":{"name":%q,"code":"E%d"},"at":%q}`, reference, m.Ref, state, len(state), time.Now().UTC().Format(time.RFC3339))
			header := signed(secret, []byte(body))
			header.Set("Content-Type", "application/json")
			carriertest.Call(m.Callback, header, body)
		}
	})
}

func (f *fake) form(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("key") != key {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	if r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || r.ParseForm() != nil {
		_, _ = w.Write([]byte("ERR 1 no form"))
		return
	}
	to := "+" + r.PostForm.Get("mobile")
	reference := f.keep(channel.Letter{
		Channel: "sms", To: to, Text: r.PostForm.Get("msg"),
		Template: &channel.Template{Name: r.PostForm.Get("dlt"), Entity: r.PostForm.Get("pe"), Header: r.PostForm.Get("from")},
	})
	_, _ = fmt.Fprintln(w, reference)
	f.calling.Go(func() {
		body := fmt.Sprintf("id=%d&err=E1&at=%d&stat=%s", reference, time.Now().Unix(), outcome(to))
		carriertest.Call(f.hook, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, body)
	})
}

// get answers with its own query, so that a test sees what was asked.
func (f *fake) get(w http.ResponseWriter, r *http.Request) {
	carriertest.Answer(w, http.StatusOK, map[string]any{"id": url.QueryEscape(r.URL.RawQuery), "length": r.ContentLength})
}

func outcome(to string) string {
	if to == carriertest.Unreachable {
		return "UNDELIV"
	}
	return "DELIVRD"
}

// keep gives a reference that no float can hold.
func (f *fake) keep(l channel.Letter) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent = append(f.sent, l)
	return 9007199254740993 + len(f.sent)
}

func (f *fake) received(t *testing.T, reference string) channel.Letter {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	var number int
	if _, err := fmt.Sscan(reference, &number); err != nil {
		t.Fatal(err)
	}
	l := f.sent[number-9007199254740993-1]
	l.ReceiptURL = ""
	return l
}

func signed(secret string, body []byte) http.Header {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return http.Header{"X-Signature": {"sha256=" + strings.ToLower(hex.EncodeToString(mac.Sum(nil)))}}
}
