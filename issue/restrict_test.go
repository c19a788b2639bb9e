package issue_test

import (
	"errors"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
	"paylink/token"
)

// A restriction that cannot be kept, because nobody can prove it or nobody knows where a visitor is, is
// worse than none: the merchant relies on it.
func TestOnlyRestrictionsThatCanBeKeptArePromised(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		placed := issue.New(issue.Deps{Store: s, Ring: w.ring, Now: w.clock, Placed: true})
		phone, email, nobody := issue.Contact{Phone: "+919812345642"}, issue.Contact{Email: "asha@example.com"}, issue.Contact{}
		for _, row := range []struct {
			restrict paylink.Restriction
			pin      string
			customer issue.Contact
			placed   bool
			want     string
		}{
			{paylink.Restriction{Proof: "phone_digits"}, "", phone, false, ""},
			{paylink.Restriction{Proof: "phone_digits"}, "", email, false, "/restrict/proof needs_contact"},
			{paylink.Restriction{Proof: "phone_digits"}, "", nobody, false, "/restrict/proof needs_contact"},
			{paylink.Restriction{Proof: "phone_digits"}, "", issue.Contact{Phone: "12"}, false, "/customer/phone bad_phone"},
			{paylink.Restriction{Proof: "phone_digits"}, "730412", phone, false, "/restrict/pin conflicting"},
			{paylink.Restriction{Proof: "code"}, "", phone, false, ""},
			{paylink.Restriction{Proof: "code"}, "", email, false, ""},
			{paylink.Restriction{Proof: "code"}, "", nobody, false, "/restrict/proof needs_contact"},
			{paylink.Restriction{Proof: "pin"}, "730412", nobody, false, ""},
			{paylink.Restriction{Proof: "pin"}, "", nobody, false, "/restrict/pin required"},
			{paylink.Restriction{Proof: "pin"}, "730", nobody, false, "/restrict/pin too_short"},
			{paylink.Restriction{Proof: "pin"}, "730412999", nobody, false, "/restrict/pin too_long"},
			{paylink.Restriction{Proof: "pin"}, "73O4", nobody, false, "/restrict/pin bad_characters"},
			{paylink.Restriction{Proof: "pin"}, "4444", nobody, false, "/restrict/pin guessable"},
			{paylink.Restriction{Proof: "pin"}, "3456", nobody, false, "/restrict/pin guessable"},
			{paylink.Restriction{Proof: "pin"}, "8765", nobody, false, "/restrict/pin guessable"},
			{paylink.Restriction{Proof: "smile"}, "", phone, false, "/restrict/proof unknown_value"},
			{paylink.Restriction{}, "", phone, true, "/restrict required"},
			{paylink.Restriction{Countries: []string{"IN"}}, "", nobody, true, ""},
			{paylink.Restriction{Countries: []string{"IN"}}, "", nobody, false, "/restrict/countries unsupported"},
			{paylink.Restriction{Countries: []string{"IN", "in"}}, "", nobody, true, "/restrict/countries/1 unknown_value"},
			{paylink.Restriction{Countries: []string{"EU"}}, "", nobody, true, "/restrict/countries/0 unknown_value"},
			{paylink.Restriction{Countries: []string{"IN", "NP", "IN"}}, "", nobody, true, "/restrict/countries/2 duplicate_value"},
			{paylink.Restriction{Countries: make([]string, 51)}, "", nobody, true, "/restrict/countries too_many"},
		} {
			d := issue.Draft{Amount: 100, HasAmount: true, Currency: "INR", Customer: row.customer, PIN: row.pin}
			d.Terms.Restrict = &row.restrict
			issuer := w.issuer
			if row.placed {
				issuer = placed
			}
			got := ""
			_, err := issuer.Create(t.Context(), w.actor(), d, nil)
			var invalid *paylink.Invalid
			if errors.As(err, &invalid) {
				got = invalid.Fields[0].Pointer + " " + invalid.Fields[0].Code
			} else if err != nil {
				got = err.Error()
			}
			if got != row.want {
				t.Errorf("%+v with the PIN %q for %+v: %q, want %q", row.restrict, row.pin, row.customer, got, row.want)
			}
		}
	})
}

// A PIN that is lost in an amendment or a copy locks everybody out; one that stays when the proof is
// another opens the link by what the merchant has forgotten.
func TestAPINStaysUntilAnotherProofIsChosen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		d := draft()
		d.Terms.Restrict, d.PIN = &paylink.Restriction{Proof: paylink.ProofPIN}, "730412"
		id := w.create(d).Link.ID
		opens := func(id paylink.LinkID, pin string) bool {
			l := w.link(id)
			claims, err := token.ReadLink(w.ring, l.Token)
			if err != nil || claims != token.Claims(l) {
				t.Errorf("the token of %s does not say what the row says: %v", id, err)
			}
			return l.Terms.Restrict != nil && token.IsPIN(w.ring, l.Terms.Restrict.PINKey, pin)
		}
		if !opens(id, "730412") || opens(id, "730413") {
			t.Error("the link does not open with its PIN alone")
		}
		copied, err := w.issuer.Duplicate(t.Context(), w.actor(), id, issue.Copy{}, nil)
		if err != nil || !opens(copied.Link.ID, "730412") {
			t.Errorf("the copy does not open with the PIN: %v", err)
		}
		before := w.link(id).Revision
		if _, err := w.amend(id, issue.Amendment{Restrict: &paylink.Restriction{Proof: paylink.ProofPIN}}); err != nil || w.link(id).Revision != before || !opens(id, "730412") {
			t.Errorf("saying the same again changed something: %v", err)
		}
		if _, err := w.amend(id, issue.Amendment{Restrict: &paylink.Restriction{Proof: paylink.ProofPIN}, PIN: "5591"}); err != nil || !opens(id, "5591") || opens(id, "730412") {
			t.Errorf("the new PIN: %v", err)
		}
		if _, err := w.amend(id, issue.Amendment{Restrict: &paylink.Restriction{Proof: paylink.ProofPhoneDigits}}); err != nil || w.link(id).Terms.Restrict.PINKey != "" {
			t.Errorf("another proof keeps the PIN: %v", err)
		}
		if _, err := w.amend(id, issue.Amendment{Restrict: &paylink.Restriction{Proof: paylink.ProofPIN}}); err == nil {
			t.Error("a PIN that was forgotten is not asked for")
		}
		if _, err := w.amend(id, issue.Amendment{Unrestrict: true}); err != nil || w.link(id).Terms.Restrict != nil {
			t.Errorf("the restriction is still there: %v", err)
		}
	})
}

// Whoever resets a lock must find it gone, also for those who were not the cause, and nothing else
// forgotten: what a phone bears in an hour stays counted.
func TestAResetForgetsTriesAndNotCodes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		d := draft()
		d.Terms.Restrict = &paylink.Restriction{Proof: paylink.ProofCode}
		l := w.create(d).Link
		if done, err := w.issuer.ResetProof(t.Context(), w.actor(), l.ID, nil); err != nil || done.Event != "" {
			t.Errorf("a link that nobody tried changed: %+v %v", done, err)
		}
		locked := paylink.Tries{Locks: 2, LockedUntil: start.Add(time.Hour)}
		codes := paylink.Tries{Wrong: 7, Codes: 3, CodesSince: start}
		w.write(func(tx *store.Tx) error {
			if _, _, err := tx.HoldProofs(l, "d1"); err != nil {
				return err
			}
			tx.SaveProofs(l, "d1", codes, locked)
			return nil
		})
		if until, err := s.Read(t.Context()).ProofLock(l, start); err != nil || !until.Equal(locked.LockedUntil) {
			t.Errorf("locked until %v %v", until, err)
		}
		if done, err := w.issuer.ResetProof(t.Context(), w.actor(), l.ID, nil); err != nil || done.Event == "" || done.Link.Revision != 1 {
			t.Errorf("the reset: %+v %v", done, err)
		}
		all, own, err := s.Read(t.Context()).Proofs(l, "d1")
		if want := (paylink.Tries{Codes: 3, CodesSince: start}); err != nil || all != want || own != (paylink.Tries{}) {
			t.Errorf("after the reset is remembered %+v %+v %v", all, own, err)
		}
		if until, err := s.Read(t.Context()).ProofLock(l, start); err != nil || !until.IsZero() {
			t.Errorf("still locked until %v %v", until, err)
		}
		unrestricted := draft()
		unrestricted.Reference = "another"
		plain := w.create(unrestricted).Link
		_, err = w.issuer.ResetProof(t.Context(), w.actor(), plain.ID, nil)
		if code, _ := codeOf(err); code != "nothing_to_prove" {
			t.Errorf("a link without a proof: %v", err)
		}
	})
}
