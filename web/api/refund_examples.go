package api

import (
	"net/http"
	"time"

	"paylink"
)

const (
	sampleRefund      = "rfnd_01kbfkcakjq5nrfbfyh5k0jkct"
	sampleRefundBatch = "rfnb_01kbfkcakjq5nrfbfyh5k0jkct"
)

// exampleRefund is what each operation on refunds answers.
func exampleRefund(operation string) any {
	r := refundView{
		ID: sampleRefund, Object: "refund", LinkID: sampleLink, PaymentID: samplePayment, Status: paylink.RefundCreated,
		Amount: 45000, Currency: "INR", Reason: paylink.ReasonRequested, Origin: paylink.RefundAsked, Speed: "normal", Reference: "7F3KQ9ZT2MXB4W8HD5RV",
		RequestedBy: sampleKey, SendAfter: samplePaid, CreatedAt: samplePaid, UpdatedAt: samplePaid,
	}
	later := samplePaid.Add(2 * time.Second)
	switch operation {
	case "approve_refund":
		r.ApprovedBy = "key_01kbfkcakjq5nrfbfyh5k0jkct"
	case "cancel_refund", "cancel_refunds_in_bulk":
		r.Status, r.EndedAt = paylink.RefundCancelled, &later
	case "get_refund", "list_refunds":
		r.Status, r.GatewayReference, r.BankReference, r.SentAt, r.EndedAt = paylink.RefundSucceeded, "sbx_rfd_1", "412345678901", &samplePaid, &later
	case "create_refunds_in_bulk":
		r.Batch, r.SendAfter = sampleRefundBatch, samplePaid.Add(10*time.Minute)
		return refundResults{"refund_results", sampleRefundBatch, 1, 0, []refundResult{{0, http.StatusCreated, &r, nil}}}
	}
	if operation == "cancel_refunds_in_bulk" {
		return refundBatch{"refund_batch", sampleRefundBatch, 1, []refundView{r}}
	}
	if operation == "list_refunds" {
		return map[string]any{"data": []any{r}, "next_cursor": nil}
	}
	return r
}
