package confirm

import (
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/store"
)

// unnamed tells whether the word names a payment that was heard of before without its name at the gateway:
// there are look-ups and notices that tell that an order is paid and not by which payment. Another amount is
// another payment.
func unnamed(p paylink.Payment, w gateway.Word) bool {
	same := p.Status == paylink.PaymentCaptured && w.Amount.Minor == p.AmountCaptured || p.Status == paylink.PaymentAuthorised
	return same && p.Status == w.Status && p.GatewayReference == "" && w.GatewayReference != ""
}

// name keeps what the word tells of a payment beyond what is known. No money moves by it, and nobody is told.
func (c *Confirm) name(tx *store.Tx, p paylink.Payment, w gateway.Word, now time.Time) (string, error) {
	_, err := tx.PaymentByGatewayReference(p.Merchant, p.Account, w.GatewayReference)
	if err == nil {
		return reasonKnown, nil
	}
	if !paylink.IsNotFound(err) {
		return "", err
	}
	p.Identify(c.outcome(w, p))
	p.Touch(now)
	tx.UpdatePayment(p, p.Status)
	return "", nil
}
