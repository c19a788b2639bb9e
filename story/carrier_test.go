package story

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// carrier is Twilio as its API documents describe it, as far as one text message goes: an account with an
// auth token, the messages that were created, and status callbacks signed as Twilio signs them.
type carrier struct {
	server *httptest.Server

	mu    sync.Mutex
	token string
	sent  []url.Values
}

const carrierSID = "AC00000000000000000000000000000000"

// cmdCarrier is a provider of text messages on this machine:
//
//	carrier listen             opens it; $CARRIER is its base URL
//	carrier token WORD         only this auth token is good from now on
//	carrier got N              waits until it has taken N messages
//	carrier says TEXT          wants the latest message to hold a text
//	carrier reports STATUS     posts the latest message's status to the address it was given
//	carrier forges STATUS      does so with another token, and wants to be refused
func cmdCarrier(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if len(args) == 1 && args[0] == "listen" && !neg {
		w.carrier = &carrier{}
		w.carrier.server = httptest.NewServer(w.carrier)
		ts.Setenv("CARRIER", w.carrier.server.URL)
		return
	}
	if neg || len(args) != 2 || w.carrier == nil {
		ts.Fatalf("usage: carrier listen, then carrier token|got|says|reports|forges WORD")
	}
	switch c := w.carrier; args[0] {
	case "token":
		c.mu.Lock()
		defer c.mu.Unlock()
		c.token = args[1]
	case "got":
		c.await(ts, args[1])
	case "says":
		if text := c.latest(ts).Get("Body"); !strings.Contains(text, args[1]) {
			ts.Fatalf("the message is %q", text)
		}
	case "reports":
		if got := c.report(ts, args[1], c.token); got != http.StatusOK {
			ts.Fatalf("the status was answered %d", got)
		}
	case "forges":
		if got := c.report(ts, args[1], c.token+"x"); got != http.StatusUnauthorized {
			ts.Fatalf("a forged status was answered %d", got)
		}
	default:
		ts.Fatalf("carrier cannot %s", args[0])
	}
}

// ServeHTTP answers as Twilio does: the account, or a message that was created.
func (c *carrier) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	rw.Header().Set("Content-Type", "application/json")
	if who, word, ok := r.BasicAuth(); !ok || who != carrierSID || word != c.token {
		rw.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(rw, `{"code": 20003, "message": "Authenticate", "more_info": "https://www.twilio.com/docs/errors/20003", "status": 401}`)
		return
	}
	account := "/2010-04-01/Accounts/" + carrierSID
	switch {
	case r.Method == http.MethodGet && r.URL.Path == account+".json":
		fmt.Fprintf(rw, `{"sid": %q, "status": "active", "type": "Trial", "friendly_name": "Acme"}`, carrierSID)
	case r.Method == http.MethodPost && r.URL.Path == account+"/Messages.json" && r.ParseForm() == nil:
		c.sent = append(c.sent, r.PostForm)
		rw.WriteHeader(http.StatusCreated)
		fmt.Fprintf(rw, `{"sid": %q, "account_sid": %q, "api_version": "2010-04-01", "status": "queued", "to": %q, "from": %q, "body": %q, "num_segments": "1", "num_media": "0",
			"direction": "outbound-api", "price": null, "price_unit": "USD", "error_code": null, "error_message": null, "date_created": "Mon, 23 Nov 2026 04:00:00 +0000"}`,
			c.sid(), carrierSID, r.PostForm.Get("To"), r.PostForm.Get("From"), r.PostForm.Get("Body"))
	default:
		rw.WriteHeader(http.StatusNotFound)
		fmt.Fprint(rw, `{"code": 20404, "message": "The requested resource was not found", "status": 404}`)
	}
}

// sid names the latest message.
func (c *carrier) sid() string { return fmt.Sprintf("SM%032x", len(c.sent)) }

func (c *carrier) await(ts *testscript.TestScript, want string) {
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		c.mu.Lock()
		n := len(c.sent)
		c.mu.Unlock()
		if fmt.Sprint(n) == want {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("%d messages came, and %s should", n, want)
		}
	}
}

func (c *carrier) latest(ts *testscript.TestScript) url.Values {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.sent) == 0 {
		ts.Fatalf("no message came")
	}
	return c.sent[len(c.sent)-1]
}

// report posts a status callback. It is signed over the address and the parameters in the order of their names.
func (c *carrier) report(ts *testscript.TestScript, status, token string) int {
	m := c.latest(ts)
	form := url.Values{
		"MessageSid": {c.sid()}, "SmsSid": {c.sid()}, "MessageStatus": {status}, "SmsStatus": {status}, "AccountSid": {carrierSID},
		"ApiVersion": {"2010-04-01"}, "To": {m.Get("To")}, "From": {m.Get("From")},
	}
	at := m.Get("StatusCallback")
	signed := at
	for _, name := range slices.Sorted(maps.Keys(form)) {
		signed += name + form.Get(name)
	}
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(signed))
	req, err := http.NewRequest(http.MethodPost, at, strings.NewReader(form.Encode()))
	ts.Check(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	res, err := client.Do(req)
	ts.Check(err)
	defer func() { _ = res.Body.Close() }()
	_, err = io.Copy(io.Discard, res.Body)
	ts.Check(err)
	return res.StatusCode
}
