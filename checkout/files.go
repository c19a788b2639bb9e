package checkout

import (
	"context"
	"slices"

	"paylink"
)

// files are what the page hands over to this visitor. Whoever could pay now sees them, and whoever has begun
// a payment; nobody else, and nobody while the link is held. Links without files cost no look.
func (c *Checkout) files(ctx context.Context, p Page) ([]paylink.Attachment, error) {
	open := p.Payer || slices.Contains([]string{"", "payment_in_flight", "no_method"}, p.Refusal)
	if p.Link.Hold != "" || !open {
		return nil, nil
	}
	all, err := c.Store.Read(ctx).AttachmentsOf(p.Link)
	for i, a := range all {
		name, err := a.Unseal(c.Ring.Unseal, -1, a.SealedName)
		if err != nil {
			return nil, err
		}
		all[i].Name = string(name)
	}
	return all, err
}

// File gives one of the files that the page behind a code hands over to the visitor; all others are
// *paylink.NotFound.
func (c *Checkout) File(ctx context.Context, code string, v Visitor, id paylink.AttachmentID) (paylink.Attachment, error) {
	page, err := c.State(ctx, code, v)
	if err != nil {
		return paylink.Attachment{}, err
	}
	handed, err := c.files(ctx, page)
	if err != nil {
		return paylink.Attachment{}, err
	}
	for _, a := range handed {
		if a.ID == id {
			return a, nil
		}
	}
	return paylink.Attachment{}, &paylink.NotFound{Kind: "attachment"}
}

// FilePart opens a part of a file, from 0 on; each is small enough to be held.
func (c *Checkout) FilePart(ctx context.Context, a paylink.Attachment, number int64) ([]byte, error) {
	sealed, err := c.Store.Read(ctx).AttachmentPart(a, number)
	if err != nil {
		return nil, err
	}
	return a.Unseal(c.Ring.Unseal, number, sealed)
}
