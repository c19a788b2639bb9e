package checkout

import (
	"fmt"
	"net/url"
	"slices"

	"paylink"
	"paylink/gateway"
	"paylink/provider"
)

// form makes the form that opens the gateway's page, where the page's payment waits for it. It is made anew for
// each showing, because it holds what we do not keep a second time; nobody but the payer gets it. A form that
// leads elsewhere than to the account's pages is a mistake of its adapter.
func (c *Checkout) form(s shop, page Page) (*gateway.Form, error) {
	p := page.Payment
	if p == nil || !page.Payer || p.Status != paylink.PaymentActionRequired || p.Action.Kind != paylink.ActionSubmit {
		return nil, nil
	}
	at := s.at(p.Account)
	former, ok := gateway.As[gateway.Former](at.gateway)
	if !ok {
		return nil, fmt.Errorf("show payment %s: its gateway %q has no form", p.ID, p.Gateway)
	}
	opened, err := provider.Open(c.Ring, at.Account)
	if err != nil {
		return nil, err
	}
	order, err := c.order(page.Link, *p, page.Customer, s.merchant)
	if err != nil {
		return nil, err
	}
	form, err := former.Form(opened, order, gateway.Known{
		Reference: p.Reference, Order: p.GatewayOrder, Payment: p.GatewayReference, Amount: p.Amount, Method: p.Method, Began: p.CreatedAt,
	})
	if err != nil {
		return nil, fmt.Errorf("show payment %s: %w", p.ID, err)
	}
	to, err := url.Parse(form.URL)
	if err != nil || !slices.Contains(at.gateway.Capabilities().PageOrigins(opened), to.Scheme+"://"+to.Host) {
		return nil, fmt.Errorf("show payment %s: the form of %q leads to a page that is none of the gateway's", p.ID, p.Gateway)
	}
	return &form, nil
}
