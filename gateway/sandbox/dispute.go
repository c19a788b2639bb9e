package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/provider/sandboxwire"
)

// dispute is what the sandbox says about one, in a notice, in its list and in an answer.
type dispute struct {
	ID        string                `json:"id"`
	Reference string                `json:"reference"` // of the order: ours
	Payment   string                `json:"payment"`
	Amount    int64                 `json:"amount"` // minor units
	Currency  paylink.Currency      `json:"currency"`
	Status    paylink.DisputeStatus `json:"status"`
	Reason    string                `json:"reason"`
	Withdrawn bool                  `json:"withdrawn"`
	Fee       int64                 `json:"fee"`
	DueAt     time.Time             `json:"due_at"`
	At        time.Time             `json:"at"`
}

// Disputes lists those that changed since a time.
func (g *Gateway) Disputes(ctx context.Context, a gateway.Account, since time.Time, cursor string) ([]gateway.DisputeWord, string, error) {
	var answer struct {
		Disputes []dispute `json:"disputes"`
		Next     string    `json:"next"`
	}
	q := url.Values{"since": {since.UTC().Format(time.RFC3339Nano)}, "cursor": {cursor}}
	err := sandboxwire.Do(ctx, g.client, sandboxwire.Call{Account: a, Method: http.MethodGet, Path: "/gateway/disputes?" + q.Encode()}, &answer)
	if err != nil {
		return nil, "", fmt.Errorf("list disputes: %w", err)
	}
	var words []gateway.DisputeWord
	for _, d := range answer.Disputes {
		w, err := d.check()
		if err != nil {
			return nil, "", fmt.Errorf("list disputes: %w", &gateway.Broken{When: gateway.Unknown, Err: err})
		}
		words = append(words, w)
	}
	return words, answer.Next, nil
}

// Contest hands the evidence over.
func (g *Gateway) Contest(ctx context.Context, a gateway.Account, id string, e gateway.Evidence) (gateway.DisputeWord, error) {
	return g.answer(ctx, a, id, "evidence", struct {
		Summary       string    `json:"summary"`
		Description   string    `json:"description"`
		CustomerName  string    `json:"customer_name"`
		CustomerEmail string    `json:"customer_email"`
		CustomerIP    string    `json:"customer_ip"`
		DeliveredAt   time.Time `json:"delivered_at"`
		Receipt       []byte    `json:"receipt"`
		ReceiptType   string    `json:"receipt_type"`
	}(e))
}

// Accept lets the customer have the money.
func (g *Gateway) Accept(ctx context.Context, a gateway.Account, id string) (gateway.DisputeWord, error) {
	return g.answer(ctx, a, id, "accept", struct{}{})
}

func (g *Gateway) answer(ctx context.Context, a gateway.Account, id, act string, body any) (gateway.DisputeWord, error) {
	var answer dispute
	err := sandboxwire.Do(ctx, g.client, sandboxwire.Call{
		Account: a, Method: http.MethodPost, Path: "/gateway/disputes/" + url.PathEscape(id) + "/" + act, Body: body,
	}, &answer)
	if err != nil {
		return gateway.DisputeWord{}, fmt.Errorf("%s in dispute %s: %w", act, id, err)
	}
	w, err := answer.check()
	if err == nil && w.GatewayReference != id {
		err = errors.New("the answer is about another dispute")
	}
	if err != nil {
		return gateway.DisputeWord{}, fmt.Errorf("%s in dispute %s: %w", act, id, &gateway.Broken{When: gateway.Unknown, Err: err})
	}
	return w, nil
}

func (n notice) dispute(status string) (gateway.News, error) {
	var data dispute
	if err := sandboxwire.Decode(n.Data, &data); err != nil {
		return gateway.News{}, err
	}
	w, err := data.check()
	if err == nil && status != string(w.Status) {
		err = errors.New("its type is not its dispute's status")
	}
	w.Account = n.Account
	return gateway.News{Disputes: []gateway.DisputeWord{w}}, err
}

// check refuses a word that cannot be and gives it in the port's terms.
func (d dispute) check() (gateway.DisputeWord, error) {
	_, known := d.Currency.Exponent()
	_, status := paylink.DisputeMachine.Says[d.Status]
	switch {
	case d.ID == "" || !plain(d.ID, 64) || !plain(d.Payment, 64):
		return gateway.DisputeWord{}, errors.New("the dispute has no id, or one that cannot be")
	case !isReference(d.Reference):
		return gateway.DisputeWord{}, errors.New("the reference is not 20 characters of A–Z and 0–9")
	case d.Amount <= 0 || d.Amount > paylink.MaxMinor || !known:
		return gateway.DisputeWord{}, errors.New("the amount or its currency cannot be")
	case !status:
		return gateway.DisputeWord{}, errors.New("the status is not one that we know")
	case d.Fee < 0 || d.Fee > paylink.MaxMinor:
		return gateway.DisputeWord{}, errors.New("the fee cannot be")
	case d.At.IsZero():
		return gateway.DisputeWord{}, errors.New("it has no time")
	}
	reason := d.Reason
	if !slices.Contains(paylink.DisputeReasons, reason) {
		reason = "other"
	}
	return gateway.DisputeWord{
		GatewayReference: d.ID, Of: d.Reference, Payment: d.Payment, Amount: paylink.Money{Minor: d.Amount, Currency: d.Currency},
		Status: d.Status, Reason: reason, Withdrawn: d.Withdrawn, Fee: d.Fee, DueAt: d.DueAt.UTC(), At: d.At.UTC(),
	}, nil
}
