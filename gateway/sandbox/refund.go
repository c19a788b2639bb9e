package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/provider/sandboxwire"
)

// refund is the wire's request to give money back.
type refund struct {
	Reference string           `json:"reference"`
	Payment   string           `json:"payment"`
	Of        string           `json:"of"`
	Amount    int64            `json:"amount"` // minor units
	Currency  paylink.Currency `json:"currency"`
	Reason    string           `json:"reason"`
	Instant   bool             `json:"instant"`
}

// refundWord is what the sandbox says about one refund, in a notice, an answer or a look-up.
type refundWord struct {
	ID            string               `json:"id"`
	Reference     string               `json:"reference"` // empty: begun at the sandbox's own pages
	Of            string               `json:"of"`
	Payment       string               `json:"payment"`
	Amount        int64                `json:"amount"` // minor units
	Currency      paylink.Currency     `json:"currency"`
	Status        paylink.RefundStatus `json:"status"`
	Code          string               `json:"code"`
	Message       string               `json:"message"`
	BankReference string               `json:"bank_reference"`
	Fee           int64                `json:"fee"`
	Tax           int64                `json:"tax"`
	At            time.Time            `json:"at"`
}

var refundStatuses = []paylink.RefundStatus{paylink.RefundPending, paylink.RefundSucceeded, paylink.RefundFailed}

// Refund gives money back. The same reference again answers the same refund; with another amount it is
// *gateway.Rejected.
func (g *Gateway) Refund(ctx context.Context, a gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	w, err := g.refundCall(ctx, sandboxwire.Call{
		Account: a, Method: http.MethodPost, Path: "/gateway/refunds",
		Body: refund{
			Reference: r.Reference, Payment: r.Of.Payment, Of: r.Of.Reference, Amount: r.Amount.Minor,
			Currency: r.Amount.Currency, Reason: r.Reason, Instant: r.Instant,
		},
	}, r)
	if err != nil {
		return gateway.RefundWord{}, fmt.Errorf("refund %s: %w", r.Reference, err)
	}
	return w, nil
}

// LookupRefund asks what became of the refund with our reference.
func (g *Gateway) LookupRefund(ctx context.Context, a gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	name := r.Reference
	if name == "" {
		name = r.Order // somebody began it at the gateway: it has no name of ours
	}
	w, err := g.refundCall(ctx, sandboxwire.Call{Account: a, Method: http.MethodGet, Path: "/gateway/refunds/" + url.PathEscape(name)}, r)
	switch {
	case errors.Is(err, sandboxwire.ErrNoSuchThing):
		return gateway.RefundWord{}, &paylink.NotFound{Kind: "refund", ID: name}
	case err != nil:
		return gateway.RefundWord{}, fmt.Errorf("look up refund %s: %w", name, err)
	}
	return w, nil
}

// refundCall makes the call and takes the answer if it is about this refund. What cannot be read may
// well stand there, so it is no refusal.
func (g *Gateway) refundCall(ctx context.Context, c sandboxwire.Call, r gateway.Refund) (gateway.RefundWord, error) {
	var answer refundWord
	if err := sandboxwire.Do(ctx, g.client, c, &answer); err != nil {
		return gateway.RefundWord{}, err
	}
	w, err := answer.check()
	if err == nil && w.Reference != r.Reference {
		err = errors.New("the answer is about another refund")
	}
	if err != nil {
		return gateway.RefundWord{}, &gateway.Broken{When: gateway.Unknown, Err: err}
	}
	return w, nil
}

func (n notice) refund(status string) (gateway.News, error) {
	var data refundWord
	if err := sandboxwire.Decode(n.Data, &data); err != nil {
		return gateway.News{}, err
	}
	w, err := data.check()
	if err == nil && status != string(w.Status) {
		err = errors.New("its type is not its refund's status")
	}
	w.Account = n.Account
	return gateway.News{Refunds: []gateway.RefundWord{w}}, err
}

// check refuses a word that cannot be and gives it in the port's terms.
func (w refundWord) check() (gateway.RefundWord, error) {
	_, known := w.Currency.Exponent()
	switch {
	case w.Reference != "" && !isReference(w.Reference), !isReference(w.Of):
		return gateway.RefundWord{}, errors.New("a reference is not 20 characters of A–Z and 0–9")
	case w.ID == "" || w.Payment == "":
		return gateway.RefundWord{}, errors.New("it names no refund or no payment")
	case w.Amount <= 0 || w.Amount > paylink.MaxMinor || !known:
		return gateway.RefundWord{}, errors.New("the amount or its currency cannot be")
	case !slices.Contains(refundStatuses, w.Status):
		return gateway.RefundWord{}, errors.New("the status is not one that we know")
	case w.Fee < 0 || w.Tax < 0 || w.Fee > w.Amount || w.Tax > w.Amount-w.Fee:
		return gateway.RefundWord{}, errors.New("fee and tax are not within the amount")
	case (w.Status == paylink.RefundFailed) != (w.Code != ""):
		return gateway.RefundWord{}, errors.New("a code and the status failed come together only")
	case w.At.IsZero():
		return gateway.RefundWord{}, errors.New("it has no time")
	case !plain(w.ID, 64) || !plain(w.Payment, 64) || !plain(w.BankReference, 64) || !plain(w.Message, 500) ||
		strings.Trim(w.Code, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || len(w.Code) > 64:
		return gateway.RefundWord{}, errors.New("a text is too long or holds control characters")
	}
	return gateway.RefundWord{
		Reference: w.Reference, GatewayReference: w.ID, Of: w.Of, Payment: w.Payment, BankReference: w.BankReference,
		Amount: paylink.Money{Minor: w.Amount, Currency: w.Currency}, Status: w.Status, Code: w.Code, Message: w.Message,
		Fee: w.Fee, Tax: w.Tax, At: w.At.UTC(),
	}, nil
}
