package routing

import (
	"time"

	"paylink"
)

// little is how many payments tell too little to judge by.
const little = 20

// slowCall is how long telling a gateway about an order takes on average where customers notice it.
const slowCall = 5 * time.Second

// Standing is how an account does, by one method and through one bank or app or all of them, in the last fifteen
// minutes.
type Standing struct {
	Method   paylink.Method
	Through  string // the bank or app; empty: all of them
	Taken    int64
	Declined int64 // by customers or their banks
	Down     int64 // because the gateway, or a bank behind it, could not
	Calls    int64
	Took     time.Duration // all calls together

	Resting bool      // the gateway could not be reached again and again, and is left alone
	Until   time.Time // of a resting one: when it is tried again
}

// Tried is how many payments ended.
func (s Standing) Tried() int64 { return s.Taken + s.Declined + s.Down }

// Share is how many of a thousand payments succeed; where little is known, all.
func (s Standing) Share() int64 {
	if s.Tried() < little {
		return 1000
	}
	return s.Taken * 1000 / s.Tried()
}

// Slow tells that customers should rather use something else: a fifth of the payments fail by the gateway's
// doing, or fewer than half succeed, or its answers take long. What customers' banks decline one by one is no
// trouble of the gateway.
func (s Standing) Slow() bool {
	if s.Calls >= little && s.Took/time.Duration(s.Calls) > slowCall {
		return true
	}
	return s.Tried() >= little && (s.Down*5 >= s.Tried() || s.Taken*2 < s.Tried())
}

// Dead tells that nobody can pay by it at this moment.
func (s Standing) Dead() bool {
	return s.Resting || s.Tried() >= little && s.Taken == 0 && s.Down*2 >= s.Tried()
}

func (s *Standing) add(o paylink.GatewayOutcomes) {
	s.Taken, s.Declined, s.Down, s.Calls, s.Took = s.Taken+o.Taken, s.Declined+o.Declined, s.Down+o.Down, s.Calls+o.Calls, s.Took+o.Took
}
