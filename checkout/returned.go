package checkout

import (
	"context"
	"fmt"

	"paylink"
)

// Back is where a customer goes who leaves for the merchant's site, with signed parameters that say how
// things stand now. A link that leads nowhere, or to an origin that the merchant has taken away, gives
// *paylink.NotFound.
func (c *Checkout) Back(ctx context.Context, code string, v Visitor) (string, error) {
	page, err := c.State(ctx, code, v)
	if err != nil {
		return "", err
	}
	if !page.LeadsBack() {
		return "", &paylink.NotFound{Kind: "return_url", ID: string(page.Link.ID)}
	}
	now := c.Now()
	s, err := c.Store.Read(ctx).ReturnSecret(page.Link.Merchant, page.Link.Live)
	if err != nil && !paylink.IsNotFound(err) {
		return "", err
	}
	var secrets [][]byte
	for i, sealed := range [][]byte{s.Sealed, s.Previous} {
		if len(sealed) == 0 || i == 1 && !now.Before(s.PreviousUntil) {
			continue
		}
		secret, err := c.Ring.Unseal(paylink.ReturnPurpose, sealed, s.Bound())
		if err != nil {
			return "", fmt.Errorf("open the return secret of %s: %w", page.Link.Merchant, err)
		}
		secrets = append(secrets, secret)
	}
	back := paylink.Returned{Link: page.Link.ID, Status: page.outcome(), Reference: page.Link.Reference, At: now}
	if page.Payer {
		back.Payment = page.Payment.ID
	}
	return back.Address(page.Link.ReturnURL, secrets...), nil
}

// LeadsBack tells whether the page leads on to the merchant's site. A merchant who has registered no origin
// since the link was made is taken at the link's word, which its token vouches for.
func (p Page) LeadsBack() bool {
	s := p.Merchant.Settings
	return p.Link.ReturnURL != "" && p.Link.Hold == "" && (len(s.ReturnOrigins) == 0 || s.LeadsBack(p.Link.Live, p.Link.ReturnURL))
}

// outcome is how it stands for this customer: the link's status, or on a link of many uses what became of
// this browser's own payment.
func (p Page) outcome() paylink.LinkStatus {
	if p.Link.Usage.Mode == paylink.UsageSingle || !p.Payer {
		return p.Link.Status
	}
	switch {
	case p.Payment.Counts():
		return paylink.LinkPaid
	case p.Payment.Status == paylink.PaymentFailed || p.Payment.Status == paylink.PaymentAbandoned:
		return paylink.LinkFailed
	}
	return paylink.LinkPending
}
