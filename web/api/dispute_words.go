package api

import (
	"encoding/json"
	"maps"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"paylink/refund"
)

// What the document says of reserved money and of disputes.
func init() {
	maps.Copy(words, map[string]string{
		"EventData.dispute": "the dispute as it was", "DisputeList.data": "the disputes of this page, newest first",
		"Evidence.checklist":        "what speaks for you, line by line",
		"Dispute.gateway_reference": "the gateway's own name for it", "DisputeSnapshot.gateway_reference": "the gateway's own name for it",
		"Dispute.reason": "why the customer objects", "DisputeSnapshot.reason": "why the customer objects",
		"Dispute.answered_by": "key_… or usr_… of whoever answered; absent: nobody has", "DisputeSnapshot.answered_by": "key_… or usr_… of whoever answered; absent: nobody has",
		"Dispute.answered_at": "when it was answered; null: it was not", "DisputeSnapshot.answered_at": "when it was answered; null: it was not",
		"Dispute.closed_at": "when it was decided; null: it is open", "DisputeSnapshot.closed_at": "when it was decided; null: it is open",
		"EvidencePoint.at": "when it was",
	})
	maps.Copy(objects, map[string]string{
		"NewCapture": "How much of reserved money is taken.", "Dispute": "A customer's objection to a payment, which the customer's bank carries.",
		"DisputeList": "A page of disputes.", "DisputeSnapshot": "A dispute as it was at an event.", "Evidence": "What speaks for you in a dispute.",
		"EvidencePoint": "One line of the evidence.", "NewEvidence": "What you add to what is known.",
	})
	requests["capture_payment"] = json.RawMessage(`{"amount": 200000}`)
	requests["contest_dispute"] = json.RawMessage(`{"text": "Delivered by our own van; the customer signed.", "delivered_at": "2026-11-24T09:30:00Z"}`)
	maps.Copy(schemaNames, map[reflect.Type]string{
		reflect.TypeFor[captureBody](): "NewCapture", reflect.TypeFor[evidenceBody](): "NewEvidence", reflect.TypeFor[evidenceView](): "Evidence",
		reflect.TypeFor[refund.Point](): "EvidencePoint", reflect.TypeFor[disputeView](): "Dispute", reflect.TypeFor[listOf[disputeView]](): "DisputeList",
	})
	short, money := huma.Schema{MaxLength: whole(40)}, huma.Schema{Minimum: at(0)}
	maps.Copy(bounds, map[string]huma.Schema{
		"Dispute.answered_by": short, "DisputeSnapshot.answered_by": short, "Dispute.refusal": {MaxLength: whole(64)}, "DisputeSnapshot.refusal": {MaxLength: whole(64)},
		"Evidence.text": {MaxLength: whole(12_000)}, "Evidence.summary": {MaxLength: whole(20_000)}, "EvidencePoint.says": {MaxLength: whole(20_000)},
		"Evidence.attachment_id": {Pattern: "^(att_[0-9a-hjkmnp-tv-z]{26})?$"}, "Evidence.checklist": {MaxItems: whole(20)},
		"amount_disputed": money, "intent_amount": money, "Dispute.code": {MaxLength: whole(64)}, "DisputeSnapshot.code": {MaxLength: whole(64)},
	})
}
