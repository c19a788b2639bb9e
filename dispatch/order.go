package dispatch

import (
	"cmp"

	"paylink"
	"paylink/channel"
	"paylink/store"
)

// order is what a message on WhatsApp asks for, or tells to be paid, as an order of that channel, which exists in
// India only; nil where the sum is the customer's choice. Each message is an order of its own: Meta takes a
// reference once.
func (p *parcel) order() *channel.Order {
	l, m := p.link, p.message
	total := paylink.Money{Minor: l.AmountDue(), Currency: l.Amount.Currency}
	switch {
	case m.Channel != paylink.ChannelWhatsApp || p.country != "IN" || total.Currency != "INR" || p.proof:
		return nil
	case m.Tells.Order != "":
		return &channel.Order{Reference: string(m.Tells.Order), Paid: true, Total: paylink.Money{Minor: m.Tells.Amount, Currency: total.Currency}}
	case !m.Asks() || l.Terms.CustomerAmount != nil || l.Terms.Adjustable() || total.Minor == 0:
		return nil
	}
	o := &channel.Order{Reference: string(m.ID), Total: total, Items: itemsOf(l.Terms.Items)}
	if sum := sumOf(o.Items); len(o.Items) == 0 || l.AmountPaid > 0 || sum > total.Minor {
		o.Items = []channel.OrderItem{{Name: cmp.Or(l.Description, l.Reference, p.merchant.Name), Each: total.Minor, Quantity: 1}}
	}
	return o
}

func itemsOf(lines []paylink.LineItem) (items []channel.OrderItem) {
	for _, line := range lines {
		if line.Quantity > 0 {
			items = append(items, channel.OrderItem{Name: line.Name, Each: line.UnitAmount, Quantity: line.Quantity})
		}
	}
	return items
}

func sumOf(items []channel.OrderItem) (sum int64) {
	for _, i := range items {
		sum += i.Each * i.Quantity
	}
	return sum
}

// orderedBy is the latest message that showed the link as an order, when an account shows orders; empty: none.
func (d *Dispatch) orderedBy(read store.Reader, p parcel) (paylink.MessageID, error) {
	shows := map[paylink.AccountID]bool{}
	for _, a := range p.accounts {
		if s, able := channel.As[channel.OrderShower](d.senders[a.Provider]); able && s.ShowsOrders(a.Fields) {
			shows[a.ID] = true
		}
	}
	if len(shows) == 0 || p.link.Status != paylink.LinkPaid {
		return "", nil
	}
	all, err := read.MessagesOf(p.link.Merchant, p.link.ID, mostMessages)
	var last paylink.MessageID
	for _, m := range all {
		if m.Asks() && !m.SentAt.IsZero() && shows[m.Account] {
			last = m.ID
		}
	}
	return last, err
}
