package dashboard

import (
	"time"

	"paylink"
	"paylink/locale"
)

// typedDay reads the day of a date field: its last second by the merchant's clock. nil: nothing was
// typed. A day that cannot be read is one that issue refuses, so that no link is made without it.
func (s scene) typedDay(text string) (at *time.Time, why string) {
	if text == "" {
		return nil, ""
	}
	day, err := time.ParseInLocation(time.DateOnly, text, locale.Zone(s.Merchant.TimeZone))
	if err != nil {
		return &time.Time{}, "Choose the day, or leave it empty."
	}
	end := day.AddDate(0, 0, 1).Add(-time.Second)
	return &end, ""
}

// dayField writes the day of a link as a date field holds it.
func (s scene) dayField(l paylink.Link) string {
	if l.Terms.DueAt == nil {
		return ""
	}
	return l.Terms.DueAt.In(locale.Zone(s.Merchant.TimeZone)).Format(time.DateOnly)
}
