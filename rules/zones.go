package rules

import (
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"

	"paylink"
)

// Zones gives the time zones in which a phone with the number may be, as its country and area tell; none
// when nobody can say. A number that is valid in several zones gives all of them.
func Zones(phone string) []*time.Location {
	number, ok := parse(phone)
	if !ok {
		return nil
	}
	names, err := phonenumbers.GetTimezonesForNumber(number)
	if err != nil {
		return nil
	}
	var zones []*time.Location
	for _, name := range names {
		if zone, ok := paylink.Zone(strings.TrimSpace(name)); ok && name != phonenumbers.UNKNOWN_TIMEZONE {
			zones = append(zones, zone)
		}
	}
	return zones
}

// Country gives the ISO 3166 country of a phone number, by its calling code alone where its range is not
// known; empty when it has none.
func Country(phone string) string {
	number, ok := parse(phone)
	if !ok {
		return ""
	}
	for _, region := range []string{
		phonenumbers.GetRegionCodeForNumber(number), phonenumbers.GetRegionCodeForCountryCode(int(number.GetCountryCode())),
	} {
		if len(region) == 2 && region != "ZZ" {
			return region
		}
	}
	return ""
}

func parse(phone string) (*phonenumbers.PhoneNumber, bool) {
	if !strings.HasPrefix(phone, "+") {
		return nil, false
	}
	number, err := phonenumbers.Parse(phone, "")
	return number, err == nil
}
