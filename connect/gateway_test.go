package connect_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"paylink"
	"paylink/connect"
	"paylink/gateway"
	"paylink/provider"
	"paylink/store"
)

// till is a gateway of which only what an account needs is asked.
type till struct{ gateway.Gateway }

func (till) Capabilities() gateway.Capabilities {
	return gateway.Capabilities{
		Name: "till", Title: "Till", Methods: []paylink.Method{paylink.MethodCard},
		Fields: []provider.Field{
			{Name: "key", Label: "Key", Required: true},
			{Name: provider.Secret, Label: "Key secret", Secret: true, Required: true},
			{Name: "hook_secret", Label: "Webhook secret", Secret: true},
		},
	}
}

func (till) Test(_ context.Context, a gateway.Account) error {
	if a.Secret != "canary-1" {
		return &provider.Rejected{Code: "c1", Reason: provider.BadCredentials}
	}
	return nil
}

func tillDraft() connect.Draft {
	return connect.Draft{Provider: "till", Fields: map[string]string{"key": "k1", provider.Secret: "canary-1", "hook_secret": "canary-2", "methods": "card", "fees": "card=200+300"}}
}

// A merchant connects the gateway that takes its money, and the form asks for what carriers need, or the
// address for its notices leads nowhere.
func TestGatewayIsConnectedAsCarriersAre(t *testing.T) {
	each(t, func(h *house) {
		a := h.connect(tillDraft())
		want := "https://pay.example/inbound/gateway/till/" + string(a.ID)
		if a.Kind != paylink.AccountGateway || a.ReceiptURL != want || !slices.Equal(a.Secrets, []string{provider.Secret, "hook_secret"}) || a.Fields["key"] != "k1" || a.Rank != 1 {
			h.Errorf("%+v", a)
		}
		if rows, err := h.store.Read(h.Context()).Accounts(h.by.Merchant, false, paylink.AccountGateway); err != nil || len(rows) != 1 {
			h.Errorf("%d gateway accounts, %v", len(rows), err)
		}
		if said, err := h.all.Test(h.Context(), h.by, a.ID, nil); err != nil || !said.Works {
			h.Errorf("%+v %v", said, err)
		}
		d := tillDraft()
		d.Name, d.Fields["fees"], d.Fields["amounts"], d.Fields["countries"] = "other", "card=2%", "INR=1-2-3", "IN"
		if _, err := h.all.Connect(h.Context(), h.by, d, nil); wrong(err) != "/fields/countries unknown_field, /fields/amounts bad_format, /fields/fees bad_format" {
			h.Error(wrong(err))
		}
	})
}

// A secret is changed here before the gateway has the new one: every notice in between is refused, and
// customers who have paid wait for the look-up. Or the old one is believed for ever.
func TestReplacedSecretIsBelievedForAWhile(t *testing.T) {
	each(t, func(h *house) {
		a := h.connect(tillDraft())
		hour, none, tooLong := time.Hour, time.Duration(0), 8*24*time.Hour
		fields := func(v string) map[string]string { return map[string]string{"hook_secret": v} }
		after, err := h.all.Change(h.Context(), h.by, a.ID, connect.Change{Fields: fields("canary-3"), KeepPrevious: &hour})
		if err != nil || !after.PreviousUntil.Equal(noon.Add(time.Hour)) {
			h.Fatalf("%+v %v", after, err)
		}
		now := h.opened(a.ID)
		before, ok := now.Before(noon.Add(59 * time.Minute))
		if !ok || before.Fields["hook_secret"] != "canary-2" || before.Secret != "canary-1" || now.Fields["hook_secret"] != "canary-3" || len(now.Fields) != len(before.Fields) {
			h.Errorf("before: %t %q, now %q", ok, before.Fields, now.Fields)
		}
		if _, ok := now.Before(noon.Add(time.Hour)); ok {
			h.Error("the old secret is believed beyond its hour")
		}
		off := true
		if _, err := h.all.Change(h.Context(), h.by, a.ID, connect.Change{Off: &off, Fields: map[string]string{"key": "k2"}}); err != nil {
			h.Fatal(err)
		}
		if _, ok := h.opened(a.ID).Before(noon); !ok {
			h.Error("another change has forgotten the old secret")
		}
		if _, err := h.all.Change(h.Context(), h.by, a.ID, connect.Change{Fields: fields("canary-4"), KeepPrevious: &none}); err != nil {
			h.Fatal(err)
		}
		if _, ok := h.opened(a.ID).Before(noon); ok {
			h.Error("a secret that leaked is still believed")
		}
		if _, err := h.all.Change(h.Context(), h.by, a.ID, connect.Change{Fields: fields("canary-5"), KeepPrevious: &tooLong}); wrong(err) != "/previous_secrets_for out_of_range" {
			h.Error(wrong(err))
		}
	})
}

// The account is gone, its gateway is never asked again, and what a customer is paying at this moment is
// lost.
func TestAccountWithOpenPaymentsStays(t *testing.T) {
	each(t, func(h *house) {
		a := h.connect(tillDraft())
		link := paylink.NewLinkID(noon)
		p := paylink.Payment{
			ID: paylink.NewPaymentID(noon.Add(-20 * 24 * time.Hour)), Merchant: h.by.Merchant, Link: link, Status: paylink.PaymentAuthorised,
			Amount: paylink.Money{Minor: 100, Currency: "INR"}, Method: paylink.MethodCard, Gateway: "till", Account: a.ID,
			Reference: paylink.NewPaymentReference(), CreatedAt: noon, UpdatedAt: noon,
		}
		h.write(func(tx *store.Tx) { tx.InsertPayment(p) })
		if err := h.all.Disconnect(h.Context(), h.by, a.ID); wrong(err) != "payments_in_flight" {
			h.Error(wrong(err))
		}
		read := p.Status
		p.Status = paylink.PaymentCaptured
		h.write(func(tx *store.Tx) { tx.UpdatePayment(p, read) })
		if err := h.all.Disconnect(h.Context(), h.by, a.ID); err != nil {
			h.Error(err)
		}
	})
}

func (h *house) write(fn func(*store.Tx)) {
	h.Helper()
	err := h.store.Write(h.Context(), func(tx *store.Tx) error { fn(tx); return nil })
	if err != nil {
		h.Fatal(err)
	}
}
