package paylink

import "time"

// Division says how a sum is divided into instalments: how many, from which day on, and how far apart.
type Division struct {
	Parts  int       // 1 to MaxInstalments
	First  int64     // minor units of the first instalment; 0: as much as the others
	Start  time.Time // when the first one is due, in the zone in which days are meant
	Months int       // from one to the next
	Days   int       // from one to the next; beside Months, 0
}

// Of divides a sum of minor units. What cannot be divided evenly is the last one's. A month that is too
// short for the day of the first instalment ends on its own last day, and the next one does not.
func (d Division) Of(sum int64) []Instalment {
	if d.Parts < 1 || d.Parts > MaxInstalments {
		return nil
	}
	all := make([]Instalment, d.Parts)
	equal, left := int64(d.Parts), sum
	if d.First != 0 {
		equal, left = equal-1, sum-d.First
	}
	for n := range all {
		all[n] = Instalment{Amount: left / max(1, equal), DueAt: d.date(n)}
		if n == 0 && d.First != 0 {
			all[n].Amount = d.First
		}
	}
	all[d.Parts-1].Amount += sum - Plan{Instalments: all}.Total()
	return all
}

// date is when the instalment is due, counted from 0.
func (d Division) date(n int) time.Time {
	y, m, day := d.Start.Date()
	hour, minute, second := d.Start.Clock()
	in := d.Start.Location()
	m += time.Month(n * d.Months)
	if last := time.Date(y, m+1, 0, 12, 0, 0, 0, in).Day(); day > last {
		day = last
	}
	return time.Date(y, m, day+n*d.Days, hour, minute, second, d.Start.Nanosecond(), in).UTC()
}
