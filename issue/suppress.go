package issue

import (
	"context"
	"slices"
	"strings"

	"paylink"
	"paylink/store"
	"paylink/token"
)

// Suppressed is an entry of the list of addresses that get no more messages, with its address.
type Suppressed struct {
	paylink.Suppression
	To string // E.164, an e-mail address or a customer's id; empty: it was not kept
}

// Suppress enters an address by the merchant's word. One that is there already stays as it is, and comes back.
func (x *Issuer) Suppress(ctx context.Context, by Actor, c paylink.Channel, address string, claim *store.Claim) (Suppressed, error) {
	now := x.now()
	to, invalid := suppressible(by, c, address)
	if invalid != nil {
		return Suppressed{}, invalid
	}
	s := paylink.Suppression{
		ID: paylink.NewSuppressionID(now), Merchant: by.Merchant.ID, Live: by.Live, Channel: c, Reason: paylink.SuppressedManual, Since: now,
	}
	s.Sealed = token.SealAddress(x.ring, s.ID, to)
	keys, err := token.AddressKeys(x.ring, s.Merchant, s.Live, c, to)
	if err == nil {
		s.Address, err = token.AddressKey(x.ring, s.Merchant, s.Live, c, to)
	}
	if err != nil {
		return Suppressed{}, err
	}
	made := s
	out, replayed, err := x.store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		tx.Suppress(s)
		there, err := tx.Suppressed(s.Merchant, s.Live, c, keys...)
		if err != nil {
			return store.Outcome{}, err
		}
		made = *there
		return store.Outcome{Status: 201, Object: string(made.ID)}, nil
	})
	if err != nil {
		return Suppressed{}, about(err, "suppress an address for", by.Merchant.ID)
	}
	if replayed {
		return x.Suppression(ctx, by, paylink.SuppressionID(out.Object))
	}
	return Suppressed{made, to}, nil
}

// Suppression reads one entry.
func (x *Issuer) Suppression(ctx context.Context, by Actor, id paylink.SuppressionID) (Suppressed, error) {
	s, err := x.store.Read(ctx).Suppression(by.Merchant.ID, by.Live, id)
	if err != nil {
		return Suppressed{}, err
	}
	return x.opened(s)
}

// Suppressions lists entries, newest first, below the cursor.
func (x *Issuer) Suppressions(ctx context.Context, by Actor, before paylink.SuppressionID, limit int) ([]Suppressed, error) {
	all, err := x.store.Read(ctx).Suppressions(by.Merchant.ID, by.Live, before, limit)
	if err != nil {
		return nil, err
	}
	shown := make([]Suppressed, len(all))
	for i, s := range all {
		if shown[i], err = x.opened(s); err != nil {
			return nil, err
		}
	}
	return shown, nil
}

// Unsuppress takes an entry off the list, and tells it with the reason; no reason is one as well. Where a
// customer said no, it is for the merchant to have his word that he wants messages again.
func (x *Issuer) Unsuppress(ctx context.Context, by Actor, id paylink.SuppressionID, why paylink.LiftReason) error {
	if why != "" && !slices.Contains(paylink.LiftReasons, why) {
		bad := &paylink.Invalid{}
		bad.Add("/reason", "unknown_value", "This must be one of asked, works, mistake.")
		return bad
	}
	now := x.now()
	told := paylink.NewEventID(now)
	err := x.store.Write(ctx, func(tx *store.Tx) error {
		s, err := tx.Suppression(by.Merchant.ID, by.Live, id)
		if err != nil {
			return err
		}
		tx.Unsuppress(s.Merchant, s.Live, s.Channel, s.Address)
		tx.AppendEvent(paylink.Event{
			ID: told, Merchant: s.Merchant, Live: s.Live, At: now, Type: paylink.EventSuppressionLifted, Actor: by.ID,
			Data: paylink.EventData{Suppression: &paylink.SuppressionSnapshot{
				ID: s.ID, Object: "suppression", Livemode: s.Live, Channel: s.Channel, Reason: s.Reason, Lifted: why, CreatedAt: s.Since,
			}},
		})
		return nil
	})
	return about(err, "take off the list", id)
}

// Suppressing finds the entries of one address, on each channel that could have it: an e-mail address, a phone
// number for SMS and WhatsApp, a customer's id. It fails with *paylink.Invalid for what is none of these.
func (x *Issuer) Suppressing(ctx context.Context, by Actor, address string) ([]Suppressed, error) {
	channels := []paylink.Channel{paylink.ChannelSMS, paylink.ChannelWhatsApp}
	switch to := strings.TrimSpace(address); {
	case strings.Contains(to, "@"):
		channels = []paylink.Channel{paylink.ChannelEmail}
	case paylink.HasTag(to, "cust"):
		channels = []paylink.Channel{paylink.ChannelInApp}
	}
	var found []Suppressed
	for _, c := range channels {
		to, invalid := suppressible(by, c, address)
		if invalid != nil {
			return nil, invalid
		}
		keys, err := token.AddressKeys(x.ring, by.Merchant.ID, by.Live, c, to)
		if err != nil {
			return nil, err
		}
		one := Suppressed{paylink.Suppression{Merchant: by.Merchant.ID, Live: by.Live, Channel: c}, to}
		there, err := x.store.Read(ctx).Suppressed(by.Merchant.ID, by.Live, c, keys...)
		if err != nil {
			return nil, err
		}
		if there != nil {
			one.Suppression = *there
		}
		found = append(found, one)
	}
	return found, nil
}

func (x *Issuer) opened(s paylink.Suppression) (Suppressed, error) {
	to, err := token.OpenAddress(x.ring, s)
	return Suppressed{s, to}, err
}

// suppressible gives an address as messages are sent to it.
func suppressible(by Actor, c paylink.Channel, address string) (string, error) {
	j := &judgement{by: by}
	to := strings.TrimSpace(address)
	switch {
	case !slices.Contains(paylink.Channels, c):
		j.bad.Add("/channel", "unknown_value", "There is no such channel.")
	case to == "":
		j.bad.Add("/address", "required", "Give the address.")
	case c == paylink.ChannelEmail:
		to = j.email("/address", to)
	case c == paylink.ChannelInApp:
		if !paylink.HasTag(to, "cust") {
			j.bad.Add("/address", "unknown_value", "In the app a customer is named by its id.")
		}
	default:
		to = j.phone("/address", to)
	}
	return to, j.bad.OrNil()
}
