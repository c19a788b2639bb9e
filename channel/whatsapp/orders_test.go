package whatsapp_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"paylink"
	"paylink/channel"
	"paylink/channel/whatsapp"
)

// orderLetter asks for ₹2,450.00 for two lines, of which ₹50.00 is tax.
func orderLetter() channel.Letter {
	l := goodLetter()
	l.Order = &channel.Order{
		Reference: string(l.ID), Total: paylink.Money{Minor: 245000, Currency: "INR"},
		Items: []channel.OrderItem{{Name: "Tea", Each: 100000, Quantity: 2}, {Name: strings.Repeat("cup ", 20), Each: 40000, Quantity: 1}},
	}
	return l
}

// The shapes are those of Meta's pages on order details, order details templates and payment links. What is
// written otherwise is refused, or asks for another sum than the page.
func TestOrdersAreWrittenAsMetaPublishesThem(t *testing.T) {
	m, far := serve(t)
	a := account(far)
	a.Fields["order_details"] = "payment_link"
	send := func(l channel.Letter) sent {
		t.Helper()
		s, err := whatsapp.New(client(t)).Send(t.Context(), a, l)
		if err != nil {
			t.Fatal(err)
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		return m.taken[s.Reference]
	}
	const parameters = `{"reference_id":"msg_00000000000000000000000000","type":"digital-goods",` +
		`"payment_settings":[{"type":"payment_link","payment_link":{"uri":"https://pay.example/AbC123"}}],` +
		`"currency":"INR","total_amount":{"value":245000,"offset":100},"order":{"status":"pending","items":[` +
		`{"retailer_id":"item-1","name":"Tea","amount":{"value":100000,"offset":100},"quantity":2},` +
		`{"retailer_id":"item-2","name":"cup cup cup cup cup cup cup cup cup cup cup cup cup cup cup ","amount":{"value":40000,"offset":100},"quantity":1}],` +
		`"subtotal":{"value":240000,"offset":100},"tax":{"value":5000,"offset":100}}}`
	same := func(name string, got json.RawMessage, want string) {
		t.Helper()
		var flat bytes.Buffer
		if err := json.Compact(&flat, got); err != nil || flat.String() != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, flat.String(), want)
		}
	}
	components := send(orderLetter()).Template.Components
	button := components[len(components)-1]
	if button.SubType != "order_details" || button.Index != "0" || len(button.Parameters) != 1 || button.Parameters[0].Type != "action" {
		t.Fatalf("the button is %+v", button)
	}
	same("by a template", button.Parameters[0].Action, `{"order_details":`+parameters+`}`)

	a.Fields["free_text"] = "yes"
	l := orderLetter()
	l.Template = nil
	same("without a template", send(l).Interactive, `{"type":"order_details","body":{"text":"Acme: ₹2,450.00"},"action":{"name":"review_and_pay","parameters":`+parameters+`}}`)
	l.Text, l.Order = "Paid", &channel.Order{Reference: "msg_00000000000000000000000000", Paid: true, Total: paylink.Money{Minor: 245000, Currency: "INR"}}
	same("when it is paid", send(l).Interactive, `{"type":"order_status","body":{"text":"Paid"},"action":{"name":"review_order","parameters":`+
		`{"reference_id":"msg_00000000000000000000000000","order":{"status":"completed"}}}}`)

	dollars := orderLetter()
	dollars.Order.Total.Currency = "USD"
	if c := send(dollars).Template.Components; c[len(c)-1].SubType != "url" {
		t.Errorf("another currency went out as %+v", c)
	}
	delete(a.Fields, "order_details")
	if c := send(orderLetter()).Template.Components; c[len(c)-1].SubType != "url" {
		t.Errorf("an account that shows no orders sent %+v", c)
	}
}
