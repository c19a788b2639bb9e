package confirm

import (
	"context"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/store"
)

// catchUp has the gateway asked about a payment of which a notice says what came after its capture, while nobody here
// has heard of the capture: that notice was overtaken, or lost. What the gateway answers is heard first. The reason is
// empty when it says that the money was captured, as we asked for it; else the later word is about nothing that we know.
// A gateway that cannot be asked just now is asked when the notice is tried again.
func (c *Confirm) catchUp(ctx context.Context, read store.Reader, stored paylink.Account, opened gateway.Account, p paylink.Payment, heard []matter) ([]matter, string, error) {
	began := c.Now()
	w, err := c.Gateways[stored.Provider].Lookup(ctx, opened, known(p))
	c.Log.InfoContext(ctx, "payment.asked", "merchant", string(p.Merchant), "link", string(p.Link), "payment", string(p.ID),
		"gateway", stored.Provider, "answer", string(w.Status), "took", c.Now().Sub(began), "error", err)
	switch {
	case paylink.IsNotFound(err):
		return heard, reasonOrder, nil
	case err != nil:
		return heard, "", err
	case w.Status != paylink.PaymentCaptured:
		return heard, reasonOrder, nil
	}
	h, reason, err := c.check(read, stored.Merchant, stored, w)
	if err != nil || reason != "" {
		return heard, reasonOrder, err
	}
	return append(heard, matter{p.Link, p.ID, func(tx *store.Tx, now time.Time) (string, error) { return c.apply(tx, h, now) }}), "", nil
}
