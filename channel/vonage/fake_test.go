package vonage_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink/channel"
	"paylink/channel/carrierwire/carriertest"
	"paylink/provider/providertest"
)

// A fake is Vonage as its documents describe it, for one account.
type fake struct {
	key, password, signing string

	mu      sync.Mutex
	sent    []map[string]any
	calling sync.WaitGroup
}

func serve(t *testing.T) (*fake, *providertest.Far) {
	f := &fake{key: "0a1b2c3d", password: "Secret0000000000", signing: "signature-secret-0000000000000000"}
	far := providertest.Serve(t, func(*providertest.Far) http.Handler { return http.HandlerFunc(f.serve) })
	t.Cleanup(f.calling.Wait)
	return f, far
}

func account(f *fake, far *providertest.Far) channel.Account {
	return channel.Account{
		ID: "acct_01kaa", Merchant: "mer_01kaa", BaseURL: far.Origin, Secret: f.signing,
		Fields: map[string]string{"api_key": f.key, "api_secret": f.password, "from": "447700900001"},
	}
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	name, password, _ := r.BasicAuth()
	if name != f.key || password != f.password {
		refuse(w, http.StatusUnauthorized, "https://developer.vonage.com/en/api-errors#unauthorized", "Unauthorized", "You did not provide correct credentials.")
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /accounts/" + f.key + "/secrets":
		carriertest.Answer(w, http.StatusOK, map[string]any{"_links": map[string]any{}, "_embedded": map[string]any{"secrets": []any{map[string]any{"id": "a", "created_at": "2026-01-01T00:00:00Z"}}}})
	case "POST /v1/messages":
		f.take(w, r)
	default:
		http.NotFound(w, r)
	}
}

func refuse(w http.ResponseWriter, status int, kind, title, detail string) {
	carriertest.Answer(w, status, map[string]any{"type": kind, "title": title, "detail": detail, "instance": "bf0ca0bf927b3b52e3cb03217e1a1ddf"})
}

func (f *fake) take(w http.ResponseWriter, r *http.Request) {
	var m map[string]any
	if r.Header.Get("Content-Type") != "application/json" || json.NewDecoder(r.Body).Decode(&m) != nil || m["message_type"] != "text" || m["channel"] != "sms" || m["text"] == "" {
		refuse(w, http.StatusUnprocessableEntity, "https://developer.vonage.com/api-errors/messages#1020", "Invalid params", "The value of one or more parameters is invalid.")
		return
	}
	to, _ := m["to"].(string)
	if strings.Trim(to, "0123456789") != "" || to == "" {
		refuse(w, http.StatusUnprocessableEntity, "https://developer.vonage.com/api-errors/messages#1170", "Invalid number", "The number "+to+" is none.")
		return
	}
	f.mu.Lock()
	uuid := fmt.Sprintf("aaaaaaaa-bbbb-cccc-dddd-%012x", len(f.sent))
	f.sent = append(f.sent, m)
	f.mu.Unlock()
	carriertest.Answer(w, http.StatusAccepted, map[string]any{"message_uuid": uuid})
	if address, _ := m["webhook_url"].(string); address != "" && m["webhook_version"] == "v1" {
		f.calling.Go(func() {
			f.hook(address, status(m, uuid, "submitted"))
			if "+"+to == carriertest.Unreachable {
				failed := status(m, uuid, "undeliverable")
				failed["error"] = map[string]any{"type": "https://developer.vonage.com/api-errors/messages#1180", "title": 1180, "detail": "Absent Subscriber Temporary", "instance": "bf0ca0bf927b3b52e3cb03217e1a1ddf"}
				f.hook(address, failed)
			} else {
				f.hook(address, status(m, uuid, "delivered"))
			}
		})
	}
}

func status(m map[string]any, uuid, word string) map[string]any {
	return map[string]any{
		"message_uuid": uuid, "to": m["to"], "from": m["from"], "timestamp": time.Now().UTC().Format(time.RFC3339), "status": word,
		"client_ref": m["client_ref"], "channel": "sms", "destination": map[string]any{"network_code": "40445"},
		"usage": map[string]any{"price": "0.0333", "currency": "EUR"}, "sms": map[string]any{"count_total": "2"},
	}
}

func (f *fake) hook(address string, said map[string]any) {
	body, _ := json.Marshal(said)
	header := signed(f.signing, f.key, body, time.Now())
	header.Set("Content-Type", "application/json")
	carriertest.Call(address, header, string(body))
}

// signed is the token under a webhook, by the description of signed webhooks in our own words.
func signed(secret, key string, body []byte, at time.Time) http.Header {
	sum := sha256.Sum256(body)
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil,
		`{"iss":"Vonage","payload_hash":"%x","api_key":"%s","iat":%d,"jti":"aaaaaaaa-bbbb-cccc-dddd-0123456789ab"}`, sum, key, at.Unix()))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return http.Header{"Authorization": {"Bearer " + text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))}}
}
