package stripe

import (
	"errors"
	"slices"
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// found is what a session, fetched with its intent, says about the order.
func (s session) found(k gateway.Known) (gateway.Word, error) {
	w, err := s.word()
	if err != nil {
		return gateway.Word{}, httpwire.Unclear("the answer is not understood: %w", err)
	}
	w.Reference = k.Reference
	return w, nil
}

// word tells how an order stands by its session, and by the intent where Stripe gave it whole. While the
// session is open the customer can try another card on Stripe's page: a card that was declined there ends nothing.
func (s session) word() (gateway.Word, error) {
	method, err := methodOf(s.Methods)
	if err != nil {
		return gateway.Word{}, err
	}
	amount, err := s.amount()
	if err != nil {
		return gateway.Word{}, err
	}
	if s.Intent.ID != "" && !isObject(s.Intent.ID, "pi_") {
		return gateway.Word{}, errors.New("the payment's name is none")
	}
	w := gateway.Word{Order: s.ID, Method: method, Amount: amount, GatewayReference: s.Intent.ID, At: second(s.Created)}
	in := s.Intent.Whole
	switch {
	case in != nil && (s.Status == "complete" || slices.Contains([]string{"succeeded", "requires_capture", "processing"}, in.Status)):
		if w, err = in.word(); err != nil {
			return gateway.Word{}, err
		}
		w.Order = s.ID
	case s.Status == "open" && s.URL != "":
		w.Status, w.Action, w.GatewayReference = paylink.PaymentActionRequired, s.action(), ""
	case s.Status == "expired":
		w.Status, w.Decline, w.At = paylink.PaymentFailed, paylink.Decline{Group: "timeout", Code: "session_expired"}, second(s.ExpiresAt)
		if in != nil && in.LastError != nil {
			w.Decline = in.LastError.decline(method)
		}
	case s.Status == "complete" && s.Paid == "paid":
		w.Status = paylink.PaymentCaptured
	case s.Status == "complete" && s.Paid == "unpaid":
		w.Status = paylink.PaymentPending
	default:
		return gateway.Word{}, errors.New("the session's status is not one that we know")
	}
	return w, nil
}

// word tells how a payment stands by its intent, of a session that is not open any more.
func (in intent) word() (gateway.Word, error) {
	if in.Object != "payment_intent" || !isObject(in.ID, "pi_") || in.Amount == nil {
		return gateway.Word{}, errors.New("the payment has no name or no amount")
	}
	method, err := methodOf(in.Methods)
	if err != nil {
		return gateway.Word{}, err
	}
	amount, err := money(*in.Amount, in.Currency)
	if err != nil {
		return gateway.Word{}, err
	}
	w := gateway.Word{Method: method, Amount: amount, GatewayReference: in.ID, At: second(in.Created)}
	switch in.Status {
	case "succeeded":
		if in.Received == nil {
			return gateway.Word{}, errors.New("the payment does not say what was received")
		}
		w.Status = paylink.PaymentCaptured
		if w.Amount, err = money(*in.Received, in.Currency); err != nil {
			return gateway.Word{}, err
		}
	case "requires_capture":
		w.Status = paylink.PaymentAuthorised
	case "processing", "requires_action", "requires_confirmation":
		w.Status = paylink.PaymentPending
	case "requires_payment_method":
		w.Status, w.Decline = paylink.PaymentFailed, paylink.Decline{Group: "not_approved", Code: "payment_failed"}
		if in.LastError != nil {
			w.Decline = in.LastError.decline(method)
		}
	case "canceled":
		w.Status = paylink.PaymentVoided
		if in.CanceledAt > 0 {
			w.At = second(in.CanceledAt)
		}
	default:
		return gateway.Word{}, errors.New("the payment's status is not one that we know")
	}
	if in.Charge.Whole != nil {
		in.Charge.Whole.tell(&w)
	}
	return w, nil
}

// tell adds to a word what the charge knows: the card, the time, and the fee where it is in the payment's own
// currency. A fee in another would be added to what it cannot be added to.
func (c charge) tell(w *gateway.Word) {
	if w.Status != paylink.PaymentVoided && c.Created > 0 {
		w.At = second(c.Created)
	}
	if c.How != nil && c.How.Card != nil {
		card := c.How.Card
		network := card.Brand
		if network == "" {
			network = card.Network
		}
		if paywire.IsID(network) {
			w.Details.Network = network
		}
		if len(card.Last4) == 4 && strings.Trim(card.Last4, "0123456789") == "" {
			w.Details.Last4 = card.Last4
		}
		if paywire.IsID(card.Transaction) {
			w.BankReference = card.Transaction
		}
	}
	line := c.Balance.Whole
	if line == nil || w.Status != paylink.PaymentCaptured {
		return
	}
	if line.Created > 0 {
		w.At = second(line.Created)
	}
	w.Fee, w.Tax = line.fee(w.Amount)
}

// fee is what Stripe keeps of an amount, and the tax on it. It is nothing where it is not in the amount's currency,
// or no fee.
func (t transaction) fee(of paylink.Money) (fee, tax int64) {
	for _, part := range t.Fees {
		if part.Type == "tax" {
			tax += part.Amount
		}
	}
	total, err := anyMoney(t.Fee, t.Currency)
	if err != nil || total.Currency != of.Currency || total.Minor < 0 || total.Minor > of.Minor || tax < 0 || tax > t.Fee {
		return 0, 0
	}
	taxes, err := anyMoney(tax, t.Currency)
	if err != nil {
		return total.Minor, 0
	}
	return total.Minor - taxes.Minor, taxes.Minor
}

// methodOf is the one method that we asked for. Stripe may let a card's holder use what Link has kept: it is a
// card all the same.
func methodOf(types []string) (paylink.Method, error) {
	for _, m := range []paylink.Method{paylink.MethodCard, paylink.MethodUPI} {
		if slices.Contains(types, string(m)) {
			return m, nil
		}
	}
	return "", errors.New("the way to pay is not one that we asked for")
}

// decline puts a bank's no into our groups.
func (e apiError) decline(m paylink.Method) paylink.Decline {
	d := paylink.Decline{Group: declines[e.code()], Code: provider.SafeCode(e.code(), "unknown"), Message: provider.SafeWords(e.Message)}
	switch {
	case d.Group != "":
	case m == paylink.MethodUPI:
		d.Group = "upi_declined"
	default:
		d.Group = "not_approved"
	}
	return d
}

// declines are the groups of the codes that mean more than a plain no.
var declines = map[string]string{
	"insufficient_funds": "insufficient_funds", "balance_insufficient": "insufficient_funds",
	"expired_card": "expired_card", "invalid_expiry_month": "expired_card", "invalid_expiry_year": "expired_card",
	"incorrect_cvc": "wrong_code", "invalid_cvc": "wrong_code", "incorrect_pin": "wrong_code", "invalid_pin": "wrong_code",
	"authentication_required": "authentication_failed", "payment_intent_authentication_failure": "authentication_failed",
	"authentication_not_handled": "authentication_failed", "mobile_device_authentication_required": "authentication_failed",
	"payment_intent_payment_attempt_expired": "timeout", "payment_method_provider_timeout": "timeout",
	"issuer_not_available": "provider_down", "processing_error": "provider_down", "reenter_transaction": "provider_down",
	"try_again_later": "provider_down", "payment_method_not_available": "provider_down",
}

func currencyOf(m paylink.Money) string { return strings.ToLower(string(m.Currency)) }

// later is the later of two times.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
