package fcm

import (
	"cmp"
	"strings"
	"time"

	"paylink/channel"
	"paylink/channel/pushwire"
	"paylink/outbound"
	"paylink/provider"
)

// refusing is an error as FCM answers it. Its own code stands in the details; status is Google's, which is
// coarser.
type refusing struct {
	Message string `json:"message"`
	Status  string `json:"status"`
	Details []struct {
		ErrorCode  string `json:"errorCode"`
		Violations []struct {
			Field string `json:"field"`
		} `json:"fieldViolations"`
	} `json:"details"`
}

// refusal is what a code means.
type refusal struct {
	reason    provider.Reason
	temporary bool
	after     time.Duration // how long FCM asks to wait when its answer does not say
}

var refusals = map[string]refusal{
	"UNREGISTERED":           {reason: provider.InvalidAddress}, // the app is gone from the device
	"INVALID_ARGUMENT":       {reason: provider.BadRequest},
	"SENDER_ID_MISMATCH":     {reason: provider.BadCredentials}, // the token is another project's
	"THIRD_PARTY_AUTH_ERROR": {reason: provider.BadCredentials}, // APNs' key in the Firebase console
	"UNAUTHENTICATED":        {reason: provider.BadCredentials},
	"PERMISSION_DENIED":      {reason: provider.BadCredentials},
	"NOT_FOUND":              {reason: provider.BadCredentials}, // the project
	"QUOTA_EXCEEDED":         {provider.Throttled, true, time.Minute},
	"RESOURCE_EXHAUSTED":     {provider.Throttled, true, time.Minute},
}

// ending is how a call ended that was answered with the error.
func (e refusing) ending(res outbound.Response) error {
	code, badToken := e.Status, false
	for _, d := range e.Details {
		code = cmp.Or(d.ErrorCode, code)
		for _, v := range d.Violations {
			badToken = badToken || v.Field == "message.token"
		}
	}
	r, known := refusals[code]
	switch {
	case res.Status >= 500 && !known:
		return pushwire.Unclear("the API broke down: " + provider.SafeCode(code, "unknown"))
	case !known:
		r.reason = provider.BadRequest
	case code == "INVALID_ARGUMENT" && (badToken || strings.Contains(e.Message, "not a valid FCM registration token")):
		r.reason = provider.InvalidAddress
	}
	return &channel.Rejected{
		Code: provider.SafeCode(code, "unknown"), Reason: r.reason, Temporary: r.temporary,
		After: cmp.Or(provider.RetryAfter(res.Header), r.after), Words: provider.SafeWords(e.Message),
	}
}
