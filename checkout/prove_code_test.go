package checkout_test

import (
	"testing"
	"time"

	"paylink"
	"paylink/checkout"
	"paylink/store"
	"paylink/store/storetest"
	"paylink/token"
)

// sent is the code of the message that a browser asked for last.
func (c *counter) sent(l paylink.Link, d checkout.Device) string {
	c.t.Helper()
	_, own := c.tries(l, d)
	code, err := token.ProofCode(c.ring, l.CodeSlot, string(own.CodeMessage))
	if err != nil {
		c.t.Fatal(err)
	}
	return code
}

func (c *counter) ask(code string, d checkout.Device) string {
	c.t.Helper()
	_, err := c.checkout.SendCode(c.t.Context(), checkout.Given{Code: code, Token: c.open(code, d).Token, Device: d})
	return refusal(err)
}

// A code that lives on, or opens another browser, is one that somebody else can use who saw it pass.
func TestACodeIsForOneBrowserOnceAndForTenMinutes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		d := checkout.NewDevice()
		l, code := c.kept(paylink.Restriction{Proof: paylink.ProofCode}, "")
		if got := c.ask(code, d); got != "" {
			t.Fatalf("asking for a code was answered %q", got)
		}
		first := c.sent(l, d)
		if page := c.open(code, d); page.Ask == nil || !page.Ask.CodeSent {
			t.Errorf("the page does not know that a code is on its way: %+v", page.Ask)
		}
		if _, err := c.answer(code, checkout.NewDevice(), first); refusal(err) != "wrong_proof" {
			t.Errorf("another browser's code was answered %v", err)
		}
		if got := c.ask(code, d); got != "" {
			t.Fatalf("asking again was answered %q", got)
		}
		second := c.sent(l, d)
		if _, err := c.answer(code, d, first); refusal(err) != "wrong_proof" {
			t.Errorf("the code before the last was answered %v", err)
		}
		c.now = c.now.Add(10*time.Minute - time.Microsecond)
		proven, err := c.answer(code, d, second)
		if err != nil || proven.Life != 30*time.Minute {
			t.Errorf("the code was answered %v, for %v", err, proven.Life)
		}
		if _, err := c.answer(code, d, second); refusal(err) != "wrong_proof" {
			t.Errorf("a code that was used was answered %v", err)
		}
		if got := c.ask(code, d); got != "" {
			t.Fatalf("asking a third time was answered %q", got)
		}
		late := c.sent(l, d)
		c.now = c.now.Add(10 * time.Minute)
		if _, err := c.answer(code, d, late); refusal(err) != "wrong_proof" {
			t.Errorf("a code after ten minutes was answered %v", err)
		}
		messages, err := s.Read(t.Context()).MessagesOf(c.merchant, l.ID, 10)
		if err != nil || len(messages) != 3 || messages[0].To != "+919812345642" {
			t.Errorf("the codes went out as %+v %v", messages, err)
		}
	})
}

// Somebody with the link could make a phone ring all night, a new browser each time.
func TestALinkSendsThreeCodesAnHourWhoeverAsks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		_, code := c.kept(paylink.Restriction{Proof: paylink.ProofCode}, "")
		for i, want := range []string{"", "", "", "no_code", "no_code"} {
			if got := c.ask(code, checkout.NewDevice()); got != want {
				t.Errorf("asking for code %d was answered %q, want %q", i+1, got, want)
			}
		}
		c.now = c.now.Add(time.Hour)
		if got := c.ask(code, checkout.NewDevice()); got != "" {
			t.Errorf("an hour later asking was answered %q", got)
		}
		if _, err := c.answer(code, checkout.NewDevice(), "123456"); refusal(err) != "wrong_proof" {
			t.Errorf("an answer without a code was answered %v", err)
		}
		_, digits := c.kept(paylink.Restriction{Proof: paylink.ProofPhoneDigits}, "")
		if got := c.ask(digits, checkout.NewDevice()); got != "no_code" {
			t.Errorf("a link that asks for digits sent a code: %q", got)
		}
	})
}

// A press twice, or a form from another page, must not cost a try or be one.
func TestAFormWithAnAnswerIsGoodOnceAndForItsOwnPage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		d := checkout.NewDevice()
		l, code := c.kept(paylink.Restriction{Proof: paylink.ProofPIN}, "730412")
		_, plain := c.link(nil)
		form := c.open(code, d).Token
		for i, want := range []string{"wrong_proof", "token_spent"} {
			_, err := c.checkout.Prove(t.Context(), checkout.Given{Code: code, Token: form, Device: d, Answer: "111222"})
			if got := refusal(err); got != want {
				t.Errorf("sending %d was answered %q, want %q", i+1, got, want)
			}
		}
		form = c.open(code, d).Token
		for answer, want := range map[string]string{"": "/proof unreadable", "123": "/proof unreadable", "123456789": "/proof unreadable", "12a4": "/proof unreadable"} {
			_, err := c.checkout.Prove(t.Context(), checkout.Given{Code: code, Token: form, Device: d, Answer: answer})
			if got := refusal(err); got != want {
				t.Errorf("%q was answered %q, want %q", answer, got, want)
			}
		}
		_, err := c.checkout.Prove(t.Context(), checkout.Given{Code: code, Token: c.open(plain, d).Token, Device: d, Answer: "730412"})
		if got := refusal(err); got != "token_forged" {
			t.Errorf("the form of another page was answered %q", got)
		}
		if _, own := c.tries(l, d); own.Wrong != 1 {
			t.Errorf("%d tries were counted, want 1", own.Wrong)
		}
		// What the browser got wrong before is forgiven to all when it turns out to be the customer's.
		if _, err := c.answer(code, d, "730412"); err != nil {
			t.Fatal(err)
		}
		if all, own := c.tries(l, d); all.Wrong != 0 || own != (paylink.Tries{}) {
			t.Errorf("after the proof is remembered %+v %+v", all, own)
		}
	})
}

// A link for one country must not be paid from another, nor from nobody knows where; and whoever travels
// while the bank decides must still see what becomes of the money.
func TestALinkOpensInItsCountriesOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		d := checkout.NewDevice()
		_, code := c.link(func(l *paylink.Link) {
			l.Terms.Restrict = &paylink.Restriction{Countries: []string{"IN", "NP"}}
		})
		look := func(country string) checkout.Page {
			page, err := c.checkout.Open(t.Context(), code, checkout.Visitor{Device: d, Country: country})
			if err != nil {
				t.Fatal(err)
			}
			return page
		}
		for country, want := range map[string]string{"IN": "", "np": "", "US": "country", "": "country", "XX": "country", "T1": "country"} {
			page := look(country)
			if page.Refusal != want || want != "" && page.Link.Amount.Minor != 0 {
				t.Errorf("from %q: %q, and the page knows of %v", country, page.Refusal, page.Link.Amount)
			}
		}
		form := look("IN").Token
		start := func(country string) string {
			_, err := c.checkout.Start(t.Context(), checkout.StartRequest{Code: code, Token: form, Device: d, Method: paylink.MethodUPI, Country: country})
			return reason(err)
		}
		if got := start("US"); got != checkout.CountryRefused {
			t.Errorf("a start from elsewhere was answered %q", got)
		}
		if got := start("IN"); got != "" {
			t.Errorf("a start from there was answered %q", got)
		}
		if page := look("US"); !page.Payer || page.Payment == nil {
			t.Errorf("the payer who travels sees %+v", page)
		}
	})
}

// An operator blocks what is not registered, and a page that says "on its way" keeps its customer waiting for
// ever: it says that the code did not go, and offers the other way where there is one.
func TestACodeThatCouldNotBeSentGoesTheOtherWay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		d := checkout.NewDevice()
		ask := func(code string) paylink.Message {
			m, err := c.checkout.SendCode(t.Context(), checkout.Given{Code: code, Token: c.open(code, d).Token, Device: d})
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		block := func(m paylink.Message) {
			read := m.UpdatedAt
			m.Status, m.ErrorCode = paylink.MessageBlocked, "dlt_text_mismatch"
			m.Touch(c.now)
			c.write(func(tx *store.Tx) error { tx.UpdateMessage(m, paylink.MessageQueued, read); return nil })
		}
		_, code := c.kept(paylink.Restriction{Proof: paylink.ProofCode}, "")
		block(ask(code))
		if a := c.open(code, d).Ask; a.CodeSent || a.Lost != "…42" || a.Another || a.Channel != paylink.ChannelSMS {
			t.Errorf("with a phone only the page asks %+v", a)
		}
		if a := c.open(code, checkout.NewDevice()).Ask; a.Lost != "" {
			t.Errorf("another browser's page asks %+v", a)
		}

		both := paylink.Customer{ID: paylink.NewCustomerID(c.now), Merchant: c.merchant, Phone: "+919812345642", Email: "asha@example.com", CreatedAt: c.now}
		c.write(func(tx *store.Tx) error { tx.InsertCustomer(both); return nil })
		_, code = c.link(func(l *paylink.Link) {
			l.Customer, l.Terms.Restrict = both.ID, &paylink.Restriction{Proof: paylink.ProofCode}
		})
		first := ask(code)
		if a := c.open(code, d).Ask; first.Channel != paylink.ChannelSMS || !a.CodeSent || a.Lost != "" {
			t.Errorf("the first went by %s, and the page asks %+v", first.Channel, a)
		}
		block(first)
		if a := c.open(code, d).Ask; a.CodeSent || a.Lost != "…42" || !a.Another || a.Hint != "a…@example.com" {
			t.Errorf("after it was blocked the page asks %+v", a)
		}
		if second := ask(code); second.Channel != paylink.ChannelEmail || second.To != both.Email || !c.open(code, d).Ask.CodeSent {
			t.Errorf("the second went by %s", second.Channel)
		}
		if third := ask(code); third.Channel != paylink.ChannelEmail {
			t.Errorf("the third went by %s, which had failed", third.Channel)
		}
	})
}
