package dispatch

import (
	"context"
	"slices"
	"time"

	"paylink"
	"paylink/rules"
	"paylink/store"
	"paylink/token"
)

// lawful holds or skips a message that the customer must not get now: by the law of the customer's country,
// by the customer's clock, and by how often the customer was written to. A code was asked for by the customer
// who stands at the page.
func (d *Dispatch) lawful(ctx context.Context, p *parcel, now time.Time) (verdict, error) {
	p.contact = nil
	if p.proof {
		return verdict{}, nil
	}
	facts := p.facts(p.merchant.Now(p.link.Live, now))
	if rules.Counts(facts) {
		if err := d.contacts(ctx, p, &facts); err != nil {
			return verdict{}, err
		}
	}
	v := rules.Judge(facts)
	switch v.Kind {
	case rules.Hold:
		return hold(v.Reason, now.Add(v.Until.Sub(facts.Now))), nil
	case rules.Omit:
		return skip(v.Reason), nil
	}
	return verdict{}, nil
}

// facts is what the rules are asked with. now is the time of the link's world.
func (p *parcel) facts(now time.Time) rules.Facts {
	quiet := p.merchant.Quiet()
	f := rules.Facts{
		Purpose: p.purpose(), Recovery: p.message.Asks() && (p.message.Purpose == paylink.PurposeRecovery || p.link.Terms.Purpose == paylink.PurposeRecovery),
		Country: p.merchant.Country, Zone: quiet.Zone, Quiet: quiet, Hours: p.merchant.Settings.ContactHours,
		Caps: rules.CapsOf(p.merchant.Settings.ContactCaps), Now: now,
	}
	switch {
	case p.message.Channel == paylink.ChannelSMS || p.message.Channel == paylink.ChannelWhatsApp:
		f.Phone = p.message.To
	case p.customer != nil:
		f.Phone = p.customer.Phone
	}
	return f
}

// purpose is why the message is sent, as it says itself or its link does.
func (p *parcel) purpose() paylink.Purpose {
	switch {
	case p.proof:
		return paylink.PurposeRequested
	case !p.message.Asks():
		return p.message.Purpose // a receipt neither recovers nor sells, whatever its link does
	}
	if p.message.Purpose == "" || p.message.Purpose == paylink.PurposeTransactional {
		if p.link.Terms.Purpose != "" {
			return p.link.Terms.Purpose
		}
		return paylink.PurposeTransactional
	}
	return p.message.Purpose
}

// contactsMost is how many times of one customer are kept: as many as a cap can ask for.
const contactsMost = 500

// contacts reads when the customer was written to, and makes ready what is written when this attempt begins.
// A message that was counted before is not counted again.
func (d *Dispatch) contacts(ctx context.Context, p *parcel, f *rules.Facts) error {
	keys, err := token.AddressKeys(d.ring, p.message.Merchant, p.message.Live, p.message.Channel, p.message.To)
	if err != nil {
		return err
	}
	active, err := token.AddressKey(d.ring, p.message.Merchant, p.message.Live, p.message.Channel, p.message.To)
	if err != nil {
		return err
	}
	c, err := d.store.Read(ctx).ReadContacts(store.Contacts{
		Merchant: p.message.Merchant, Live: p.message.Live, Channel: p.message.Channel, Address: active,
	}, keys...)
	if err != nil {
		return err
	}
	since := f.Now.Add(-7 * 24 * time.Hour)
	c.Times = slices.DeleteFunc(c.Times, func(t store.Contact) bool { return !t.At.After(since) })
	counted := false
	for _, t := range c.Times {
		if t.Message == p.message.ID {
			counted = true
			continue
		}
		f.Before = append(f.Before, t.At)
	}
	if !counted {
		c.Times = append(c.Times, store.Contact{Message: p.message.ID, At: f.Now})
		c.Times = c.Times[max(0, len(c.Times)-contactsMost):]
		p.contact = &c
	}
	return nil
}

// preflight blocks a text message to India that its operators would block, before it costs money. In test
// mode it looks only where the merchant has said what is registered.
func (d *Dispatch) preflight(_ context.Context, p *parcel, _ time.Time) (verdict, error) {
	p.registered = nil
	if p.message.Channel != paylink.ChannelSMS || rules.Country(p.message.To) != "IN" || !p.message.Live && p.merchant.Settings.DLT == nil {
		return verdict{}, nil
	}
	text, err := d.words(p)
	if err != nil {
		return verdict{}, err
	}
	m := rules.Indian{Text: text.Text.Text, URL: text.url, Purpose: p.purpose()}
	if text.own != nil {
		m.ID = text.own.As.DLT
	}
	found, flaw := rules.Preflight(p.merchant.Settings.DLT, m)
	if flaw != "" {
		return block(string(flaw)), nil
	}
	p.registered = &found
	return verdict{}, nil
}
