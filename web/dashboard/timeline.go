package dashboard

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"paylink"
)

// shownEvents bounds one timeline.
const shownEvents = 400

// day is what happened on one day of the merchant's calendar, newest first.
type day struct {
	Name    string // "24 Nov 2026"
	Entries []entry
}

// timeline reads what happened to a link, newest first by day. more tells that there are events which
// are not shown.
func (d *Dashboard) timeline(ctx context.Context, s scene, link paylink.LinkID) (days []day, more bool, err error) {
	events, err := d.Store.Read(ctx).Timeline(s.Merchant.ID, link, shownEvents+1)
	if err != nil {
		return nil, false, err
	}
	if more = len(events) > shownEvents; more {
		events = events[:shownEvents]
	}
	for _, e := range slices.Backward(events) {
		name := s.Lang.Day(e.At, s.Merchant.TimeZone)
		if len(days) == 0 || days[len(days)-1].Name != name {
			days = append(days, day{Name: name})
		}
		entry := s.entry(e)
		entry.Raw = raw(e)
		today := &days[len(days)-1]
		today.Entries = append(today.Entries, entry)
	}
	return days, more, nil
}

// raw writes an event as it is kept. It has ids and masks only.
func raw(e paylink.Event) string {
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false) // the template escapes, and once is enough
	out.SetIndent("", "  ")
	err := out.Encode(struct {
		ID       paylink.EventID   `json:"id"`
		Type     paylink.EventType `json:"type"`
		Sequence int64             `json:"sequence"`
		Actor    string            `json:"actor"`
		Data     paylink.EventData `json:"data"`
	}{e.ID, e.Type, e.Sequence, e.Actor, e.Data})
	if err != nil {
		panic("event for the timeline: " + err.Error()) // plain structs always marshal
	}
	return b.String()
}
