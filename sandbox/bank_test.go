package sandbox

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"paylink"
)

// Every card of the printed table does what the table says; the walk of the main job relies on it.
func TestCardDoesWhatItsTableSays(t *testing.T) {
	for number, want := range map[string]string{
		"4242424242424242": "captured", "4000 0000 0000 0002": "failed not_approved do_not_honour",
		"4000-0000-0000-9995": "failed insufficient_funds insufficient_funds", "4000000000000069": "failed expired_card expired_card",
		"4000000000000127": "failed wrong_code incorrect_cvc",
	} {
		inVirtualTime(t, Config{}, func(t *testing.T, s *Sandbox, in *inbox) {
			form := url.Values{"number": {number}, "expiry": {"09 / 30"}, "code": {"123"}, "name": {"Asha"}}
			w := s.press(s.start(t, "card"), form.Encode())
			if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "http://pay.test/abc" {
				t.Errorf("%s: sent to %d %q", number, w.Code, w.Header().Get("Location"))
			}
			settleFor(time.Second)
			n := in.words(t)
			if len(n) != 1 {
				t.Fatalf("%s: told %+v", number, n)
			}
			got := string(n[0].Data.Status)
			if d := n[0].Data.Decline; d != nil {
				got += " " + d.Group + " " + d.Code
			}
			details := paylink.MethodDetails{Network: "visa", Last4: number[len(number)-4:]}
			if got != want || n[0].Data.Details != details {
				t.Errorf("%s: got %s %+v, want %s", number, got, n[0].Data.Details, want)
			}
		})
	}
}

// A customer who mistypes must be told where, and must not be charged; a real card must be turned
// away, and what was typed must never be shown again.
func TestCardFieldsAreChecked(t *testing.T) {
	good := map[string]string{"number": "4242424242424242", "expiry": "09/30", "code": "123", "name": "Asha"}
	for _, c := range []struct{ field, value, says string }{
		{"number", "", "Enter the card number"},
		{"number", "4242424242424241", "a digit is wrong or missing"},
		{"number", "4242 4242 42", "a digit is wrong or missing"},
		{"number", "42424242424242x2", "a digit is wrong or missing"},
		{"number", "5555555555554444", "Use one of the test cards"},
		{"expiry", "13/30", "Enter month and year"},
		{"expiry", "0930", "Enter month and year"},
		{"expiry", "09/24", "This date has passed"},
		{"code", "12", "Enter the 3 digits"},
		{"code", "12a", "Enter the 3 digits"},
		{"name", "", "Enter the name"},
	} {
		s := open(t, Config{})
		form := url.Values{}
		for field, value := range good {
			form.Set(field, value)
		}
		form.Set(c.field, c.value)
		w := s.press(s.start(t, "card"), form.Encode())
		body := w.Body.String()
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, c.says) || strings.Count(body, `class="wrong"`) != 1 {
			t.Errorf("%s %q answered %d, without %q", c.field, c.value, w.Code, c.says)
		}
		if number := form.Get("number"); number != "" && strings.Contains(body, `value="`+number) || strings.Contains(body, `value="123"`) {
			t.Errorf("%s %q: the page shows the card again", c.field, c.value)
		}
		if s.world.orders[0].Status != paylink.PaymentCreated {
			t.Errorf("%s %q: the order is %s", c.field, c.value, s.world.orders[0].Status)
		}
	}
}

// A card is good to the last day of its month.
func TestCardExpiresAfterItsMonth(t *testing.T) {
	form := cardForm{Number: "4242424242424242", Expiry: "11/26", Code: "123", Name: "Asha"}
	for at, expired := range map[string]bool{"2026-11-30T23:59:59Z": false, "2026-12-01T00:00:00Z": true} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := form.check(now).Expiry != ""; got != expired {
			t.Errorf("at %s expired is %v", at, got)
		}
	}
}

// The challenge is the bank's proof that it is the customer: only the right code may pay.
func TestChallengeLetsOnlyTheRightCodePay(t *testing.T) {
	for name, c := range map[string]struct {
		form func(code string) string
		want paylink.PaymentStatus
	}{
		"right":  {func(code string) string { return "code=" + code[:3] + "+" + code[3:] }, paylink.PaymentCaptured},
		"wrong":  {func(string) string { return "code=000000" }, paylink.PaymentFailed},
		"empty":  {func(string) string { return "code=" }, paylink.PaymentFailed},
		"cancel": {func(code string) string { return "cancel=1&code=" + code }, paylink.PaymentFailed},
	} {
		inVirtualTime(t, Config{}, func(t *testing.T, s *Sandbox, in *inbox) {
			w := s.press(s.start(t, "card"), "number=4000000000003220&expiry=09/30&code=123&name=Asha")
			o := s.world.orders[0]
			challenge := "/sandbox/bank/challenge/" + o.Page
			if w.Header().Get("Location") != challenge || o.Status != paylink.PaymentActionRequired || len(in.taken()) != 0 {
				t.Fatalf("%s: sent to %q, order %s", name, w.Header().Get("Location"), o.Status)
			}
			if body := s.get(challenge).Body.String(); !strings.Contains(body, o.Challenge) || !strings.Contains(body, "3220") {
				t.Errorf("%s: the page does not show the code or the card's end", name)
			}
			w = s.press(challenge, c.form(o.Challenge))
			if w.Header().Get("Location") != "http://pay.test/abc" || o.Status != c.want {
				t.Errorf("%s: sent to %q, order %s", name, w.Header().Get("Location"), o.Status)
			}
			if d := o.Payment.Decline; d != nil && d.Group != "authentication_failed" {
				t.Errorf("%s: declined as %s", name, d.Group)
			}
			settleFor(time.Second)
			if got := len(in.taken()); got != 1 {
				t.Errorf("%s: %d notices", name, got)
			}
		})
	}
}

// A customer who goes back has declined; a second press of any button, or a press after the time is
// up, changes nothing.
func TestBankPageIsSpentOnce(t *testing.T) {
	inVirtualTime(t, Config{}, func(t *testing.T, s *Sandbox, in *inbox) {
		page := s.start(t, "card")
		s.press(page, "cancel=1")
		w := s.press(page, "number=4242424242424242&expiry=09/30&code=123&name=Asha")
		settleFor(time.Second)
		n := in.words(t)
		if w.Code != http.StatusSeeOther || len(n) != 1 || n[0].Data.Decline.Code != "customer_cancelled" {
			t.Errorf("answered %d, told %+v", w.Code, n)
		}
		if !strings.Contains(s.get(page).Body.String(), "has been dealt with") {
			t.Error("the page still asks for a card")
		}
	})
	inVirtualTime(t, Config{}, func(t *testing.T, s *Sandbox, in *inbox) {
		page := s.start(t, "netbanking")
		settleFor(orderFor)
		s.press(page, "bank=test_success")
		settleFor(time.Second)
		if len(in.taken()) != 0 || !strings.Contains(s.get(page).Body.String(), "has expired") {
			t.Errorf("an expired page took the payment: %+v", in.words(t))
		}
	})
}

// A page is found by its own kind of address only, so that a card's id opens no UPI approval.
func TestPageOfAnotherMethodIsNotFound(t *testing.T) {
	s := open(t, Config{})
	card := s.start(t, "card")
	id := card[strings.LastIndexByte(card, '/')+1:]
	for _, path := range []string{"/sandbox/upi/" + id, "/sandbox/bank/netbanking/" + id, "/sandbox/bank/card/" + strings.Repeat("a", 26)} {
		if w := s.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s answered %d", path, w.Code)
		}
	}
}

// Amounts on the bank's page are what the customer compares with the merchant's.
func TestAmountsAreWrittenAsTheirCurrencyIs(t *testing.T) {
	for want, m := range map[string]paylink.Money{
		"₹2,450.00": {Minor: 245000, Currency: "INR"}, "₹12,34,56,789.05": {Minor: 12345678905, Currency: "INR"},
		"$1,234,567.00": {Minor: 123456700, Currency: "USD"}, "¥500": {Minor: 500, Currency: "JPY"},
		"KWD 1.250": {Minor: 1250, Currency: "KWD"}, "₹0.05": {Minor: 5, Currency: "INR"},
	} {
		if got := display(m); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
