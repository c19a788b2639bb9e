package twilio

import (
	"paylink/provider"
	"paylink/provider/httpwire"
)

// carrier is how Twilio refuses. Twilio says that its codes change and that nothing should depend on them:
// one that is not here is judged by the status that it came with.
var carrier = httpwire.API{Name: "twilio", Read: complained, Refused: refused}

// refused is from Twilio's error dictionary: 2xxxx are answers to calls, 3xxxx stand in receipts.
var refused = map[string]httpwire.Refused{
	"20003": {Reason: provider.BadCredentials},
	"20005": {Reason: provider.BadCredentials}, // the account is not active
	"20404": {Reason: provider.BadCredentials}, // no such account
	"20429": {Reason: provider.Throttled, Temporary: true},
	"14107": {Reason: provider.Throttled, Temporary: true}, // the sender's rate
	"21211": {Reason: provider.InvalidAddress},
	"21217": {Reason: provider.InvalidAddress},
	"21212": {Reason: provider.BadRequest}, // no such From
	"21606": {Reason: provider.BadRequest}, // From cannot send
	"21611": {Reason: provider.Throttled, Temporary: true},
	"21408": {Reason: provider.Blocked}, // the region is not allowed to the account
	"21612": {Reason: provider.Blocked}, // From cannot reach To
	"21610": {Reason: provider.OptedOut},
	"21614": {Reason: provider.NotOnChannel},
	"21635": {Reason: provider.NotOnChannel},
	"21655": {Reason: provider.BadTemplate},
	"63038": {Reason: provider.Throttled, Temporary: true}, // the day's bound of the account

	"30001": {Reason: provider.ProviderDown, Temporary: true}, // the queue overflowed
	"30002": {Reason: provider.BadCredentials},                // the account is suspended
	"30003": {Reason: provider.Unreachable, Temporary: true},
	"30004": {Reason: provider.Blocked},
	"30005": {Reason: provider.InvalidAddress},
	"30006": {Reason: provider.NotOnChannel},
	"30007": {Reason: provider.Blocked},                       // filtered
	"30008": {Reason: provider.Unreachable, Temporary: true},  // unknown
	"30010": {Reason: provider.NoBalance},                     // dearer than the price that was allowed
	"30032": {Reason: provider.Blocked},                       // the toll-free number is not verified
	"30034": {Reason: provider.Blocked},                       // the number is not registered
	"30036": {Reason: provider.Expired},                       // the validity period is over
	"30410": {Reason: provider.ProviderDown, Temporary: true}, // the carrier did not answer in time
}
