package api

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
)

// The examples of the document. They are values of the types that the operations answer, so that a
// field that is added to a type is in its example too; a test holds each against its schema.

const (
	sampleLink       = "plink_01kbfk6sy9541sj3eqhb6gd1gh"
	samplePayment    = "pay_01kbfkcakjq5nrfbfyh5k0jkct"
	sampleEndpoint   = "we_01kbfjm9t4jcwj8gran0q2xaqq"
	sampleDelivery   = "whd_01kbfk6wdvd7333a92zfm27jtc"
	sampleEvent      = "evt_01kbfkcmcm63ehf7nbjx12p5jm"
	sampleTemplate   = "tmpl_01kbfk7d0r5s9q3x2c8v6b4n1m"
	sampleWording    = "mtmpl_01kbfk7d0r5s9q3x2c8v6b4n1m"
	sampleAttachment = "att_01kbfk5v2n8r4w6y0z3q7x9c1d"
	sampleBulk       = "bulk_01kbfk7d0r5s9q3x2c8v6b4n1m"
	sampleDiscount   = "disc_01kbfk8c4n7s2q5x9d3v6b1r0m"
	sampleDevice     = "dev_01kbfm2d5p8t3r6y0e4w7c2s1n"
	sampleItem       = "item_01kbfm2d5p8t3r6y0e4w7c2s1n"
	sampleFCM        = "fGx0cW9nUkRhc2g6QVBBOTFiRXhhbXBsZQ"
	sampleSuppressed = "supp_01kbfm2d5p8t3r6y0e4w7c2s1n"
	sampleMessage    = "msg_01kbfk6svwaekg252xhyn9c4tc"
	sampleCustomer   = "cust_01kbfk6fwtz2etwfvdzc22ggfd"
	sampleMerchant   = "mer_01kbe9m3m7s2zr5vdanjymtdhn"
	sampleNotice     = "ntc_01kbfkcz4hc2s8h3axysrd0da0"
	sampleAccount    = "acct_01kbe2re3canyw1527zg82q50k"
	sampleKey        = "key_01kbe95xrdkrezs647qvtw4cky"
	sampleRequest    = "req_mfzwizltoqxg4zlt2k6tr5kb"
	sampleCode       = "7Fq2Wx9LdT4zRmVb8KsY1c"
	sampleURL        = "https://pay.example/" + sampleCode
)

var (
	sampleMade    = time.Date(2026, time.December, 1, 9, 0, 0, 120_000_000, time.UTC)
	samplePaid    = time.Date(2026, time.December, 1, 9, 3, 41, 870_000_000, time.UTC)
	sampleExpires = sampleMade.Add(24 * time.Hour)
)

// requests are the bodies of the examples, by operation: what the curl, Go and JavaScript lines of the
// reference send. They are texts, so that their fields keep their order.
var requests = map[string]json.RawMessage{
	"create_payment_link": json.RawMessage(`{
		"amount": 245000, "currency": "INR", "description": "Order 1042", "reference": "order-1042",
		"customer": {"name": "Asha", "phone": "+919812345642", "email": "asha@example.com"},
		"channels": ["sms", "whatsapp", "email"], "expires_in": 86400
	}`),
	"send_payment_link":            json.RawMessage(`{"channels": ["sms"], "to": {"sms": "+919812345601"}}`),
	"amend_payment_link":           json.RawMessage(`{"amount": 198000, "description": "Order 1042, less the tea"}`),
	"replan_payment_link":          json.RawMessage(`{"instalments": [{"amount": 125000, "due_at": "2027-01-01T18:30:00Z"}, {"amount": 120000, "due_at": "2027-02-01T18:30:00Z"}], "grace_days": 3}`),
	"promise_payment_link":         json.RawMessage(`{"date": "2026-12-11", "note": "after payday"}`),
	"record_payment":               json.RawMessage(`{"amount": 100000, "method": "cheque", "bank_reference": "000123"}`),
	"duplicate_payment_link":       json.RawMessage(`{"reference": "order-1043", "channels": ["sms"]}`),
	"create_payment_links_in_bulk": json.RawMessage(`[{"amount": 245000, "currency": "INR", "reference": "order-1042"}, {"amount": 120000, "currency": "INR", "reference": "order-1043"}]`),
	"extend_payment_link":          json.RawMessage(`{"expires_in": 172800}`),
	"refresh_payment_link":         json.RawMessage(`{"expires_in": 86400}`),
	"create_webhook_endpoint":      json.RawMessage(`{"url": "https://shop.example/hooks", "events": ["payment_link.paid", "payment_link.expired"], "description": "the shop"}`),
	"replay_webhook_endpoint":      json.RawMessage(`{"since": "2026-12-01T09:00:00Z", "until": "2026-12-01T10:00:00Z", "only_failed": true}`),
	"create_discount_code":         json.RawMessage(`{"code": "DIWALI10", "percent": "10", "currency": "INR", "maximum_discount": 50000, "max_uses": 500}`),
	"connect_account":              json.RawMessage(`{"provider": "twilio", "name": "India", "fields": {"account_sid": "AC00000000000000000000000000000000", "auth_token": "0123456789abcdef0123456789abcdef", "from": "+15005550006"}}`),
	"update_account":               json.RawMessage(`{"rank": 2, "switched_off": true}`),
	"update_discount_code":         json.RawMessage(`{"active": false}`),
	"create_inbox_token":           json.RawMessage(`{"expires_in": 3600}`),
	"register_device":              json.RawMessage(`{"kind": "fcm", "token": "` + sampleFCM + `"}`),
	"register_own_device":          json.RawMessage(`{"kind": "fcm", "token": "` + sampleFCM + `"}`),
	"create_suppression":           json.RawMessage(`{"channel": "email", "address": "asha@example.com"}`),
	"create_refund":                json.RawMessage(`{"amount": 45000, "reason": "requested_by_customer"}`),
	"create_refunds_in_bulk":       json.RawMessage(`{"refunds": [{"payment": "` + samplePayment + `", "amount": 45000}]}`),
	"resolve_payment":              json.RawMessage(`{"outcome": "accept"}`),
	"verify_token":                 json.RawMessage(`{"token": "` + sampleToken + `"}`),
	"create_message_template":      json.RawMessage(`{"channel": "sms", "kind": "request", "language": "en", "text": "{merchant}: {amount} for {subject}. Pay: {url}", "active": true}`),
	"preview_message_template":     json.RawMessage(`{"channel": "sms", "kind": "request", "language": "en", "text": "{merchant}: {amount} for {subject}. Pay: {url}"}`),
	"update_message_template":      json.RawMessage(`{"state": "retired"}`),
	"create_template":              json.RawMessage(`{"name": "Monthly fee", "settings": {"amount": 250000, "currency": "INR", "description": "Monthly fee", "expires_in": 604800}}`),
	"update_template":              json.RawMessage(`{"settings": {"amount": 260000, "currency": "INR", "description": "Monthly fee"}}`),
	"update_merchant":              json.RawMessage(`{"default_expires_in": 259200, "settings": {"default_channels": ["whatsapp", "sms"], "on_late_payment": "hold"}}`),
	"advance_sandbox_clock":        json.RawMessage(`{"advance": "24h"}`),
}

const sampleToken = "AQEAAAAAaS1fAGQAAAAAAAO9CElOUgAAAAEBx7b0"

// answerOf is what an operation answers when all goes well; nil where there is no JSON.
func answerOf(operation string) any {
	one := func(v any) any { return map[string]any{"data": []any{v}, "next_cursor": nil} }
	switch operation {
	case "create_payment_link", "duplicate_payment_link":
		v := exampleLink()
		v.Token, v.Payments = sampleToken, nil
		return v
	case "get_payment_link":
		v := exampleLink()
		v.Status, v.AmountPaid, v.AmountDue, v.PaymentsCount, v.PaidAt = paylink.LinkPaid, 245000, 0, 1, &samplePaid
		v.Payments = &[]paymentView{*examplePayment()}
		return v
	case "list_payment_links":
		return one(exampleLink())
	case "cancel_payment_link", "reactivate_payment_link", "refresh_payment_link", "decline_refresh_payment_link", "extend_payment_link",
		"amend_payment_link", "pause_payment_link", "resume_payment_link", "archive_payment_link", "record_payment",
		"reset_payment_link_proof", "replan_payment_link", "promise_payment_link", "withdraw_promise":
		return exampleChange(operation)
	case "send_payment_link":
		return sentView{sampleLink, "payment_link", sampleURL, sampleCode, []messageView{exampleMessage()}}
	case "get_payment_link_timeline", "list_events":
		return one(exampleEvent())
	case "list_payments":
		return one(examplePayment())
	case "get_payment", "resolve_payment":
		return examplePayment()
	case "create_refund", "get_refund", "approve_refund", "cancel_refund", "list_refunds", "cancel_refunds_in_bulk", "create_refunds_in_bulk":
		return exampleRefund(operation)
	case "get_balance", "list_ledger_accounts", "list_ledger_entries", "get_ledger_entry", "get_trial_balance", "get_ledger_statement":
		return sampleLedgerAnswer(operation, one)
	case "list_gateway_notices":
		payment := paylink.PaymentID(samplePayment)
		return one(noticeView{sampleNotice, "gateway_notice", false, "sandbox", sampleAccount, paylink.NoticeApplied, "", &payment, samplePaid, &samplePaid})
	case "verify_token":
		yes := true
		return tokenView{Genuine: true, Current: &yes, Claims: &tokenClaims{sampleLink, sampleMerchant, false, "single", 245000, "INR", &sampleExpires, 1}}
	case "create_message_template", "get_message_template", "update_message_template", "preview_message_template":
		return exampleWording(operation)
	case "list_message_templates":
		return one(exampleWording(operation))
	case "create_template", "get_template", "update_template", "list_templates":
		v := templateView{sampleTemplate, "template", false, "Monthly fee", templateSettings{"amount": json.RawMessage("250000"), "currency": json.RawMessage(`"INR"`)}, sampleMade, sampleMade}
		if operation == "list_templates" {
			return one(v)
		}
		return v
	case "get_merchant", "update_merchant":
		lives := int64(259200)
		settings := paylink.Settings{Channels: []paylink.Channel{paylink.ChannelWhatsApp, paylink.ChannelSMS}, OnLate: paylink.PolicyHold}
		return merchantView{sampleMerchant, "merchant", false, "Acme Retail", "Acme Retail Pvt Ltd", "IN", "INR", "en", "Asia/Kolkata", "", &lives, settings, sampleMade, sampleMade.AddDate(0, -1, 0)}
	case "create_attachment", "get_attachment":
		return exampleAttachment
	case "list_attachments":
		return one(exampleAttachment)
	case "rotate_return_secret":
		day := sampleMade.Add(24 * time.Hour)
		return returnSecretView{"return_secret", false, "rtsec_c2hvd24tb25jZS1hbmQtdGhlbi1uZXZlci1hZ2Fpbg==", &day, sampleMade}
	case "advance_sandbox_clock", "read_sandbox_clock":
		return map[string]any{"now": sampleExpires}
	}
	if strings.Contains(operation, "bulk") {
		return sampleBulkAnswer(operation, one)
	}
	if strings.Contains(operation, "suppression") {
		v := suppressionView{sampleSuppressed, "suppression", false, paylink.ChannelEmail, "asha@example.com", paylink.SuppressedManual, nil, sampleMade}
		if operation == "list_suppressions" {
			return one(v)
		}
		return v
	}
	if strings.Contains(operation, "inbox") || strings.Contains(operation, "device") {
		return sampleInboxAnswer(operation, one)
	}
	if strings.Contains(operation, "customer") {
		return sampleCustomerAnswer(operation, one)
	}
	if operation == "capture_payment" || operation == "void_payment" {
		return sampleReserved(operation)
	}
	if strings.Contains(operation, "dispute") {
		return sampleDisputeAnswer(operation, one)
	}
	if strings.Contains(operation, "discount_code") {
		return sampleDiscountAnswer(operation, one)
	}
	if strings.HasSuffix(operation, "_account") || operation == "list_accounts" || operation == "list_providers" {
		return sampleAccountAnswer(operation, one)
	}
	return webhookAnswer(operation, one)
}

func sampleBulkAnswer(operation string, one func(any) any) any {
	b := paylink.Bulk{
		ID: sampleBulk, Merchant: sampleMerchant, Status: paylink.BulkFinished, Format: "csv", Rows: 1000, Good: 988, Bad: 12, Made: 940, Skipped: 48,
		Messages: map[paylink.Channel]int64{paylink.ChannelSMS: 940}, Schedule: paylink.BulkSchedule{Undo: 10 * time.Minute, Begins: sampleMade.Add(10 * time.Minute)},
		Course:    paylink.BulkCourse{Told: 940, Sent: 940, Delivered: 921, Opened: 610, Paid: 402, At: samplePaid},
		CreatedBy: sampleKey, CreatedAt: sampleMade, UpdatedAt: samplePaid, FinishedAt: samplePaid,
	}
	reference, amount := "reference", "amount_major"
	v := bulkView{
		BulkSnapshot: *b.Snapshot(), FileName: "november.csv", Size: 84_213, Totals: []bulkTotal{{"INR", 98_800_000}},
		Messages: []bulkCount{{paylink.ChannelSMS, 940}}, Estimate: &bulkTotal{"INR", 12690}, UndoSeconds: 600,
		Columns: []bulkColumn{{"Order", &reference}, {"Amount", &amount}, {"Remark", nil}},
		Errors:  []bulkFault{{17, "Amount", "too_many_decimals", "The currency has fewer decimals than this amount."}},
	}
	switch operation {
	case "list_bulk_uploads":
		return one(v)
	case "create_payment_links_in_bulk":
		l := exampleLink()
		return bulkResults{Object: "bulk_results", Created: 1, Results: []bulkResult{{Index: 0, Status: 201, Link: &l}}}
	}
	return v
}

var exampleAttachment = attachmentView{sampleAttachment, "attachment", false, "invoice-1042.pdf", "application/pdf", 48_213, 1, sampleMade}

func exampleLink() linkView {
	l := paylink.Link{
		ID: sampleLink, Merchant: sampleMerchant, Status: paylink.LinkPending, Revision: 1, Amount: paylink.Money{Minor: 245000, Currency: "INR"},
		Description: "Order 1042", Reference: "order-1042", Usage: paylink.Usage{Mode: paylink.UsageSingle},
		Channels: []paylink.Channel{paylink.ChannelSMS, paylink.ChannelWhatsApp, paylink.ChannelEmail}, Methods: []paylink.Method{}, Metadata: map[string]string{},
		OnLate: paylink.PolicyAccept, OnDuplicate: paylink.PolicyRefund, ExpiresAt: sampleExpires, CreatedAt: sampleMade, UpdatedAt: sampleMade, CreatedBy: sampleKey,
	}
	v := linkView{LinkSnapshot: *l.Snapshot(nil), Code: sampleCode, URL: sampleURL}
	v.Customer = &paylink.CustomerSnapshot{ID: sampleCustomer, Name: "Asha", Phone: "+919812345642", Email: "asha@example.com"}
	sent := []messageView{exampleMessage()}
	v.Deliveries = &sent
	return v
}

// exampleChange is the link as each change leaves it: without messages and payments, which go on.
func exampleChange(operation string) linkView {
	v := exampleLink()
	v.Deliveries, v.Revision = nil, 2
	later := sampleExpires.Add(24 * time.Hour)
	v.ExpiresAt, v.UpdatedAt = &later, sampleExpires
	switch operation {
	case "cancel_payment_link":
		v.Status, v.Revision, v.ExpiresAt = paylink.LinkCancelled, 1, &sampleExpires
	case "amend_payment_link":
		v.Amount, v.AmountDue, v.Description, v.ExpiresAt = 198000, 198000, "Order 1042, less the tea", &sampleExpires
	case "reset_payment_link_proof":
		v.Revision, v.ExpiresAt, v.Restrict = 1, &sampleExpires, &paylink.Restriction{Proof: paylink.ProofPIN, PINSet: true}
	case "pause_payment_link":
		v.Revision, v.ExpiresAt, v.Hold = 1, &sampleExpires, &paylink.HoldSnapshot{Reason: paylink.HoldPaused, Since: sampleExpires}
	case "archive_payment_link":
		v.Status, v.Revision, v.ExpiresAt, v.ArchivedAt = paylink.LinkCancelled, 1, &sampleExpires, &later
	case "replan_payment_link":
		v.Plan = &paylink.Plan{GraceDays: 3, Instalments: []paylink.Instalment{
			{Amount: 125000, DueAt: time.Date(2027, 1, 1, 18, 30, 0, 0, time.UTC)}, {Amount: 120000, DueAt: time.Date(2027, 2, 1, 18, 30, 0, 0, time.UTC)},
		}}
		v.ExpiresAt, v.NextInstalment = nil, &paylink.Step{Number: 1, Of: 2, Amount: 125000, DueAt: v.Plan.Instalments[0].DueAt, State: paylink.InstalmentDue}
	case "promise_payment_link", "withdraw_promise":
		v.Revision, v.ExpiresAt = 1, nil
		v.Promise = &paylink.Promise{Date: "2026-12-11", Until: time.Date(2026, 12, 11, 18, 30, 0, 0, time.UTC), Amount: 245000, Note: "after payday", By: sampleKey, State: paylink.PromiseOpen, MadeAt: sampleExpires, Times: 1}
		if operation == "withdraw_promise" {
			v.Promise.State = paylink.PromiseWithdrawn
		}
	case "record_payment":
		taken := examplePayment()
		taken.Amount, taken.AmountCaptured, taken.Method, taken.MethodDetails, taken.Fee, taken.Tax, taken.Net = 100000, 100000, paylink.MethodCheque, paylink.MethodDetails{}, 0, 0, 100000
		taken.Gateway, taken.GatewayReference, taken.BankReference = "", "", "000123"
		v.Status, v.Revision, v.AmountPaid, v.AmountDue, v.PaymentsCount = paylink.LinkPartiallyPaid, 1, 100000, 145000, 1
		v.ExpiresAt, v.Payments = &sampleExpires, &[]paymentView{*taken}
	}
	return v
}

// giveExamples puts the examples where the reader of an operation looks for them.
func giveExamples(op *huma.Operation) {
	if body, ok := requests[op.OperationID]; ok && op.RequestBody != nil {
		op.RequestBody.Content["application/json"].Example = body
	}
	for status, r := range op.Responses {
		if media := r.Content["application/json"]; media != nil && status[0] == '2' {
			media.Example = answerOf(op.OperationID)
			if status == "202" && op.OperationID == "create_payment_links_in_bulk" { // of a file, where 200 answers a list
				media.Example = sampleBulkAnswer("get_bulk_upload", nil)
			}
		}
	}
	for _, p := range op.Parameters {
		if tag, ok := strings.CutPrefix(p.Schema.Pattern, "^"); ok && p.In == "path" {
			p.Example = sampleIDs[tag[:strings.IndexByte(tag, '_')]]
		}
	}
}

var sampleIDs = map[string]string{"plink": sampleLink, "pay": samplePayment, "we": sampleEndpoint, "whd": sampleDelivery, "bulk": sampleBulk, "att": sampleAttachment, "disc": sampleDiscount, "dspt": sampleDispute, "rfnd": sampleRefund, "rfnb": sampleRefundBatch, "acct": sampleAccount, "supp": sampleSuppressed, "dev": sampleDevice, "item": sampleItem, "cust": sampleCustomer, "tmpl": sampleTemplate, "mtmpl": sampleWording}
