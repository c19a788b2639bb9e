package checkout_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"paylink"
	"paylink/checkout"
	"paylink/gateway"
	gatewaysandbox "paylink/gateway/sandbox"
	"paylink/keyring"
	"paylink/provider"
	"paylink/provider/providertest"
	"paylink/provider/sandboxtest"
	"paylink/queue"
	"paylink/queue/queuetest"
	"paylink/sandbox"
	"paylink/store"
	"paylink/token"
)

// counter is a merchant with a real sandbox for a gateway, and the checkout in front of it.
type counter struct {
	t        *testing.T
	store    *store.Store
	ring     *keyring.Ring
	checkout *checkout.Checkout
	far      *providertest.Far
	merchant paylink.MerchantID
	now      time.Time
}

func openCounter(t *testing.T, s *store.Store) *counter {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Microsecond)
	text, err := keyring.Generate(rand.Reader, now)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{t: t, store: s, ring: ring, merchant: paylink.NewMerchantID(now), now: now}
	c.far = sandboxtest.Serve(t, sandbox.Config{Now: time.Now})
	account := sandboxtest.Account(c.far, c.merchant, paylink.NewAccountID(now))
	c.write(func(tx *store.Tx) error {
		tx.InsertMerchant(paylink.Merchant{ID: c.merchant, Name: "Acme", Currency: "INR", CreatedAt: now})
		tx.InsertAccount(paylink.Account{
			ID: account.ID, Merchant: c.merchant, Kind: paylink.AccountGateway, Provider: "sandbox", BaseURL: account.BaseURL,
			Secret: provider.SealSecret(ring, account.ID, account.Secret),
		}, now)
		return nil
	})
	c.checkout = checkout.New(checkout.Deps{
		Store: s, Ring: ring, PublicURL: c.far.Inbox, Now: func() time.Time { return c.now }, Log: slog.New(slog.DiscardHandler),
		Gateways: map[string]gateway.Gateway{"sandbox": gatewaysandbox.New(sandboxtest.Client(t))},
	})
	return c
}

func (c *counter) write(fn func(tx *store.Tx) error) {
	c.t.Helper()
	if err := c.store.Write(c.t.Context(), fn); err != nil {
		c.t.Fatal(err)
	}
}

// link makes a signed link of ₹2,450.00 and returns it with its code.
func (c *counter) link(change func(*paylink.Link)) (paylink.Link, string) {
	c.t.Helper()
	key, slot, code, err := token.NewCode(c.ring, 0, rand.Reader)
	if err != nil {
		c.t.Fatal(err)
	}
	l := paylink.Link{
		ID: paylink.NewLinkID(c.now), Merchant: c.merchant, Status: paylink.LinkPending, Revision: 1,
		Amount: paylink.Money{Minor: 245000, Currency: "INR"}, Usage: paylink.Usage{Mode: paylink.UsageSingle},
		Description: "Order 1042", ExpiresAt: c.now.Add(24 * time.Hour), OnLate: paylink.PolicyAccept, OnDuplicate: paylink.PolicyRefund,
		CodeKey: key, CodeSlot: slot, CreatedAt: c.now, UpdatedAt: c.now,
	}
	if change != nil {
		change(&l)
	}
	c.sign(&l)
	c.write(func(tx *store.Tx) error { tx.InsertLink(l); return nil })
	return l, code
}

func (c *counter) open(code string, d checkout.Device) checkout.Page {
	c.t.Helper()
	page, err := c.checkout.Open(c.t.Context(), code, checkout.Visitor{Device: d})
	if err != nil {
		c.t.Fatal(err)
	}
	return page
}

// work does the jobs that are due. Asking is another step's work, and comes later.
func (c *counter) work() {
	c.t.Helper()
	queuetest.Drain(c.t, c.store, func() time.Time { return c.now }, func(q *queue.Queue) {
		c.checkout.Register(q)
		q.Handle(paylink.JobAsk, func(context.Context, *queue.Run) error { return fmt.Errorf("not here") })
	})
}

func (c *counter) read(l paylink.Link) (paylink.Link, []paylink.Payment) {
	c.t.Helper()
	read := c.store.Read(c.t.Context())
	now, err := read.Link(c.merchant, false, l.ID)
	if err != nil {
		c.t.Fatal(err)
	}
	payments, err := read.PaymentsOf(c.merchant, l.ID, 50)
	if err != nil {
		c.t.Fatal(err)
	}
	return now, payments
}

func (c *counter) told(l paylink.Link) []paylink.EventType {
	c.t.Helper()
	events, err := c.store.Read(c.t.Context()).Timeline(c.merchant, l.ID, 100)
	if err != nil {
		c.t.Fatal(err)
	}
	var types []paylink.EventType
	for _, e := range events {
		types = append(types, e.Type)
	}
	return types
}

// sign makes the token of a link's present terms.
func (c *counter) sign(l *paylink.Link) {
	c.t.Helper()
	var err error
	if l.Token, err = token.SignLink(c.ring, token.Claims(*l)); err != nil {
		c.t.Fatal(err)
	}
}

// flush runs the checkout's own work until what it gathered is written.
func (c *counter) flush() {
	c.t.Helper()
	ctx, stop := context.WithCancel(c.t.Context())
	stop()
	if err := c.checkout.Work(ctx); err != nil {
		c.t.Fatal(err)
	}
}
