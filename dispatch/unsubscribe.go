package dispatch

import (
	"context"
	"fmt"
	"net/url"

	"paylink"
	"paylink/store"
	"paylink/token"
)

// unsubscribeURL is where one click ends such letters; empty for what is no bulk mail by its senders' rules:
// the request itself, and what was asked for just now.
func (d *Dispatch) unsubscribeURL(p parcel) (string, error) {
	m := p.message
	if m.Channel != paylink.ChannelEmail || m.Purpose != paylink.PurposeReminder || p.proof {
		return "", nil
	}
	key, err := token.AddressKey(d.ring, m.Merchant, m.Live, m.Channel, m.To)
	if err != nil {
		return "", err
	}
	text, err := token.SignUnsubscribe(d.ring, token.Unsubscribe{Merchant: m.Merchant, Live: m.Live, Channel: m.Channel, Address: key, Message: m.ID})
	if err != nil {
		return "", err
	}
	return d.public + "/u/" + url.PathEscape(text), nil
}

// Leaving is whose messages a customer ends by one click.
type Leaving struct {
	Merchant paylink.Merchant
	Live     bool
	Channel  paylink.Channel
	Masked   string // the address; empty: it is not known any more
	Done     bool   // it is on the list
}

// Leaving tells what the click with a token would end. A token that is not ours is *paylink.NotFound.
func (d *Dispatch) Leaving(ctx context.Context, text string) (Leaving, error) {
	l, _, err := d.leaving(ctx, text)
	return l, err
}

// Unsubscribe does what the click says. Twice is as once.
func (d *Dispatch) Unsubscribe(ctx context.Context, text string) (Leaving, error) {
	l, s, err := d.leaving(ctx, text)
	if err != nil || l.Done {
		return l, err
	}
	if err = d.store.Write(ctx, func(tx *store.Tx) error {
		_, err := d.enter(tx, []paylink.Suppression{s}, s.Since)
		return err
	}); err != nil {
		return l, fmt.Errorf("unsubscribe by message %s: %w", s.Message, err)
	}
	l.Done = true
	return l, nil
}

// leaving reads a token, and gives the entry that the click makes.
func (d *Dispatch) leaving(ctx context.Context, text string) (Leaving, paylink.Suppression, error) {
	u, err := token.ReadUnsubscribe(d.ring, text)
	if err != nil {
		return Leaving{}, paylink.Suppression{}, &paylink.NotFound{Kind: "unsubscribe link"}
	}
	read, now := d.store.Read(ctx), d.now()
	l := Leaving{Live: u.Live, Channel: u.Channel}
	if l.Merchant, err = read.Merchant(u.Merchant); err != nil {
		return l, paylink.Suppression{}, err
	}
	m, err := read.Message(u.Merchant, u.Live, u.Message)
	if err != nil && !paylink.IsNotFound(err) {
		return l, paylink.Suppression{}, err
	}
	s := paylink.Suppression{
		ID: paylink.NewSuppressionID(now), Merchant: u.Merchant, Live: u.Live, Channel: u.Channel, Address: u.Address,
		Reason: paylink.SuppressedUnsubscribe, Message: u.Message, Since: now,
	}
	s.Sealed = token.SealAddress(d.ring, s.ID, m.To)
	l.Masked = paylink.MaskAddress(m.To)
	keys := [][]byte{u.Address}
	if m.To != "" {
		if keys, err = token.AddressKeys(d.ring, u.Merchant, u.Live, u.Channel, m.To); err != nil {
			return l, s, err
		}
	}
	there, err := read.Suppressed(u.Merchant, u.Live, u.Channel, keys...)
	l.Done = err == nil && there != nil && there.Reason.OptOut()
	return l, s, err
}
