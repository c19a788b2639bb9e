package issue

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"paylink"
	"paylink/store"
)

// Decision is what a merchant wants to be different about all the links that it will make. What is not
// said stays. Links that exist keep what they were made with.
type Decision struct {
	ExpiresIn *int64                     // seconds that a link lives if it does not say
	NoExpiry  bool                       // such a link lives for ever from now on
	Members   map[string]json.RawMessage // of paylink.Settings, by their JSON names; null takes one away

	// Seen is the merchant as whoever decides saw it; nil: whatever there is may be written over.
	Seen *paylink.Merchant
}

// Decide changes the merchant's settings. Two people who change different members in one instant both
// get what they said. What is said and is so already changes nothing and is not told; otherwise both
// worlds are told, as the settings are of both. It fails with *paylink.Invalid naming every wrong field, and
// with *paylink.Conflict "settings_changed" when somebody has changed the same since it was seen.
func (x *Issuer) Decide(ctx context.Context, by Actor, d Decision) (paylink.Merchant, error) {
	var m paylink.Merchant
	now := x.now()
	told := [2]paylink.EventID{paylink.NewEventID(now), paylink.NewEventID(now)}
	err := x.store.Write(ctx, func(tx *store.Tx) (err error) {
		if m, err = tx.MerchantToChange(by.Merchant.ID); err != nil {
			return err
		}
		before := m
		if err := d.apply(&m, by); err != nil {
			return err
		}
		if d.Seen != nil && overwrites(*d.Seen, before, m) {
			return &paylink.Conflict{Code: "settings_changed", Detail: "Somebody else has changed the same setting in the meantime."}
		}
		if same(before, m) {
			return nil
		}
		tx.UpdateSettings(m)
		for i, live := range []bool{false, true} {
			tx.AppendEvent(paylink.Event{
				ID: told[i], Merchant: m.ID, Live: live, At: now, Type: paylink.EventMerchantUpdated, Actor: by.ID,
				Data: paylink.EventData{Merchant: m.Snapshot(now)},
			})
		}
		return nil
	})
	return m, about(err, "change the settings of", by.Merchant.ID)
}

// apply changes the merchant as decided, or gives *paylink.Invalid with all that is wrong.
func (d Decision) apply(m *paylink.Merchant, by Actor) error {
	j := &judgement{by: by}
	switch {
	case d.NoExpiry:
		m.DefaultExpiry = 0
	case d.ExpiresIn != nil && (*d.ExpiresIn < 1 || *d.ExpiresIn > int64(maxExpiry/time.Second)):
		j.bad.Add("/default_expires_in", "out_of_range", "A link lives for at least 1 second and at most 365 days.")
	case d.ExpiresIn != nil:
		m.DefaultExpiry = time.Duration(*d.ExpiresIn) * time.Second
	}
	settings, err := m.Settings.With(d.Members)
	if err != nil {
		return err
	}
	j.settings(settings)
	m.Settings = settings
	return j.bad.OrNil()
}

// settings judges what a merchant decides once for all links.
func (j *judgement) settings(s paylink.Settings) {
	list(j, "/settings/default_channels", s.Channels, paylink.Channels)
	j.receipts("/settings/receipts", s.Receipts)
	j.delivery("/settings/default_delivery", s.Delivery)
	j.policy("/settings/on_late_payment", s.OnLate, "")
	j.policy("/settings/on_duplicate", s.OnDuplicate, "")
	j.policy("/settings/on_overpayment", s.OnOver, "")
	j.policy("/settings/on_underpayment", s.OnUnder, "")
	j.quietHours(s.QuietHours)
	j.dailyHours("/settings/contact_hours", s.ContactHours)
	j.contactCaps(s.ContactCaps)
	j.dlt(s.DLT)
	j.origins("/settings/return_origins", s.ReturnOrigins)
	j.refresh("/settings/refresh", s.Refresh)
	j.refunds(s.Refunds)
	j.sending(s)
	j.paying(s)
	if p := s.Prices; p != nil {
		j.price("/settings/message_prices/sms", p.SMS)
		j.price("/settings/message_prices/whatsapp", p.WhatsApp)
		j.price("/settings/message_prices/email", p.Email)
	}
}

// mostWindow is how long refunds can be called off at most, in seconds.
const mostWindow = 86400

func (j *judgement) refunds(r *paylink.RefundRules) {
	if r == nil {
		return
	}
	if r.ApproveAbove != nil && (*r.ApproveAbove < 0 || *r.ApproveAbove > paylink.MaxMinor) {
		j.bad.Add("/settings/refunds/approve_above", "out_of_range", "This is a number of minor units.")
	}
	for name, seconds := range map[string]*int64{"cancel_within": &r.CancelWithin, "bulk_cancel_within": r.BulkCancelWithin} {
		if seconds != nil && (*seconds < 0 || *seconds > mostWindow) {
			j.bad.Add("/settings/refunds/"+name, "out_of_range", "A number of seconds, at most a day.")
		}
	}
	if r.OnDisputed != "" && r.OnDisputed != "refuse" && r.OnDisputed != "allow" {
		j.bad.Add("/settings/refunds/on_disputed", "unknown_value", "One of refuse, allow.")
	}
}

// mostPrice is the most that a hundred messages can cost, in minor units.
const mostPrice = 1_000_000_000

func (j *judgement) price(pointer string, p *int64) {
	if p != nil && (*p < 0 || *p > mostPrice) {
		j.bad.Add(pointer, "out_of_range", "A price is a number of minor units up to a thousand million, for a hundred messages.")
	}
}

// overwrites tells that a decision would undo what the one who made it has not seen. Two who decide the same
// do not.
func overwrites(seen, before, after paylink.Merchant) bool {
	if before.DefaultExpiry != seen.DefaultExpiry && before.DefaultExpiry != after.DefaultExpiry {
		return true
	}
	unseen := seen.Settings.Changes(before.Settings)
	for name := range before.Settings.Changes(after.Settings) {
		if _, ok := unseen[name]; ok {
			return true
		}
	}
	return false
}

// same tells that nothing that a merchant decides is different.
func same(a, b paylink.Merchant) bool {
	return a.DefaultExpiry == b.DefaultExpiry && a.Settings.Text() == b.Settings.Text()
}

// settled gives the draft with what the merchant has decided in the place of what it does not say.
// Nobody is reached on a channel for which the customer has no address.
func (d Draft) settled(s paylink.Settings, known *paylink.Customer) Draft {
	if d.Channels == nil && d.Terms.Delivery == nil && s.Delivery != nil && reaches(s.Delivery, d.Customer, known) {
		d.Terms.Delivery = s.Delivery
	}
	if d.Channels == nil && d.Terms.Delivery == nil {
		d.Channels = slices.DeleteFunc(slices.Clone(s.Channels), func(c paylink.Channel) bool { return needs(c, d.Customer, known) != "" })
	}
	for _, p := range []struct {
		said    *paylink.Policy
		decided paylink.Policy
	}{{&d.OnLate, s.OnLate}, {&d.OnDuplicate, s.OnDuplicate}, {&d.Terms.OnOver, s.OnOver}, {&d.Terms.OnUnder, s.OnUnder}} {
		if *p.said == "" {
			*p.said = p.decided
		}
	}
	return d
}
