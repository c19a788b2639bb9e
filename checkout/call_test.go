package checkout_test

import (
	"net/http"
	"testing"
	"time"

	"paylink"
	"paylink/checkout"
	"paylink/provider"
	"paylink/provider/providertest"
	"paylink/provider/sandboxtest"
	"paylink/sandbox"
	"paylink/store"
	"paylink/store/storetest"
)

// second connects another account, at a sandbox of its own.
func (c *counter) second() (*providertest.Far, paylink.AccountID) {
	c.t.Helper()
	far := sandboxtest.Serve(c.t, sandbox.Config{Now: time.Now})
	account := sandboxtest.Account(far, c.merchant, paylink.NewAccountID(c.now))
	c.write(func(tx *store.Tx) error {
		tx.InsertAccount(paylink.Account{
			ID: account.ID, Merchant: c.merchant, Kind: paylink.AccountGateway, Provider: "sandbox", Name: "second", Rank: 2, BaseURL: account.BaseURL,
			Secret: provider.SealSecret(c.ring, account.ID, account.Secret),
		}, c.now)
		return nil
	})
	return far, account.ID
}

// Another account takes what the first one cannot have heard of. What the first one may have heard of is asked of
// it alone, also when it next says that it takes nothing: else the customer could pay at both.
func TestNoSecondGatewayIsToldWhatTheFirstMayHaveHeard(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, f := range []struct {
			name   string
			faults []int // of the first account's gateway, at one run after the other
			want   paylink.PaymentStatus
			moved  bool
		}{
			{"overloaded", []int{http.StatusTooManyRequests}, paylink.PaymentActionRequired, true},
			{"lost, then healthy", []int{http.StatusBadGateway, 0}, paylink.PaymentActionRequired, false},
			{"lost, then overloaded", []int{http.StatusBadGateway, http.StatusTooManyRequests}, paylink.PaymentUnknown, false},
			{"lost, then a key that is refused", []int{http.StatusBadGateway, http.StatusUnauthorized}, paylink.PaymentUnknown, false},
		} {
			c := openCounter(t, s)
			_, other := c.second()
			l, code := c.link(nil)
			device := checkout.NewDevice()
			if _, err := c.checkout.Start(t.Context(), checkout.StartRequest{Code: code, Token: c.open(code, device).Token, Device: device, Method: paylink.MethodUPI}); err != nil {
				t.Fatal(err)
			}
			for i := range 5 {
				c.far.Break(f.faults[min(i, len(f.faults)-1)])
				c.work()
				c.now = c.now.Add(4 * time.Second) // past the next back-off, before the first asking
			}
			if _, payments := c.read(l); payments[0].Status != f.want || (payments[0].Account == other) != f.moved {
				t.Errorf("%s: the payment is %s at %s, the other account is %s", f.name, payments[0].Status, payments[0].Account, other)
			}
		}
	})
}

// Whoever died while a gateway was told may have been heard.
func TestADeadNodeMayHaveBeenHeard(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		_, other := c.second()
		l, code := c.link(nil)
		device := checkout.NewDevice()
		if _, err := c.checkout.Start(t.Context(), checkout.StartRequest{Code: code, Token: c.open(code, device).Token, Device: device, Method: paylink.MethodUPI}); err != nil {
			t.Fatal(err)
		}
		c.write(func(tx *store.Tx) error {
			claimed, err := tx.ClaimJobs("dead", []store.Room{{Kind: paylink.JobStart, Jobs: 1}}, c.now, c.now.Add(time.Second), 1)
			if len(claimed) != 1 {
				t.Errorf("%d jobs are claimed", len(claimed))
			}
			return err
		})
		c.now = c.now.Add(time.Minute)
		c.far.Break(http.StatusTooManyRequests)
		c.work()
		c.now = c.now.Add(time.Minute)
		c.far.Break(0)
		c.work()
		if _, payments := c.read(l); payments[0].Status != paylink.PaymentActionRequired || payments[0].Account == other {
			t.Errorf("the payment is %s at %s", payments[0].Status, payments[0].Account)
		}
	})
}
