package payu_test

// follow takes on the capture of a reservation, or its end. By the next question it is done.
func (f *fake) follow(command, key, id, token, amount string) any {
	p := f.byID(key, id)
	switch {
	case p == nil:
		return map[string]any{"status": 0, "msg": "Transaction not exists", "error_code": 105}
	case p.status != "success" || p.unmapped != "auth":
		return map[string]any{"status": 0, "msg": "Transaction is not in auth status", "error_code": 105}
	case len(token) > 23:
		return map[string]any{"status": 0, "msg": "Token is too long", "error_code": 104}
	}
	done := &act{request: f.id("131"), token: token, status: "queued", later: "SUCCESS"}
	if command == "cancel_transaction" {
		done.action, done.amount, p.unmapped = "cancel", p.form.Get("amount"), "cancelled"
		p.actions = append(p.actions, done)
		return map[string]any{"status": 1, "msg": "Cancelled Request Queued", "txn_update_id": done.request, "bank_ref_num": nil, "error_code": 102}
	}
	if paise(amount) <= 0 || paise(amount) > paise(p.form.Get("amount")) {
		return map[string]any{"status": 0, "msg": "Capture amount is greater than the transaction amount", "error_code": 117}
	}
	done.action, done.amount, p.unmapped = "capture", amount, "captured"
	p.actions = append(p.actions, done)
	return map[string]any{"status": 1, "msg": "Capture Request Queued", "request_id": done.request, "bank_ref_num": "527013524405"}
}
