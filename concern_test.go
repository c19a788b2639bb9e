package paylink

import (
	"slices"
	"testing"
	"time"
)

// A list of what needs a person that names what nobody can do anything about is not read; one that forgets a
// missed instalment costs the merchant the money.
func TestConcernsAreWhatAPersonCanHelpWith(t *testing.T) {
	at := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	broken := &Promise{State: PromiseBroken, Until: at.Add(time.Hour), Amount: 100}
	plan := func(l *Link) {
		l.Usage.Mode, l.Amount.Minor = UsageSingle, 200
		l.Terms.Plan = &Plan{GraceDays: 3, Instalments: []Instalment{{Amount: 100, DueAt: at}, {Amount: 100, DueAt: at.AddDate(0, 1, 0)}}}
		l.Course.Due, l.Course.Missed = 1, 1
	}
	for name, c := range map[string]struct {
		change func(*Link)
		want   []ConcernKind
		since  time.Time
	}{
		"nothing":              {func(*Link) {}, nil, time.Time{}},
		"tampered":             {func(l *Link) { l.Hold, l.HoldSince = HoldTampered, at }, []ConcernKind{ConcernTampered}, at},
		"paused":               {func(l *Link) { l.Hold, l.HoldSince = HoldPaused, at }, nil, time.Time{}},
		"a wish":               {func(l *Link) { l.RefreshAskedAt = at }, []ConcernKind{ConcernAsked}, at},
		"a wish after the end": {func(l *Link) { l.RefreshAskedAt, l.Status = at, LinkExpired }, []ConcernKind{ConcernAsked}, at},
		"a wish, archived":     {func(l *Link) { l.RefreshAskedAt, l.ArchivedAt = at, at }, nil, time.Time{}},
		"missed":               {plan, []ConcernKind{ConcernMissed}, at.AddDate(0, 0, 3)},
		"missed and paid":      {func(l *Link) { plan(l); l.AmountPaid = 100 }, nil, time.Time{}},
		"missed and promised":  {func(l *Link) { plan(l); l.PromisedFor = at.AddDate(0, 0, 9) }, nil, time.Time{}},
		"missed, cancelled":    {func(l *Link) { plan(l); l.Status = LinkCancelled }, nil, time.Time{}},
		"broken":               {func(l *Link) { l.Course.Promise = broken }, []ConcernKind{ConcernBroken}, at.Add(time.Hour)},
		"broken, expired":      {func(l *Link) { l.Course.Promise, l.Status = broken, LinkExpired }, nil, time.Time{}},
		"broken, paid":         {func(l *Link) { l.Course.Promise, l.Status = broken, LinkPaid }, nil, time.Time{}},
		"two":                  {func(l *Link) { plan(l); l.Course.Promise = broken }, []ConcernKind{ConcernBroken, ConcernMissed}, at.AddDate(0, 0, 3)},
	} {
		l := Link{Status: LinkPending}
		c.change(&l)
		var got []ConcernKind
		for _, concern := range l.Concerns() {
			got = append(got, concern.Kind)
		}
		if !slices.Equal(got, c.want) || !l.ConcernedAt().Equal(c.since) {
			t.Errorf("%s: %v since %s", name, got, l.ConcernedAt())
		}
	}
}

// A message that failed is nothing to tell when another one came through.
func TestUnreachedIsNobodyOnAnyChannel(t *testing.T) {
	message := func(c Channel, s MessageStatus) Message { return Message{Channel: c, Status: s} }
	for name, c := range map[string]struct {
		messages []Message
		want     bool
	}{
		"not sent":           {nil, false},
		"failed":             {[]Message{message(ChannelSMS, MessageFailed), message(ChannelEmail, MessageBlocked)}, true},
		"one came":           {[]Message{message(ChannelSMS, MessageFailed), message(ChannelEmail, MessageSent)}, false},
		"sent again":         {[]Message{message(ChannelSMS, MessageFailed), message(ChannelSMS, MessageQueued)}, false},
		"failed the 2. time": {[]Message{message(ChannelSMS, MessageDelivered), message(ChannelSMS, MessageFailed)}, true},
	} {
		if got := Unreached(c.messages); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
