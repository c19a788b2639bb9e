package locale

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // merchants' zones must be known on a machine that has no zone files
)

// zones keeps the zones that were asked for. Merchants' zones are checked when they are set, so the
// map stays as small as the list of real zones.
var zones sync.Map

// Zone gives the place of an IANA name, and UTC for a name that is none.
func Zone(name string) *time.Location {
	if z, ok := zones.Load(name); ok {
		return z.(*time.Location)
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	zones.Store(name, z)
	return z
}

// Moment writes a time as the clock on the merchant's wall shows it, with the zone, because the
// customer's own may be another: "24 Nov 2026, 18:00 IST".
func (l Language) Moment(t time.Time, zone string) string {
	t = t.In(Zone(zone))
	clock := l.Digits(fmt.Sprintf("%02d:%02d", t.Hour(), t.Minute()))
	return l.T("moment", "date", l.day(t), "clock", clock, "zone", zoneName(t))
}

// Day writes the date alone: "24 Nov 2026".
func (l Language) Day(t time.Time, zone string) string { return l.day(t.In(Zone(zone))) }

func (l Language) day(t time.Time) string {
	return l.T("date", "day", l.Digits(strconv.Itoa(t.Day())),
		"month", l.T("month."+strconv.Itoa(int(t.Month()))), "year", l.Digits(strconv.Itoa(t.Year())))
}

// zoneName writes zones without a name of their own, for which the zone files give "+03", as
// "UTC+03".
func zoneName(t time.Time) string {
	name, _ := t.Zone()
	if strings.HasPrefix(name, "+") || strings.HasPrefix(name, "-") {
		return "UTC" + name
	}
	return name
}
