package issue

import (
	"time"

	"paylink"
	"paylink/store"
)

// mostClosed bounds how many attempts are closed with their link; a link for many payers may have more, whose
// regular questions close them.
const mostClosed = 100

// closeAttempts has the gateways asked at once about the attempts at a link that has just ended: where a gateway
// can, the page on which the customer may still pay is closed by that.
func closeAttempts(tx *store.Tx, l paylink.Link, now time.Time) error {
	if l.InFlight == 0 || l.Status != paylink.LinkCancelled && l.Status != paylink.LinkExpired {
		return nil
	}
	open, err := tx.OpenPayments(l.Merchant, l.ID, mostClosed)
	if err != nil {
		return err
	}
	for _, p := range open {
		tx.Enqueue(p.AskNow(now), now)
	}
	return nil
}
