package razorpay_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"testing"
)

// code makes and tells of QR codes, as Razorpay's documents say it.
func (f *fake) code(key string, r *http.Request, part []string, in object) (any, *refusal) {
	switch {
	case r.Method == http.MethodPost && len(part) == 2:
		return f.makeCode(key, in)
	case r.Method == http.MethodGet && len(part) == 3:
		return f.find(key, f.codes, part[2])
	case r.Method == http.MethodGet && len(part) == 4 && part[3] == "payments":
		if _, bad := f.find(key, f.codes, part[2]); bad != nil {
			return nil, bad
		}
		return f.list(r, key, f.payments, func(p object) bool { return f.page[p.text("id")] == part[2] }), nil
	}
	return nil, noURL
}

func (f *fake) makeCode(key string, in object) (any, *refusal) {
	amount, ok := whole(in["payment_amount"])
	until, timed := whole(in["close_by"])
	switch {
	case in["type"] != "upi_qr" || in["usage"] != "single_use" || in["fixed_amount"] != true || !ok || amount < 1:
		return nil, &refusal{400, "The type, usage or amount of the QR code is invalid"}
	case timed && until < f.now().Unix()+15*60:
		return nil, &refusal{400, "close_by should be at least 15 minutes after current time"}
	}
	c := object{
		"id": f.id("qr", key), "entity": "qr_code", "created_at": f.now().Unix(), "name": in["name"], "usage": "single_use", "type": "upi_qr",
		"image_url": "https://rzp.io/i/oCswTOcCo", "payment_amount": amount, "status": "active", "description": in["description"], "fixed_amount": true,
		"payments_amount_received": int64(0), "payments_count_received": int64(0), "notes": in["notes"], "customer_id": nil, "close_by": in["close_by"], "closed_at": nil, "close_reason": nil,
	}
	if !f.silent {
		c["image_content"] = fmt.Sprintf("upi://pay?pa=acme.rzp@okbank&pn=%s&tr=RZP%s&am=%d.%02d&cu=INR&mc=5411", url.QueryEscape(in.text("name")), c.text("id")[3:], amount/100, amount%100)
	}
	f.codes = append(f.codes, c)
	return c, nil
}

// payCode is the customer in a UPI app.
func (f *fake) payCode(t *testing.T, id string, yes bool) {
	t.Helper()
	f.mu.Lock()
	c, bad := f.find(f.ours.keyID, f.codes, id)
	if bad != nil || c["status"] != "active" {
		f.mu.Unlock()
		t.Fatalf("the code %q cannot be paid: %v", id, bad)
	}
	p := object{
		"id": f.id("pay", f.owner[id]), "entity": "payment", "amount": c.num("payment_amount"), "currency": "INR", "status": "created", "order_id": nil, "invoice_id": nil,
		"international": false, "method": "upi", "amount_refunded": int64(0), "refund_status": nil, "captured": false, "description": "QRv2 Payment", "card_id": nil, "bank": nil,
		"wallet": nil, "vpa": "asha@okexample", "email": nil, "contact": nil, "notes": c["notes"], "fee": nil, "tax": nil, "error_code": nil, "error_description": nil,
		"error_source": nil, "error_step": nil, "error_reason": nil, "acquirer_data": object{"rrn": "116514257019"}, "created_at": f.now().Unix(),
	}
	f.page[p.text("id")] = id
	f.payments = append(f.payments, p)
	if !yes {
		p["status"], p["error_code"], p["error_description"], p["error_reason"] = "failed", "BAD_REQUEST_ERROR", "Payment was unsuccessful as the account has insufficient balance", "insufficient_funds"
		told := maps.Clone(p)
		f.mu.Unlock()
		f.post("payment.failed", map[string]object{"payment": told})
		return
	}
	take(object{}, p)
	c["status"], c["close_reason"], c["closed_at"], c["payments_count_received"], c["payments_amount_received"] = "closed", "paid", f.now().Unix(), int64(1), p["amount"]
	told, about := maps.Clone(p), maps.Clone(c)
	f.mu.Unlock()
	f.post("qr_code.credited", map[string]object{"payment": told, "qr_code": about})
	f.post("payment.captured", map[string]object{"payment": told})
	f.post("qr_code.closed", map[string]object{"qr_code": about})
}
