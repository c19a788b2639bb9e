package cashfree

import (
	"errors"
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// dispute is an objection as Cashfree tells it. Its document can list those of one order only, so notices tell.
type dispute struct {
	ID          httpwire.Word    `json:"dispute_id"`
	Type        string           `json:"dispute_type"`
	Code        httpwire.Word    `json:"reason_code"`
	Description string           `json:"reason_description"`
	Amount      number           `json:"dispute_amount"`
	Currency    paylink.Currency `json:"dispute_amount_currency"`
	RespondBy   string           `json:"respond_by"`
	Updated     string           `json:"updated_at"`
	Resolved    string           `json:"resolved_at"`
	Status      string           `json:"dispute_status"`
}

// stages are the ends of Cashfree's statuses, which begin with the dispute's type: "CHARGEBACK_UNDER_REVIEW".
var stages = []struct {
	end    string
	status paylink.DisputeStatus
}{
	{"_CREATED", paylink.DisputeNeedsResponse}, {"_INSUFFICIENT_EVIDENCE", paylink.DisputeNeedsResponse},
	{"_DOCS_RECEIVED", paylink.DisputeUnderReview}, {"_UNDER_REVIEW", paylink.DisputeUnderReview},
	{"_MERCHANT_WON", paylink.DisputeWon}, {"_MERCHANT_LOST", paylink.DisputeLost}, {"_MERCHANT_ACCEPTED", paylink.DisputeAccepted},
}

func readDispute(a gateway.Account, n notice, at time.Time) (gateway.News, error) {
	var data struct {
		Dispute *dispute `json:"dispute"`
		Order   struct {
			ID       string           `json:"order_id"`
			Currency paylink.Currency `json:"order_currency"`
			Payment  httpwire.Word    `json:"cf_payment_id"`
		} `json:"order_details"`
	}
	if err := httpwire.Decode(n.Data, &data); err != nil || data.Dispute == nil {
		return gateway.News{}, errors.New("it holds no dispute")
	}
	d := data.Dispute
	for _, told := range []paylink.Currency{data.Order.Currency, "INR"} { // rupees is what Cashfree takes for us
		if d.Currency == "" {
			d.Currency = told
		}
	}
	w := gateway.DisputeWord{
		GatewayReference: string(d.ID), Payment: string(data.Order.Payment), Account: a.Name(), Reason: d.reason(),
		DueAt: when(d.RespondBy), At: at,
	}
	for _, s := range stages {
		if strings.HasSuffix(d.Status, s.end) {
			w.Status = s.status
		}
	}
	var err error
	w.Amount, err = paywire.ParseDecimal(string(d.Amount), d.Currency)
	switch {
	case err != nil || !paywire.Possible(w.Amount):
		return gateway.News{}, errors.New("the amount or its currency cannot be")
	case w.Status == "":
		return gateway.News{}, errors.New("the status is not one that we know")
	case !paywire.IsID(w.GatewayReference) || !paywire.IsID(w.Payment):
		return gateway.News{}, errors.New("it names no dispute or no payment")
	}
	if w.Code = provider.SafeCode("cashfree_"+string(d.Code), ""); d.Code == "" {
		w.Code = ""
	}
	if paywire.IsReference(data.Order.ID) {
		w.Of = data.Order.ID
	}
	w.Withdrawn = w.Status == paylink.DisputeLost || w.Status == paylink.DisputeAccepted
	return gateway.News{Disputes: []gateway.DisputeWord{w}}, nil
}

// reason puts the bank's description into our words; the codes differ from network to network.
func (d dispute) reason() string {
	said := strings.ToLower(d.Description)
	for _, c := range []struct{ word, reason string }{
		{"fraud", "fraudulent"}, {"unauthori", "fraudulent"}, {"not recogni", "fraudulent"}, {"duplicate", "duplicate"}, {"paid by other", "duplicate"},
		{"not received", "not_received"}, {"not provided", "not_received"}, {"not rendered", "not_received"}, {"non-receipt", "not_received"},
		{"not as described", "not_as_described"}, {"defective", "not_as_described"}, {"counterfeit", "not_as_described"},
		{"credit not processed", "credit_not_processed"}, {"refund", "credit_not_processed"}, {"cancel", "cancelled"},
	} {
		if strings.Contains(said, c.word) {
			return c.reason
		}
	}
	return "other"
}
