package issue

import (
	"context"

	"paylink"
	"paylink/store"
)

// succeed gives a draft that stands in for another link the customer of that one, unless it has its own.
// invalid is *paylink.Invalid or nil.
func (x *Issuer) succeed(ctx context.Context, by Actor, d Draft) (_ Draft, invalid, err error) {
	if d.Replaces == "" {
		return d, nil, nil
	}
	old, err := x.store.Read(ctx).Link(by.Merchant.ID, by.Live, d.Replaces)
	if paylink.IsNotFound(err) {
		bad := &paylink.Invalid{}
		bad.Add("/replaces", "unknown_link", "There is no such payment link.")
		return d, bad, nil
	}
	if d.Customer == (Contact{}) {
		d.Customer.ID = old.Customer
	}
	return d, nil, err
}

// replace withdraws the link that the new one stands in for. Its page leads on to the new one, so that
// messages which were sent for it still lead to the truth.
func (x *Issuer) replace(tx *store.Tx, by Actor, id paylink.LinkID, n composed) error {
	if id == "" {
		return nil
	}
	c, customer, err := x.open(tx, by, id, n.now)
	if err != nil {
		return err
	}
	read := c.link.UpdatedAt
	at := c.link.Touch(n.now)
	switch c.link.Status = c.link.StatusAt(c.world); {
	case c.link.Status == paylink.LinkPaid, !c.link.ArchivedAt.IsZero():
		return c.not("not_replaceable", "cannot be replaced")
	case c.link.ReplacedBy != "":
		return replaced(c.link)
	case c.link.InFlight > 0:
		return inFlight(id)
	}
	c.link.ReplacedBy = n.Link.ID
	if c.link.CancelledAt.IsZero() {
		c.link.CancelledAt = at
	}
	c.link.Resettle(c.world, at)
	tx.UpdateLink(c.link, read)
	tx.AppendEvent(event(n.replaced, paylink.EventLinkCancelled, c.link, customer, by.ID))
	return nil
}

func replaced(l paylink.Link) error {
	return &paylink.Conflict{Code: "replaced", Detail: "Another payment link stands in for this one.", Other: string(l.ReplacedBy)}
}

// Copy is what is different about a link that is made like another.
type Copy struct {
	Reference string
	ExpiresIn *int64            // seconds from now; nil: the merchant's default
	Channels  []paylink.Channel // to send it on; none: it is not sent
}

// Duplicate makes a new link like another, for the same customer: the same terms, a URL of its own, a
// reference only if one is given. It fails as Create does.
func (x *Issuer) Duplicate(ctx context.Context, by Actor, id paylink.LinkID, c Copy, claim *store.Claim) (Created, error) {
	l, err := x.store.Read(ctx).Link(by.Merchant.ID, by.Live, id)
	if err != nil {
		return Created{}, about(err, "duplicate link", id)
	}
	d := draftOf(l)
	d.Reference, d.ExpiresIn, d.Channels = c.Reference, c.ExpiresIn, append(d.Channels, c.Channels...)
	return x.Create(ctx, by, d, claim)
}
