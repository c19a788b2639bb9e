package store

import (
	"fmt"
	"strings"

	"paylink"
)

// A contact is what a link knows of its customer; the rest is said of a person.
const (
	contactColumns  = `merchant_id, id, livemode, name, phone, email, locale, created_at, person, tax_id`
	customerColumns = contactColumns + `, notes, metadata, revision, updated_at, erased_at`
)

// Customer reads one contact of the merchant in one mode.
func (r Reader) Customer(merchant paylink.MerchantID, live bool, id paylink.CustomerID) (paylink.Customer, error) {
	const q = `SELECT ` + contactColumns + ` FROM customers WHERE merchant_id = $1 AND id = $2 AND livemode = $3`
	c, err := contactFrom(func(dest ...any) error {
		return r.row(q, []any{string(merchant), string(id), bit(live)}, dest...)
	})
	if err == errNoRow {
		return c, &paylink.NotFound{Kind: "customer", ID: string(id)}
	}
	return c, err
}

// CustomerOf reads the contact of a link, nil when it has none.
func (r Reader) CustomerOf(l paylink.Link) (*paylink.Customer, error) {
	if l.Customer == "" {
		return nil, nil
	}
	c, err := r.Customer(l.Merchant, l.Live, l.Customer)
	if err != nil {
		return nil, err
	}
	return &c, nil
}

// CustomersOf reads the contacts of a page of a list, by id; the ids "" and unknown ones have no entry.
// It takes at most 101 ids, one page.
func (r Reader) CustomersOf(merchant paylink.MerchantID, live bool, ids []paylink.CustomerID) (map[paylink.CustomerID]paylink.Customer, error) {
	args, places := []any{string(merchant), bit(live)}, []string{}
	asked := map[paylink.CustomerID]bool{"": true}
	for _, id := range ids {
		if !asked[id] {
			asked[id] = true
			args = append(args, string(id))
			places = append(places, fmt.Sprintf("$%d", len(args)))
		}
	}
	of := map[paylink.CustomerID]paylink.Customer{}
	if len(places) == 0 {
		return of, nil
	}
	q := `
		SELECT ` + contactColumns + ` FROM customers
		WHERE merchant_id = $1 AND livemode = $2 AND id IN (` + strings.Join(places, ", ") + `)`
	err := r.rowsOf(q, args, func(scan func(...any) error) error {
		c, err := contactFrom(scan)
		of[c.ID] = c
		return err
	})
	return of, err
}

// Person reads whom a customer stands for: the contact that stands for the person, which is the customer itself
// or one that is older. Inside a transaction it is locked, so that changes of one person come one after the other.
func (r Reader) Person(merchant paylink.MerchantID, live bool, id paylink.CustomerID) (paylink.Customer, error) {
	q := `
		SELECT ` + of("p", customerColumns) + ` FROM customers p
		WHERE p.merchant_id = $1 AND p.livemode = $3 AND p.id = (
			SELECT CASE k.person WHEN '' THEN k.id ELSE k.person END FROM customers k
			WHERE k.merchant_id = $1 AND k.id = $2 AND k.livemode = $3)` + r.lock()
	for asked := id; ; {
		c, err := customerFrom(func(dest ...any) error {
			return r.row(q, []any{string(merchant), string(asked), bit(live)}, dest...)
		})
		switch {
		case err == errNoRow:
			return c, &paylink.NotFound{Kind: "customer", ID: string(id)}
		case err == nil && c.Person != "": // it became another's contact while this one waited for it
			asked = c.Person
		default:
			return c, err
		}
	}
}

// InsertCustomer adds a contact. When the same number and mailbox were known before, it names the person, who
// stays locked until the commit: nobody is erased while a link is made for him. What was not known stands for a
// new person.
func (tx *Tx) InsertCustomer(c paylink.Customer) {
	q := `
		INSERT INTO customers (` + customerColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, ` + tx.knownAs(c) + `, $9, $10, $11, 1, $8, NULL)`
	args := []any{string(c.Merchant), string(c.ID), bit(c.Live), c.Name, c.Phone, c.Email, c.Locale, micros(c.CreatedAt),
		c.TaxID, c.Notes, toJSON(c.Metadata)}
	if c.Phone != "" || c.Email != "" {
		args = append(args, lowerASCII(c.Email))
	}
	tx.put(q, args...)
}

// knownAs is the person to whom a new contact belongs, as an expression; $12 is its mailbox in lower case. Of
// those with one number and mailbox the index has the person first, and otherwise whoever names one.
func (tx *Tx) knownAs(c paylink.Customer) string {
	same := `k.phone = $5 AND k.phone <> '' AND LOWER(k.email) = $12`
	switch {
	case c.Phone == "" && c.Email == "":
		return `''`
	case c.Phone == "":
		same = `LOWER(k.email) = $12 AND k.email <> '' AND k.phone = ''`
	}
	return `COALESCE((
			SELECT p.id FROM customers p
			WHERE p.merchant_id = $1 AND p.person = '' AND p.erased_at IS NULL AND p.id = (
				SELECT CASE k.person WHEN '' THEN k.id ELSE k.person END FROM customers k
				WHERE k.merchant_id = $1 AND k.livemode = $3 AND ` + same + `
				ORDER BY k.person LIMIT 1)` + tx.lockKey() + `), '')`
}

func contactFrom(scan func(...any) error) (paylink.Customer, error) {
	var c paylink.Customer
	var live, created int64
	err := scan((*string)(&c.Merchant), (*string)(&c.ID), &live, &c.Name, &c.Phone, &c.Email, &c.Locale, &created, (*string)(&c.Person), &c.TaxID)
	c.Live, c.CreatedAt = live == 1, fromMicros(created)
	return c, err
}

// customerFrom scans customerColumns.
func customerFrom(scan func(...any) error) (paylink.Customer, error) {
	var notes, metadata string
	var revision, updated int64
	var erased *int64
	c, err := contactFrom(func(dest ...any) error {
		return scan(append(dest, &notes, &metadata, &revision, &updated, &erased)...)
	})
	if err != nil {
		return c, err
	}
	c.Notes, c.Revision, c.ErasedAt = notes, revision, fromNullMicros(erased)
	if c.UpdatedAt = fromMicros(updated); updated == 0 {
		c.UpdatedAt = c.CreatedAt
	}
	return c, mapFromJSON(metadata, &c.Metadata)
}
