package paylink

import "time"

// QuietHours is the part of each day in which nothing is sent that could wait: from From up to To, in
// minutes after midnight by the clock on the wall of Zone. It may span midnight; with From equal to To
// there is none.
type QuietHours struct {
	From, To int
	Zone     *time.Location
}

// DailyHours is a part of each day as a merchant says it, with both times as "21:00". It may span midnight.
type DailyHours struct {
	From string `json:"from" minLength:"5" maxLength:"5" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" doc:"from this time on" example:"21:00"`
	To   string `json:"to" minLength:"5" maxLength:"5" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" doc:"up to this time" example:"09:00"`
}

// ParseMinute reads a time of day such as "21:00" as minutes after midnight.
func ParseMinute(text string) (int, bool) {
	t, err := time.Parse("15:04", text)
	return 60*t.Hour() + t.Minute(), err == nil && len(text) == len("15:04")
}

// Open gives t, or the end of the quiet hours that t is in. It holds on days on which the clock is
// changed: what it gives is never in quiet hours.
func (q QuietHours) Open(t time.Time) time.Time {
	if !q.has(t) {
		return t
	}
	end := q.wall(t, q.To)
	if q.From > q.To && q.minute(t) >= q.From {
		end = q.wall(t.In(q.Zone).AddDate(0, 0, 1), q.To)
	}
	for q.has(end) || end.Before(t) { // the clock was changed just then
		end = end.Add(time.Minute)
	}
	return end.UTC()
}

// Last gives t, or the last minute before the quiet hours that t is in.
func (q QuietHours) Last(t time.Time) time.Time {
	if !q.has(t) {
		return t
	}
	begin := q.wall(t, q.From)
	if q.From > q.To && q.minute(t) < q.From {
		begin = q.wall(t.In(q.Zone).AddDate(0, 0, -1), q.From)
	}
	begin = begin.Add(-time.Minute)
	for q.has(begin) || begin.After(t) {
		begin = begin.Add(-time.Minute)
	}
	return begin.UTC()
}

// has tells whether t is in quiet hours.
func (q QuietHours) has(t time.Time) bool {
	if q.Zone == nil || q.From == q.To {
		return false
	}
	m := q.minute(t)
	if q.From < q.To {
		return q.From <= m && m < q.To
	}
	return q.From <= m || m < q.To
}

func (q QuietHours) minute(t time.Time) int {
	t = t.In(q.Zone)
	return 60*t.Hour() + t.Minute()
}

// wall is a minute of the day of t.
func (q QuietHours) wall(t time.Time, minute int) time.Time {
	year, month, day := t.In(q.Zone).Date()
	return time.Date(year, month, day, 0, minute, 0, 0, q.Zone)
}
