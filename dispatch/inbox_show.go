package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"paylink"
	"paylink/store"
)

// Shown is an item of an inbox in words.
type Shown struct {
	paylink.InboxItem
	Title, Text string
	Language    string // BCP 47, of the words
	Button      string // empty: there is nothing left to do
	URL         string // of the payment page, a secret of the link; empty with Button
	Amount      paylink.Money
	Due         int64 // minor units
	Standing    paylink.LinkStatus
	ExpiresAt   time.Time // zero: never
}

// Show writes items of one customer's inbox in words, as they are now, and notes the messages as delivered:
// the customer's app has them.
func (d *Dispatch) Show(ctx context.Context, entries []store.InboxEntry) ([]Shown, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	merchant, err := d.store.Read(ctx).Merchant(entries[0].Merchant)
	if err != nil {
		return nil, err
	}
	shown := make([]Shown, len(entries))
	for i, e := range entries {
		if shown[i], err = d.show(ctx, merchant, e); err != nil {
			return nil, fmt.Errorf("show message %s: %w", e.Message, err)
		}
	}
	return shown, d.fetched(ctx, entries)
}

func (d *Dispatch) show(ctx context.Context, merchant paylink.Merchant, e store.InboxEntry) (Shown, error) {
	now := d.now()
	p := parcel{message: e.Of, link: e.Pays, customer: e.Customer, merchant: merchant}
	var err error
	if p.templates, err = d.wordings.of(d.store.Read(ctx), e.Merchant, e.Live, now); err != nil {
		return Shown{}, err
	}
	text, err := d.words(&p)
	if err != nil {
		return Shown{}, err
	}
	world := merchant.Now(e.Live, now)
	s := Shown{
		InboxItem: e.InboxItem, Title: text.Subject, Text: text.Text.Text, Language: text.language.Tag,
		Amount: e.Pays.Amount, Due: e.Pays.AmountDue(), Standing: e.Pays.StatusAt(world), ExpiresAt: e.Pays.ExpiresAt,
	}
	if p.idle(now) == "" {
		s.Button, s.URL = text.Button, text.url
	}
	return s, nil
}

// togetherFetched is how many messages are noted as delivered in one transaction: three rows each, and where
// a plan waits for them, four.
const togetherFetched = 10

// fetched notes messages as delivered that the customer's app has now.
func (d *Dispatch) fetched(ctx context.Context, entries []store.InboxEntry) error {
	var fresh []store.InboxEntry
	for _, e := range entries {
		if paylink.MessageMachine.Can(e.Of.Status, paylink.MessageDelivered) {
			fresh = append(fresh, e)
		}
	}
	// Whoever changes several messages does it in one order.
	slices.SortFunc(fresh, func(a, b store.InboxEntry) int { return compareIDs(a.Message, b.Message) })
	for some := range slices.Chunk(fresh, togetherFetched) {
		err := d.store.Write(ctx, func(tx *store.Tx) error {
			for _, e := range some {
				if _, err := d.heardOf(tx, e, paylink.MessageDelivered); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("note messages as delivered: %w", err)
		}
	}
	return nil
}

func compareIDs(a, b paylink.MessageID) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// heardOf moves a message by what its customer's app did with it.
func (d *Dispatch) heardOf(tx *store.Tx, e store.InboxEntry, status paylink.MessageStatus) (paylink.Message, error) {
	m, err := tx.Message(e.Merchant, e.Live, e.Message)
	if err != nil {
		return m, err
	}
	now, before := d.now(), m
	if told := apply(&m, word{status: status, at: now}); m != before {
		d.write(tx, before, &m, told, newEventIDs(now), "customer", now)
	}
	return m, nil
}

// MarkRead notes that the customer opened an item. Twice is as once. An item that is not in the customer's
// inbox is *paylink.NotFound.
func (d *Dispatch) MarkRead(ctx context.Context, merchant paylink.MerchantID, live bool, customer paylink.CustomerID, id paylink.InboxItemID) (Shown, error) {
	e, err := d.store.Read(ctx).InboxItem(merchant, live, customer, id)
	if err != nil {
		return Shown{}, err
	}
	if e.ReadAt.IsZero() {
		err = d.store.Write(ctx, func(tx *store.Tx) error {
			tx.ReadInboxItem(merchant, id, d.now())
			_, err := d.heardOf(tx, e, paylink.MessageRead)
			return err
		})
		if err != nil {
			return Shown{}, fmt.Errorf("mark item %s as read: %w", id, err)
		}
		if e, err = d.store.Read(ctx).InboxItem(merchant, live, customer, id); err != nil {
			return Shown{}, err
		}
	}
	m, err := d.store.Read(ctx).Merchant(merchant)
	if err != nil {
		return Shown{}, err
	}
	return d.show(ctx, m, e)
}
