package adyen

import (
	"regexp"
	"strings"

	"paylink"
	"paylink/provider"
)

// declines are Adyen's refusal reasons, as its page of them lists them, by our groups. One that is not here is a
// plain no.
var declines = map[string]string{
	"expired_card":                "expired_card",
	"not_enough_balance":          "insufficient_funds",
	"withdrawal_amount_exceeded":  "insufficient_funds",
	"withdrawal_count_exceeded":   "insufficient_funds",
	"cvc_declined":                "wrong_code",
	"invalid_pin":                 "wrong_code",
	"pin_tries_exceeded":          "wrong_code",
	"invalid_card_number":         "wrong_code",
	"3d_not_authenticated":        "authentication_failed",
	"authentication_required":     "authentication_failed",
	"acquirer_error":              "provider_down",
	"issuer_unavailable":          "provider_down",
	"error":                       "provider_down",
	"not_submitted":               "provider_down",
	"pin_validation_not_possible": "provider_down",
	"pending":                     "timeout",
	"cancelled":                   "not_approved",
	"shopper_cancelled":           "not_approved",
}

var notWord = regexp.MustCompile(`[^a-z0-9]+`)

// reasonCode is Adyen's sentence as one word: "Not enough balance" is "not_enough_balance".
func reasonCode(reason string) string {
	code := strings.Trim(notWord.ReplaceAllString(strings.ToLower(reason), "_"), "_")
	if code == "" || code == "null" {
		return "refused"
	}
	return provider.SafeCode("adyen_"+code, "refused")
}

func decline(reason string) paylink.Decline {
	code := reasonCode(reason)
	group, known := declines[strings.TrimPrefix(code, "adyen_")]
	if !known {
		group = "not_approved"
	}
	return paylink.Decline{Group: group, Code: code, Message: safe(reason)}
}

func safe(reason string) string {
	if reason == "null" {
		return ""
	}
	return provider.SafeWords(reason)
}
