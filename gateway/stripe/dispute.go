package stripe

import (
	"errors"
	"slices"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// word tells how a dispute stands. Inquiries, which Stripe calls warnings, are disputes that take no money yet;
// one that is closed or prevented was won.
func (d dispute) word() (gateway.DisputeWord, error) {
	if d.Object != "dispute" || !isObject(d.ID, "dp_", "du_") || d.Amount == nil || d.Intent.ID != "" && !isObject(d.Intent.ID, "pi_") {
		return gateway.DisputeWord{}, errors.New("the dispute has no name, no amount or no payment")
	}
	amount, err := money(*d.Amount, d.Currency)
	if err != nil {
		return gateway.DisputeWord{}, err
	}
	w := gateway.DisputeWord{
		GatewayReference: d.ID, Payment: d.Intent.ID, Amount: amount, Reason: disputeReason(d.Reason),
		Code: provider.SafeCode(d.Reason, "unknown"), At: second(d.Created),
	}
	switch d.Status {
	case "needs_response", "warning_needs_response":
		w.Status = paylink.DisputeNeedsResponse
	case "under_review", "warning_under_review":
		w.Status = paylink.DisputeUnderReview
	case "won", "warning_closed", "prevented":
		w.Status = paylink.DisputeWon
	case "lost":
		w.Status = paylink.DisputeLost
	default:
		return gateway.DisputeWord{}, errors.New("the dispute's status is not one that we know")
	}
	if d.How != nil && d.How.Card != nil && networkCode(d.How.Card.Code) {
		w.Code = d.How.Card.Code
	}
	if d.Evidence != nil {
		w.DueAt = second(d.Evidence.DueBy)
	}
	w.Withdrawn, w.Fee = d.funds()
	return w, nil
}

// funds sums the lines that the dispute made in the account's balance: below zero the money is withdrawn, and
// given back it is none again. The fee is told where it is in the dispute's own currency.
func (d dispute) funds() (withdrawn bool, fee int64) {
	var sum int64
	for _, line := range d.Transactions {
		sum += line.Amount
		if m, err := anyMoney(line.Fee, line.Currency); err == nil && line.Currency == d.Currency {
			fee += m.Minor
		}
	}
	return sum < 0, max(fee, 0)
}

// networkCode tells whether a scheme's reason is one plain word, such as "10.4".
func networkCode(code string) bool {
	return code != "" && len(code) <= 32 && paywire.Plain(code, 32) && !slices.ContainsFunc([]rune(code), func(r rune) bool { return r == ' ' })
}

func disputeReason(said string) string {
	switch said {
	case "fraudulent", "debit_not_authorized", "unrecognized":
		return "fraudulent"
	case "product_not_received":
		return "not_received"
	case "product_unacceptable":
		return "not_as_described"
	case "duplicate", "credit_not_processed":
		return said
	case "subscription_canceled":
		return "cancelled"
	}
	return "other"
}

func (e event) disputeWords(a gateway.Account) ([]gateway.DisputeWord, error) {
	var d dispute
	if err := httpwire.Decode(e.Data.Object, &d); err != nil {
		return nil, errors.New("it holds no dispute")
	}
	w, err := d.word()
	if err != nil || w.Payment == "" {
		return nil, err // without a payment intent it is not about a payment of ours
	}
	w.Account, w.At = a.Name(), second(e.Created)
	return []gateway.DisputeWord{w}, nil
}
