package checkout_test

import (
	"errors"
	"testing"
	"time"

	"paylink"
	"paylink/checkout"
	"paylink/store"
	"paylink/store/storetest"
)

// A form is sent a second time, from another browser, for another link, too late, or made up: there is
// never a second payment.
func TestFormIsGoodOnceForItsPageAndBrowser(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		_, code := c.link(func(l *paylink.Link) { l.Usage = paylink.Usage{Mode: paylink.UsageMulti} })
		_, otherCode := c.link(nil)
		mine, theirs := checkout.NewDevice(), checkout.NewDevice()
		page := c.open(code, mine)
		start := func(code, form string, d checkout.Device) string {
			_, err := c.checkout.Start(t.Context(), checkout.StartRequest{Code: code, Token: form, Device: d, Method: paylink.MethodUPI})
			var expired *paylink.Expired
			if errors.As(err, &expired) {
				return expired.Code
			}
			if err != nil {
				return err.Error()
			}
			return "started"
		}
		for _, try := range []struct{ name, code, form, want string }{
			{"another link", otherCode, page.Token, "token_forged"},
			{"made up", code, "AAAA", "token_forged"},
			{"empty", code, "", "token_forged"},
		} {
			if got := start(try.code, try.form, mine); got != try.want {
				t.Errorf("%s: %s, want %s", try.name, got, try.want)
			}
		}
		if got := start(code, page.Token, theirs); got != "token_forged" {
			t.Errorf("another browser: %s", got)
		}
		if got := start(code, page.Token, mine); got != "started" {
			t.Errorf("the first time: %s", got)
		}
		if got := start(code, page.Token, mine); got != "token_spent" {
			t.Errorf("the second time: %s", got)
		}
		late := c.open(code, mine)
		c.now = c.now.Add(3 * time.Hour)
		if got := start(code, late.Token, mine); got != "token_expired" {
			t.Errorf("three hours later: %s", got)
		}
	})
}

// The merchant changed the terms after the page was opened: what the customer saw is not charged.
func TestFormForOldTermsIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		l, code := c.link(nil)
		device := checkout.NewDevice()
		page := c.open(code, device)
		c.write(func(tx *store.Tx) error {
			changed, err := tx.Link(c.merchant, false, l.ID)
			if err != nil {
				return err
			}
			read := changed.UpdatedAt
			changed.Revision++
			c.sign(&changed)
			changed.Touch(c.now)
			tx.UpdateLink(changed, read)
			return nil
		})
		_, err := c.checkout.Start(t.Context(), checkout.StartRequest{Code: code, Token: page.Token, Device: device, Method: paylink.MethodUPI})
		var expired *paylink.Expired
		if !errors.As(err, &expired) || expired.Code != "terms_changed" {
			t.Errorf("the old form gave %v", err)
		}
	})
}
