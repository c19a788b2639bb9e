package store

import (
	"fmt"
	"strings"
	"time"

	"paylink"
)

// theirs are the ids of all contacts of a person, $3, as a table.
const theirs = `(
			SELECT id FROM customers WHERE merchant_id = $1 AND livemode = $2 AND id = $3
			UNION ALL SELECT id FROM customers WHERE merchant_id = $1 AND livemode = $2 AND person = $3)`

// PayableOf gives up to limit links of a person that could be paid now, in the time of their world.
func (r Reader) PayableOf(p paylink.Customer, worldNow time.Time, limit int) ([]paylink.LinkID, error) {
	const q = `
		SELECT l.id FROM ` + theirs + ` c
		CROSS JOIN links l
		WHERE l.merchant_id = $1 AND l.livemode = $2 AND l.customer_id = c.id AND l.archived_at IS NULL
			AND l.status IN ('pending', 'failed', 'partially_paid') AND (l.expires_at IS NULL OR l.expires_at > $4)
		LIMIT $5`
	var all []paylink.LinkID
	err := r.rowsOf(q, []any{string(p.Merchant), bit(p.Live), string(p.ID), micros(worldNow), int64(limit)}, func(scan func(...any) error) error {
		var id paylink.LinkID
		err := scan((*string)(&id))
		all = append(all, id)
		return err
	})
	return all, err
}

// LinksOfContact lists the links that were made with one contact, newest first, below the cursor.
func (r Reader) LinksOfContact(c paylink.Customer, before paylink.LinkID, limit int) ([]paylink.Link, error) {
	const q = `
		SELECT ` + linkColumns + ` FROM links
		WHERE merchant_id = $1 AND livemode = $2 AND customer_id = $3 AND id < $4 ORDER BY id DESC LIMIT $5`
	var all []paylink.Link
	err := r.rowsOf(q, []any{string(c.Merchant), bit(c.Live), string(c.ID), below(string(before)), int64(limit)}, func(scan func(...any) error) error {
		l, err := linkFrom(scan)
		all = append(all, l)
		return err
	})
	return all, err
}

// ContactsToErase gives up to limit contacts of a person that still hold something.
func (r Reader) ContactsToErase(p paylink.Customer, limit int) ([]paylink.Customer, error) {
	const q = `
		SELECT ` + contactColumns + ` FROM customers
		WHERE merchant_id = $1 AND livemode = $2 AND person = $3 AND erased_at IS NULL LIMIT $4`
	var all []paylink.Customer
	err := r.rows(q, []any{string(p.Merchant), bit(p.Live), string(p.ID), int64(limit)}, func(scan func(...any) error) error {
		c, err := contactFrom(scan)
		all = append(all, c)
		return err
	})
	return all, err
}

// EraseContact empties a contact of an erased person.
func (tx *Tx) EraseContact(c paylink.Customer, at time.Time) {
	const q = `
		UPDATE customers SET name = '', phone = '', email = '', locale = '', tax_id = '', notes = '', metadata = '{}', erased_at = $3
		WHERE merchant_id = $1 AND id = $2 AND person <> ''`
	tx.put(q, string(c.Merchant), string(c.ID), micros(at))
}

// What links keep of their customer beside the contact: where messages went, what carriers said of it, and
// what the customer answered. Each names its rows that still hold something.
var keptOfLinks = []struct{ table, key, holds, empty string }{
	{"messages", "id", `address <> '' AND channel <> 'in_app'`, `address = ''`},
	{"attempts", "message_id, number", `words <> ''`, `words = ''`},
	{"payments", "id", `answers IS NOT NULL`, `answers = NULL`},
}

// LinksToErase tells which of some links still keep something of their customer. It takes at most 100.
func (r Reader) LinksToErase(merchant paylink.MerchantID, links []paylink.LinkID) ([]paylink.LinkID, error) {
	if len(links) == 0 {
		return nil, nil
	}
	args := []any{string(merchant)}
	for _, id := range links {
		args = append(args, string(id))
	}
	looks := make([]string, len(keptOfLinks))
	for i, k := range keptOfLinks {
		looks[i] = `SELECT link_id FROM ` + k.table + ` WHERE merchant_id = $1 AND link_id IN (` + places(2, len(links)) + `) AND ` + k.holds
	}
	var all []paylink.LinkID
	err := r.rowsOf(strings.Join(looks, " UNION "), args, func(scan func(...any) error) error {
		var id paylink.LinkID
		err := scan((*string)(&id))
		all = append(all, id)
		return err
	})
	return all, err
}

// EraseLink empties up to limit rows of what a link keeps of its customer, and tells how many it were.
func (tx *Tx) EraseLink(merchant paylink.MerchantID, link paylink.LinkID, limit int) (int64, error) {
	var all int64
	for _, k := range keptOfLinks {
		q := fmt.Sprintf(`
			UPDATE %s SET %s
			WHERE merchant_id = $1 AND link_id = $2 AND %s AND (%s) IN (
				SELECT %s FROM %s WHERE merchant_id = $1 AND link_id = $2 AND %s LIMIT $3)`, k.table, k.empty, k.holds, k.key, k.key, k.table, k.holds)
		n, err := tx.exec(q, string(merchant), string(link), int64(limit)-all)
		if all += n; err != nil || all >= int64(limit) {
			return all, err
		}
	}
	return all, nil
}

// ResealSuppression keeps an address on the list by its digest, with another word in the place of the address.
func (tx *Tx) ResealSuppression(s paylink.Suppression) {
	const q = `UPDATE suppressions SET sealed = $3 WHERE merchant_id = $1 AND id = $2`
	tx.putAny(q, string(s.Merchant), string(s.ID), s.Sealed)
}
