package dispatch

import (
	"context"
	"slices"
	"time"

	"paylink"
	"paylink/channel"
)

// carrier finds the account and the adapter that carry a channel for a merchant, in one mode; none when
// there is nobody. An account without a channel of its own carries whatever its provider can.
func (d *Dispatch) carrier(ctx context.Context, m paylink.Message) (paylink.Account, channel.Sender, error) {
	accounts, err := d.store.Read(ctx).Accounts(m.Merchant, m.Live, paylink.AccountChannel)
	if err != nil {
		return paylink.Account{}, nil, err
	}
	for _, a := range accounts {
		if sender := d.senders[a.Provider]; sender != nil && !a.Off && carries(a, sender, m.Channel) {
			return a, sender, nil
		}
	}
	return paylink.Account{}, nil, nil
}

// carries tells whether a message of the channel can go through the account.
func carries(a paylink.Account, s channel.Sender, c paylink.Channel) bool {
	return (a.Channel == c || a.Channel == "") && slices.Contains(s.Capabilities().Channels, c)
}

// carried ends a message that nobody carries for the merchant.
func (d *Dispatch) carried(_ context.Context, p *parcel, _ time.Time) (verdict, error) {
	if p.sender == nil {
		return verdict{status: paylink.MessageFailed, code: "no_provider"}, nil
	}
	return verdict{}, nil
}
