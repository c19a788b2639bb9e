package cli

import (
	"context"
	"fmt"
	"time"

	"paylink/client"
)

// dueDate reads a time, or a day, which stands for its end by the merchant's clock.
func dueDate(ctx context.Context, api *client.Client, flag, text string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return time.Time{}, usage("%s is a day such as 2026-12-01 or a time such as 2026-12-01T18:00:00Z", flag)
	}
	m, err := api.GetMerchant(ctx)
	if err != nil {
		return time.Time{}, err
	}
	zone, err := time.LoadLocation(m.TimeZone)
	if err != nil {
		return time.Time{}, fmt.Errorf("read a day in the zone %s: %w", m.TimeZone, err)
	}
	day, err := time.ParseInLocation(time.DateOnly, text, zone)
	return day.AddDate(0, 0, 1).Add(-time.Second), err
}
