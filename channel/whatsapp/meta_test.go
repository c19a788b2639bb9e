package whatsapp_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/outbound"
	"paylink/provider/providertest"
)

// meta is Meta's side, written from its documents: it knows one token, one number and two templates, keeps
// what it takes, and posts what became of it.
type meta struct {
	t     testing.TB
	inbox string

	mu    sync.Mutex
	taken map[string]sent // by its id
	posts sync.WaitGroup
}

// sent is a message as the API is asked to carry it.
type sent struct {
	Product   string `json:"messaging_product"`
	Recipient string `json:"recipient_type"`
	To        string `json:"to"`
	Type      string `json:"type"`
	Callback  string `json:"biz_opaque_callback_data"`
	Text      struct {
		Body string `json:"body"`
	} `json:"text"`
	Interactive json.RawMessage `json:"interactive"`
	Template    struct {
		Name     string `json:"name"`
		Language struct {
			Code string `json:"code"`
		} `json:"language"`
		Components []struct {
			Type       string `json:"type"`
			SubType    string `json:"sub_type"`
			Index      string `json:"index"`
			Parameters []struct {
				Type string `json:"type"`
				Name string `json:"parameter_name"`
				Text string `json:"text"`

				Action json.RawMessage `json:"action"`
			} `json:"parameters"`
		} `json:"components"`
	} `json:"template"`
}

const (
	number   = "106540352242922"
	business = "102290129340398"
	token    = "EAAJB.canary-token_1"
	appKey   = "app_secret"
	absent   = "+919812345605" // has no WhatsApp
)

func serve(t testing.TB) (*meta, *providertest.Far) {
	m := &meta{t: t, taken: map[string]sent{}}
	far := providertest.Serve(t, func(f *providertest.Far) http.Handler {
		m.inbox = f.Inbox
		mux := http.NewServeMux()
		mux.HandleFunc("POST /v23.0/"+number+"/messages", m.send)
		mux.HandleFunc("GET /v23.0/"+number, m.number)
		mux.HandleFunc("GET /v23.0/"+business+"/message_templates", m.list)
		mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, http.StatusNotFound, 803, "Some of the aliases you requested do not exist")
		})
		return mux
	})
	t.Cleanup(m.posts.Wait)
	return m, far
}

func account(far *providertest.Far) channel.Account {
	return channel.Account{
		ID: "acct_01kaa", Merchant: "mer_01kaa", BaseURL: far.Origin, Secret: appKey,
		Fields: map[string]string{
			"phone_number_id": number, "business_account_id": business, "access_token": token,
			"verify_token": "open-sesame-1", "template_base_url": "https://pay.example/",
		},
	}
}

func client(t testing.TB) *outbound.Client {
	c := outbound.New(outbound.Options{AllowLoopback: true})
	t.Cleanup(c.Close)
	return c
}

func refuse(w http.ResponseWriter, status, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error":{"message":%q,"type":"OAuthException","code":%d,"fbtrace_id":"AXsgnV2Cm3ZMGF3dF_cfYIn"}}`, fmt.Sprintf("(#%d) %s", code, message), code)
}

func authorised(w http.ResponseWriter, r *http.Request) bool {
	if r.Header.Get("Authorization") == "Bearer "+token {
		return true
	}
	refuse(w, http.StatusUnauthorized, 190, "Invalid OAuth access token")
	return false
}

func (m *meta) send(w http.ResponseWriter, r *http.Request) {
	if !authorised(w, r) {
		return
	}
	var asked sent
	err := json.NewDecoder(r.Body).Decode(&asked)
	switch {
	case err != nil || asked.Product != "whatsapp" || !strings.HasPrefix(asked.To, "+"):
		refuse(w, http.StatusBadRequest, 100, "Invalid parameter")
		return
	case asked.Type == "template":
		if code := fits(asked); code != 0 {
			refuse(w, http.StatusBadRequest, code, "The template does not fit")
			return
		}
	case asked.Type == "interactive" && json.Valid(asked.Interactive):
	case asked.Type != "text" || asked.Text.Body == "":
		refuse(w, http.StatusBadRequest, 131009, "Parameter value is not valid")
		return
	}
	m.mu.Lock()
	id := fmt.Sprintf("wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQ%05d=", len(m.taken))
	m.taken[id] = asked
	m.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"messaging_product":"whatsapp","contacts":[{"input":%q,"wa_id":%q}],"messages":[{"id":%q,"message_status":"accepted"}]}`, asked.To, asked.To[1:], id)
	m.posts.Go(func() { m.tell(id, asked) })
}

// fits holds a message against the template pay_link, "Hi {{1}}, pay {{2}} now" with a button to
// https://pay.example/{{1}}, and gives Meta's code for what is wrong with it.
func fits(asked sent) int {
	t := asked.Template
	if t.Name != "pay_link" || t.Language.Code != "en" {
		return 132001
	}
	bodies, buttons := 0, 0
	for _, c := range t.Components {
		for _, p := range c.Parameters {
			if p.Type == "action" && c.SubType == "order_details" {
				continue
			}
			if p.Type != "text" || p.Text == "" || strings.ContainsAny(p.Text, "\n\t") {
				return 132012
			}
		}
		switch {
		case c.Type == "body":
			bodies += len(c.Parameters)
		case c.Type == "button" && (c.SubType == "url" || c.SubType == "order_details") && c.Index == "0":
			buttons += len(c.Parameters)
		default:
			return 132012
		}
	}
	if bodies != 2 || buttons != 1 {
		return 132000
	}
	return 0
}

// tell posts what became of a message, the later news first, in one of Meta's batches.
func (m *meta) tell(id string, asked sent) {
	status := func(name, more string) string {
		return fmt.Sprintf(`{"id":%q,"status":%q,"timestamp":"%d","recipient_id":%q,"biz_opaque_callback_data":%q%s}`,
			id, name, time.Now().Unix(), asked.To[1:], asked.Callback, more)
	}
	ends := status("delivered", `,"conversation":{"id":"c1","origin":{"type":"utility"}},"pricing":{"billable":true,"pricing_model":"PMP","type":"regular","category":"utility"}`)
	if asked.To == absent {
		ends = status("failed", `,"errors":[{"code":131026,"title":"Message undeliverable","message":"Message undeliverable","error_data":{"details":"Message Undeliverable."},"href":"https:\/\/example.com\/"}]`)
	}
	body := []byte(`{"object":"whatsapp_business_account","entry":[{"id":"` + business + `","changes":[` +
		`{"field":"message_template_status_update","value":{"event":"APPROVED","message_template_name":"pay_link"}},` +
		`{"field":"messages","value":` + value(ends+","+status("sent", "")) + `}]}]}`)
	req, err := http.NewRequest(http.MethodPost, m.inbox, bytes.NewReader(body))
	if err != nil {
		m.t.Error(err)
		return
	}
	req.Header = sign(appKey, body, time.Time{})
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return // the test has ended
	}
	_ = res.Body.Close()
}

// value is a change of the field messages with some statuses.
func value(statuses string) string {
	return `{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"` + number + `"},"statuses":[` + statuses + `]}`
}

// sign is the header under what Meta posts for an app.
func sign(secret string, body []byte, _ time.Time) http.Header {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return http.Header{"X-Hub-Signature-256": {"sha256=" + hex.EncodeToString(mac.Sum(nil))}}
}

func (m *meta) number(w http.ResponseWriter, r *http.Request) {
	if !authorised(w, r) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"id":%q,"display_phone_number":"+1 555-078-3881","verified_name":"Acme","quality_rating":"GREEN"}`, number)
}

// list gives one template a page, by cursors, and says that a long page is long: each text has thousands
// letters that are written as escapes.
func (m *meta) list(w http.ResponseWriter, r *http.Request) {
	if !authorised(w, r) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	long := strings.Repeat(`\u0928`, 1000)
	if r.URL.Query().Get("limit") > "10" && r.URL.Query().Get("after") == "" {
		fmt.Fprintf(w, `{"data":[{"name":"long","components":[{"type":"BODY","text":"%s"}]}]}`, strings.Repeat(long, 25))
		return
	}
	if r.URL.Query().Get("after") == "" {
		fmt.Fprintf(w, `{"data":[{"name":"pay_link","language":"en","status":"APPROVED","category":"UTILITY","id":"1192339204654487","components":[`+
			`{"type":"HEADER","format":"TEXT","text":"Acme"},{"type":"BODY","text":"Hi {{1}}, pay {{2}} now, {{1}}","example":{"body_text":[["Asha","INR 1,499.00"]]}},`+
			`{"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Stop"},{"type":"URL","text":"Pay now","url":"https:\/\/pay.example\/{{1}}","example":["https:\/\/pay.example\/AbC123"]}]}]}],`+
			`"paging":{"cursors":{"before":"MAZDZD","after":"MjQZD"},"next":"http://127.0.0.1:1/next"}}`)
		return
	}
	fmt.Fprint(w, `{"data":[{"name":"paid","language":"hi","status":"REJECTED","category":"MARKETING","id":"1192339204654488","components":[{"type":"BODY","text":"{{ customer_name }}, \u0927\u0928\u094d\u092f\u0935\u093e\u0926"}]}],`+
		`"paging":{"cursors":{"before":"MAZDZD","after":"MjQZE"}}}`)
}

// letter is what Meta took under an id.
func (m *meta) letter(t *testing.T, id string) channel.Letter {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	got, held := m.taken[id]
	if !held {
		t.Fatalf("Meta holds no message %s", id)
	}
	l := channel.Letter{ID: paylink.MessageID(got.Callback), Channel: paylink.ChannelWhatsApp, To: got.To, Text: got.Text.Body}
	if got.Type != "template" {
		return l
	}
	l.Template = &channel.Template{Name: got.Template.Name, Language: got.Template.Language.Code}
	for _, c := range got.Template.Components {
		for i, p := range c.Parameters {
			if c.Type == "button" {
				l.ButtonURL = "https://pay.example/" + p.Text
				continue
			}
			name := p.Name
			if name == "" {
				name = fmt.Sprint(i + 1)
			}
			l.Template.Variables = append(l.Template.Variables, channel.Variable{Name: name, Value: p.Text})
		}
	}
	return l
}
