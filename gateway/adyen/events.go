package adyen

import (
	"errors"
	"regexp"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
)

// paymentEvents are those that change a payment.
var paymentEvents = map[string]func(event) (gateway.Word, error){
	"AUTHORISATION":  authorised,
	"CAPTURE":        captured,
	"CAPTURE_FAILED": captureFailed,
	"CANCELLATION":   givenBack,
	// The bank took a reservation back that nobody captured, or Adyen a payment that did not go well.
	"EXPIRE":           givenBack,
	"TECHNICAL_CANCEL": givenBack,
}

// refundEvents are those that change a refund. What failed later counts as failed; of those events success
// tells only that the event is true.
var refundEvents = map[string]func(event) gateway.RefundWord{
	"REFUND":            refunded,
	"REFUND_FAILED":     refundFailed,
	"REFUNDED_REVERSED": refundFailed,
}

// word is what an event of any kind says about the payment.
func (e event) word(status paylink.PaymentStatus) (gateway.Word, error) {
	if e.mark == refundMark {
		return gateway.Word{}, errors.New("a payment has a refund's reference")
	}
	w := gateway.Word{
		Reference: e.reference, GatewayReference: e.payment, BankReference: string(e.Additional.ARN), Account: e.account,
		Amount: e.amount, Status: status, At: e.at,
	}
	if paywire.IsID(e.Additional.Link) {
		w.Order = e.Additional.Link
	}
	w.Method, w.Details.Network, _ = methodOf(e.PaymentMethod)
	if w.Method == paylink.MethodCard {
		w.Details.Last4 = e.last4()
	}
	return w, nil
}

// authorised: the bank said yes, or no. By the order's own reference the money is then ours, or reserved only.
func authorised(e event) (gateway.Word, error) {
	e.payment = e.Request
	if !e.yes {
		w, err := e.word(paylink.PaymentFailed)
		w.Decline = decline(e.Reason)
		return w, err
	}
	if e.mark == manualMark {
		return e.word(paylink.PaymentAuthorised)
	}
	return e.word(paylink.PaymentCaptured)
}

// captured: the money that was reserved is ours. A capture that failed leaves it reserved.
func captured(e event) (gateway.Word, error) {
	if e.yes {
		return e.word(paylink.PaymentCaptured)
	}
	return e.word(paylink.PaymentAuthorised)
}

// captureFailed: the scheme refused a capture that Adyen had taken on, which may be days later. Nothing is reserved
// any more, and no money comes.
func captureFailed(e event) (gateway.Word, error) {
	w, err := e.word(paylink.PaymentFailed)
	w.Decline = decline(e.Reason)
	return w, err
}

// givenBack: what was reserved is the customer's again. A cancel that failed leaves it reserved.
func givenBack(e event) (gateway.Word, error) {
	if e.yes {
		return e.word(paylink.PaymentVoided)
	}
	return e.word(paylink.PaymentAuthorised)
}

func refunded(e event) gateway.RefundWord {
	if !e.yes {
		return refundFailed(e)
	}
	return e.refund(paylink.RefundSucceeded)
}

func refundFailed(e event) gateway.RefundWord {
	w := e.refund(paylink.RefundFailed)
	w.Code, w.Message = reasonCode(e.Reason), safe(e.Reason)
	return w
}

func (e event) refund(status paylink.RefundStatus) gateway.RefundWord {
	w := gateway.RefundWord{
		GatewayReference: e.Request, Payment: e.Original, BankReference: string(e.Additional.ARN), Account: e.account,
		Amount: e.amount, Status: status, At: e.at,
	}
	if e.mark == refundMark {
		w.Reference = e.reference
	} else {
		w.Of = e.reference // begun at Adyen's own pages, under the payment's reference
	}
	return w
}

// summary is the reason of a card's success: "074676:1111:03/2030", of which we keep the four digits only.
var summary = regexp.MustCompile(`^[^:]{0,32}:([0-9]{4}):[0-9]{1,2}/[0-9]{2,4}$`)

var fourDigits = regexp.MustCompile(`^[0-9]{4}$`)

// last4 are the card's last four digits, where Adyen tells them.
func (e event) last4() string {
	if told := string(e.Additional.CardSummary); fourDigits.MatchString(told) {
		return told
	}
	if found := summary.FindStringSubmatch(e.Reason); found != nil && e.EventCode == "AUTHORISATION" {
		return found[1]
	}
	return ""
}
