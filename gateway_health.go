package paylink

import "time"

// GatewayOutcomes is how payments through an account with a gateway ended within one minute, by method and by
// the bank or app that they went through.
type GatewayOutcomes struct {
	Merchant MerchantID
	Account  AccountID
	Method   Method
	Through  string // the bank or app, as its gateway names it; empty: not told
	Minute   int64  // since 1970
	Taken    int64
	Declined int64         // by the customer or the customer's bank
	Down     int64         // because the gateway, or a bank behind it, could not
	Calls    int64         // that told a gateway about an order
	Took     time.Duration // all of those together
}

// GatewayBreaker tells of an account whose gateway could not be reached lately. Without failures it is closed.
type GatewayBreaker struct {
	Merchant   MerchantID
	Account    AccountID
	Failures   int64         // calls in a row that failed by the gateway's or the account's doing
	Rests      time.Duration // for how long it was left alone the last time
	RestsUntil time.Time     // it is left alone; zero: it is not
	ProbeUntil time.Time     // until then one call has the account for itself, to find out whether it works again
}
