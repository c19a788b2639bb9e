package stripe_test

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// under gives the entries of a form's field with brackets: "metadata" of metadata[a]=b.
func (c call) under(field string) object {
	found := object{}
	for name, values := range c.form {
		if inner, ok := strings.CutPrefix(name, field+"["); ok && strings.Count(inner, "]") == 1 {
			found[strings.TrimSuffix(inner, "]")] = values[0]
		}
	}
	return found
}

func (c call) createSession() (any, *problem) {
	const price = "line_items[0][price_data]"
	amount, err := strconv.ParseInt(c.form.Get(price+"[unit_amount]"), 10, 64)
	expires, errExpires := strconv.ParseInt(c.form.Get("expires_at"), 10, 64)
	now := c.now()
	switch currency := c.form.Get(price + "[currency]"); {
	case err != nil || amount <= 0 || c.form.Get("line_items[0][quantity]") != "1":
		return nil, invalid("parameter_invalid_integer", "line_items[0][price_data][unit_amount]", "Invalid integer")
	case errExpires != nil || expires < now.Add(30*time.Minute).Unix() || expires > now.Add(24*time.Hour).Unix():
		return nil, invalid("", "expires_at", "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout Session creation.")
	case c.form.Get("success_url") == "" || c.form.Get(price+"[product_data][name]") == "":
		return nil, invalid("parameter_missing", "success_url", "Missing required param")
	case c.form.Get("payment_method_types[0]") == "upi" && (currency != "inr" || c.form.Get("payment_intent_data[capture_method]") == "manual"):
		return nil, invalid("", "payment_method_types", "The payment method `upi` cannot be used here.")
	}
	id := "cs_test_a1" + fmt.Sprintf("%056d", c.last)
	c.last++
	s := object{
		"id": id, "object": "checkout.session", "created": now.Unix(), "expires_at": expires, "livemode": false, "mode": "payment",
		"amount_total": amount, "amount_subtotal": amount, "currency": c.form.Get(price + "[currency]"), "client_reference_id": c.form.Get("client_reference_id"),
		"metadata": c.under("metadata"), "payment_intent": nil, "payment_method_types": []string{c.form.Get("payment_method_types[0]")},
		"payment_status": "unpaid", "status": "open", "url": c.far.Origin + "/c/pay/" + id, "ui_mode": "hosted_page",
		"success_url": c.form.Get("success_url"), "cancel_url": c.form.Get("cancel_url"), "customer_email": nil,
		"automatic_tax": object{"enabled": false, "liability": nil, "provider": nil, "status": nil}, "custom_fields": []any{},
		"custom_text": object{"after_submit": nil, "shipping_address": nil, "submit": nil, "terms_of_service_acceptance": nil}, "shipping_options": []any{},
		"adaptive_pricing": object{"enabled": c.form.Get("adaptive_pricing[enabled]") != "false"},
	}
	// What the document does not have in a session, the intent gets later.
	c.b.keep(object{"id": "hidden_" + id, "object": "hidden", "created": int64(0), "capture": c.form.Get("payment_intent_data[capture_method]"), "metadata": c.under("payment_intent_data[metadata]")})
	return c.b.keep(s), nil
}

func (c call) expire() (any, *problem) {
	s := c.b.objects[c.r.PathValue("id")]
	switch {
	case s == nil:
		return nil, missing("checkout.session", c.r.PathValue("id"))
	case s["status"] != "open":
		return nil, invalid("", "", "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `complete`.")
	}
	c.expired(c.b, s)
	return c.expanded(s, ""), nil
}

func (f *fake) expired(b *books, s object) {
	s["status"], s["url"] = "expired", nil
	if in := b.objects[text(s["payment_intent"])]; in != nil {
		in["status"], in["canceled_at"], in["cancellation_reason"] = "canceled", f.now().Unix(), "expired"
		f.tell(b, in, "payment_intent.canceled")
	}
	f.tell(b, s, "checkout.session.expired")
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// pay does what a customer does on the page of a session.
func (f *fake) pay(key, session string, yes bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.books[key]
	s, hidden := b.objects[session], b.objects["hidden_"+session]
	if s["status"] != "open" {
		f.t.Fatalf("the page of %s is %v", session, s["status"])
	}
	in := f.intent(b, s, hidden)
	if !yes {
		f.declined(b, in, "insufficient_funds", "Your card has insufficient funds.")
		f.expired(b, s) // the customer leaves
		return
	}
	f.confirm(b, s, in)
}

// intent is the one behind a session; Stripe makes it when the customer first tries to pay.
func (f *fake) intent(b *books, s, hidden object) object {
	if in := b.objects[text(s["payment_intent"])]; in != nil {
		return in
	}
	in := b.keep(object{
		"id": f.id("pi"), "object": "payment_intent", "created": f.now().Unix(), "livemode": false, "amount": s["amount_total"], "amount_received": int64(0),
		"amount_capturable": int64(0), "currency": s["currency"], "metadata": hidden["metadata"], "payment_method_types": s["payment_method_types"],
		"status": "requires_payment_method", "capture_method": hidden["capture"], "latest_charge": nil, "last_payment_error": nil, "canceled_at": nil,
	})
	s["payment_intent"] = in["id"]
	return in
}

func (f *fake) declined(b *books, in object, code, words string) {
	ch := f.charge(b, in)
	ch["status"], ch["paid"], ch["captured"], ch["failure_code"], ch["failure_message"] = "failed", false, false, "card_declined", words
	ch["balance_transaction"] = nil
	in["last_payment_error"] = object{"type": "card_error", "code": "card_declined", "decline_code": code, "message": words, "charge": ch["id"]}
	f.tell(b, in, "payment_intent.payment_failed")
}

// confirm is the bank's yes.
func (f *fake) confirm(b *books, s, in object) {
	ch := f.charge(b, in)
	s["status"] = "complete"
	if in["capture_method"] == "manual" {
		in["status"], in["amount_capturable"] = "requires_capture", in["amount"]
		ch["captured"], ch["amount_captured"], ch["balance_transaction"] = false, int64(0), nil
		f.tell(b, in, "payment_intent.amount_capturable_updated")
		f.tell(b, s, "checkout.session.completed")
		return
	}
	f.received(b, in, ch, in["amount"].(int64))
	s["payment_status"] = "paid"
	f.tell(b, ch, "charge.succeeded")
	f.tell(b, in, "payment_intent.succeeded")
	f.tell(b, s, "checkout.session.completed")
}

// received books money that came, with Stripe's fee and the tax on it.
func (f *fake) received(b *books, in, ch object, amount int64) {
	fee, tax := amount*2/100, amount*2/100*18/100
	line := b.keep(object{
		"id": f.id("txn"), "object": "balance_transaction", "amount": amount, "available_on": f.now().Unix(), "balance_type": "payments", "created": f.now().Unix(),
		"currency": in["currency"], "fee": fee + tax, "net": amount - fee - tax, "reporting_category": "charge", "source": ch["id"], "status": "pending", "type": "charge",
		"fee_details": []any{
			object{"amount": fee, "currency": in["currency"], "type": "stripe_fee", "application": nil, "description": "Stripe processing fees"},
			object{"amount": tax, "currency": in["currency"], "type": "tax", "application": nil, "description": "GST"},
		},
	})
	in["status"], in["amount_received"], in["amount_capturable"] = "succeeded", amount, int64(0)
	ch["captured"], ch["amount_captured"], ch["balance_transaction"] = true, amount, line["id"]
}

func (f *fake) charge(b *books, in object) object {
	method := in["payment_method_types"].([]string)[0]
	how := object{"type": method, method: object{"vpa": nil}}
	if method == "card" {
		how = object{"type": "card", "card": object{
			"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2049, "network": "visa", "network_transaction_id": "MCC123456789", "country": "IN", "funding": "credit",
		}}
	}
	ch := b.keep(object{
		"id": f.id("ch"), "object": "charge", "amount": in["amount"], "amount_captured": int64(0), "amount_refunded": int64(0), "billing_details": object{},
		"captured": false, "created": f.now().Unix(), "currency": in["currency"], "disputed": false, "livemode": false, "metadata": in["metadata"], "paid": true,
		"payment_intent": in["id"], "payment_method_details": how, "refunded": false, "status": "succeeded", "balance_transaction": nil,
	})
	in["latest_charge"] = ch["id"]
	return ch
}

func (c call) capture() (any, *problem) {
	in := c.b.objects[c.r.PathValue("id")]
	if in == nil {
		return nil, missing("payment_intent", c.r.PathValue("id"))
	}
	if in["status"] != "requires_capture" {
		return nil, invalid("payment_intent_unexpected_state", "", "This PaymentIntent could not be captured because it has a status of "+text(in["status"])+".")
	}
	amount, err := strconv.ParseInt(c.form.Get("amount_to_capture"), 10, 64)
	if err != nil || amount <= 0 || amount > in["amount"].(int64) {
		return nil, invalid("amount_too_large", "amount_to_capture", "The amount is greater than what was authorized.")
	}
	ch := c.b.objects[text(in["latest_charge"])]
	c.received(c.b, in, ch, amount)
	for _, s := range c.b.objects {
		if s["payment_intent"] == in["id"] && s["object"] == "checkout.session" {
			s["payment_status"] = "paid"
		}
	}
	c.tell(c.b, ch, "charge.captured")
	c.tell(c.b, in, "payment_intent.succeeded")
	if rest := in["amount"].(int64) - amount; rest > 0 {
		// Stripe writes the part that goes back as a refund that moves no money.
		r := c.refundObject(c.b, in, rest, "succeeded")
		r["balance_transaction"] = nil
		c.tell(c.b, r, "refund.created")
	}
	return c.expanded(in, ""), nil
}

func (c call) cancel() (any, *problem) {
	in := c.b.objects[c.r.PathValue("id")]
	switch {
	case in == nil:
		return nil, missing("payment_intent", c.r.PathValue("id"))
	case in["status"] != "requires_capture":
		return nil, invalid("payment_intent_unexpected_state", "", "You cannot cancel this PaymentIntent because it has a status of "+text(in["status"])+".")
	}
	c.canceled(c.b, in, c.form.Get("cancellation_reason"))
	return c.expanded(in, ""), nil
}

func (f *fake) canceled(b *books, in object, reason string) {
	in["status"], in["amount_capturable"], in["canceled_at"], in["cancellation_reason"] = "canceled", int64(0), f.now().Unix(), reason
	f.tell(b, in, "payment_intent.canceled")
}
