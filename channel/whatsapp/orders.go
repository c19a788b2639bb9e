package whatsapp

import (
	"fmt"

	"paylink/channel"
)

// Orders are how Meta shows in India what is to be paid: a bubble with the sum and a button for it, and a second
// one that tells that it is paid. Only the mode in which the button opens our page is spoken here. Where the
// money would be taken inside WhatsApp, by a payment configuration of Meta's, nothing is sent.

// details is Meta's order_details, which asks, and its order_status, which tells.
type details struct {
	Reference string    `json:"reference_id"`
	Type      string    `json:"type,omitempty"`
	Settings  []setting `json:"payment_settings,omitempty"`
	Currency  string    `json:"currency,omitempty"`
	Total     *money    `json:"total_amount,omitempty"`
	Order     order     `json:"order"`
}

type setting struct {
	Type string `json:"type"`
	Link struct {
		URI string `json:"uri"`
	} `json:"payment_link"`
}

// money is an amount in hundredths, which is what offset says.
type money struct {
	Value  int64 `json:"value"`
	Offset int64 `json:"offset"`
}

type order struct {
	Status   string `json:"status"`
	Items    []item `json:"items,omitempty"`
	Subtotal *money `json:"subtotal,omitempty"`
	Tax      *money `json:"tax,omitempty"`
}

type item struct {
	ID       string `json:"retailer_id"`
	Name     string `json:"name"`
	Amount   money  `json:"amount"`
	Quantity int64  `json:"quantity"`
}

// interactive is an order outside of a template, which Meta takes within 24 hours after the customer wrote.
type interactive struct {
	Type string `json:"type"`
	Body struct {
		Text string `json:"text"`
	} `json:"body"`
	Action struct {
		Name       string  `json:"name"`
		Parameters details `json:"parameters"`
	} `json:"action"`
}

// ordered tells whether a letter goes out as an order: the account can, and the letter is one, in rupees.
func ordered(a channel.Account, l channel.Letter) bool {
	return a.Fields[orders] == paymentLink && l.Order != nil && l.Order.Total.Currency == "INR"
}

func hundredths(minor int64) money { return money{minor, 100} }

// detail writes an order that is to be paid, with a button to the letter's own address.
func detail(l channel.Letter) details {
	o := l.Order
	total := hundredths(o.Total.Minor)
	d := details{Reference: o.Reference, Type: "digital-goods", Currency: string(o.Total.Currency), Total: &total, Settings: []setting{{Type: paymentLink}}}
	d.Settings[0].Link.URI = l.ButtonURL
	d.Order.Status = "pending"
	subtotal := money{Offset: 100}
	for i, it := range o.Items {
		d.Order.Items = append(d.Order.Items, item{fmt.Sprintf("item-%d", i+1), clip(it.Name, longestItem), hundredths(it.Each), it.Quantity})
		subtotal.Value += it.Each * it.Quantity
	}
	d.Order.Subtotal = &subtotal
	if tax := hundredths(o.Total.Minor - subtotal.Value); tax.Value > 0 {
		d.Order.Tax = &tax
	}
	return d
}

// composeOrder writes a letter as an order outside of a template.
func composeOrder(l channel.Letter) *interactive {
	m := &interactive{Type: "order_details"}
	m.Body.Text = l.Text
	if l.Order.Paid {
		m.Type, m.Action.Name = "order_status", "review_order"
		m.Action.Parameters = details{Reference: l.Order.Reference, Order: order{Status: "completed"}}
		return m
	}
	m.Action.Name, m.Action.Parameters = "review_and_pay", detail(l)
	return m
}

// orderButton is the button of a template that shows an order.
func orderButton(l channel.Letter) component {
	d := detail(l)
	return component{Type: "button", SubType: "order_details", Index: "0", Parameters: []parameter{{Type: "action", Action: &action{&d}}}}
}

// longestItem is how much of an item's name Meta takes, in characters.
const longestItem = 60

func clip(s string, most int) string {
	letters := []rune(s)
	return string(letters[:min(len(letters), most)])
}

// ShowsOrders tells whether messages of an account with these fields show orders, and can tell that they are
// paid, which goes without a template only.
func (s *Sender) ShowsOrders(fields map[string]string) bool {
	return fields[orders] == paymentLink && s.WritesFreely(fields)
}

// WritesFreely tells whether an account with these fields takes letters without a template.
func (s *Sender) WritesFreely(fields map[string]string) bool { return fields[freeText] == yes }
