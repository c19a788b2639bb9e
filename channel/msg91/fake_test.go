package msg91_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"paylink/channel"
	"paylink/channel/carrierwire/carriertest"
	"paylink/provider/providertest"
)

// A fake is MSG91 as its help pages describe it, for one account with one flow.
type fake struct {
	authKey, hook string
	version       int // of the webhook: 2 or 3

	mu      sync.Mutex
	sent    map[string]map[string]string   // recipients by request
	refusal atomic.Pointer[map[string]any] // what is answered instead, with the status 200
	calling sync.WaitGroup
}

const (
	flow      = "6234567890abcdef12345678"
	flowText  = "Dear ##NAME##, pay at ##LINK## -ACME"
	secret    = "a-very-long-random-word-0"
	hookQuery = "?secret=" + secret
)

func serve(t *testing.T, version int) (*fake, *providertest.Far) {
	f := &fake{authKey: "300000AkeyKEYkey0000P1", version: version, sent: map[string]map[string]string{}}
	far := providertest.Serve(t, func(far *providertest.Far) http.Handler {
		f.hook = far.Inbox + hookQuery
		return http.HandlerFunc(f.flow)
	})
	t.Cleanup(f.calling.Wait)
	return f, far
}

func account(f *fake, far *providertest.Far) channel.Account {
	return channel.Account{
		ID: "acct_01kaa", Merchant: "mer_01kaa", BaseURL: far.Origin, Secret: secret,
		Fields: map[string]string{"auth_key": f.authKey, "sender": "ACMEIN"},
	}
}

func (f *fake) flow(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.URL.Path != "/api/v5/flow/" || r.Header.Get("Content-Type") != "application/json" {
		http.NotFound(w, r)
		return
	}
	if r.Header.Get("authkey") != f.authKey {
		carriertest.Answer(w, http.StatusUnauthorized, map[string]any{"message": "Invalid authkey", "type": "error", "code": "207"})
		return
	}
	if refusal := f.refusal.Load(); refusal != nil {
		carriertest.Answer(w, http.StatusOK, *refusal)
		return
	}
	var call struct {
		Template   string              `json:"template_id"`
		Sender     string              `json:"sender"`
		ShortURL   string              `json:"short_url"`
		Recipients []map[string]string `json:"recipients"`
	}
	if json.NewDecoder(r.Body).Decode(&call) != nil || len(call.Recipients) != 1 || call.Template != flow || call.Sender == "" || call.ShortURL != "0" {
		carriertest.Answer(w, http.StatusOK, map[string]any{"message": "Invalid flow", "type": "error"})
		return
	}
	to := call.Recipients[0]
	if strings.Trim(to["mobiles"], "0123456789") != "" || len(to["mobiles"]) < 11 {
		carriertest.Answer(w, http.StatusOK, map[string]any{"message": "Invalid mobile number", "type": "error", "code": 202})
		return
	}
	f.mu.Lock()
	request := fmt.Sprintf("%024x", 0x346000000000+len(f.sent))
	f.sent[request] = to
	f.mu.Unlock()
	carriertest.Answer(w, http.StatusOK, map[string]any{"message": request, "type": "success"})
	f.calling.Go(func() { f.report(request, to["mobiles"]) })
}

func (f *fake) report(request, number string) {
	status, words := "1", "DELIVERED"
	if "+"+number == carriertest.Unreachable {
		status, words = "2", "FAILED"
	}
	date := time.Now().In(time.FixedZone("", 19800)).Format("2006-01-02 15:04:05")
	if f.version == 3 {
		carriertest.Call(f.hook, http.Header{"Content-Type": {"application/json"}}, fmt.Sprintf(
			`{"date":%q,"number":%q,"senderId":"ACMEIN","amount":"0.01","requestId":%q,"INMSID":"0","CRQID":"0","credit":"1","userId":"270000","campaignName":"Acme","status":%q,"desc":%q}`,
			date, number, request, status, words))
		return
	}
	carriertest.Call(f.hook, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, "data="+url.QueryEscape(fmt.Sprintf(
		`[{"senderId":"ACMEIN","requestId":%q,"report":[{"date":%q,"amount":"0.01","clientid":"","INMSID":"0","CRQID":"0","ctCode":"900","number":%q,"credit":"1","status":%q,"desc":%q,"failedReason":""}],"userId":"270000","campaignName":"Acme"}]`,
		request, date, number, status, words)))
}

// received is what the phone shows: the flow's text with its places filled, and to whom it went.
func (f *fake) received(t *testing.T, reference string) channel.Letter {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	to, text := f.sent[reference], flowText
	for _, name := range slices.Sorted(maps.Keys(to)) {
		text = strings.ReplaceAll(text, "##"+name+"##", to[name])
	}
	return channel.Letter{Channel: "sms", To: "+" + to["mobiles"], Text: text}
}
