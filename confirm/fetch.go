package confirm

import (
	"cmp"
	"context"

	"paylink"
	"paylink/gateway"
)

// fetch adds to a notice's word about captured money what only a look-up tells: the fee, the card, the bank's
// name for it. The word itself stands by the notice, so a gateway that cannot be asked just now
// delays nobody: what it did not tell comes with the settlement.
func (c *Confirm) fetch(ctx context.Context, stored paylink.Account, a gateway.Account, h hearing) gateway.Word {
	w, p, g := h.word, h.payment, c.Gateways[stored.Provider]
	if !g.Capabilities().Sparse || w.Status != paylink.PaymentCaptured || p.Status == paylink.PaymentCaptured {
		return w
	}
	k := known(p)
	k.Order, k.Payment = cmp.Or(w.Order, k.Order), cmp.Or(w.GatewayReference, k.Payment)
	found, err := g.Lookup(ctx, a, k)
	c.Log.InfoContext(ctx, "payment.fetched", "merchant", string(p.Merchant), "link", string(p.Link), "payment", string(p.ID),
		"gateway", stored.Provider, "answer", string(found.Status), "error", err)
	if err != nil || found.Status != w.Status || found.Amount != w.Amount || found.GatewayReference != w.GatewayReference {
		return w
	}
	w.Order, w.Fee, w.Tax, w.Details, w.BankReference = cmp.Or(w.Order, found.Order), found.Fee, found.Tax, found.Details, found.BankReference
	return w
}

// known is what we know of a payment's order.
func known(p paylink.Payment) gateway.Known {
	return gateway.Known{Reference: p.Reference, Order: p.GatewayOrder, Payment: p.GatewayReference, Amount: p.Amount, Method: p.Method, Began: p.CreatedAt}
}
