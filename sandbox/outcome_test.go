package sandbox

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"paylink"
)

// Paylink is tested against these answers; if the bank told another story than the table of test
// values promises, every test above it would prove nothing.
func TestBankTellsWhatTheOutcomeSays(t *testing.T) {
	type heard struct {
		Type   string
		Status paylink.PaymentStatus
		Group  string
		Code   string
		Fee    int64
		Tax    int64
	}
	captured := heard{"payment.captured", paylink.PaymentCaptured, "", "", 4901, 882}
	for _, c := range []struct {
		outcome outcome
		notices []heard
		lookUp  int
		after   paylink.PaymentStatus
	}{
		{success, []heard{captured}, 200, paylink.PaymentCaptured},
		{declined, []heard{{"payment.failed", paylink.PaymentFailed, "upi_declined", "declined_by_customer", 0, 0}}, 200, paylink.PaymentFailed},
		{pending, []heard{{"payment.pending", paylink.PaymentPending, "", "", 0, 0}}, 200, paylink.PaymentPending},
		{late, []heard{{"payment.failed", paylink.PaymentFailed, "timeout", "bank_timeout", 0, 0}, captured}, 200, paylink.PaymentCaptured},
		{unknown, nil, 504, paylink.PaymentUnknown},
		{duplicate, []heard{captured, captured}, 200, paylink.PaymentCaptured},
	} {
		t.Run(string(c.outcome), func(t *testing.T) {
			inVirtualTime(t, Config{}, func(t *testing.T, s *Sandbox, in *inbox) {
				page := s.start(t, "upi")
				w := s.press(page, "app=test_"+string(c.outcome))
				if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "http://pay.test/abc" {
					t.Errorf("the browser was sent to %d %q", w.Code, w.Header().Get("Location"))
				}
				settleFor(time.Minute)
				var got []heard
				for _, n := range in.words(t) {
					h := heard{n.Type, n.Data.Status, "", "", n.Data.Fee, n.Data.Tax}
					if n.Data.Decline != nil {
						h.Group, h.Code = n.Data.Decline.Group, n.Data.Decline.Code
					}
					got = append(got, h)
					want := word{ID: n.Data.ID, Reference: reference, Amount: 245050, Currency: "INR", Method: paylink.MethodUPI}
					have := word{ID: n.Data.ID, Reference: n.Data.Reference, Amount: n.Data.Amount, Currency: n.Data.Currency, Method: n.Data.Method}
					if have != want || n.Account != account || n.Data.Details.App != "test_"+string(c.outcome) {
						t.Errorf("the notice tells of %+v for %s by %q", have, n.Account, n.Data.Details.App)
					}
				}
				if !slices.Equal(got, c.notices) {
					t.Errorf("notices\n got %+v\nwant %+v", got, c.notices)
				}
				if w := s.call(t, account, "GET", "/sandbox/gateway/orders/"+reference, nil); w.Code != c.lookUp {
					t.Errorf("the look-up answered %d, want %d", w.Code, c.lookUp)
				}
				if got := s.world.orders[0].Status; got != c.after {
					t.Errorf("the order ended %s, want %s", got, c.after)
				}
			})
		})
	}
}

// A duplicate must look like the bank's, not like a notice sent twice: the same reference with two
// payments, each with its own bank reference. A late success is the same payment that had failed.
func TestPaymentIdsTellDuplicatesFromLateSuccesses(t *testing.T) {
	for name, same := range map[outcome]bool{duplicate: false, late: true} {
		inVirtualTime(t, Config{}, func(t *testing.T, s *Sandbox, in *inbox) {
			s.press(s.start(t, "upi"), "app=test_"+string(name))
			settleFor(time.Minute)
			n := in.words(t)
			if len(n) != 2 || n[0].ID == n[1].ID {
				t.Fatalf("%s: notices %+v", name, n)
			}
			if (n[0].Data.ID == n[1].Data.ID) != same {
				t.Errorf("%s: payments %s and %s", name, n[0].Data.ID, n[1].Data.ID)
			}
			if n[0].Data.BankReference == n[1].Data.BankReference || len(n[1].Data.BankReference) != 12 {
				t.Errorf("%s: bank references %q and %q", name, n[0].Data.BankReference, n[1].Data.BankReference)
			}
		})
	}
}

// A late success comes LateAfter after the decline: earlier and the decline is never seen, later and
// whoever waits gives up.
func TestLateSuccessComesInItsTime(t *testing.T) {
	inVirtualTime(t, Config{LateAfter: 7 * time.Second}, func(t *testing.T, s *Sandbox, in *inbox) {
		s.press(s.start(t, "upi"), "app=test_late")
		settleFor(time.Second)
		settleFor(time.Hour)
		got := in.taken()
		if len(got) != 2 || got[1].At.Sub(got[0].At) != 7*time.Second {
			t.Errorf("letters %+v", got)
		}
	})
}

// What hangs must be settled by hand on the phone page, or pending and unknown are dead ends; what
// is final must stay, or one link would be paid and refused.
func TestBankIsMovedByHandUntilItIsFinal(t *testing.T) {
	for _, c := range []struct {
		first  outcome
		then   outcome
		ends   paylink.PaymentStatus
		refuse bool
	}{
		{pending, success, paylink.PaymentCaptured, false},
		{unknown, success, paylink.PaymentCaptured, false},
		{unknown, declined, paylink.PaymentFailed, false},
		{declined, success, paylink.PaymentCaptured, false},
		{declined, pending, paylink.PaymentFailed, true},
		{success, declined, paylink.PaymentCaptured, true},
		{success, duplicate, paylink.PaymentCaptured, true},
	} {
		inVirtualTime(t, Config{}, func(t *testing.T, s *Sandbox, in *inbox) {
			s.press(s.start(t, "netbanking"), "bank=test_"+string(c.first))
			settleFor(time.Second)
			w := s.press("/sandbox/orders/"+s.world.orders[0].Page+"/outcome", "outcome="+string(c.then))
			settleFor(time.Second)
			want := "/sandbox/"
			if c.refuse {
				want += "?trouble=settled"
			}
			if got := w.Header().Get("Location"); got != want {
				t.Errorf("%s then %s: sent to %q, want %q", c.first, c.then, got, want)
			}
			if got := s.world.orders[0].Status; got != c.ends {
				t.Errorf("%s then %s: ended %s, want %s", c.first, c.then, got, c.ends)
			}
		})
	}
}
