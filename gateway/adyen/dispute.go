package adyen

import (
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/provider"
)

// disputeEvents are those that change a dispute. The event's own pspReference is the dispute's.
var disputeEvents = map[string]func(event) (gateway.DisputeWord, bool){
	"REQUEST_FOR_INFORMATION":             standing(paylink.DisputeNeedsResponse, false),
	"NOTIFICATION_OF_CHARGEBACK":          standing(paylink.DisputeNeedsResponse, false),
	"CHARGEBACK":                          standing(paylink.DisputeNeedsResponse, true),
	"PREARBITRATION_OPEN":                 standing(paylink.DisputeNeedsResponse, false),
	"INFORMATION_SUPPLIED":                standing(paylink.DisputeUnderReview, false),
	"CHARGEBACK_REVERSED":                 standing(paylink.DisputeWon, false),
	"PREARBITRATION_WON":                  standing(paylink.DisputeWon, false),
	"ISSUER_RESPONSE_TIMEFRAME_EXPIRED":   standing(paylink.DisputeWon, false),
	"PREARBITRATION_ISSUER_WITHDRAWN":     standing(paylink.DisputeWon, false),
	"SECOND_CHARGEBACK":                   standing(paylink.DisputeLost, true),
	"PREARBITRATION_LOST":                 standing(paylink.DisputeLost, true),
	"PREARBITRATION_ACCEPTED":             standing(paylink.DisputeAccepted, true),
	"PREARBITRATION_SCHEME_ARBITRATION":   standing(paylink.DisputeUnderReview, false),
	"PREARBITRATION_DECLINE":              standing(paylink.DisputeUnderReview, false),
	"PREARBITRATION_DECLINED_BY_ACQUIRER": standing(paylink.DisputeUnderReview, false),
}

// standing reads an event after which a dispute stands so, and after which the money is the customer's or not.
func standing(status paylink.DisputeStatus, withdrawn bool) func(event) (gateway.DisputeWord, bool) {
	return func(e event) (gateway.DisputeWord, bool) {
		if !e.yes || e.mark == refundMark {
			return gateway.DisputeWord{}, false // what did not happen changes nothing
		}
		code := strings.TrimSpace(string(e.Additional.ReasonCode))
		w := gateway.DisputeWord{
			GatewayReference: e.Request, Of: e.reference, Payment: e.Original, Account: e.account, Amount: e.amount,
			Status: status, Reason: disputeReason(code), Code: provider.SafeCode("adyen_"+code, ""), Withdrawn: withdrawn, At: e.at,
		}
		if code == "" {
			w.Code = ""
		}
		if due, err := time.Parse(time.RFC3339, e.Additional.DefenceEndsAt); err == nil && status == paylink.DisputeNeedsResponse {
			w.DueAt = due.UTC()
		}
		return w, true
	}
}

// disputeReason puts a scheme's code into our words. Visa's are like "10.4", Mastercard's like "4837".
func disputeReason(code string) string {
	switch code {
	case "4837", "4863", "4870", "4871", "4840", "4849", "F14", "F24", "F29", "UA01", "UA02":
		return "fraudulent"
	case "13.1", "4855", "C08":
		return "not_received"
	case "13.3", "13.4", "13.5", "4853", "C31", "C32":
		return "not_as_described"
	case "12.6", "12.6.1", "12.6.2", "4834", "P08", "C14":
		return "duplicate"
	case "13.6", "13.7", "4860", "C02":
		return "credit_not_processed"
	case "13.2", "4841", "C28", "C05":
		return "cancelled"
	}
	if strings.HasPrefix(code, "10.") {
		return "fraudulent"
	}
	return "other"
}
