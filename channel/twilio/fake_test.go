package twilio_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"paylink/channel/carrierwire/carriertest"
	"paylink/provider/providertest"
)

// A fake is Twilio as its documents describe it, for one account: it keeps messages, lists them, and calls
// back with its signature.
type fake struct {
	sid, token string
	loses      atomic.Bool // it takes messages, but its answers are lost

	mu       sync.Mutex
	messages []held // oldest first
	calling  sync.WaitGroup
}

type held struct {
	form    url.Values
	sid     string
	created time.Time
	status  string
}

// What the documents' test numbers do, and two of our own.
const (
	numberFiltered = "+919812345607"
	numberInvalid  = "+15005550001"
	numberOptedOut = "+15005550004"
	numberBusy     = "+15005550008"
)

func serve(t *testing.T) (*fake, *providertest.Far) {
	f := &fake{sid: "AC" + strings.Repeat("0a", 16), token: "12345678901234567890123456789012"}
	far := providertest.Serve(t, func(*providertest.Far) http.Handler { return f.handler() })
	t.Cleanup(f.calling.Wait)
	return f, far
}

func (f *fake) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2010-04-01/Accounts/{sid}/Messages.json", f.create)
	mux.HandleFunc("GET /2010-04-01/Accounts/{sid}/Messages.json", f.list)
	mux.HandleFunc("GET /2010-04-01/Accounts/{file}", func(w http.ResponseWriter, _ *http.Request) {
		carriertest.Answer(w, http.StatusOK, map[string]any{"sid": f.sid, "status": "active", "friendly_name": "Acme", "type": "Full"})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, password, _ := r.BasicAuth()
		if name != f.sid || password != f.token || !strings.HasPrefix(r.URL.Path, "/2010-04-01/Accounts/"+f.sid) {
			refuse(w, http.StatusUnauthorized, 20003, "Authenticate")
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (f *fake) create(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || r.ParseForm() != nil {
		refuse(w, http.StatusBadRequest, 20001, "Not a form")
		return
	}
	form := r.PostForm
	switch to := form.Get("To"); {
	case to == "":
		refuse(w, http.StatusBadRequest, 21604, "A 'To' phone number is required.")
	case to == numberInvalid:
		refuse(w, http.StatusBadRequest, 21211, "The 'To' number "+to+" is not a valid phone number.")
	case to == numberOptedOut:
		refuse(w, http.StatusBadRequest, 21610, "Attempt to send to unsubscribed recipient")
	case to == numberBusy:
		w.Header().Set("Retry-After", "7")
		refuse(w, http.StatusTooManyRequests, 20429, "Too Many Requests")
	case form.Get("From") == "" && form.Get("MessagingServiceSid") == "":
		refuse(w, http.StatusBadRequest, 21603, "A 'From' phone number is required.")
	case utf8.RuneCountInString(form.Get("Body")) > 1600 || form.Get("Body") == "":
		refuse(w, http.StatusBadRequest, 21617, "The message body exceeds the 1600 character limit.")
	default:
		m := f.hold(form)
		if f.loses.Load() {
			panic(http.ErrAbortHandler)
		}
		carriertest.Answer(w, http.StatusCreated, f.resource(m))
		f.calling.Go(func() { f.callBack(m) })
	}
}

func (f *fake) hold(form url.Values) held {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := held{form: form, sid: fmt.Sprintf("SM%032x", len(f.messages)+1), created: time.Now(), status: "queued"}
	f.messages = append(f.messages, m)
	return m
}

// list is of the newest first, in pages.
func (f *fake) list(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []held
	for _, m := range slices.Backward(f.messages) {
		if m.form.Get("To") == r.URL.Query().Get("To") {
			found = append(found, m)
		}
	}
	size, _ := strconv.Atoi(r.URL.Query().Get("PageSize"))
	number, _ := strconv.Atoi(r.URL.Query().Get("Page"))
	page := map[string]any{"page": number, "page_size": size, "uri": "http://" + r.Host + r.URL.RequestURI(), "next_page_uri": nil}
	first, last := min(number*size, len(found)), min((number+1)*size, len(found))
	resources := []any{}
	for _, m := range found[first:last] {
		resources = append(resources, f.resource(m))
	}
	page["messages"] = resources
	if last < len(found) {
		query := r.URL.Query()
		query.Set("Page", strconv.Itoa(number+1))
		query.Set("PageToken", "PA"+found[last].sid)
		page["next_page_uri"] = r.URL.Path + "?" + query.Encode()
	}
	carriertest.Answer(w, http.StatusOK, page)
}

func (f *fake) resource(m held) map[string]any {
	resource := map[string]any{
		"account_sid": f.sid, "api_version": "2010-04-01", "body": m.form.Get("Body"), "date_created": m.created.UTC().Format(time.RFC1123Z),
		"date_sent": nil, "date_updated": m.created.UTC().Format(time.RFC1123Z), "direction": "outbound-api", "error_code": nil, "error_message": nil,
		"from": m.form.Get("From"), "num_media": "0", "num_segments": "2", "price": nil, "price_unit": nil, "messaging_service_sid": nil,
		"sid": m.sid, "status": m.status, "to": m.form.Get("To"), "uri": "/2010-04-01/Accounts/" + f.sid + "/Messages/" + m.sid + ".json",
		"subresource_uris": map[string]any{"media": "/2010-04-01/Accounts/" + f.sid + "/Messages/" + m.sid + "/Media.json"},
	}
	if service := m.form.Get("MessagingServiceSid"); service != "" {
		resource["messaging_service_sid"], resource["num_segments"], resource["from"] = service, "0", nil
	}
	return resource
}

// callBack tells the address that the message named how it goes.
func (f *fake) callBack(m held) {
	address := m.form.Get("StatusCallback")
	if address == "" {
		return
	}
	f.post(address, f.callback(m, "sent", ""))
	switch m.form.Get("To") {
	case carriertest.Unreachable:
		f.post(address, f.callback(m, "undelivered", "30003"))
	case numberFiltered:
		f.post(address, f.callback(m, "failed", "30007"))
	default:
		f.post(address, f.callback(m, "delivered", ""))
	}
}

// callback is the body in the order in which Twilio writes it.
func (f *fake) callback(m held, status, code string) string {
	if code != "" {
		code = "ErrorCode=" + code + "&"
	}
	return code + "SmsSid=" + m.sid + "&SmsStatus=" + status + "&MessageStatus=" + status + "&To=" + url.QueryEscape(m.form.Get("To")) +
		"&MessageSid=" + m.sid + "&AccountSid=" + f.sid + "&From=" + url.QueryEscape(m.form.Get("From")) + "&ApiVersion=2010-04-01"
}

func (f *fake) post(address, body string) {
	carriertest.Call(address, http.Header{
		"Content-Type": {"application/x-www-form-urlencoded; charset=UTF-8"}, "X-Twilio-Signature": {sign(f.token, address, body)},
	}, body)
}

// sign is Twilio's published recipe in our own words.
func sign(token, address, body string) string {
	form, _ := url.ParseQuery(body)
	var fields []string
	for name := range form {
		fields = append(fields, name)
	}
	slices.Sort(fields)
	for i, name := range fields {
		fields[i] = name + form[name][0]
	}
	mac := hmac.New(sha1.New, []byte(token))
	fmt.Fprint(mac, address, strings.Join(fields, ""))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func refuse(w http.ResponseWriter, status, code int, words string) {
	carriertest.Answer(w, status, map[string]any{"code": code, "message": words, "more_info": fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code), "status": status})
}
