package confirm_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"testing"
	"time"

	"paylink"
	"paylink/confirm"
	"paylink/gateway"
	gatewaysandbox "paylink/gateway/sandbox"
	"paylink/keyring"
	"paylink/outbound"
	"paylink/provider"
	"paylink/provider/sandboxtest"
	"paylink/queue/queuetest"
	"paylink/store"
)

// shop is a merchant with one gateway account, whose notices the test signs and posts by itself.
type shop struct {
	t        testing.TB
	store    *store.Store
	confirm  *confirm.Confirm
	ring     *keyring.Ring
	merchant paylink.MerchantID
	account  paylink.AccountID
	secret   string
	now      time.Time // the clock; moved by the test, between jobs
	notices  int
}

func openShop(t testing.TB, s *store.Store) *shop {
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
	client := outbound.New(outbound.Options{AllowLoopback: true})
	t.Cleanup(client.Close)
	sh := &shop{
		t: t, store: s, ring: ring, merchant: paylink.NewMerchantID(now), account: paylink.NewAccountID(now),
		secret: "a secret of both sides", now: now,
	}
	sh.confirm = confirm.New(confirm.Deps{
		Store: s, Ring: ring, Now: func() time.Time { return sh.now }, Log: slog.New(slog.DiscardHandler),
		Gateways: map[string]gateway.Gateway{"sandbox": gatewaysandbox.New(client)},
	})
	sh.write(func(tx *store.Tx) error {
		tx.InsertMerchant(paylink.Merchant{ID: sh.merchant, Name: "Acme", Currency: "INR", CreatedAt: now})
		tx.InsertAccount(paylink.Account{
			ID: sh.account, Merchant: sh.merchant, Kind: paylink.AccountGateway, Provider: "sandbox",
			BaseURL: "http://127.0.0.1:1/sandbox", Secret: provider.SealSecret(ring, sh.account, sh.secret),
		}, now)
		return nil
	})
	return sh
}

func (sh *shop) write(fn func(tx *store.Tx) error) {
	sh.t.Helper()
	if err := sh.store.Write(sh.t.Context(), fn); err != nil {
		sh.t.Fatal(err)
	}
}

// link makes a link of ₹2,450.00 with one payment in the given state.
func (sh *shop) link(status paylink.PaymentStatus, change func(*paylink.Link)) (paylink.Link, paylink.Payment) {
	sh.t.Helper()
	l := paylink.Link{
		ID: paylink.NewLinkID(sh.now), Merchant: sh.merchant, Status: paylink.LinkPending, Revision: 1,
		Amount: paylink.Money{Minor: 245000, Currency: "INR"}, Usage: paylink.Usage{Mode: paylink.UsageSingle},
		ExpiresAt: sh.now.Add(time.Hour), OnLate: paylink.PolicyAccept, OnDuplicate: paylink.PolicyRefund,
		InFlight: 1, CreatedAt: sh.now, UpdatedAt: sh.now,
	}
	var key [8]byte
	rand.Read(key[:])
	for _, b := range key {
		l.CodeKey = l.CodeKey<<8 | uint64(b)
	}
	if change != nil {
		change(&l)
	}
	p := sh.payment(l, status)
	sh.write(func(tx *store.Tx) error {
		tx.InsertLink(l)
		tx.InsertPayment(p)
		return nil
	})
	return l, p
}

func (sh *shop) payment(l paylink.Link, status paylink.PaymentStatus) paylink.Payment {
	return paylink.Payment{
		ID: paylink.NewPaymentID(sh.now), Merchant: sh.merchant, Link: l.ID, Status: status, Amount: l.Amount,
		Method: paylink.MethodUPI, Gateway: "sandbox", Account: sh.account, Reference: paylink.NewPaymentReference(),
		CreatedAt: sh.now, UpdatedAt: sh.now, ExpiresAt: sh.now.Add(paylink.AttemptLife),
	}
}

// body is a notice about a payment in the sandbox's words; changes overwrite single fields of its data.
func (sh *shop) body(p paylink.Payment, status string, changes map[string]any) []byte {
	sh.t.Helper()
	sh.notices++
	data := map[string]any{
		"id": "sbx_pay_" + p.Reference, "reference": p.Reference, "amount": p.Amount.Minor, "currency": "INR",
		"status": status, "method": "upi", "details": map[string]string{"app": "test_success"}, "bank_reference": "412345678901",
		"fee": 0, "tax": 0, "decline": nil, "at": sh.now.Format(time.RFC3339Nano),
	}
	if status == "captured" {
		data["fee"], data["tax"] = 4900, 882
	}
	if status == "failed" {
		data["decline"] = map[string]string{"group": "insufficient_funds", "code": "51"}
	}
	account := string(sh.merchant) + "." + string(sh.account)
	if a, ok := changes["account"].(string); ok {
		account = a
		delete(changes, "account")
	}
	maps.Copy(data, changes)
	body, err := json.Marshal(map[string]any{
		"id": fmt.Sprintf("sbx_ntc_%d", sh.notices), "type": "payment." + status, "account": account,
		"created": sh.now.Format(time.RFC3339), "data": data,
	})
	if err != nil {
		sh.t.Fatal(err)
	}
	return body
}

// post delivers a body under a good signature and lets it be understood.
func (sh *shop) post(body []byte) paylink.Verdict {
	sh.t.Helper()
	verdict := sh.receive(sandboxtest.Sign(sh.secret, body, sh.now), body)
	sh.work()
	return verdict
}

// receiveSigned delivers a body under a good signature and leaves it to be understood.
func (sh *shop) receiveSigned(body []byte) {
	sh.t.Helper()
	sh.receive(sandboxtest.Sign(sh.secret, body, sh.now), body)
}

func (sh *shop) receive(h http.Header, body []byte) paylink.Verdict {
	sh.t.Helper()
	sh.now = sh.now.Add(time.Millisecond) // ids of one millisecond have no order
	verdict, err := sh.confirm.Receive(sh.t.Context(), "sandbox", sh.account, gateway.Post{URL: &url.URL{}, Header: h, Body: bytes.Clone(body)})
	if err != nil {
		sh.t.Fatal(err)
	}
	return verdict
}

// work does the jobs that are due.
func (sh *shop) work() {
	sh.t.Helper()
	queuetest.Drain(sh.t, sh.store, func() time.Time { return sh.now }, sh.confirm.Register)
}

// state reads a link and its payments back, oldest payment first.
func (sh *shop) state(l paylink.Link) (paylink.Link, []paylink.Payment) {
	sh.t.Helper()
	read := sh.store.Read(sh.t.Context())
	now, err := read.Link(sh.merchant, false, l.ID)
	if err != nil {
		sh.t.Fatal(err)
	}
	payments, err := read.PaymentsOf(sh.merchant, l.ID, 50)
	if err != nil {
		sh.t.Fatal(err)
	}
	for i, j := 0, len(payments)-1; i < j; i, j = i+1, j-1 {
		payments[i], payments[j] = payments[j], payments[i]
	}
	return now, payments
}

// told lists the types of the link's events, in order.
func (sh *shop) told(l paylink.Link) []paylink.EventType {
	sh.t.Helper()
	events, err := sh.store.Read(sh.t.Context()).Timeline(sh.merchant, l.ID, 100)
	if err != nil {
		sh.t.Fatal(err)
	}
	var types []paylink.EventType
	for _, e := range events {
		types = append(types, e.Type)
	}
	return types
}

// verdicts lists what became of the notices, oldest first, with their reasons.
func (sh *shop) verdicts() []string {
	sh.t.Helper()
	notices, err := sh.store.Read(sh.t.Context()).Notices(sh.merchant, false, "", "", 100)
	if err != nil {
		sh.t.Fatal(err)
	}
	var all []string
	for i := len(notices) - 1; i >= 0; i-- {
		all = append(all, string(notices[i].Verdict)+" "+notices[i].Reason)
	}
	return all
}
