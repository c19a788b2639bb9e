package sandbox_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/gatewaytest"
	"paylink/gateway/sandbox"
	"paylink/provider/providertest"
	"paylink/provider/sandboxtest"
	pretend "paylink/sandbox"
)

// The adapter and the sandbox drift apart, each with its own tests still green.
func TestSandboxKeepsTheContractOfGateways(t *testing.T) {
	gatewaytest.Run(t, func(t *testing.T) (gateway.Gateway, gateway.Account, gatewaytest.World) {
		var ahead atomic.Int64
		far := sandboxtest.Serve(t, pretend.Config{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
		a, stranger := sandboxtest.Account(far, "mer_01kaa", "acct_01kaa"), sandboxtest.Account(far, "mer_01kbb", "acct_01kbb")
		return sandbox.New(sandboxtest.Client(t)), a, gatewaytest.World{
			Far: far, Now: time.Now, Stranger: stranger, Pay: pay,
			Header: sandboxtest.Header, Stamped: true, Sign: sandboxtest.Sign, Spoil: spoil,
			Lapse: func(t *testing.T, k gateway.Known) { press(t, far, "/orders/"+k.Reference+"/lapse", nil) },
			Dispute: func(t *testing.T, k gateway.Known) string {
				return press(t, far, "/orders/"+k.Reference+"/dispute", url.Values{"reason": {"not_received"}})
			},
			Decide: func(t *testing.T, dispute string, won bool) {
				press(t, far, "/disputes/"+dispute+"/outcome", url.Values{"outcome": {map[bool]string{true: "won", false: "lost"}[won]}})
			},
			DisputesListed: 50, Ahead: func(d time.Duration) { ahead.Store(int64(d)) },
			Refunding: refunding(far),
		}
	})
}

// press uses a switch of the sandbox, and answers the id of what it moved.
func press(t *testing.T, far *providertest.Far, path string, form url.Values) string {
	t.Helper()
	res, err := http.PostForm(far.Origin+"/sandbox"+path, form)
	if err != nil {
		t.Fatalf("press %s: %v", path, err)
	}
	defer func() { _ = res.Body.Close() }()
	var moved struct{ ID string }
	if err := json.NewDecoder(res.Body).Decode(&moved); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("press %s: answered %d (%v)", path, res.StatusCode, err)
	}
	return moved.ID
}

// pay fills in the page to which the customer was sent, as a browser without scripts would.
func pay(t *testing.T, s gateway.Started, yes bool) {
	t.Helper()
	if yes {
		answer(t, s, "4242424242424242", "test_success")
	} else {
		answer(t, s, "4000000000009995", "test_decline")
	}
}

// answer pays by a card, or by the bank or the app that is named by what it does.
func answer(t *testing.T, s gateway.Started, card, name string) {
	t.Helper()
	form := url.Values{
		"number": {card}, "expiry": {"12 / 49"}, "code": {"123"}, "name": {"Asha"}, // the hosted card page
		"bank": {name}, // the netbanking page
		"app":  {name}, // the UPI app
	}
	browser := http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	res, err := browser.PostForm(s.Action.URL, form)
	if err != nil {
		t.Fatalf("pay: %v", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusSeeOther {
		t.Fatalf("pay: the bank's page answered %d", res.StatusCode)
	}
}

// The bank does not answer, and a payment that may have gone through is given up.
func TestLookupWhileTheBankIsSilentIsUnknown(t *testing.T) {
	far := sandboxtest.Serve(t, pretend.Config{Now: time.Now})
	g, a := sandbox.New(sandboxtest.Client(t)), sandboxtest.Account(far, "mer_01kaa", "acct_01kaa")
	o := gateway.Order{
		Reference: paylink.NewPaymentReference(), Amount: paylink.Money{Minor: 245000, Currency: "INR"}, Method: paylink.MethodUPI,
		ReturnURL: far.Inbox, NotifyURL: far.Inbox, ExpiresAt: time.Now().Add(time.Hour),
	}
	started, err := g.Start(t.Context(), a, o)
	if err != nil {
		t.Fatal(err)
	}
	answer(t, started, "", "test_unknown")
	w, err := g.Lookup(t.Context(), a, gateway.Known{Reference: o.Reference})
	if got := providertest.Ending(err); got != "unknown" {
		t.Errorf("the look-up ended %q with %+v, want unknown", got, w)
	}
}

func spoil(genuine []byte) map[string][]byte {
	spoiled := map[string][]byte{}
	for name, change := range map[string][2]string{
		"an unknown status":                  {`captured"`, `settled"`},
		"a status that gateways do not have": {`captured"`, `abandoned"`},
		"a status unlike its type":           {`"status":"captured"`, `"status":"pending"`},
		"a status in capitals":               {`captured"`, `CAPTURED"`},
		"the amount twice":                   {`"amount":245000`, `"amount":245000,"amount":1`},
		"the amount in capitals beside it":   {`"amount":245000`, `"amount":245000,"Amount":1`},
		"a fraction of a minor unit":         {`"amount":245000`, `"amount":245000.5`},
		"an amount as a float":               {`"amount":245000`, `"amount":2.45e5`},
		"an amount as text":                  {`"amount":245000`, `"amount":"245000"`},
		"no amount":                          {`"amount":245000,`, ``},
		"null for an amount":                 {`"amount":245000`, `"amount":null`},
		"a negative amount":                  {`"amount":245000`, `"amount":-245000`},
		"an amount of nothing":               {`"amount":245000`, `"amount":0`},
		"an amount beyond the largest":       {`"amount":245000`, `"amount":1000000000001`},
		"an amount beyond int64":             {`"amount":245000`, `"amount":9223372036854775808`},
		"no currency":                        {`"currency":"INR",`, ``},
		"an unknown currency":                {`"INR"`, `"XXX"`},
		"a currency in small letters":        {`"INR"`, `"inr"`},
		"no reference":                       {`"reference":`, `"reverence":`},
		"an unknown method":                  {`"method":"`, `"method":"x`},
		"no time":                            {`"at":`, `"ut":`},
		"a time that is none":                {`"at":"`, `"at":"x`},
		"a fee above the amount":             {`"fee":4900`, `"fee":245001`},
		"a negative fee":                     {`"fee":4900`, `"fee":-1`},
		"fee and tax above the amount":       {`"fee":4900`, `"fee":244999`},
		"a control character in a text":      {`"bank_reference":"`, `"bank_reference":"\u0000`},
		"no account":                         {`"account":`, `"recount":`},
		"no payment id":                      {`"id":"sbx_pay_`, `"if":"sbx_pay_`},
		"no notice id":                       {`"id":"sbx_ntc_`, `"if":"sbx_ntc_`},
		"a decline of a capture":             {`"decline":null`, `"decline":{"group":"not_approved"}`},
		"a whole card number":                {`"details":{`, `"details":{"last4":"4242424242424242"`},
		"its data twice":                     {`"data":{`, `"data":{},"data":{`},
		"data that is a list":                {`"data":{`, `"data":[],"rest":{`},
	} {
		spoiled[name] = bytes.ReplaceAll(genuine, []byte(change[0]), []byte(change[1]))
	}
	spoiled["a malformed reference"] = regexp.MustCompile(`"reference":"[A-Z0-9]{20}"`).ReplaceAll(genuine, []byte(`"reference":"../etc/passwd0000000"`))
	return spoiled
}

// A dispute is misread: money in the wrong amount, or a dispute about another's payment.
func TestOnlyWholeNoticesOfDisputesAreRead(t *testing.T) {
	genuine := `{"id":"sbx_ntc_1","type":"dispute.needs_response","account":"mer_1.acct_1","data":{"id":"sbx_dsp_1","reference":"A1B2C3D4E5F6G7H8J9K0",` +
		`"payment":"sbx_pay_1","amount":245000,"currency":"INR","status":"needs_response","reason":"fraudulent","withdrawn":true,"fee":1500,` +
		`"due_at":"2026-11-30T10:00:00Z","at":"2026-11-23T10:00:00Z"}}`
	g := sandbox.New(sandboxtest.Client(t))
	read := func(body string) error {
		_, err := g.Read(gateway.Account{}, gateway.Post{Body: []byte(body)})
		return err
	}
	if err := read(genuine); err != nil {
		t.Fatalf("a genuine notice: %v", err)
	}
	for name, change := range map[string][2]string{
		"an unknown status": {`"status":"needs_response"`, `"status":"settled"`}, "another status than its type": {`"status":"needs_response"`, `"status":"won"`},
		"no id": {`"id":"sbx_dsp_1",`, ``}, "no reference": {`"reference":`, `"reverence":`}, "a negative amount": {`245000`, `-245000`},
		"the amount twice": {`"amount":245000`, `"amount":245000,"amount":1`}, "a fraction": {`245000`, `245000.5`}, "no currency": {`"currency":"INR",`, ``},
		"a negative fee": {`1500`, `-1`}, "no time": {`"at":"2026`, `"ut":"2026`}, "a control character": {`sbx_pay_1`, `sbx_pay\u00001`}, "another type": {`dispute.needs`, `quarrel.needs`},
	} {
		if err := read(strings.ReplaceAll(genuine, change[0], change[1])); err == nil {
			t.Errorf("with %s it was read", name)
		}
	}
}

// A merchant's browser refuses the way to the bank, because the page's CSP named another origin.
func TestPagesAreWhereTheAPIIs(t *testing.T) {
	origins := sandbox.New(sandboxtest.Client(t)).Capabilities().PageOrigins
	for _, c := range []struct{ base, want string }{
		{"http://127.0.0.1:8080/sandbox", "http://127.0.0.1:8080"},
		{"https://pay.example/sandbox/", "https://pay.example"},
		{"", ""}, {"/sandbox", ""}, {"://", ""},
	} {
		if got := strings.Join(origins(gateway.Account{BaseURL: c.base}), " "); got != c.want {
			t.Errorf("origins of %q are %q, want %q", c.base, got, c.want)
		}
	}
}
