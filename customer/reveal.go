package customer

import (
	"context"

	"paylink"
	"paylink/issue"
	"paylink/store"
)

// Reveal reads a person for somebody who is shown more than masks, and writes down that he was.
func (g *People) Reveal(ctx context.Context, by issue.Actor, id paylink.CustomerID) (paylink.Customer, error) {
	now := g.now()
	told := paylink.NewEventID(now)
	var c paylink.Customer
	err := g.Store.Write(ctx, func(tx *store.Tx) (err error) {
		if c, err = tx.Person(by.Merchant.ID, by.Live, id); err != nil || !c.ErasedAt.IsZero() {
			return err
		}
		e := c.Told(told, paylink.EventCustomerRevealed, by.ID)
		e.At = now
		tx.AppendEvent(e)
		return nil
	})
	return c, about(err, "reveal customer", id)
}
