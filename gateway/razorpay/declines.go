package razorpay

// groups are Razorpay's reasons in ours: those of its documents that tell a customer what to do. What is not
// here is judged by the error's code.
var groups = map[string]string{
	"insufficient_funds":              "insufficient_funds",
	"credit_limit_exceeded":           "insufficient_funds",
	"transaction_limit_exceeded":      "insufficient_funds",
	"card_expired":                    "expired_card",
	"incorrect_card_expiry_date":      "expired_card",
	"incorrect_cvv":                   "wrong_code",
	"incorrect_otp":                   "wrong_code",
	"invalid_otp":                     "wrong_code",
	"incorrect_pin":                   "wrong_code",
	"otp_attempts_exceeded":           "wrong_code",
	"pin_attempts_exceeded":           "wrong_code",
	"payment_timed_out":               "timeout",
	"payment_session_expired":         "timeout",
	"payment_collect_request_expired": "timeout",
	"authentication_failed":           "authentication_failed",
	"card_not_enrolled":               "authentication_failed",
	"authorisation_declined_by_psp":   "upi_declined",
	"payment_declined":                "not_approved",
	"card_declined":                   "not_approved",
	"payment_cancelled":               "not_approved",
	"payment_failed":                  "not_approved",
	"payment_risk_check_failed":       "not_approved",
	"bank_technical_error":            "provider_down",
	"gateway_technical_error":         "provider_down",
	"issuer_technical_error":          "provider_down",
	"server_error":                    "provider_down",
	"invalid_vpa":                     "upi_declined",
}

// group gives the group of a payment that failed.
func group(p payment) string {
	if known := groups[p.ErrorReason]; known != "" {
		if p.Method == "upi" && known == "not_approved" {
			return "upi_declined"
		}
		return known
	}
	switch {
	case p.ErrorCode == "GATEWAY_ERROR" || p.ErrorCode == "SERVER_ERROR":
		return "provider_down"
	case p.Method == "upi":
		return "upi_declined"
	}
	return "not_approved"
}
