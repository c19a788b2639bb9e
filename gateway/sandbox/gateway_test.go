package sandbox_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/sandbox"
	"paylink/provider/providertest"
	"paylink/provider/sandboxtest"
)

const goodOrder = `{"id":"sbx_ord_1","reference":"0123456789ABCDEFGHJK","status":"created","expires_at":"2026-11-22T10:00:00Z",` +
	`"action":{"kind":"approve","url":"https://pay.example/upi/1","intent":"upi://pay?pa=a@b&am=1.00&cu=INR"}}`

// An answer that cannot be trusted sends the customer to a strange page, or the payment is taken as
// refused although the order stands.
func TestOrderAnswerThatCannotBeTrustedIsUnknown(t *testing.T) {
	ask := func(g *sandbox.Gateway, a gateway.Account) error {
		_, err := g.Start(t.Context(), a, gateway.Order{
			Reference: "0123456789ABCDEFGHJK", Amount: paylink.Money{Minor: 100, Currency: "INR"}, Method: paylink.MethodUPI,
		})
		return err
	}
	judge(t, ask, map[string]string{
		"itself":               goodOrder,
		"another reference":    strings.Replace(goodOrder, "0123456789ABCDEFGHJK", "X123456789ABCDEFGHJK", 1),
		"no id":                strings.Replace(goodOrder, "sbx_ord_1", "", 1),
		"an id of two lines":   strings.Replace(goodOrder, "sbx_ord_1", `a\nb`, 1),
		"a script for a page":  strings.Replace(goodOrder, "https://pay.example/upi/1", "javascript:alert(1)", 1),
		"a page without host":  strings.Replace(goodOrder, "https://pay.example/upi/1", "/upi/1", 1),
		"a data page":          strings.Replace(goodOrder, "https://pay.example/upi/1", "data:text/html,x", 1),
		"an unknown action":    strings.Replace(goodOrder, `"approve"`, `"dance"`, 1),
		"another app's intent": strings.Replace(goodOrder, "upi://", "tel://", 1),
		"no action":            `{"id":"sbx_ord_1","reference":"0123456789ABCDEFGHJK"}`,
		"a duplicate key":      strings.Replace(goodOrder, `"status"`, `"id":"sbx_ord_2","status"`, 1),
		"nothing":              "",
		"a page":               "<!doctype html>",
		"too much":             goodOrder + strings.Repeat(" ", 1<<17),
	})
}

const goodWord = `{"id":"sbx_pay_1","reference":"0123456789ABCDEFGHJK","amount":100,"currency":"INR","status":"pending","method":"upi",` +
	`"details":{"app":"test_pending"},"bank_reference":"","fee":0,"tax":0,"decline":null,"at":"2026-11-22T10:00:00.123456789Z"}`

// A look-up answers about another order, or in a way that we do not understand, and the payment is
// taken as failed.
func TestLookupAnswerThatCannotBeTrustedIsUnknown(t *testing.T) {
	ask := func(g *sandbox.Gateway, a gateway.Account) error {
		_, err := g.Lookup(t.Context(), a, gateway.Known{Reference: "0123456789ABCDEFGHJK"})
		return err
	}
	judge(t, ask, map[string]string{
		"itself":             goodWord,
		"another reference":  strings.Replace(goodWord, "0123456789ABCDEFGHJK", "X123456789ABCDEFGHJK", 1),
		"an unknown status":  strings.Replace(goodWord, "pending", "settling", 1),
		"no amount":          strings.Replace(goodWord, `"amount":100,`, "", 1),
		"failed, no reason":  strings.Replace(goodWord, `"pending"`, `"failed"`, 1),
		"captured by nobody": strings.NewReplacer(`"pending"`, `"captured"`, "sbx_pay_1", "").Replace(goodWord),
		"an empty object":    "{}",
	})
}

// judge makes the far side give each answer with status 200; only "itself" may be taken.
func judge(t *testing.T, ask func(*sandbox.Gateway, gateway.Account) error, answers map[string]string) {
	t.Helper()
	g := sandbox.New(sandboxtest.Client(t))
	for name, answer := range answers {
		far := providertest.Serve(t, func(*providertest.Far) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) })
		})
		want := "unknown"
		if name == "itself" {
			want = "well"
		}
		if got := providertest.Ending(ask(g, gateway.Account{BaseURL: far.Origin})); got != want {
			t.Errorf("an answer with %s ended %q, want %q", name, got, want)
		}
	}
}

// A bank's reason that the adapter has not heard of loses the notice, and the payment hangs.
func TestUnknownDeclineIsAPlainNo(t *testing.T) {
	body := `{"id":"sbx_ntc_1","type":"payment.failed","account":"mer_1.acct_1","created":"2026-11-22T10:00:00Z","data":` +
		strings.NewReplacer(`"pending"`, `"failed"`, `"decline":null`, `"decline":{"group":"moon_phase","code":"call +919812345642","message":"Not today."}`).Replace(goodWord) + `}`
	got, err := read(sandbox.New(sandboxtest.Client(t)), []byte(body))
	want := gateway.Word{
		Reference: "0123456789ABCDEFGHJK", GatewayReference: "sbx_pay_1", Account: "mer_1.acct_1",
		Amount: paylink.Money{Minor: 100, Currency: "INR"}, Status: paylink.PaymentFailed, Method: paylink.MethodUPI,
		Details: paylink.MethodDetails{App: "test_pending"},
		Decline: paylink.Decline{Group: "not_approved", Code: "unknown", Message: "Not today."},
		At:      time.Date(2026, 11, 22, 10, 0, 0, 123456789, time.UTC),
	}
	if err != nil || got != want {
		t.Errorf("read as %+v (%v), want %+v", got, err, want)
	}
}

// Fee and tax are swapped or lost, and the books never match the settlement.
func TestNoticeIsReadWhole(t *testing.T) {
	body := `{"id":"sbx_ntc_1","type":"payment.captured","account":"mer_1.acct_1","created":"2026-11-22T10:00:01Z","data":{` +
		`"id":"sbx_pay_1","reference":"0123456789ABCDEFGHJK","amount":245000,"currency":"INR","status":"captured","method":"card",` +
		`"details":{"network":"visa","last4":"4242","bank":"b","app":"a"},"bank_reference":"123456789012","fee":4900,"tax":882,` +
		`"decline":null,"at":"2026-11-22T15:30:00+05:30"}}`
	got, err := read(sandbox.New(sandboxtest.Client(t)), []byte(body))
	want := gateway.Word{
		Reference: "0123456789ABCDEFGHJK", GatewayReference: "sbx_pay_1", BankReference: "123456789012", Account: "mer_1.acct_1",
		Amount: paylink.Money{Minor: 245000, Currency: "INR"}, Status: paylink.PaymentCaptured, Method: paylink.MethodCard,
		Details: paylink.MethodDetails{Network: "visa", Last4: "4242", Bank: "b", App: "a"}, Fee: 4900, Tax: 882,
		At: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
	}
	if err != nil || got != want {
		t.Errorf("read as %+v (%v), want %+v", got, err, want)
	}
}

// read gives the one word of a notice.
func read(g *sandbox.Gateway, body []byte) (gateway.Word, error) {
	news, err := g.Read(gateway.Account{}, gateway.Post{URL: &url.URL{}, Body: body})
	if err != nil {
		return gateway.Word{}, err
	}
	if len(news.Words) != 1 {
		return gateway.Word{}, fmt.Errorf("%d words", len(news.Words))
	}
	return news.Words[0], nil
}

// A stranger's bytes crash the inbound door, or are read as a word that cannot be.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"id":"sbx_ntc_1","type":"payment.pending","account":"mer_1.acct_1","created":"2026-11-22T10:00:00Z","data":` + goodWord + `}`))
	f.Add([]byte(goodOrder))
	f.Add([]byte(`{"id":"a","id":"b"}`))
	f.Add([]byte(strings.Repeat(`{"data":`, 100)))
	g := sandbox.New(nil)
	f.Fuzz(func(t *testing.T, body []byte) {
		w, err := read(g, body)
		if err != nil {
			if w != (gateway.Word{}) || len(err.Error()) > 200 {
				t.Fatalf("refused with %+v and %q", w, err)
			}
			return
		}
		_, money := w.Amount.Currency.Exponent()
		if !money || w.Amount.Minor <= 0 || w.Amount.Minor > paylink.MaxMinor || len(w.Reference) != 20 || w.Account == "" || w.At.IsZero() ||
			w.Fee < 0 || w.Tax < 0 || w.Fee+w.Tax > w.Amount.Minor || (w.Status == paylink.PaymentFailed) != (w.Decline.Group != "") {
			t.Fatalf("%q read as %+v", body, w)
		}
		if again, err := read(g, body); err != nil || again != w {
			t.Fatalf("%q read as %+v, then as %+v (%v)", body, w, again, err)
		}
	})
}
