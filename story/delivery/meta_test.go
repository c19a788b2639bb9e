package delivery_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// meta is a far side that speaks as Meta's documents of the Cloud API say, for one business number with one
// approved template, pay_link, whose button opens our links. It posts all news to one address.
type meta struct {
	*far
	number, token string
	inbox         string
	made          atomic.Int64
}

func (m *meta) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		To       string
		Callback string `json:"biz_opaque_callback_data"`
		Template struct {
			Name       string
			Components []struct {
				Type       string
				Parameters []struct{ Text string }
			}
		}
	}
	code := ""
	if json.NewDecoder(r.Body).Decode(&asked) == nil && asked.Template.Name == "pay_link" {
		for _, c := range asked.Template.Components {
			if c.Type == "button" && len(c.Parameters) == 1 {
				code = c.Parameters[0].Text
			}
		}
	}
	switch {
	case r.Header.Get("Authorization") != "Bearer "+m.token || r.URL.Path != "/v23.0/"+m.number+"/messages":
		m.refuse(w, http.StatusUnauthorized, 190, "Invalid OAuth access token")
		return
	case code == "":
		m.refuse(w, http.StatusBadRequest, 132000, "Number of parameters does not match the expected number of params")
		return
	}
	customer := m.world.byPhone(asked.To)
	e, dice := m.call(customer)
	switch e {
	case throttles:
		m.refuse(w, http.StatusBadRequest, 130429, "Rate limit hit")
		return
	case fails:
		m.refuse(w, http.StatusInternalServerError, 131016, "Service unavailable")
		return
	case hangsUp:
		panic(http.ErrAbortHandler)
	}
	id := fmt.Sprintf("wamid.HBgL%s%08d=", m.number, m.made.Add(1))
	m.carry(letter{customer, asked.Callback, code}, dice, func(status string) int {
		return m.notify(map[string]any{"id": id, "recipient_id": asked.To[1:], "biz_opaque_callback_data": asked.Callback}, status)
	})
	if e == takesAndCuts {
		panic(http.ErrAbortHandler)
	}
	m.answer(w, http.StatusOK, map[string]any{
		"messaging_product": "whatsapp", "contacts": []any{map[string]string{"input": asked.To, "wa_id": asked.To[1:]}}, "messages": []any{map[string]string{"id": id}},
	})
}

func (m *meta) refuse(w http.ResponseWriter, status, code int, words string) {
	m.answer(w, status, map[string]any{"error": map[string]any{"message": fmt.Sprintf("(#%d) %s", code, words), "type": "OAuthException", "code": code, "fbtrace_id": "AXsgnV2Cm3ZMGF3dF"}})
}

// notify posts a status, signed with the app's secret.
func (m *meta) notify(says map[string]any, status string) int {
	says["status"], says["timestamp"] = status, fmt.Sprint(time.Now().Unix())
	if status == "failed" {
		says["errors"] = []any{map[string]any{"code": 131026, "title": "Message undeliverable", "message": "Message undeliverable"}}
	}
	body, err := json.Marshal(map[string]any{"object": "whatsapp_business_account", "entry": []any{map[string]any{
		"id": "102290129340398", "changes": []any{map[string]any{"field": "messages", "value": map[string]any{
			"messaging_product": "whatsapp", "metadata": map[string]string{"display_phone_number": "15550783881", "phone_number_id": m.number}, "statuses": []any{says},
		}}},
	}}})
	if err != nil {
		return 0
	}
	mac := hmac.New(sha256.New, []byte(m.secret))
	mac.Write(body)
	r, err := http.NewRequest(http.MethodPost, m.inbox, strings.NewReader(string(body)))
	if err != nil {
		return 0
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	return m.post(r)
}
