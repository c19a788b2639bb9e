package stripe_test

import (
	"strconv"
	"strings"
	"time"
)

func (c call) balance() (any, *problem) {
	none := []any{object{"amount": 0, "currency": "inr"}}
	return object{"object": "balance", "livemode": false, "available": none, "pending": none}, nil
}

func (f *fake) refundObject(b *books, in object, amount int64, status string) object {
	return b.keep(object{
		"id": f.id("re"), "object": "refund", "amount": amount, "balance_transaction": nil, "charge": in["latest_charge"], "created": f.now().Unix(),
		"currency": in["currency"], "metadata": object{}, "payment_intent": in["id"], "reason": nil, "status": status,
		"destination_details": object{"type": "card", "card": object{"type": "refund", "reference_status": "pending", "reference_type": "acquirer_reference_number"}},
	})
}

func (c call) refund() (any, *problem) {
	in := c.b.objects[c.form.Get("payment_intent")]
	if in == nil {
		return nil, missing("payment_intent", c.form.Get("payment_intent"))
	}
	ch := c.b.objects[text(in["latest_charge"])]
	amount, err := strconv.ParseInt(c.form.Get("amount"), 10, 64)
	if err != nil || amount <= 0 || amount > in["amount_received"].(int64)-ch["amount_refunded"].(int64) {
		return nil, invalid("charge_already_refunded", "amount", "Refund amount is greater than unrefunded amount on charge.")
	}
	fate := c.b.next
	c.b.next = ""
	status := map[string]string{"refuses": "pending", "waits": "pending"}[fate]
	if status == "" {
		status = "succeeded"
	}
	r := c.refundObject(c.b, in, amount, status)
	r["metadata"] = c.under("metadata")
	if reason := c.form.Get("reason"); reason != "" {
		r["reason"] = reason
	}
	c.paidBack(c.b, in, r)
	c.tell(c.b, r, "refund.created")
	answer := c.expanded(r, "")
	switch fate {
	case "refuses", "fails later":
		r["status"], r["failure_reason"] = "failed", "lost_or_stolen_card"
		ch["amount_refunded"] = ch["amount_refunded"].(int64) - amount
		c.tell(c.b, r, "refund.failed")
	case "waits":
		r["status"] = "succeeded"
		c.tell(c.b, r, "refund.updated")
	}
	return answer, nil
}

// paidBack books a refund.
func (f *fake) paidBack(b *books, in, r object) {
	ch := b.objects[text(in["latest_charge"])]
	amount := r["amount"].(int64)
	line := b.keep(object{
		"id": f.id("txn"), "object": "balance_transaction", "amount": -amount, "available_on": f.now().Unix(), "balance_type": "payments", "created": f.now().Unix(),
		"currency": in["currency"], "fee": 0, "fee_details": []any{}, "net": -amount, "reporting_category": "refund", "source": r["id"], "status": "pending", "type": "refund",
	})
	r["balance_transaction"] = line["id"]
	ch["amount_refunded"] = ch["amount_refunded"].(int64) + amount
	ch["refunded"] = ch["amount_refunded"] == ch["amount_captured"]
	f.tell(b, ch, "charge.refunded")
}

// elsewhere is a refund from Stripe's own dashboard.
func (f *fake) elsewhere(intent string, amount int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.books[ourKey]
	in := b.objects[intent]
	r := f.refundObject(b, in, amount, "succeeded")
	f.paidBack(b, in, r)
	f.tell(b, r, "refund.created")
}

// dispute is a bank's objection to a payment.
func (f *fake) dispute(intent string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.books[ourKey]
	in := b.objects[intent]
	amount := in["amount_received"].(int64)
	d := b.keep(object{
		"id": f.id("du"), "object": "dispute", "amount": amount, "balance_transactions": []any{}, "charge": in["latest_charge"], "created": f.now().Unix(),
		"currency": in["currency"], "enhanced_eligibility_types": []any{}, "evidence": object{"enhanced_evidence": object{}}, "is_charge_refundable": false,
		"evidence_details": object{"due_by": f.now().Add(9 * 24 * time.Hour).Unix(), "enhanced_eligibility": object{}, "has_evidence": false, "past_due": false, "submission_count": 0},
		"livemode":         false, "metadata": object{}, "payment_intent": intent, "reason": "product_not_received", "status": "needs_response",
		"payment_method_details": object{"type": "card", "card": object{"brand": "visa", "network": "visa", "case_type": "chargeback", "network_reason_code": "13.1"}},
	})
	f.moved(b, d, -amount, 1500)
	f.tell(b, d, "charge.dispute.created", "charge.dispute.funds_withdrawn")
	return d["id"].(string)
}

// moved books money that a dispute takes or gives back.
func (f *fake) moved(b *books, d object, amount, fee int64) {
	line := object{
		"id": f.id("txn"), "object": "balance_transaction", "amount": amount, "available_on": f.now().Unix(), "balance_type": "payments", "created": f.now().Unix(),
		"currency": d["currency"], "fee": fee, "fee_details": []any{}, "net": amount - fee, "reporting_category": "dispute", "source": d["id"], "status": "available", "type": "adjustment",
	}
	d["balance_transactions"] = append(append([]any{}, d["balance_transactions"].([]any)...), line)
}

// decide is the bank's decision.
func (f *fake) decide(dispute string, won bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.books[ourKey]
	d := b.objects[dispute]
	d["status"] = "lost"
	if won {
		d["status"] = "won"
		f.moved(b, d, d["amount"].(int64), -1500)
	}
	f.tell(b, d, "charge.dispute.closed")
}

// open gives a dispute that can be answered.
func (c call) open() (object, *problem) {
	d := c.b.objects[c.r.PathValue("id")]
	switch {
	case d == nil:
		return nil, missing("dispute", c.r.PathValue("id"))
	case d["status"] != "needs_response":
		return nil, invalid("", "", "This dispute is already closed or its evidence was submitted.")
	}
	return d, nil
}

func (c call) contest() (any, *problem) {
	d, p := c.open()
	if p != nil {
		return nil, p
	}
	evidence := c.under("evidence")
	if file := text(evidence["receipt"]); file != "" && c.b.objects[file] == nil {
		return nil, missing("file", file)
	}
	evidence["enhanced_evidence"] = object{}
	d["evidence"] = evidence
	if c.form.Get("submit") == "true" {
		d["status"] = "under_review"
	}
	c.tell(c.b, d, "charge.dispute.updated")
	return d, nil
}

func (c call) accept() (any, *problem) {
	d, p := c.open()
	if p != nil {
		return nil, p
	}
	d["status"] = "lost"
	c.tell(c.b, d, "charge.dispute.closed")
	return d, nil
}

func (c call) upload() (any, *problem) {
	if body := c.form.Get("body"); !strings.Contains(body, "dispute_evidence") || !strings.Contains(body, `name="file"; filename="receipt.pdf"`) {
		return nil, invalid("parameter_missing", "file", "Missing required param: file.")
	}
	return c.b.keep(object{
		"id": c.id("file"), "object": "file", "created": c.now().Unix(), "expires_at": nil, "filename": "receipt.pdf", "purpose": "dispute_evidence",
		"size": 15, "title": nil, "type": "pdf", "url": nil,
	}), nil
}

// payout is money on its way to the merchant's bank.
func (f *fake) payout(amount int64, status string, at time.Time) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.books[ourKey]
	line := b.keep(object{
		"id": f.id("txn"), "object": "balance_transaction", "amount": -amount, "available_on": at.Unix(), "balance_type": "payments", "created": at.Unix(),
		"currency": "inr", "fee": 0, "fee_details": []any{}, "net": -amount, "reporting_category": "payout", "source": nil, "status": "available", "type": "payout",
	})
	p := b.keep(object{
		"id": f.id("po"), "object": "payout", "amount": amount, "arrival_date": at.Unix(), "automatic": true, "balance_transaction": line["id"], "created": at.Unix(),
		"currency": "inr", "livemode": false, "method": "standard", "reconciliation_status": "completed", "source_type": "card", "status": status, "type": "bank_account",
		"trace_id": object{"status": "supported", "value": "UTR" + strconv.Itoa(f.last)}, "metadata": object{},
	})
	return p["id"].(string)
}
