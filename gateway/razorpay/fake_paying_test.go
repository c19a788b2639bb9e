package razorpay_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"paylink/gateway"
)

// pay does on the hosted page what the customer does there, by the method with which the page was opened.
func (f *fake) pay(t *testing.T, s gateway.Started, yes bool) {
	t.Helper()
	if strings.HasPrefix(s.Order, "qr_") {
		f.payCode(t, s.Order, yes)
		return
	}
	f.mu.Lock()
	o, bad := f.find(f.ours.keyID, f.orders, s.Order)
	if bad != nil || f.page[s.Order] == "" {
		f.mu.Unlock()
		t.Fatalf("the page of order %q was not opened: %v", s.Order, bad)
	}
	p := f.newPayment(o)
	o["status"], o["attempts"] = "attempted", 1
	if !yes {
		p["status"], p["error_code"], p["error_description"] = "failed", "BAD_REQUEST_ERROR", "Payment failed because of insufficient balance in account of 919812345642"
		p["error_source"], p["error_step"], p["error_reason"] = "customer", "payment_authorization", "insufficient_funds"
		told := maps.Clone(p)
		f.mu.Unlock()
		f.post("payment.failed", map[string]object{"payment": told})
		return
	}
	p["status"] = "authorized"
	authorised := maps.Clone(p)
	if f.page[s.Order+" capture"] != "automatic" {
		f.mu.Unlock()
		f.post("payment.authorized", map[string]object{"payment": authorised})
		return
	}
	take(o, p)
	paid, captured := maps.Clone(o), maps.Clone(p)
	f.mu.Unlock()
	// Unordered, as Razorpay says: the later word may come first.
	f.post("payment.captured", map[string]object{"payment": captured})
	f.post("payment.authorized", map[string]object{"payment": authorised})
	f.post("order.paid", map[string]object{"payment": captured, "order": paid})
}

// newPayment is a try to pay an order.
func (f *fake) newPayment(o object) object {
	id := o.text("id")
	method := f.page[id]
	p := object{
		"id": f.id("pay", f.owner[id]), "entity": "payment", "amount": o.num("amount"), "currency": "INR", "status": "created", "order_id": id,
		"invoice_id": nil, "international": false, "method": method, "amount_refunded": int64(0), "refund_status": nil, "captured": false,
		"description": "Order", "card_id": nil, "bank": nil, "wallet": nil, "vpa": nil, "email": "asha@example.com", "contact": "+919812345642",
		"notes": []any{}, "fee": nil, "tax": nil, "error_code": nil, "error_description": nil, "error_source": nil, "error_step": nil, "error_reason": nil,
		"created_at": f.now().Unix(),
	}
	if reference := f.page[id+" reference"]; reference != "" {
		p["notes"] = object{"paylink_reference": reference, "paylink_account": f.page[id+" account"]}
	}
	switch method {
	case "upi":
		p["vpa"], p["acquirer_data"] = "asha@okexample", object{"rrn": "033814379298", "upi_transaction_id": "97505784AB5852CEEBFE6BE418BB2373"}
	case "card":
		p["card_id"], p["acquirer_data"] = "card_00000000000000", object{"auth_code": "159838"}
		p["card"] = object{"id": "card_00000000000000", "entity": "card", "last4": "1111", "network": "Visa", "type": "debit", "issuer": "HDFC"}
	case "netbanking":
		p["bank"], p["acquirer_data"] = "SBIN", object{"bank_transaction_id": "0125836177"}
	}
	f.payments = append(f.payments, p)
	return p
}

// take captures a payment: two per cent, and eighteen per cent of that in tax.
func take(o, p object) {
	fee := p.num("amount") / 50
	tax := fee * 18 / 100
	p["status"], p["captured"], p["fee"], p["tax"] = "captured", true, fee+tax, tax
	o["status"], o["amount_paid"], o["amount_due"] = "paid", o.num("amount"), int64(0)
}

func (f *fake) capture(key, id string, in object) (any, *refusal) {
	p, bad := f.find(key, f.payments, id)
	if bad != nil {
		return nil, bad
	}
	amount, _ := whole(in["amount"])
	switch {
	case p["status"] == "captured":
		return nil, &refusal{http.StatusBadRequest, "This payment has already been captured"}
	case p["status"] != "authorized":
		return nil, &refusal{http.StatusBadRequest, "Only payments which have been authorized and not yet captured can be captured"}
	case amount != p.num("amount") || in["currency"] != "INR":
		return nil, &refusal{http.StatusBadRequest, "Capture amount must be equal to the amount authorized"}
	}
	o, _ := f.find(key, f.orders, p.text("order_id"))
	take(o, p)
	told := maps.Clone(p)
	go f.post("payment.captured", map[string]object{"payment": told})
	return told, nil
}

// lapse gives a reservation back, as after five days.
func (f *fake) lapse(t *testing.T, k gateway.Known) {
	t.Helper()
	f.mu.Lock()
	p, bad := f.find(f.ours.keyID, f.payments, k.Payment)
	if bad != nil {
		t.Fatal(bad)
	}
	p["status"], p["amount_refunded"], p["refund_status"] = "refunded", p.num("amount"), "full"
	refund := f.newRefund(p, p.num("amount"), "processed", object{})
	told := maps.Clone(p)
	f.mu.Unlock()
	f.post("refund.processed", map[string]object{"refund": refund, "payment": told})
}
