package checkout_test

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/checkout"
	"paylink/store"
	"paylink/store/storetest"
	"paylink/token"
)

// kept makes a link that opens only for whom it is meant: Asha, whose number ends in 345642.
func (c *counter) kept(r paylink.Restriction, pin string) (paylink.Link, string) {
	c.t.Helper()
	customer := paylink.Customer{ID: paylink.NewCustomerID(c.now), Merchant: c.merchant, Name: "Asha", Phone: "+919812345642", CreatedAt: c.now}
	c.write(func(tx *store.Tx) error { tx.InsertCustomer(customer); return nil })
	if pin != "" {
		var err error
		if r.PINKey, err = token.PINKey(c.ring, pin); err != nil {
			c.t.Fatal(err)
		}
	}
	return c.link(func(l *paylink.Link) { l.Customer, l.Terms.Restrict = customer.ID, &r })
}

// answer opens the page and answers what it asks.
func (c *counter) answer(code string, d checkout.Device, answer string) (checkout.Proven, error) {
	c.t.Helper()
	return c.checkout.Prove(c.t.Context(), checkout.Given{Code: code, Token: c.open(code, d).Token, Device: d, Answer: answer})
}

func (c *counter) tries(l paylink.Link, d checkout.Device) (all, own paylink.Tries) {
	c.t.Helper()
	all, own, err := c.store.Read(c.t.Context()).Proofs(l, d.String())
	if err != nil {
		c.t.Fatal(err)
	}
	return all, own
}

// refusal is the code of what was not accepted.
func refusal(err error) string {
	var refused *paylink.Refused
	if errors.As(err, &refused) {
		return refused.Code
	}
	return reason(err)
}

// guessAtOnce lets each device guess once, all at the same moment.
func (c *counter) guessAtOnce(code string, devices []checkout.Device) {
	c.t.Helper()
	forms := make([]string, len(devices))
	for i, d := range devices {
		forms[i] = c.open(code, d).Token
	}
	start, wrong := make(chan struct{}), make([]error, len(devices))
	var crowd sync.WaitGroup
	for i, d := range devices {
		crowd.Go(func() {
			<-start
			_, wrong[i] = c.checkout.Prove(c.t.Context(), checkout.Given{Code: code, Token: forms[i], Device: d, Answer: fmt.Sprint(1000 + i)})
		})
	}
	close(start)
	crowd.Wait()
	for _, err := range wrong {
		if refusal(err) != "wrong_proof" {
			c.t.Errorf("a guess in the crowd was answered %v", err)
		}
	}
}

// A guesser who sends forty guesses in the moment before the first is counted would have eight times
// the tries. One browser has five, all browsers together fifteen, and the merchant hears of it once.
func TestFortyGuessesAtOnceAreNoMoreThanOneAfterTheOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		one := checkout.NewDevice()
		l, code := c.kept(paylink.Restriction{Proof: paylink.ProofPIN}, "730412")
		devices := make([]checkout.Device, 40)
		for i := range devices {
			devices[i] = one
		}
		c.guessAtOnce(code, devices)
		locked := c.now.Add(15 * time.Minute)
		all, own := c.tries(l, one)
		if want := (paylink.Tries{Wrong: 5}); all != want {
			t.Errorf("of the link is remembered %+v, want %+v", all, want)
		}
		if want := (paylink.Tries{Locks: 1, LockedUntil: locked}); own != want {
			t.Errorf("of the browser is remembered %+v, want %+v", own, want)
		}
		if got := c.told(l); !reflect.DeepEqual(got, []paylink.EventType{paylink.EventRiskBlocked}) {
			t.Errorf("told %v", got)
		}
		if _, err := c.answer(code, one, "730412"); refusal(err) != "wrong_proof" {
			t.Errorf("while locked, the right PIN is answered %v", err)
		}
		if _, err := c.answer(code, checkout.NewDevice(), "730412"); err != nil {
			t.Errorf("another browser is locked as well: %v", err)
		}

		l, code = c.kept(paylink.Restriction{Proof: paylink.ProofPIN}, "730412")
		for i := range devices {
			devices[i] = checkout.NewDevice()
		}
		c.guessAtOnce(code, devices)
		all, _ = c.tries(l, one)
		if want := (paylink.Tries{Locks: 1, LockedUntil: locked}); all != want {
			t.Errorf("of the link is remembered %+v, want %+v", all, want)
		}
		guesses := int64(0)
		for _, d := range devices {
			_, own := c.tries(l, d)
			guesses += own.Wrong
		}
		if guesses != paylink.LinkTries {
			t.Errorf("%d guesses of forty browsers were looked at, want %d", guesses, paylink.LinkTries)
		}
		if _, err := c.answer(code, checkout.NewDevice(), "730412"); refusal(err) != "wrong_proof" {
			t.Errorf("while the link is locked, the right PIN is answered %v", err)
		}
		c.now = locked
		if _, err := c.answer(code, checkout.NewDevice(), "730412"); err != nil {
			t.Errorf("after the lock the right PIN is answered %v", err)
		}
	})
}

// A page that knows an amount, a name or a status shows it sooner or later. Before the proof it has
// nothing but the merchant and the question, however the link stands.
func TestAPageBeforeTheProofKnowsNothingOfTheLink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		d := checkout.NewDevice()
		merchant, err := s.Read(t.Context()).Merchant(c.merchant)
		if err != nil {
			t.Fatal(err)
		}
		for name, change := range map[string]func(*paylink.Link){
			"pending": func(*paylink.Link) {},
			"paid": func(l *paylink.Link) {
				l.Status, l.AmountPaid, l.PaymentsCount, l.PaidAt = paylink.LinkPaid, 245000, 1, c.now
			},
			"cancelled": func(l *paylink.Link) { l.Status, l.CancelledAt = paylink.LinkCancelled, c.now },
			"expired":   func(l *paylink.Link) { l.Status, l.ExpiresAt = paylink.LinkExpired, c.now },
			"held":      func(l *paylink.Link) { l.Hold, l.HoldSince = paylink.HoldTakedown, c.now },
		} {
			l, code := c.kept(paylink.Restriction{Proof: paylink.ProofPhoneDigits}, "")
			read := l.UpdatedAt
			change(&l)
			l.Touch(c.now)
			c.sign(&l)
			c.write(func(tx *store.Tx) error { tx.UpdateLink(l, read); return nil })
			page, err := c.checkout.State(t.Context(), code, checkout.Visitor{Device: d})
			want := checkout.Page{
				Merchant: merchant, Refusal: checkout.ProofRequired, WorldNow: c.now,
				Link: paylink.Link{ID: l.ID, Merchant: l.Merchant, Revision: 1},
				Ask:  &checkout.Ask{Proof: paylink.ProofPhoneDigits, Hint: "…42", Channel: paylink.ChannelSMS},
			}
			if err != nil || !reflect.DeepEqual(page, want) {
				t.Errorf("%s: %v\ngot  %+v\nwant %+v", name, err, page, want)
			}
		}
	})
}

// A proof is worth something for one link, one browser, one day, and what was to be proven then. A start
// of a payment asks for it itself: a form that was got before the link was restricted pays nothing.
func TestAPaymentStartsOnlyWithTheProof(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		d := checkout.NewDevice()
		l, code := c.kept(paylink.Restriction{Proof: paylink.ProofPhoneDigits}, "")
		_, other := c.kept(paylink.Restriction{Proof: paylink.ProofPhoneDigits}, "")
		proven, err := c.answer(code, d, "34 56-४२")
		if err != nil {
			t.Fatal(err)
		}
		elsewhere, err := c.answer(other, d, "345642")
		if err != nil {
			t.Fatal(err)
		}
		page, err := c.checkout.Open(t.Context(), code, checkout.Visitor{Device: d, Proof: proven.Proof})
		if err != nil || page.Refusal != "" || page.Link.Amount.Minor != 245000 {
			t.Fatalf("the page after the proof: %v %+v", err, page)
		}
		start := func(proof string) string {
			_, err := c.checkout.Start(t.Context(), checkout.StartRequest{Code: code, Token: page.Token, Device: d, Method: paylink.MethodUPI, Proof: proof})
			return reason(err)
		}
		for name, proof := range map[string]string{"none": "", "of another link": elsewhere.Proof, "forged": proven.Proof[:40] + "x" + proven.Proof[41:]} {
			if got := start(proof); got != checkout.ProofRequired {
				t.Errorf("with a proof that is %s the start was answered %q", name, got)
			}
		}
		if page, err := c.checkout.State(t.Context(), code, checkout.Visitor{Device: checkout.NewDevice(), Proof: proven.Proof}); err != nil || page.Ask == nil {
			t.Errorf("another browser's proof opened the page: %v", err)
		}
		began := c.now
		c.now = began.Add(time.Hour)
		c.write(func(tx *store.Tx) error {
			changed := l
			changed.Terms.Restrict = &paylink.Restriction{Proof: paylink.ProofCode}
			changed.Touch(c.now)
			c.sign(&changed)
			tx.UpdateLink(changed, l.UpdatedAt)
			l = changed
			return nil
		})
		if got := start(proven.Proof); got != checkout.ProofRequired {
			t.Errorf("after the proof was changed the start was answered %q", got)
		}
		c.write(func(tx *store.Tx) error {
			changed := l
			changed.Terms.Restrict = &paylink.Restriction{Proof: paylink.ProofPhoneDigits}
			changed.Touch(c.now)
			c.sign(&changed)
			tx.UpdateLink(changed, l.UpdatedAt)
			l = changed
			return nil
		})
		if got := start(proven.Proof); got != "" {
			t.Errorf("with the proof the start was answered %q", got)
		}
		c.now = began.Add(24 * time.Hour)
		if page, err := c.checkout.State(t.Context(), code, checkout.Visitor{Device: d, Proof: proven.Proof}); err != nil || page.Ask == nil {
			t.Errorf("a day later the proof still opens the page: %v", err)
		}
	})
}
