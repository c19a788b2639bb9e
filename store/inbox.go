package store

import (
	"time"

	"paylink"
)

const inboxColumns = `merchant_id, id, livemode, customer_id, link_id, message_id, created_at, read_at`

// An item stands with the contact that its link was made with; an inbox is a person's, with all of the person's
// contacts, whichever they are by then.

// InboxEntry is an item of an inbox with all that it is made of.
type InboxEntry struct {
	paylink.InboxItem
	Of       paylink.Message
	Pays     paylink.Link
	Customer *paylink.Customer // of the link
}

var inboxEntry = `
	SELECT ` + of("i", inboxColumns) + `, ` + of("m", messageColumns) + `, ` + linkAndCustomer + `
	FROM inbox_items i
	JOIN messages m ON m.merchant_id = i.merchant_id AND m.link_id = i.link_id AND m.id = i.message_id
	JOIN links l ON l.merchant_id = i.merchant_id AND l.id = i.link_id
	` + linkCustomer + `
	` + inboxPerson + `
	WHERE i.merchant_id = $1 AND i.livemode = $2 `

// inboxPerson joins an item with the contact that it stands with, of the person $3.
const inboxPerson = `JOIN customers k ON k.merchant_id = i.merchant_id AND k.id = i.customer_id AND (k.id = $3 OR k.person = $3)`

// Inbox lists the items of a person's inbox, newest first, below the cursor.
func (r Reader) Inbox(merchant paylink.MerchantID, live bool, customer paylink.CustomerID, before paylink.InboxItemID, limit int) ([]InboxEntry, error) {
	q := inboxEntry + `AND i.id < $4 ORDER BY i.id DESC LIMIT $5`
	return r.inbox(q, string(merchant), bit(live), string(customer), below(string(before)), int64(limit))
}

// InboxItem reads one item of a person's inbox.
func (r Reader) InboxItem(merchant paylink.MerchantID, live bool, customer paylink.CustomerID, id paylink.InboxItemID) (InboxEntry, error) {
	return r.one(id, inboxEntry+`AND i.id = $4`, string(merchant), bit(live), string(customer), string(id))
}

// InboxItemOf reads the item of a message.
func (r Reader) InboxItemOf(merchant paylink.MerchantID, live bool, customer paylink.CustomerID, message paylink.MessageID) (InboxEntry, error) {
	return r.one("", inboxEntry+`AND i.message_id = $4`, string(merchant), bit(live), string(customer), string(message))
}

// InboxItemsOf lists the latest items about one link.
func (r Reader) InboxItemsOf(merchant paylink.MerchantID, live bool, customer paylink.CustomerID, link paylink.LinkID, limit int) ([]InboxEntry, error) {
	q := inboxEntry + `AND i.link_id = $4 ORDER BY i.id DESC LIMIT $5`
	return r.inbox(q, string(merchant), bit(live), string(customer), string(link), int64(limit))
}

func (r Reader) one(id paylink.InboxItemID, q string, args ...any) (InboxEntry, error) {
	all, err := r.inbox(q, args...)
	if err != nil {
		return InboxEntry{}, err
	}
	if len(all) == 0 {
		return InboxEntry{}, &paylink.NotFound{Kind: "inbox_item", ID: string(id)}
	}
	return all[0], nil
}

func (r Reader) inbox(q string, args ...any) ([]InboxEntry, error) {
	var all []InboxEntry
	err := r.rowsOf(q, args, func(scan func(...any) error) error {
		e, err := inboxEntryFrom(scan)
		all = append(all, e)
		return err
	})
	return all, err
}

// Unread counts the items that the customer has not opened, up to most: those whose links can still be paid, and
// those that ask for nothing.
func (r Reader) Unread(merchant paylink.MerchantID, live bool, customer paylink.CustomerID, most int) (n int64, err error) {
	const q = `
		SELECT COUNT(*) FROM (
			SELECT 1 FROM inbox_items i
			JOIN links l ON l.merchant_id = i.merchant_id AND l.id = i.link_id
			JOIN messages m ON m.merchant_id = i.merchant_id AND m.link_id = i.link_id AND m.id = i.message_id
			` + inboxPerson + `
			WHERE i.merchant_id = $1 AND i.livemode = $2 AND i.read_at IS NULL
			AND (l.status IN ('pending', 'failed', 'partially_paid') OR m.kind IN ('receipt', 'refund')) LIMIT $4
		) AS unread`
	err = r.row(q, []any{string(merchant), bit(live), string(customer), int64(most)}, &n)
	return n, err
}

// InsertInboxItem puts a message into its customer's inbox, once.
func (tx *Tx) InsertInboxItem(i paylink.InboxItem) {
	const q = `
		INSERT INTO inbox_items (` + inboxColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT DO NOTHING`
	tx.putAny(q, string(i.Merchant), string(i.ID), bit(i.Live), string(i.Customer), string(i.Link), string(i.Message), micros(i.CreatedAt), nullMicros(i.ReadAt))
}

// ReadInboxItem writes when the customer opened an item. The first time stays.
func (tx *Tx) ReadInboxItem(merchant paylink.MerchantID, id paylink.InboxItemID, at time.Time) {
	const q = `UPDATE inbox_items SET read_at = $3 WHERE merchant_id = $1 AND id = $2 AND read_at IS NULL`
	tx.putAny(q, string(merchant), string(id), micros(at))
}

// InboxOwner tells whose inbox a customer's is, the person's, and which tokens open it: those that were made in
// the generation. Whoever was erased has none.
func (r Reader) InboxOwner(merchant paylink.MerchantID, live bool, customer paylink.CustomerID) (person paylink.CustomerID, generation int64, err error) {
	const q = `
		SELECT p.id, p.inbox_generation FROM customers p
		WHERE p.merchant_id = $1 AND p.livemode = $3 AND p.erased_at IS NULL AND p.id = (
			SELECT CASE k.person WHEN '' THEN k.id ELSE k.person END FROM customers k
			WHERE k.merchant_id = $1 AND k.id = $2 AND k.livemode = $3)`
	err = r.row(q, []any{string(merchant), string(customer), bit(live)}, (*string)(&person), &generation)
	if err == errNoRow {
		err = &paylink.NotFound{Kind: "customer", ID: string(customer)}
	}
	return person, generation, err
}

// PersonOfLink tells whose a link is; empty when it has no customer.
func (r Reader) PersonOfLink(merchant paylink.MerchantID, live bool, link paylink.LinkID) (person paylink.CustomerID, err error) {
	const q = `
		SELECT CASE k.person WHEN '' THEN k.id ELSE k.person END
		FROM links l JOIN customers k ON k.merchant_id = l.merchant_id AND k.id = l.customer_id AND k.livemode = l.livemode
		WHERE l.merchant_id = $1 AND l.id = $2 AND l.livemode = $3`
	err = r.row(q, []any{string(merchant), string(link), bit(live)}, (*string)(&person))
	if err == errNoRow {
		err = nil
	}
	return person, err
}

// EndInboxTokens ends every token for a person's inbox.
func (tx *Tx) EndInboxTokens(merchant paylink.MerchantID, live bool, person paylink.CustomerID) {
	const q = `UPDATE customers SET inbox_generation = inbox_generation + 1 WHERE merchant_id = $1 AND id = $2 AND livemode = $3`
	tx.putUnless(&paylink.NotFound{Kind: "customer", ID: string(person)}, q, string(merchant), string(person), bit(live))
}

// CloseInbox is for a person who is erased: tokens end and devices are forgotten. What stands in the inbox has no
// personal data of its own.
func (tx *Tx) CloseInbox(p paylink.Customer) {
	tx.EndInboxTokens(p.Merchant, p.Live, p.ID)
	tx.putAny(`DELETE FROM devices WHERE merchant_id = $1 AND livemode = $2 AND owner = $3`, string(p.Merchant), bit(p.Live), string(p.ID))
}

// JoinInboxes is for a person who turns out to be another: the devices become the other's, and the tokens of both
// end, so that none opens more than it was made for.
func (tx *Tx) JoinInboxes(from, into paylink.Customer) {
	const q = `
		UPDATE customers SET inbox_generation = 1 + (SELECT MAX(k.inbox_generation) FROM customers k WHERE k.merchant_id = $1 AND k.id IN ($2, $3))
		WHERE merchant_id = $1 AND id = $3`
	tx.put(q, string(into.Merchant), string(from.ID), string(into.ID))
	tx.putAny(`UPDATE devices SET owner = $4 WHERE merchant_id = $1 AND livemode = $2 AND owner = $3`,
		string(into.Merchant), bit(into.Live), string(from.ID), string(into.ID))
}

func inboxEntryFrom(scan func(...any) error) (InboxEntry, error) {
	var e InboxEntry
	var live, created int64
	var read *int64
	own := []any{(*string)(&e.Merchant), (*string)(&e.ID), &live, (*string)(&e.InboxItem.Customer), (*string)(&e.Link), (*string)(&e.Message), &created, &read}
	var err error
	e.Of, err = messageFrom(func(message ...any) (err error) {
		e.Pays, e.Customer, err = linkAndCustomerFrom(func(dest ...any) error {
			return scan(append(append(own, message...), dest...)...)
		})
		return err
	})
	e.Live, e.CreatedAt, e.ReadAt = live == 1, fromMicros(created), fromNullMicros(read)
	return e, err
}
