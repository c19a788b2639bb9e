package issue_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

// steps is a plan of these.
func steps(all ...paylink.DeliveryStep) *paylink.DeliveryPlan {
	return &paylink.DeliveryPlan{Steps: all}
}

// byPlan is a good draft that goes out by a plan.
func byPlan(p *paylink.DeliveryPlan) issue.Draft {
	d := draft()
	d.Channels, d.Terms.Delivery = nil, p
	return d
}

// planOf lists the messages of a link as they are: channel, status, reason, and how long after the beginning.
func planOf(messages []paylink.Message) string {
	var all []string
	for _, m := range messages {
		all = append(all, strings.Join(strings.Fields(fmt.Sprintf("%d %s %s %s %s", m.Step, m.Channel, m.Status, m.ErrorCode, m.DueAt.Sub(start))), " "))
	}
	return strings.Join(all, ", ")
}

// A plan that is refused without saying where, or taken although it cannot mean anything, is found out when a
// customer does not pay.
func TestDeliveryPlanIsJudged(t *testing.T) {
	const sms, email = paylink.ChannelSMS, paylink.ChannelEmail
	nine := steps()
	for range 9 {
		nine.Steps = append(nine.Steps, paylink.DeliveryStep{Channel: sms, After: "1m"})
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		for name, c := range map[string]struct {
			draft issue.Draft
			want  string
		}{
			"no step":      {byPlan(steps()), "/delivery/steps required"},
			"nine steps":   {byPlan(nine), "/delivery/steps too_many"},
			"no channel":   {byPlan(steps(paylink.DeliveryStep{})), "/delivery/steps/0/channel required"},
			"other":        {byPlan(steps(paylink.DeliveryStep{Channel: "pigeon"}, paylink.DeliveryStep{Channel: sms})), "/delivery/steps/0/channel unknown_value"},
			"twice":        {byPlan(steps(paylink.DeliveryStep{Channel: sms}, paylink.DeliveryStep{Channel: sms})), "/delivery/steps/1/channel duplicate_value"},
			"unreadable":   {byPlan(steps(paylink.DeliveryStep{Channel: sms, After: "soon"})), "/delivery/steps/0/after bad_time"},
			"eight days":   {byPlan(steps(paylink.DeliveryStep{Channel: sms, After: "8d"})), "/delivery/steps/0/after too_far"},
			"other unless": {byPlan(steps(paylink.DeliveryStep{Channel: sms}, paylink.DeliveryStep{Channel: email, After: "1m", Unless: "paid"})), "/delivery/steps/1/unless unknown_value"},
			"no wait":      {byPlan(steps(paylink.DeliveryStep{Channel: sms}, paylink.DeliveryStep{Channel: email, Unless: "delivered"})), "/delivery/steps/1/after required"},
			"first unless": {byPlan(steps(paylink.DeliveryStep{Channel: sms, After: "1m", Unless: "delivered"})), "/delivery/steps/0/unless conflicting"},
			"nobody":       {byPlan(steps(paylink.DeliveryStep{Channel: sms, Providers: []string{"nobody"}})), "/delivery/steps/0/providers/0 unknown_value"},
			"bad name":     {byPlan(steps(paylink.DeliveryStep{Channel: sms, Providers: []string{"a,b"}})), "/delivery/steps/0/providers/0 unknown_value"},
			"named twice":  {byPlan(steps(paylink.DeliveryStep{Channel: sms, Providers: []string{"a", "a"}})), "/delivery/steps/0/providers/1 duplicate_value"},
			"on_unknown":   {byPlan(&paylink.DeliveryPlan{Steps: []paylink.DeliveryStep{{Channel: sms}}, OnUnknown: "again"}), "/delivery/on_unknown unknown_value"},
			"and channels": {func() issue.Draft {
				d := draft()
				d.Terms.Delivery = steps(paylink.DeliveryStep{Channel: sms})
				return d
			}(), "/delivery conflicting"},
			"reaches nobody": {
				func() issue.Draft {
					d := byPlan(steps(paylink.DeliveryStep{Channel: sms}, paylink.DeliveryStep{Channel: paylink.ChannelWhatsApp, After: "1m"}))
					d.Customer.Phone = ""
					return d
				}(), "/delivery/steps/0/channel needs_contact, /delivery/steps/1/channel needs_contact",
			},
		} {
			_, err := w.issuer.Create(t.Context(), w.actor(), c.draft, nil)
			var invalid *paylink.Invalid
			if !errors.As(err, &invalid) {
				t.Errorf("%s: %v", name, err)
				continue
			}
			var got []string
			for _, f := range invalid.Fields {
				got = append(got, f.Pointer+" "+f.Code)
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("%s: %s, want %s", name, strings.Join(got, ", "), c.want)
			}
		}
	})
}

// A plan is kept as it was said, signed, and begun: the first step is queued, the rest scheduled for their
// times in the merchant's world, and an answer that is given again is the same.
func TestPlanBegins(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		p := steps(paylink.DeliveryStep{Channel: paylink.ChannelWhatsApp}, paylink.DeliveryStep{Channel: paylink.ChannelSMS, After: "60s", Unless: paylink.UnlessDelivered})
		d := byPlan(p)
		claim := func() *store.Claim {
			return &store.Claim{Merchant: w.merchant.ID, Route: "create", Key: "k"}
		}
		c, err := w.issuer.Create(t.Context(), w.actor(), d, claim())
		if err != nil {
			t.Fatal(err)
		}
		if got, want := planOf(c.Messages), "1 whatsapp queued 0s, 2 sms scheduled 1m0s"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		l := w.link(c.Link.ID)
		if l.Terms.Delivery == nil || !slices.Equal(l.Channels, []paylink.Channel{"whatsapp", "sms"}) || !l.Course.Waiting {
			t.Errorf("the link: %+v", l)
		}
		stored, err := s.Read(t.Context()).MessagesOf(w.merchant.ID, l.ID, 10)
		if err != nil || !slices.Equal(stored, c.Messages) {
			t.Errorf("stored %+v\nmade   %+v, %v", stored, c.Messages, err)
		}
		again, err := w.issuer.Create(t.Context(), w.actor(), d, claim())
		if err != nil || !again.Replayed || planOf(again.Messages) != planOf(c.Messages) {
			t.Errorf("again: %t %s, %v", again.Replayed, planOf(again.Messages), err)
		}
	})
}

// A customer has no phone: the steps that need one are told as skipped, and the e-mail does not wait for them.
func TestStepThatReachesNobodyMakesRoom(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		d := byPlan(steps(
			paylink.DeliveryStep{Channel: paylink.ChannelWhatsApp}, paylink.DeliveryStep{Channel: paylink.ChannelSMS, After: "60s", Unless: "delivered"},
			paylink.DeliveryStep{Channel: paylink.ChannelEmail, After: "1h", Unless: "opened"}, paylink.DeliveryStep{Channel: paylink.ChannelEmail, After: "1d", Unless: "opened"},
		))
		d.Customer.Phone = ""
		c := w.create(d)
		if got, want := planOf(c.Messages), "1 whatsapp skipped no_contact 0s, 2 sms skipped no_contact 1m0s, 3 email queued 0s, 4 email scheduled 24h0m0s"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got := w.told(c.Link.ID); !slices.Equal(got, []paylink.EventType{"payment_link.created", "message.skipped", "message.skipped"}) {
			t.Errorf("told %v", got)
		}
	})
}

// What a merchant has decided once goes before their list of channels, and only where it reaches the customer.
func TestDefaultDeliveryIsTaken(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		_, err := w.issuer.Decide(t.Context(), w.actor(), issue.Decision{Members: members(t,
			`{"default_channels": ["email"], "default_delivery": {"steps": [{"channel": "sms"}, {"channel": "whatsapp", "after": "5m", "unless": "opened"}]}}`)})
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			change func(*issue.Draft)
			want   string
		}{
			"nothing is said":       {func(d *issue.Draft) {}, "1 sms queued 0s, 2 whatsapp scheduled 5m0s"},
			"channels are said":     {func(d *issue.Draft) { d.Channels = []paylink.Channel{} }, ""},
			"a plan is said":        {func(d *issue.Draft) { d.Terms.Delivery = steps(paylink.DeliveryStep{Channel: "email"}) }, "1 email queued 0s"},
			"it would reach nobody": {func(d *issue.Draft) { d.Customer.Phone = "" }, "0 email queued"},
		} {
			d := byPlan(nil)
			d.Reference = ""
			c.change(&d)
			made := w.create(d)
			got := planOf(made.Messages)
			if made.Link.Terms.Delivery == nil {
				got, _, _ = strings.Cut(got, " -") // a message of no plan has no time
			}
			if got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
		}
		_, err = w.issuer.Decide(t.Context(), w.actor(), issue.Decision{Members: members(t, `{"default_delivery": {"steps": []}}`)})
		if invalid := new(paylink.Invalid); !errors.As(err, &invalid) || invalid.Fields[0].Pointer != "/settings/default_delivery/steps" {
			t.Errorf("an empty one: %v", err)
		}
	})
}

// A customer asks for more time of a link that went out by a plan: it goes out by its plan again.
func TestRenewedLinkGoesOutByItsPlan(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		c := w.create(byPlan(steps(paylink.DeliveryStep{Channel: "sms"}, paylink.DeliveryStep{Channel: "email", After: "1m", Unless: "opened"})))
		w.alter(c.Link.ID, func(l *paylink.Link) { l.RefreshAskedAt, l.Course.Waiting = start, false })
		w.setClock(start.Add(time.Hour))
		if _, err := w.issuer.Refresh(t.Context(), w.actor(), c.Link.ID, nil, nil); err != nil {
			t.Fatal(err)
		}
		stored, err := s.Read(t.Context()).MessagesOf(w.merchant.ID, c.Link.ID, 10)
		if got, want := planOf(stored), "1 sms queued 0s, 2 email scheduled 1m0s, 1 sms queued 1h0m0s, 2 email scheduled 1h1m0s"; got != want || err != nil {
			t.Errorf("got %s, want %s, %v", got, want, err)
		}
	})
}
