package dashboard

import (
	"context"
	"errors"
	"net/http"
	"time"

	"paylink"
	"paylink/confirm"
	"paylink/refund"
	"paylink/store"
)

// payment is the page of one payment: what came, what went back, and what can be done about it.
type payment struct {
	frame
	Note  *remark
	Row   paid
	Link  paylink.LinkID
	Facts []fact
	Left  string // what can still be given back; empty: nothing, or not from here
	Plain string // the same as people type it
	Held  string // what waits for a decision; empty: nothing

	Reserved string // what can be captured or given back; empty: nothing is reserved
	Until    string // when the bank gives it back by itself; empty: not told
	Dispute  disputeRow
	Refunds  []refundRow
	Key      string
}

// refundRemarks are what can be said after a form of a payment's page; codes of refusals are refund's.
var refundRemarks = map[string]*remark{
	"refunded":              {"The refund is on its way. Below you see how far it has come.", "good"},
	"approved":              {"Approved. The refund is on its way.", "good"},
	"called_off":            {"Called off. The gateway was not told.", "good"},
	"resolved":              {"Decided.", "good"},
	"not_confirmed":         {"Tick that the money is to go back. Nothing was done.", "bad"},
	"bad_amount":            {"That is no amount in this currency. Nothing was done.", "bad"},
	"same_person":           {"You asked for this refund, so somebody else has to approve it.", "bad"},
	"refund_too_large":      {"Less than this is left of the payment to give back. Nothing was done.", "bad"},
	"nothing_to_refund":     {"Nothing of the payment is left to give back.", "note"},
	"payment_held":          {"This money is on hold: say what becomes of it first.", "note"},
	"payment_disputed":      {"The customer disputes this payment, and the money could go back twice. Nothing was done.", "bad"},
	"refunds_not_supported": {"This gateway gives no money back on request. Do it at the gateway itself; it is recorded here.", "bad"},
	"refund_sent":           {"The gateway has been told already, so the refund was not called off.", "note"},
	"not_held":              {"Somebody has decided about this money already.", "note"},
	"captured":              {"The gateway is told. The payment below shows when the money is yours.", "good"},
	"voided":                {"The gateway is told. The customer gets the money back.", "good"},
	"not_reserved":          {"No money of this payment is reserved any more. Here is how it stands now.", "note"},
	"reservation_decided":   {"Somebody has decided about this money already. Here is how it stands now.", "note"},
	"invalid":               {"That could not be done with these values. Nothing was changed.", "bad"},
	"conflict":              {"It has changed in the meantime, so nothing was done. Here is how it stands now.", "note"},
}

// Payment shows a payment: GET /dashboard/{mode}/payments/{id}.
func (d *Dashboard) Payment(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		p, err := d.payment(r, s)
		if err != nil {
			return err
		}
		refunds, err := d.Store.Read(r.Context()).Refunds(s.Merchant.ID, s.Live, store.RefundFilter{Payment: p.ID}, "", shownRefunds)
		if err != nil {
			return err
		}
		v := payment{frame: d.frame(s, "Payment", "payments"), Note: refundRemarks[r.URL.Query().Get("note")], Row: s.paid(p), Link: p.Link, Key: newFormKey()}
		v.Facts = s.paymentFacts(p)
		v.About = p.Link
		if v.After, err = d.newest(r, s); err != nil {
			return err
		}
		if v.Dispute, err = d.disputeOf(r, s, p); err != nil {
			return err
		}
		if p.Status == paylink.PaymentAuthorised && p.Manual && p.Intent == "" {
			v.Reserved, v.Plain = s.Lang.Money(p.Amount), p.Amount.Decimal()
			if !p.CaptureBefore.IsZero() {
				v.Until = s.Lang.Moment(p.CaptureBefore, s.Merchant.TimeZone)
			}
		}
		left := p.Refundable()
		if left > 0 && p.Gateway != "" && p.Disposition != paylink.PolicyHold {
			v.Left, v.Plain = s.money(left, p.Amount.Currency), paylink.Money{Minor: left, Currency: p.Amount.Currency}.Decimal()
		}
		if held := p.Held(); held > 0 {
			v.Held = s.money(held, p.Amount.Currency)
		}
		for _, f := range refunds {
			v.Refunds = append(v.Refunds, s.refundRow(f))
		}
		return d.render(w, r, http.StatusOK, paymentPage(v))
	})
}

func (d *Dashboard) payment(r *http.Request, s scene) (paylink.Payment, error) {
	return d.Store.Read(r.Context()).Payment(s.Merchant.ID, s.Live, paylink.PaymentID(r.PathValue("id")))
}

func (s scene) paymentFacts(p paylink.Payment) (facts []fact) {
	c := p.Amount.Currency
	for _, f := range []struct {
		name  string
		minor int64
	}{
		{"Asked", p.Amount.Minor}, {"Received", p.AmountCaptured}, {"Given back", p.AmountRefunded}, {"Being given back", p.AmountRefunding},
		{"Taken back by the bank", p.AmountReversed}, {"Fee", p.Fee}, {"Tax on the fee", p.Tax},
	} {
		if f.minor != 0 || f.name == "Asked" {
			facts = append(facts, fact{f.name, s.money(f.minor, c)})
		}
	}
	for _, f := range []fact{{"Reference", p.Reference}, {"At the gateway", p.GatewayReference}, {"At the bank", p.BankReference}, {"Gateway", p.Gateway}} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	return facts
}

// GiveBack begins a refund: POST /dashboard/{mode}/payments/{id}/refund.
func (d *Dashboard) GiveBack(w http.ResponseWriter, r *http.Request) {
	d.actOnPayment(w, r, "refund", "refunded", func(ctx context.Context, s scene, p paylink.Payment, claim *store.Claim) error {
		if r.PostForm.Get("confirm") != "yes" {
			return &paylink.Conflict{Code: "not_confirmed", Detail: "Nobody confirmed it."}
		}
		amount, why := parseAmount(typed(r, "amount"), p.Amount.Currency)
		if why != "" {
			return &paylink.Conflict{Code: "bad_amount", Detail: why}
		}
		wish := refund.Wish{Payment: p.ID, Amount: &amount, Reason: paylink.RefundReason(typed(r, "reason")), Speed: paylink.RefundSpeed(typed(r, "speed"))}
		_, err := d.Refunds.Create(ctx, refund.Actor(s.actor()), wish, claim)
		return err
	})
}

// ApproveRefund is the second person's yes: POST /dashboard/{mode}/payments/{id}/approve_refund.
func (d *Dashboard) ApproveRefund(w http.ResponseWriter, r *http.Request) {
	d.actOnPayment(w, r, "approve_refund", "approved", func(ctx context.Context, s scene, _ paylink.Payment, claim *store.Claim) error {
		_, err := d.Refunds.Approve(ctx, refund.Actor(s.actor()), paylink.RefundID(typed(r, "refund")), claim)
		return err
	})
}

// CancelRefund calls a refund off, or turns it down: POST /dashboard/{mode}/payments/{id}/cancel_refund.
func (d *Dashboard) CancelRefund(w http.ResponseWriter, r *http.Request) {
	d.actOnPayment(w, r, "cancel_refund", "called_off", func(ctx context.Context, s scene, _ paylink.Payment, claim *store.Claim) error {
		_, err := d.Refunds.Cancel(ctx, refund.Actor(s.actor()), paylink.RefundID(typed(r, "refund")), claim)
		return err
	})
}

// disputeOf is the newest dispute about a payment; its zero value: there is none.
func (d *Dashboard) disputeOf(r *http.Request, s scene, p paylink.Payment) (disputeRow, error) {
	if p.Dispute == "" {
		return disputeRow{}, nil
	}
	all, err := d.Store.Read(r.Context()).Disputes(s.Merchant.ID, s.Live, store.DisputeFilter{Payment: p.ID}, "", 1)
	if err != nil || len(all) == 0 {
		return disputeRow{}, err
	}
	return s.disputeRow(all[0]), nil
}

// decideWithin is how long a page waits for the gateway to do what was asked.
const decideWithin = 2500 * time.Millisecond

// CapturePayment takes reserved money, whole or in part: POST /dashboard/{mode}/payments/{id}/capture.
func (d *Dashboard) CapturePayment(w http.ResponseWriter, r *http.Request) {
	d.actOnPayment(w, r, "capture", "captured", func(ctx context.Context, s scene, p paylink.Payment, claim *store.Claim) error {
		amount, why := parseAmount(typed(r, "amount"), p.Amount.Currency)
		if why != "" {
			return &paylink.Conflict{Code: "bad_amount", Detail: why}
		}
		return d.decide(ctx, s, p, paylink.IntentCapture, amount, claim)
	})
}

// VoidPayment gives reserved money back: POST /dashboard/{mode}/payments/{id}/void.
func (d *Dashboard) VoidPayment(w http.ResponseWriter, r *http.Request) {
	d.actOnPayment(w, r, "void", "voided", func(ctx context.Context, s scene, p paylink.Payment, claim *store.Claim) error {
		return d.decide(ctx, s, p, paylink.IntentVoid, 0, claim)
	})
}

func (d *Dashboard) decide(ctx context.Context, s scene, p paylink.Payment, intent paylink.Intent, amount int64, claim *store.Claim) error {
	p, err := d.Refunds.Decide(ctx, refund.Decision{Merchant: s.Merchant.ID, Live: s.Live, Payment: p.ID, Intent: intent, Amount: amount, Actor: string(s.Staff)}, claim)
	if err == nil {
		_, err = d.Refunds.Await(ctx, p, decideWithin)
	}
	return err
}

// ResolvePayment says what becomes of money on hold: POST /dashboard/{mode}/payments/{id}/resolve.
func (d *Dashboard) ResolvePayment(w http.ResponseWriter, r *http.Request) {
	d.actOnPayment(w, r, "resolve", "resolved", func(ctx context.Context, s scene, p paylink.Payment, claim *store.Claim) error {
		_, err := d.Confirm.Resolve(ctx, confirm.Resolution{
			Merchant: s.Merchant, Live: s.Live, By: string(s.Staff), Payment: p.ID, Outcome: paylink.Policy(typed(r, "outcome")),
		}, claim)
		return err
	})
}

// actOnPayment does one thing to a payment and shows it as it then stands, whatever came of it.
func (d *Dashboard) actOnPayment(w http.ResponseWriter, r *http.Request, name, done string, do func(context.Context, scene, paylink.Payment, *store.Claim) error) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		p, err := d.payment(r, s)
		if err != nil {
			return err
		}
		err = once(r.Context(), func() error {
			return do(r.Context(), s, p, s.claim(r, "POST "+Root+"/payments/{id}/"+name, string(p.ID)))
		})
		var conflict *paylink.Conflict
		var refused *paylink.Refused
		var invalid *paylink.Invalid
		switch {
		case errors.As(err, &conflict):
			done = conflict.Code
		case errors.As(err, &refused):
			done = refused.Code
		case errors.As(err, &invalid):
			done = "invalid"
		case err != nil:
			return err
		}
		if refundRemarks[done] == nil {
			done = "conflict"
		}
		http.Redirect(w, r, s.path("payments", string(p.ID))+"?note="+done, http.StatusSeeOther)
		return nil
	})
}
