package paylink_test

import (
	"testing"
	"time"

	"paylink"
)

// What a merchant writes as a time is taken as it is meant, or not at all.
func TestPausesAreWholeSeconds(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"60s": time.Minute, "5m": 5 * time.Minute, "1m30s": 90 * time.Second, "2h": 2 * time.Hour, "7d": paylink.MaxDeliveryPause,
		"": 0, "0s": 0, "-1s": 0, "1.5s": 0, "500ms": 0, "60": 0, "+1d": 0, "-1d": 0, "0d": 0, "1d2h": 0, "soon": 0, "11111111111111111s": 0,
	} {
		if got, ok := paylink.ParsePause(text); ok != (want > 0) || ok && got != want {
			t.Errorf("%q: %v, %t", text, got, ok)
		}
	}
}

// run is a plan of WhatsApp, then SMS after a minute unless delivered, then e-mail after an hour unless read,
// a link that can be paid, and its messages as they are when it begins.
func run(change func(*paylink.DeliveryPlan)) paylink.DeliveryRun {
	p := paylink.DeliveryPlan{Steps: []paylink.DeliveryStep{
		{Channel: paylink.ChannelWhatsApp}, {Channel: paylink.ChannelSMS, After: "60s", Unless: paylink.UnlessDelivered},
		{Channel: paylink.ChannelEmail, After: "1h", Unless: paylink.UnlessRead},
	}}
	if change != nil {
		change(&p)
	}
	l := due(func(l *paylink.Link) { l.ExpiresAt = noon.Add(48 * time.Hour) })
	r := paylink.DeliveryRun{Messages: p.Messages(l, noon), Link: l, Now: noon}
	r.Look()
	return r
}

// states writes what each message is: its status, why, and its time after noon.
func states(r paylink.DeliveryRun) string {
	text := ""
	for _, m := range r.Messages {
		text += string(m.Channel) + " " + string(m.Status) + " " + m.ErrorCode + " " + m.DueAt.Sub(noon).String() + "; "
	}
	return text
}

// Each rule of a plan, by what becomes of every step: what is not due waits, what is not needed is skipped, what
// came to nothing makes room for the next, and what is late moves the rest.
func TestPlanDecidesByTheFacts(t *testing.T) {
	const minute, hour = time.Minute, time.Hour
	for name, c := range map[string]struct {
		plan    func(*paylink.DeliveryPlan)
		happens func(*paylink.DeliveryRun)
		after   time.Duration
		want    string
		next    time.Duration // 0: no more
	}{
		"it begins": {
			want: "whatsapp queued  0s; sms scheduled  1m0s; email scheduled  1h1m0s; ", next: minute,
		},
		"nothing is heard": {
			after: minute,
			want:  "whatsapp queued  0s; sms queued  1m0s; email scheduled  1h1m0s; ", next: hour + minute,
		},
		"the first is delivered": {
			happens: func(r *paylink.DeliveryRun) { delivered(&r.Messages[0]) }, after: minute,
			want: "whatsapp delivered  0s; sms skipped not_needed 1m0s; email scheduled  1h1m0s; ", next: hour + minute,
		},
		"the first fails": {
			happens: func(r *paylink.DeliveryRun) { failed(&r.Messages[0]) }, after: 2 * time.Second,
			want: "whatsapp failed  0s; sms queued  2s; email scheduled  1h0m2s; ", next: hour + 2*time.Second,
		},
		"the first is blocked": {
			happens: func(r *paylink.DeliveryRun) { r.Messages[0].Status = paylink.MessageBlocked }, after: 2 * time.Second,
			want: "whatsapp blocked  0s; sms queued  2s; email scheduled  1h0m2s; ", next: hour + 2*time.Second,
		},
		"nobody knows": {
			happens: func(r *paylink.DeliveryRun) { r.Messages[0].Status = paylink.MessageUnknown }, after: 2 * time.Second,
			want: "whatsapp unknown  0s; sms scheduled  1m0s; email scheduled  1h1m0s; ", next: minute,
		},
		"nobody knows, and it does not wait": {
			plan:    func(p *paylink.DeliveryPlan) { p.OnUnknown = paylink.UnknownNext },
			happens: func(r *paylink.DeliveryRun) { r.Messages[0].Status = paylink.MessageUnknown }, after: 2 * time.Second,
			want: "whatsapp unknown  0s; sms queued  2s; email scheduled  1h0m2s; ", next: hour + 2*time.Second,
		},
		"the same channel once more does not hurry": {
			plan:    func(p *paylink.DeliveryPlan) { p.Steps[1].Channel = paylink.ChannelWhatsApp },
			happens: func(r *paylink.DeliveryRun) { failed(&r.Messages[0]) }, after: 2 * time.Second,
			want: "whatsapp failed  0s; whatsapp scheduled  1m0s; email scheduled  1h1m0s; ", next: minute,
		},
		"the same channel by another provider hurries": {
			plan: func(p *paylink.DeliveryPlan) {
				p.Steps[1].Channel, p.Steps[1].Providers = paylink.ChannelWhatsApp, []string{"other"}
			},
			happens: func(r *paylink.DeliveryRun) { failed(&r.Messages[0]) }, after: 2 * time.Second,
			want: "whatsapp failed  0s; whatsapp queued  2s; email scheduled  1h0m2s; ", next: hour + 2*time.Second,
		},
		"one of two that went together fails": {
			plan:    func(p *paylink.DeliveryPlan) { p.Steps[1].After, p.Steps[1].Unless = "", "" },
			happens: func(r *paylink.DeliveryRun) { failed(&r.Messages[1]) }, after: 2 * time.Second,
			want: "whatsapp queued  0s; sms failed  0s; email scheduled  1h0m0s; ", next: hour,
		},
		"both that went together fail": {
			plan:    func(p *paylink.DeliveryPlan) { p.Steps[1].After, p.Steps[1].Unless = "", "" },
			happens: func(r *paylink.DeliveryRun) { failed(&r.Messages[0]); failed(&r.Messages[1]) }, after: 2 * time.Second,
			want: "whatsapp failed  0s; sms failed  0s; email queued  2s; ",
		},
		"a node was away": {
			after: 3 * hour,
			want:  "whatsapp queued  0s; sms queued  3h0m0s; email scheduled  4h0m0s; ", next: 4 * hour,
		},
		"it is opened": {
			happens: func(r *paylink.DeliveryRun) { r.Opened = true }, after: time.Second,
			want: "whatsapp queued  0s; sms skipped opened 1m0s; email skipped opened 1h1m0s; ",
		},
		"it is opened, and goes on": {
			plan:    func(p *paylink.DeliveryPlan) { p.Heedless = true; p.Steps[2].Unless = paylink.UnlessOpened },
			happens: func(r *paylink.DeliveryRun) { r.Opened = true }, after: minute,
			want: "whatsapp queued  0s; sms queued  1m0s; email skipped opened 1h1m0s; ",
		},
		"it is cancelled": {
			happens: func(r *paylink.DeliveryRun) { r.Link.CancelledAt = noon }, after: time.Second,
			want: "whatsapp queued  0s; sms skipped cancelled 1m0s; email skipped cancelled 1h1m0s; ",
		},
		"it is paid": {
			happens: func(r *paylink.DeliveryRun) { r.Link.AmountPaid = r.Link.Amount.Minor }, after: time.Second,
			want: "whatsapp queued  0s; sms skipped paid 1m0s; email skipped paid 1h1m0s; ",
		},
		"it expires before the rest": {
			plan:    func(p *paylink.DeliveryPlan) { p.Steps[2].After = "3d" },
			happens: func(r *paylink.DeliveryRun) { delivered(&r.Messages[0]) }, after: minute,
			want: "whatsapp delivered  0s; sms skipped not_needed 1m0s; email scheduled  72h1m0s; ", next: 48 * hour,
		},
		"it has expired": {
			after: 48 * hour,
			want:  "whatsapp queued  0s; sms skipped expired 1m0s; email skipped expired 1h1m0s; ",
		},
		"it is on hold when a step is due": {
			happens: func(r *paylink.DeliveryRun) { r.Link.Hold = paylink.HoldPaused }, after: minute,
			want: "whatsapp queued  0s; sms skipped on_hold 1m0s; email scheduled  1h1m0s; ", next: hour + minute,
		},
	} {
		r := run(c.plan)
		if c.happens != nil {
			c.happens(&r)
		}
		r.Now = noon.Add(c.after)
		_, next := r.Look()
		if want := noon.Add(c.next); c.next > 0 && !next.Equal(want) || c.next == 0 && !next.IsZero() {
			t.Errorf("%s: it looks again at %s, want %s", name, next, want)
		}
		if got := states(r); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
		if changed, _ := r.Look(); len(changed) > 0 {
			t.Errorf("%s: a second look changes %v", name, changed)
		}
	}
}

func delivered(m *paylink.Message) {
	m.Status, m.SentAt, m.DeliveredAt = paylink.MessageDelivered, noon, noon
}

func failed(m *paylink.Message) { m.Status, m.FailedAt = paylink.MessageFailed, noon }
