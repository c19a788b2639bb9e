package dashboard

import (
	"slices"
	"strings"

	"paylink"
	"paylink/issue/bulk"
)

var bulkLabels = map[paylink.BulkStatus]label{
	paylink.BulkReceiving: {"Arriving", "clock", "info"}, paylink.BulkUploaded: {"Columns to choose", "person", "note"},
	paylink.BulkValidating: {"Checking", "clock", "info"}, paylink.BulkChecked: {"Checked, nothing made", "tick", "calm"},
	paylink.BulkReady: {"Ready to start", "person", "note"}, paylink.BulkApproval: {"Waiting for a second person", "person", "note"},
	paylink.BulkScheduled: {"Scheduled", "clock", "note"}, paylink.BulkSending: {"Sending", "clock", "info"},
	paylink.BulkCreating: {"Making links", "clock", "info"}, paylink.BulkPaused: {"Paused", "pause", "note"},
	paylink.BulkCancelling: {"Cancelling", "clock", "calm"}, paylink.BulkCancelled: {"Cancelled", "stop", "calm"},
	paylink.BulkUnreadable: {"Cannot be read", "cross", "bad"}, paylink.BulkFinished: {"Finished", "tick", "good"},
}

// bulkLabel is the status; one that is finished with errors says so.
func bulkLabel(b paylink.Bulk) label {
	if b.Status == paylink.BulkFinished && b.Bad+b.Failed > 0 {
		return label{"Finished with errors", "half", "note"}
	}
	return labelOf(bulkLabels, b.Status)
}

// bulkFields offers what a column can mean, with the one chosen.
func bulkFields(chosen, column string) []choice {
	all := []choice{{"", "— leave it out —", chosen == ""}}
	for _, field := range bulk.Fields {
		all = append(all, choice{field, bulkWords[field], field == chosen})
	}
	own := "metadata." + column
	return append(all, choice{"metadata.", "Keep as metadata", chosen == own || strings.HasPrefix(chosen, "metadata.") && !slices.Contains(bulk.Fields, chosen)})
}

var bulkWords = map[string]string{
	"amount": "Amount in the smallest unit: 245000", "amount_major": "Amount as people write it: 2450.00", "currency": "Currency", "reference": "Reference",
	"description": "What for", "customer.name": "Customer’s name", "customer.phone": "Phone", "customer.email": "E-mail", "customer.locale": "Language",
	"channels": "Send by: sms, whatsapp, email", "delivery": "In steps: whatsapp; sms after 60s unless delivered", "expires_in": "Valid for so many seconds", "expires_at": "Valid until", "due_at": "Due by", "methods": "Ways to pay",
	"usage.max_payments": "May be paid so often", "return_url": "Address after paying", "notes": "Internal note",
	"usage.mode": "Paid once or often: single, multi", "partial.minimum_first": "Least first part, in the smallest unit", "partial.minimum_first_major": "Least first part: 500.00",
	"partial.minimum": "Least later part, in the smallest unit", "partial.minimum_major": "Least later part: 100.00",
	"customer_amount.minimum": "Customer’s own amount from, in the smallest unit", "customer_amount.minimum_major": "Customer’s own amount from: 100.00",
	"customer_amount.maximum": "Customer’s own amount up to, in the smallest unit", "customer_amount.maximum_major": "Customer’s own amount up to: 9000.00",
	"promises.max_days": "Customer may promise, so many days ahead", "refresh.policy": "More time: automatic, approval, never",
	"reminders": "Reminders: 2h, end-24h, due+3d; none", "notify_expiry": "Remind before it expires: yes, no", "allow_discount_codes": "Discount codes",
	"restrict.proof": "Opens by: phone_digits, code", "restrict.countries": "Opens in countries: IN, AE", "on_late_payment": "Money too late: accept, hold, refund, credit",
	"on_duplicate": "Money twice: accept, hold, refund, credit", "success_text": "Words after paying", "closed_text": "Words when it is over", "terms_url": "Terms to accept: address",
}
