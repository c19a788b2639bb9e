package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/refund"
)

// decideWithin is how long an answer waits for the gateway: most have answered by then.
const decideWithin = 3 * time.Second

// captureBody says how much of reserved money is taken.
type captureBody struct {
	Amount *int64 `json:"amount,omitempty" minimum:"1" maximum:"1000000000000" doc:"minor units, at most what is reserved; the rest is given back, and the link does not ask for it again; absent: all of it"`
}

type captureIn struct {
	PaymentPath
	Body *captureBody
}

type paymentAnswer struct{ Body paymentView }

func (a *API) reservationOperations() {
	about := func(verb, summary, description string) huma.Operation {
		return huma.Operation{
			OperationID: verb + "_payment", Method: http.MethodPost, Path: "/v1/payments/{id}/" + verb, Tags: []string{"Payments"},
			DefaultStatus: http.StatusOK, Summary: summary, Description: description,
		}
	}
	const waits = " The answer waits up to three seconds for the gateway; a payment that is authorised still has its intent, and an event tells how it ends."
	add(a, about("capture", "Take money that is reserved", "For payments of links with capture_method manual, as when the goods are delivered."+waits), a.capturePayment)
	add(a, about("void", "Give money back that is reserved", "The link takes another payment then, unless it is cancelled or over."+waits), a.voidPayment)
}

func (a *API) capturePayment(ctx context.Context, c *call, in *captureIn) (*paymentAnswer, error) {
	amount := int64(0)
	if in.Body != nil && in.Body.Amount != nil {
		amount = *in.Body.Amount
		wrong := &paylink.Invalid{}
		switch {
		case amount < 1:
			wrong.Add("/amount", "too_small", "The amount must be at least 1 minor unit.")
		case amount > paylink.MaxMinor:
			wrong.Add("/amount", "too_large", "That is more than any payment has.")
		}
		if err := wrong.OrNil(); err != nil {
			return nil, err
		}
	}
	return a.decide(ctx, c, in.ID, paylink.IntentCapture, amount)
}

func (a *API) voidPayment(ctx context.Context, c *call, in *PaymentPath) (*paymentAnswer, error) {
	return a.decide(ctx, c, in.ID, paylink.IntentVoid, 0)
}

func (a *API) decide(ctx context.Context, c *call, id string, intent paylink.Intent, amount int64) (*paymentAnswer, error) {
	p, err := a.Refunds.Decide(ctx, refund.Decision{
		Merchant: c.Merchant, Live: c.Live, Payment: paylink.PaymentID(id), Intent: intent, Amount: amount, Actor: string(c.KeyID),
	}, c.claim)
	if err != nil {
		return nil, err
	}
	if p, err = a.Refunds.Await(ctx, p, decideWithin); err != nil {
		return nil, err
	}
	v, err := a.viewPayment(p)
	return &paymentAnswer{v}, err
}

// sampleReserved is a payment whose reserved money was decided about.
func sampleReserved(operation string) any {
	p := paylink.Payment{
		ID: samplePayment, Link: sampleLink, Status: paylink.PaymentVoided, Amount: paylink.Money{Minor: 245000, Currency: "INR"}, Method: paylink.MethodCard,
		Gateway: "sandbox", Reference: "J8QZ4M0T7W2X9C5V1B3N", GatewayReference: "sbx_pay_8121", CreatedAt: sampleMade, UpdatedAt: samplePaid, CaptureBefore: sampleExpires,
	}
	if operation == "capture_payment" {
		p.Status, p.AmountCaptured, p.CapturedAt, p.BankReference = paylink.PaymentCaptured, 200000, samplePaid, "633512345678"
	}
	return p.Snapshot()
}
