package refund_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	gatewaysandbox "paylink/gateway/sandbox"
	"paylink/keyring"
	"paylink/provider"
	"paylink/provider/providertest"
	"paylink/provider/sandboxtest"
	"paylink/queue/queuetest"
	"paylink/refund"
	pretend "paylink/sandbox"
	"paylink/store"
)

// shop is a merchant with one gateway account at a real sandbox.
type shop struct {
	*testing.T
	store    *store.Store
	far      *providertest.Far
	gateway  *gatewaysandbox.Gateway
	account  gateway.Account
	refunds  *refund.Refunds
	merchant paylink.Merchant
	now      time.Time // the clock; moved by the test, between jobs
}

func openShop(t *testing.T, s *store.Store) *shop {
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
	sh := &shop{T: t, store: s, now: now, far: sandboxtest.Serve(t, pretend.Config{Now: time.Now, LateAfter: 50 * time.Millisecond})}
	sh.merchant = paylink.Merchant{ID: paylink.NewMerchantID(now), Name: "Acme", Currency: "INR", CreatedAt: now}
	sh.account = sandboxtest.Account(sh.far, sh.merchant.ID, paylink.NewAccountID(now))
	sh.gateway = gatewaysandbox.New(sandboxtest.Client(t))
	sh.refunds = refund.New(refund.Deps{
		Store: s, Ring: ring, Gateways: map[string]gateway.Gateway{"sandbox": sh.gateway}, Now: func() time.Time { return sh.now }, Log: slog.New(slog.DiscardHandler),
	})
	sh.write(func(tx *store.Tx) error {
		tx.InsertMerchant(sh.merchant)
		tx.InsertAccount(paylink.Account{
			ID: sh.account.ID, Merchant: sh.merchant.ID, Kind: paylink.AccountGateway, Provider: "sandbox",
			BaseURL: sh.account.BaseURL, Secret: provider.SealSecret(ring, sh.account.ID, sh.account.Secret),
		}, now)
		return nil
	})
	return sh
}

func (sh *shop) write(fn func(tx *store.Tx) error) {
	sh.Helper()
	if err := sh.store.Write(sh.Context(), fn); err != nil {
		sh.Fatal(err)
	}
}

// paid is a payment of ₹2,450.00 that the customer has made at the sandbox, and that is captured here.
func (sh *shop) paid() paylink.Payment {
	sh.Helper()
	l := paylink.Link{
		ID: paylink.NewLinkID(sh.now), Merchant: sh.merchant.ID, Status: paylink.LinkPaid, Revision: 1, Amount: paylink.Money{Minor: 245000, Currency: "INR"},
		Usage: paylink.Usage{Mode: paylink.UsageSingle}, OnLate: paylink.PolicyAccept, OnDuplicate: paylink.PolicyRefund,
		AmountPaid: 245000, PaymentsCount: 1, CreatedAt: sh.now, UpdatedAt: sh.now, PaidAt: sh.now,
	}
	var key [8]byte
	rand.Read(key[:])
	for _, b := range key {
		l.CodeKey = l.CodeKey<<8 | uint64(b)
	}
	p := paylink.Payment{
		ID: paylink.NewPaymentID(sh.now), Merchant: sh.merchant.ID, Link: l.ID, Status: paylink.PaymentCaptured, Amount: l.Amount, AmountCaptured: l.Amount.Minor,
		Method: paylink.MethodUPI, Gateway: "sandbox", Account: sh.account.ID, Reference: paylink.NewPaymentReference(),
		CreatedAt: sh.now, UpdatedAt: sh.now, CapturedAt: sh.now,
	}
	o := gateway.Order{
		Reference: p.Reference, Amount: p.Amount, Method: p.Method, ReturnURL: sh.far.Inbox, NotifyURL: sh.far.Inbox, ExpiresAt: time.Now().Add(time.Hour),
	}
	started, err := sh.gateway.Start(sh.Context(), sh.account, o)
	if err != nil {
		sh.Fatal(err)
	}
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := browser.PostForm(started.Action.URL, url.Values{"app": {"test_success"}})
	if err != nil {
		sh.Fatal(err)
	}
	_ = res.Body.Close()
	w, err := sh.gateway.Lookup(sh.Context(), sh.account, gateway.Known{Reference: p.Reference})
	if err != nil || w.Status != paylink.PaymentCaptured {
		sh.Fatalf("the sandbox says %+v (%v)", w, err)
	}
	p.GatewayReference = w.GatewayReference
	sh.write(func(tx *store.Tx) error {
		tx.InsertLink(l)
		tx.InsertPayment(p)
		return nil
	})
	return p
}

func (sh *shop) as(id string) refund.Actor { return refund.Actor{Merchant: sh.merchant, ID: id} }

// wish is a refund of so much of a payment; 0: of all.
func wish(p paylink.Payment, minor int64) refund.Wish {
	w := refund.Wish{Payment: p.ID}
	if minor > 0 {
		w.Amount = &minor
	}
	return w
}

// begin begins a refund and does no job.
func (sh *shop) begin(p paylink.Payment, minor int64) paylink.Refund {
	sh.Helper()
	sh.now = sh.now.Add(time.Millisecond)
	done, err := sh.refunds.Create(sh.Context(), sh.as("key_a"), wish(p, minor), nil)
	if err != nil {
		sh.Fatal(err)
	}
	return done.Refund
}

// work does the jobs of refunds that are due.
func (sh *shop) work() {
	sh.Helper()
	queuetest.Drain(sh, sh.store, func() time.Time { return sh.now }, sh.refunds.Register)
}

// later lets time pass and does what is due then.
func (sh *shop) later(d time.Duration) {
	sh.Helper()
	sh.now = sh.now.Add(d)
	sh.work()
}

// read gives the refund as it is, with its payment and its link.
func (sh *shop) read(r paylink.Refund) (paylink.Refund, paylink.Payment, paylink.Link) {
	sh.Helper()
	read := sh.store.Read(sh.Context())
	is, err := read.Refund(r.Merchant, r.Live, r.ID)
	p, errPayment := read.Payment(r.Merchant, r.Live, r.Payment)
	l, errLink := read.Link(r.Merchant, r.Live, r.Link)
	if err := errors.Join(err, errPayment, errLink); err != nil {
		sh.Fatal(err)
	}
	return is, p, l
}

// stands fails unless the refund, and what its payment has given back and is to give back, are so.
func (sh *shop) stands(r paylink.Refund, status paylink.RefundStatus, refunded, refunding int64) paylink.Refund {
	sh.Helper()
	is, p, l := sh.read(r)
	if is.Status != status || p.AmountRefunded != refunded || p.AmountRefunding != refunding || l.AmountRefunded != refunded {
		sh.Errorf("the refund is %s, %d given back (link %d) and %d under way; want %s, %d and %d",
			is.Status, p.AmountRefunded, l.AmountRefunded, p.AmountRefunding, status, refunded, refunding)
	}
	return is
}

// next sets what the sandbox's bank does with the next refund.
func (sh *shop) next(outcome string) {
	sh.Helper()
	raw, err := json.Marshal(map[string]string{"outcome": outcome})
	if err != nil {
		sh.Fatal(err)
	}
	res, err := http.Post(sh.far.Origin+"/sandbox/refunds/next/outcome", "application/json", bytes.NewReader(raw))
	if err != nil {
		sh.Fatal(err)
	}
	_ = res.Body.Close()
}

// atTheGateway counts the refunds of which the sandbox knows.
func (sh *shop) atTheGateway() int {
	sh.Helper()
	res, err := http.Get(sh.far.Origin + "/sandbox/refunds")
	if err != nil {
		sh.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var list struct{ Data []json.RawMessage }
	if err := json.NewDecoder(res.Body).Decode(&list); err != nil {
		sh.Fatal(err)
	}
	return len(list.Data)
}

// told lists the types of the link's events, in order.
func (sh *shop) told(link paylink.LinkID) []paylink.EventType {
	sh.Helper()
	events, err := sh.store.Read(sh.Context()).Timeline(sh.merchant.ID, link, 100)
	if err != nil {
		sh.Fatal(err)
	}
	var types []paylink.EventType
	for _, e := range events {
		types = append(types, e.Type)
	}
	return types
}

// code is the code of a conflict or refusal; empty: the error is another, or none.
func code(err error) string {
	var conflict *paylink.Conflict
	var refused *paylink.Refused
	switch {
	case errors.As(err, &conflict):
		return conflict.Code
	case errors.As(err, &refused):
		return refused.Code
	}
	return ""
}
