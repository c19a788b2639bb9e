package dispatch

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"paylink"
	"paylink/queue"
	"paylink/store"
)

// The inbox of a customer in the merchant's own app: what a message in the app goes into where no provider of
// the merchant carries such messages.

// inboxProvider is by whom a message is carried that stands in the customer's inbox.
const inboxProvider = "inbox"

// fitsInbox tells whether the customer's own inbox carries the message. A code that proves a visitor is for
// whoever stands at the page, and no inbox keeps it.
func (p *parcel) fitsInbox() bool {
	if p.message.Channel != paylink.ChannelInApp || p.message.To == "" || p.proof {
		return false
	}
	return p.message.Providers == "" || slices.Contains(strings.Split(p.message.Providers, ","), inboxProvider)
}

// putIntoInbox settles a message as sent: it is in the inbox with the same commit.
func (d *Dispatch) putIntoInbox(ctx context.Context, r *queue.Run, p parcel) error {
	now := d.now()
	a := paylink.Attempt{
		Merchant: p.message.Merchant, Live: p.message.Live, Link: p.message.Link, Message: p.message.ID, Number: int64(len(p.attempts)) + 1,
		Provider: inboxProvider, State: paylink.AttemptTaken, Segments: 1, Currency: p.merchant.Currency, Priced: true, BeganAt: now, EndedAt: now,
	}
	err := d.settle(ctx, r, p, outcome{word: word{status: paylink.MessageSent, at: now}, attempt: &a, read: paylink.AttemptCalling})
	if errors.Is(err, store.ErrContactCounted) {
		return d.keepWaiting(ctx, r, p, hold("", now.Add(time.Second)))
	}
	return err
}

// shelve puts a message in the app that has just been sent into its customer's inbox, whoever carried it, and
// has the customer's devices told. Nothing waits for them.
func (d *Dispatch) shelve(tx *store.Tx, before, m paylink.Message, ids eventIDs, now time.Time) error {
	if m.Channel != paylink.ChannelInApp || !before.SentAt.IsZero() || m.SentAt.IsZero() {
		return nil
	}
	tx.InsertInboxItem(paylink.InboxItem{
		ID: ids.item, Merchant: m.Merchant, Live: m.Live, Customer: paylink.CustomerID(m.To), Link: m.Link, Message: m.ID, CreatedAt: now,
	})
	devices, err := tx.DevicesOfContact(m.Merchant, m.Live, paylink.CustomerID(m.To))
	if err != nil {
		return err
	}
	for _, device := range devices {
		tx.Enqueue(paylink.Job{
			ID: paylink.NewJobID(now), Kind: paylink.JobPush, Key: string(m.ID) + " " + string(device.ID), Merchant: m.Merchant, Live: m.Live,
			Payload: paylink.JobPayload{Link: m.Link, Message: m.ID, Device: device.ID}, RunAt: now,
		}, now)
	}
	return nil
}
