package delivery_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

// vonage is a far side that speaks as the documents of Vonage's Messages API say. It cannot be asked what
// became of a call, and does not know a repeated one.
type vonage struct {
	*far
	key, password string
	made          atomic.Int64
}

func (v *vonage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var m struct {
		To, Text  string
		ClientRef string `json:"client_ref"`
		Webhook   string `json:"webhook_url"`
	}
	name, password, _ := r.BasicAuth()
	if name != v.key || password != v.password || r.URL.Path != "/v1/messages" || json.NewDecoder(r.Body).Decode(&m) != nil {
		v.refuse(w, http.StatusUnauthorized, "1080", "Unauthorized")
		return
	}
	customer := v.world.byPhone("+" + m.To)
	e, dice := v.call(customer)
	switch e {
	case throttles:
		w.Header().Set("Retry-After", "2")
		v.refuse(w, http.StatusTooManyRequests, "1000", "Throttled")
		return
	case fails:
		v.refuse(w, http.StatusInternalServerError, "1030", "Internal error")
		return
	case hangsUp:
		panic(http.ErrAbortHandler)
	}
	uuid := fmt.Sprintf("aaaaaaaa-bbbb-4ccc-8ddd-%012x", v.made.Add(1))
	v.carry(letter{customer, m.ClientRef, codeIn(m.Text)}, dice, func(status string) int {
		return v.hook(m.Webhook, map[string]any{"message_uuid": uuid, "client_ref": m.ClientRef, "to": m.To, "channel": "sms"}, status)
	})
	if e == takesAndCuts {
		panic(http.ErrAbortHandler)
	}
	v.answer(w, http.StatusAccepted, map[string]string{"message_uuid": uuid})
}

func (v *vonage) refuse(w http.ResponseWriter, status int, code, title string) {
	v.answer(w, status, map[string]string{"type": "https://developer.vonage.com/api-errors/messages#" + code, "title": title, "detail": title, "instance": "bf0ca0bf"})
}

// hook posts a status under a JWT that holds the hash of the body.
func (v *vonage) hook(address string, says map[string]any, status string) int {
	says["timestamp"] = time.Now().UTC().Format(time.RFC3339)
	says["status"] = map[string]string{"sent": "submitted", "delivered": "delivered", "failed": "undeliverable"}[status]
	if status == "failed" {
		says["error"] = map[string]any{"type": "https://developer.vonage.com/api-errors/messages#1230", "title": 1230, "detail": "Absent subscriber"}
	}
	body, err := json.Marshal(says)
	if err != nil {
		return 0
	}
	sum := sha256.Sum256(body)
	claims, err := json.Marshal(map[string]any{"iat": time.Now().Unix(), "payload_hash": hex.EncodeToString(sum[:]), "api_key": v.key})
	if err != nil {
		return 0
	}
	token := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(claims)
	mac := hmac.New(sha256.New, []byte(v.secret))
	mac.Write([]byte(token))
	r, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token+"."+base64.RawURLEncoding.EncodeToString(mac.Sum(nil)))
	return v.post(r)
}
