package apns

import (
	"cmp"
	"fmt"
	"time"

	"paylink/channel"
	"paylink/outbound"
	"paylink/provider"
)

// refusal is what one of Apple's reasons means.
type refusal struct {
	reason    provider.Reason
	temporary bool
	after     time.Duration // how long to wait where Apple does not say
}

var refusals = map[string]refusal{
	"BadDeviceToken":         {reason: provider.InvalidAddress}, // also one of the other environment
	"DeviceTokenNotForTopic": {reason: provider.InvalidAddress},
	"MissingDeviceToken":     {reason: provider.InvalidAddress},
	"Unregistered":           {reason: provider.InvalidAddress}, // the app is gone from the device
	"ExpiredToken":           {reason: provider.InvalidAddress},

	"BadTopic":             {reason: provider.BadCredentials},
	"MissingTopic":         {reason: provider.BadCredentials},
	"TopicDisallowed":      {reason: provider.BadCredentials},
	"InvalidProviderToken": {reason: provider.BadCredentials},
	"MissingProviderToken": {reason: provider.BadCredentials},
	"ExpiredProviderToken": {reason: provider.BadCredentials},
	"Forbidden":            {reason: provider.BadCredentials},

	"TooManyRequests": {provider.Throttled, true, time.Minute}, // to this one device
	// A token may be new every 20 minutes, so the next one is taken after them.
	"TooManyProviderTokenUpdates": {provider.Throttled, true, 20 * time.Minute},
	"IdleTimeout":                 {provider.ProviderDown, true, 0},
}

func refused(res outbound.Response, reason string) error {
	r, known := refusals[reason]
	if !known {
		r.reason = provider.BadRequest
		if res.Status == 429 {
			r = refusal{reason: provider.Throttled, temporary: true}
		}
	}
	return &channel.Rejected{
		Code: provider.SafeCode(reason, fmt.Sprintf("http_%d", res.Status)), Reason: r.reason, Temporary: r.temporary,
		After: cmp.Or(provider.RetryAfter(res.Header), r.after), Words: provider.SafeWords(reason),
	}
}
