package razorpay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider/httpwire"
)

// refund is Razorpay's word about money that goes back.
type refund struct {
	ID        string           `json:"id"`
	Amount    int64            `json:"amount"`
	Currency  paylink.Currency `json:"currency"`
	PaymentID string           `json:"payment_id"`
	Receipt   string           `json:"receipt"`
	Notes     notes            `json:"notes"`
	Status    string           `json:"status"` // pending, processed, failed; older answers have none
	CreatedAt int64            `json:"created_at"`
	Acquirer  struct {
		ARN httpwire.Word `json:"arn"`
		RRN httpwire.Word `json:"rrn"`
	} `json:"acquirer_data"`
}

// Refund gives money back. Razorpay's documents promise no key against doing it twice, so whether our receipt
// is there already is asked first: a repeated call finds the refund that a lost answer was about.
func (g *Gateway) Refund(ctx context.Context, a gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	w, err := g.refund(ctx, a, r)
	if err != nil {
		return gateway.RefundWord{}, fmt.Errorf("refund %s of payment %s: %w", r.Reference, r.Of.Reference, err)
	}
	return w, nil
}

func (g *Gateway) refund(ctx context.Context, a gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	id, err := g.paymentID(ctx, a, r.Of)
	if err != nil {
		return gateway.RefundWord{}, err
	}
	r.Of.Payment = id
	if there, err := g.findRefund(ctx, a, r); err == nil || !paylink.IsNotFound(err) {
		return there, err
	}
	speed := "normal"
	if r.Instant {
		speed = "optimum"
	}
	var made refund
	_, err = g.ask(ctx, a, http.MethodPost, "/v1/payments/"+id+"/refund", map[string]any{
		"amount": r.Amount.Minor, "speed": speed, "receipt": r.Reference, "notes": ours(a, r.Of.Reference),
	}, &made)
	if err != nil {
		return gateway.RefundWord{}, err
	}
	return made.about(r)
}

// LookupRefund asks what became of a refund: by its own name, or by our receipt among those of the payment.
func (g *Gateway) LookupRefund(ctx context.Context, a gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	id, err := g.paymentID(ctx, a, r.Of)
	if err == nil {
		r.Of.Payment = id
		var w gateway.RefundWord
		if w, err = g.findRefund(ctx, a, r); err == nil {
			return w, nil
		}
	}
	if paylink.IsNotFound(err) {
		return gateway.RefundWord{}, &paylink.NotFound{Kind: "refund", ID: r.Reference}
	}
	return gateway.RefundWord{}, fmt.Errorf("look up refund %s: %w", r.Reference, err)
}

// refundPages bounds how many pages of a payment's refunds are read, a hundred on each.
const refundPages = 50

func (g *Gateway) findRefund(ctx context.Context, a gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	path := "/v1/payments/" + r.Of.Payment + "/refunds"
	if paywire.IsID(r.Order) {
		var one refund
		res, err := g.ask(ctx, a, http.MethodGet, path+"/"+r.Order, nil, &one)
		switch {
		case missing(res):
			return gateway.RefundWord{}, &paylink.NotFound{Kind: "refund", ID: r.Reference}
		case err != nil:
			return gateway.RefundWord{}, err
		}
		return one.about(r)
	}
	for page := range refundPages {
		var list collection[refund]
		query := url.Values{"count": {"100"}, "skip": {strconv.Itoa(page * 100)}}
		res, err := g.ask(ctx, a, http.MethodGet, path+"?"+query.Encode(), nil, &list)
		switch {
		case missing(res):
			return gateway.RefundWord{}, &paylink.NotFound{Kind: "refund", ID: r.Reference}
		case err != nil:
			return gateway.RefundWord{}, err
		}
		for _, one := range list.Items {
			if one.Receipt == r.Reference {
				return one.about(r)
			}
		}
		if len(list.Items) < 100 {
			return gateway.RefundWord{}, &paylink.NotFound{Kind: "refund", ID: r.Reference}
		}
	}
	return gateway.RefundWord{}, httpwire.Unclear("the payment has more refunds than are read")
}

// about gives the word on the refund that we asked for, and refuses one that is another.
func (f refund) about(r gateway.Refund) (gateway.RefundWord, error) {
	w, err := f.word()
	if err == nil && (f.Receipt != r.Reference || f.PaymentID != r.Of.Payment) {
		err = errors.New("the answer is about another refund")
	}
	if err == nil && w.Amount != r.Amount {
		return gateway.RefundWord{}, &gateway.Rejected{Code: "razorpay_another_amount", Words: "The same reference stands at Razorpay with another amount."}
	}
	if err != nil {
		return gateway.RefundWord{}, httpwire.Unclear("read the answer: %w", err)
	}
	w.Of, w.Account = r.Of.Reference, ""
	return w, nil
}

// word refuses a refund that cannot be and gives it in the port's terms.
func (f refund) word() (gateway.RefundWord, error) {
	status, known := map[string]paylink.RefundStatus{
		"": paylink.RefundPending, "pending": paylink.RefundPending, "processed": paylink.RefundSucceeded, "failed": paylink.RefundFailed,
	}[f.Status]
	amount := paylink.Money{Minor: f.Amount, Currency: f.Currency}
	bank := string(f.Acquirer.ARN)
	if bank == "" {
		bank = string(f.Acquirer.RRN)
	}
	switch {
	case !known:
		return gateway.RefundWord{}, errors.New("the refund's status is not one that we know")
	case !paywire.IsID(f.ID) || !paywire.IsID(f.PaymentID):
		return gateway.RefundWord{}, errors.New("the refund or its payment has no id")
	case !paywire.Possible(amount) || f.CreatedAt <= 0 || !paywire.Plain(bank, 64):
		return gateway.RefundWord{}, errors.New("the refund's amount, time or bank reference cannot be")
	}
	w := gateway.RefundWord{
		GatewayReference: f.ID, Payment: f.PaymentID, BankReference: bank, Of: f.Notes.reference, Account: f.Notes.account,
		Amount: amount, Status: status, At: time.Unix(f.CreatedAt, 0).UTC(),
	}
	if paywire.IsReference(f.Receipt) {
		w.Reference = f.Receipt
	}
	if status == paylink.RefundFailed {
		w.Code, w.Message = "refund_failed", "Razorpay could not give the money back; it is in your balance there."
	}
	return w, nil
}
