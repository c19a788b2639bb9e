package plivo_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"sync"
	"testing"

	"paylink/channel"
	"paylink/channel/carrierwire/carriertest"
	"paylink/provider/providertest"
)

// A fake is Plivo as its documents describe it, for one account.
type fake struct {
	authID, token string
	invalid       string // a number that it takes for none

	mu      sync.Mutex
	sent    []map[string]any
	calling sync.WaitGroup
}

func serve(t *testing.T) (*fake, *providertest.Far) {
	f := &fake{authID: "MA000000000000000000", token: "MzY1NTQ5ZjM0YjI2YzE5YTk2NWZlNDQ1ZTY2ZGE1", invalid: "919812345699"}
	far := providertest.Serve(t, func(*providertest.Far) http.Handler { return http.HandlerFunc(f.serve) })
	t.Cleanup(f.calling.Wait)
	return f, far
}

func account(f *fake, far *providertest.Far) channel.Account {
	return channel.Account{
		ID: "acct_01kaa", Merchant: "mer_01kaa", BaseURL: far.Origin, Secret: f.token,
		Fields: map[string]string{"auth_id": f.authID, "src": "+15005550006", "dlt_category": "service_implicit"},
	}
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	name, password, _ := r.BasicAuth()
	if name != f.authID || password != f.token {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte("Could not verify your access level for that URL."))
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /v1/Account/" + f.authID + "/":
		carriertest.Answer(w, http.StatusOK, map[string]any{"api_id": "a", "auth_id": f.authID, "cash_credits": "1.00"})
	case "POST /v1/Account/" + f.authID + "/Message/":
		f.take(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (f *fake) take(w http.ResponseWriter, r *http.Request) {
	var m map[string]any
	if r.Header.Get("Content-Type") != "application/json" || json.NewDecoder(r.Body).Decode(&m) != nil || m["src"] == "" || m["text"] == "" {
		carriertest.Answer(w, http.StatusBadRequest, map[string]any{"api_id": "a", "error": "src, dst and text are needed"})
		return
	}
	to, _ := m["dst"].(string)
	if to == f.invalid {
		carriertest.Answer(w, http.StatusAccepted, map[string]any{"api_id": "a", "message": "message(s) queued", "message_uuid": []string{}, "invalid_number": []string{to}})
		return
	}
	if strings.Trim(to, "0123456789") != "" {
		carriertest.Answer(w, http.StatusBadRequest, map[string]any{"api_id": "a", "error": to + " is not a valid phone number"})
		return
	}
	f.mu.Lock()
	uuid := fmt.Sprintf("db3ce55a-7f1d-11e1-8ea7-%012x", len(f.sent))
	f.sent = append(f.sent, m)
	f.mu.Unlock()
	carriertest.Answer(w, http.StatusAccepted, map[string]any{"api_id": "a", "message": "message(s) queued", "message_uuid": []string{uuid}})
	if address, _ := m["url"].(string); address != "" && m["method"] == "POST" {
		f.calling.Go(func() {
			for _, status := range []string{"queued", "sent"} {
				f.callBack(address, callback(uuid, to, status, ""))
			}
			if "+"+to == carriertest.Unreachable {
				f.callBack(address, callback(uuid, to, "undelivered", "80"))
			} else {
				f.callBack(address, callback(uuid, to, "delivered", ""))
			}
		})
	}
}

func callback(uuid, to, status, code string) string {
	if code != "" {
		code = "ErrorCode=" + code + "&"
	}
	return code + "From=15005550006&MCC=404&MNC=45&MessageTime=2026-11-22+10%3A00%3A00&MessageUUID=" + uuid +
		"&Sequence=1&Status=" + status + "&To=" + to + "&TotalAmount=0.0050&TotalRate=0.0050&Type=sms&Units=2"
}

const nonce = "12345678901234567890"

func (f *fake) callBack(address, body string) {
	header := signed(f.token, address, body)
	header.Set("Content-Type", "application/x-www-form-urlencoded")
	carriertest.Call(address, header, body)
}

// signed is Plivo's recipe in our own words; the vectors of the test below hold it to Plivo's SDK.
func signed(token, address, body string) http.Header {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	text := u.Scheme + "://" + u.Host + u.Path
	var query, fields []string
	for name, values := range u.Query() {
		query = append(query, name+"="+values[0])
	}
	form, _ := url.ParseQuery(body)
	for name, values := range form {
		fields = append(fields, name+values[0])
	}
	sort.Strings(query)
	sort.Strings(fields)
	if len(query)+len(fields) > 0 {
		text += "?" + strings.Join(query, "&")
	}
	if len(query) > 0 && len(fields) > 0 {
		text += "."
	}
	mac := hmac.New(sha256.New, []byte(token))
	fmt.Fprint(mac, text, strings.Join(fields, ""), ".", nonce)
	header := http.Header{}
	header.Set("X-Plivo-Signature-V3", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	header.Set("X-Plivo-Signature-V3-Nonce", nonce)
	return header
}
