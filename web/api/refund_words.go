package api

import (
	"maps"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
)

// What the document says of refunds.
func init() {
	maps.Copy(words, map[string]string{
		"EventData.refund": "the refund as it was", "NewRefundList.refunds": "each by itself",
		"Refund.reason": "why it goes back, as the gateway is told", "Refund.gateway_reference": "the gateway's name for it; empty until the gateway has told",
		"Refund.speed": "instant: as fast as the gateway can, at its price", "Refund.requested_by": "key_… of the key, usr_… of the person, system for a policy, gateway for somebody there",
		"RefundResults.created": "how many refunds were made", "RefundResults.failed": "how many were not",
	})
	maps.Copy(objects, map[string]string{
		"Refund": "Money of a payment that goes back to the customer.", "RefundList": "A page of refunds.", "NewRefund": "What of a payment is to go back.",
		"ListedRefund": "One refund of a list.", "NewRefundList": "Refunds that are asked for together.", "RefundResults": "What became of a list of refunds.",
		"RefundResult": "What became of one refund of a list.", "RefundBatch": "A list of refunds after somebody called it off.", "RefundFailure": "Why the customer does not get the money.",
		"RefundRules": "Who decides about refunds, and how long they can be called off.", "PaymentResolution": "What becomes of money on hold.",
	})
	maps.Copy(accounts, map[string]string{
		"list_refunds": "Those that began at the gateway, and those that your policies began, among them.",
		"get_refund":   "With its names at the gateway and at the bank, once they are known.",
	})
	maps.Copy(bounds, map[string]huma.Schema{
		"Refund.batch": {MaxLength: whole(40)}, "Refund.requested_by": {MaxLength: whole(40)}, "RefundResults.batch": {MaxLength: whole(40)}, "RefundBatch.batch": {MaxLength: whole(40)},
		"RefundBatch.cancelled": {Minimum: at(0), Maximum: at(100)}, "RefundBatch.refunds": {MaxItems: whole(100)},
		"RefundResult.index": {Minimum: at(0), Maximum: at(99)}, "RefundResult.status": {Minimum: at(200), Maximum: at(599)},
		"amount_refunding": {Minimum: at(0), Maximum: at(float64(paylink.MaxMinor))},
	})
}
