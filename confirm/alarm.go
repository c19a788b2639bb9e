package confirm

import (
	"time"

	"paylink"
	"paylink/refund/record"
	"paylink/store"
)

// alarm tells that a gateway speaks of captured money for our order, in another currency or of another amount, about
// which nobody has said what becomes of it. Nothing is counted: a person has to see at the gateway what it is.
func alarm(tx *store.Tx, of paylink.Payment, now time.Time) error {
	s, err := record.Open(tx, of.Merchant, of.Live, of.Link, of.ID)
	if err != nil || s.Payment.Status == paylink.PaymentCaptured {
		return err // the true word has come: this one is about other money, and stays in the list of notices
	}
	for _, e := range s.Link.Tell(now, "gateway", s.Customer, &s.Payment, paylink.EventPaymentQuarantined) {
		tx.AppendEvent(e)
	}
	return s.Close(tx, now)
}
