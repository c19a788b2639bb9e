package paylink

import (
	"testing"
	"time"
)

// A plan whose instalments do not come to the sum is refused after the merchant has pressed the button;
// one whose month skips February asks for two instalments in March.
func TestDivisionComesToTheSumAndKeepsTheDay(t *testing.T) {
	kolkata := time.FixedZone("IST", 5*3600+1800)
	day := func(text string) time.Time {
		at, err := time.ParseInLocation(time.DateTime, text+" 23:59:59", kolkata)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for name, c := range map[string]struct {
		d       Division
		sum     int64
		amounts []int64
		dates   []string
	}{
		"the last takes the rest":   {Division{Parts: 3, Start: day("2026-12-01"), Months: 1}, 10000, []int64{3333, 3333, 3334}, []string{"2026-12-01", "2027-01-01", "2027-02-01"}},
		"a deposit":                 {Division{Parts: 3, First: 5000, Start: day("2026-12-01"), Days: 14}, 10000, []int64{5000, 2500, 2500}, []string{"2026-12-01", "2026-12-15", "2026-12-29"}},
		"short months":              {Division{Parts: 3, Start: day("2027-01-31"), Months: 1}, 300, []int64{100, 100, 100}, []string{"2027-01-31", "2027-02-28", "2027-03-31"}},
		"one":                       {Division{Parts: 1, Start: day("2026-12-01"), Months: 1}, 10000, []int64{10000}, []string{"2026-12-01"}},
		"a deposit of more than it": {Division{Parts: 2, First: 20000, Start: day("2026-12-01"), Months: 1}, 10000, []int64{20000, -10000}, []string{"2026-12-01", "2027-01-01"}},
		"none":                      {Division{Start: day("2026-12-01")}, 10000, nil, nil},
		"too many":                  {Division{Parts: MaxInstalments + 1, Start: day("2026-12-01")}, 10000, nil, nil},
	} {
		got := c.d.Of(c.sum)
		if len(got) != len(c.amounts) {
			t.Errorf("%s: %d instalments", name, len(got))
			continue
		}
		for n, i := range got {
			if i.Amount != c.amounts[n] || !i.DueAt.Equal(day(c.dates[n])) || i.DueAt.Location() != time.UTC {
				t.Errorf("%s: instalment %d is %d on %s", name, n+1, i.Amount, i.DueAt.In(kolkata))
			}
		}
	}
}
