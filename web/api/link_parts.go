package api

import (
	"context"
	"slices"

	"paylink"
)

// parts are what an answer shows of a link beyond the link itself.
type parts struct{ token, customer, deliveries, attempts, payments bool }

// including adds what is asked for to what comes by itself.
func (p parts) including(names []string) parts {
	if slices.Contains(names, "none") {
		p = parts{}
	}
	for _, name := range names {
		switch name {
		case "token":
			p.token = true
		case "customer":
			p.customer = true
		case "deliveries":
			p.deliveries = true
		case "attempts":
			p.deliveries, p.attempts = true, true
		case "payments":
			p.payments = true
		}
	}
	return p
}

// views renders links with their parts, all of them with the same few questions.
func (a *API) views(ctx context.Context, c *call, links []paylink.Link, wanted parts) ([]linkView, error) {
	of, err := a.partsOf(ctx, c, links, wanted)
	if err != nil {
		return nil, err
	}
	views := make([]linkView, len(links))
	for i, l := range links {
		var customer *paylink.Customer
		if known, ok := of.customers[l.Customer]; ok {
			customer = &known
		} else if l.Customer != "" {
			customer = &paylink.Customer{ID: l.Customer}
		}
		if views[i], err = a.view(l, customer); err != nil {
			return nil, err
		}
		if wanted.token {
			views[i].Token = l.Token
		}
		if wanted.deliveries {
			sent := each(of.messages[l.ID], viewMessage)
			if wanted.attempts {
				withAttempts(sent, of.attempts)
			}
			views[i].Deliveries, views[i].Delivery = &sent, viewPlan(l, of.messages[l.ID])
		}
		if wanted.payments {
			paid, err := a.viewPayments(of.payments[l.ID])
			if err != nil {
				return nil, err
			}
			views[i].Payments = &paid
		}
	}
	return views, a.remind(ctx, views, links)
}

type linkParts struct {
	messages  map[paylink.LinkID][]paylink.Message
	attempts  map[paylink.MessageID][]paylink.Attempt
	customers map[paylink.CustomerID]paylink.Customer
	payments  map[paylink.LinkID][]paylink.Payment
}

func (a *API) partsOf(ctx context.Context, c *call, links []paylink.Link, wanted parts) (of linkParts, err error) {
	read := a.Store.Read(ctx)
	if wanted.deliveries {
		ids := each(links, func(l paylink.Link) paylink.LinkID { return l.ID })
		if of.messages, err = read.MessagesOfLinks(c.Merchant, ids); err != nil {
			return of, err
		}
		if wanted.attempts {
			if of.attempts, err = read.AttemptsOfLinks(c.Merchant, ids); err != nil {
				return of, err
			}
		}
	}
	if wanted.customer {
		who := each(links, func(l paylink.Link) paylink.CustomerID { return l.Customer })
		if of.customers, err = read.CustomersOf(c.Merchant, c.Live, who); err != nil {
			return of, err
		}
	}
	if wanted.payments {
		of.payments, err = read.PaymentsOfLinks(c.Merchant, links, lastPayments)
	}
	return of, err
}
