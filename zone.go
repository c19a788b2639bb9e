package paylink

import (
	"sync"
	"time"
)

// zones keeps the places that were asked for, because time reads a file for each. Only real names get in, so
// that it stays as small as their list.
var zones sync.Map

// Zone gives the place of an IANA name; false for a name that is none.
func Zone(name string) (*time.Location, bool) {
	if z, ok := zones.Load(name); ok {
		return z.(*time.Location), true
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil, false
	}
	zones.Store(name, z)
	return z, true
}

// Zone is the merchant's place; UTC where none is set.
func (m Merchant) Zone() *time.Location {
	if z, ok := Zone(m.TimeZone); ok {
		return z
	}
	return time.UTC
}
