package checkout_test

import (
	"errors"
	"slices"
	"testing"

	"paylink"
	"paylink/checkout"
	"paylink/store"
	"paylink/store/storetest"
)

// Somebody who can write the database lowers the amount: the link's token no longer vouches for its
// row, and nobody pays the forged sum.
func TestTamperedLinkIsHeldAndTakesNoPayment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		l, code := c.link(nil)
		device := checkout.NewDevice()
		before := c.open(code, device)
		c.write(func(tx *store.Tx) error {
			forged, err := tx.Link(c.merchant, false, l.ID)
			if err != nil {
				return err
			}
			forged.Amount.Minor = 100
			tx.UpdateLink(forged, forged.UpdatedAt)
			return nil
		})
		_, err := c.checkout.Start(t.Context(), checkout.StartRequest{Code: code, Token: before.Token, Device: device, Method: paylink.MethodUPI})
		var conflict *paylink.Conflict
		if !errors.As(err, &conflict) || conflict.Code != "on_hold" {
			t.Errorf("paying the forged amount gave %v", err)
		}
		page := c.open(code, device)
		if page.Refusal != "on_hold" || page.Link.Hold != paylink.HoldTampered {
			t.Errorf("the page refuses %q, hold %q", page.Refusal, page.Link.Hold)
		}
		c.open(code, device) // told once, however often it is opened
		want := []paylink.EventType{paylink.EventLinkTampered, paylink.EventLinkHeld}
		if got := c.told(l); !slices.Equal(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
	})
}

// A code that is not ours is refused without a word about why.
func TestUnknownCodesAreAllNotFound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		_, code := c.link(nil)
		foreign := openCounter(t, s)
		_, foreignCode := foreign.link(nil) // of another installation's key ring, in the same database
		for name, code := range map[string]string{
			"empty": "", "malformed": "hello", "truncated": code[:21], "forged": "A" + code[1:], "too long": code + "A", "foreign": foreignCode,
		} {
			if _, err := c.checkout.Open(t.Context(), code, checkout.Visitor{Device: checkout.NewDevice()}); !paylink.IsNotFound(err) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
