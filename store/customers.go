package store

import (
	"fmt"
	"strings"

	"paylink"
)

const customerColumns = `merchant_id, id, livemode, name, phone, email, locale, created_at`

// Customer reads one customer of the merchant in one mode.
func (r Reader) Customer(merchant paylink.MerchantID, live bool, id paylink.CustomerID) (paylink.Customer, error) {
	const q = `SELECT ` + customerColumns + ` FROM customers WHERE merchant_id = $1 AND id = $2 AND livemode = $3`
	c, err := customerFrom(func(dest ...any) error {
		return r.row(q, []any{string(merchant), string(id), bit(live)}, dest...)
	})
	if err == errNoRow {
		return c, &paylink.NotFound{Kind: "customer", ID: string(id)}
	}
	return c, err
}

// CustomerOf reads the customer of a link, nil when it has none.
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

// CustomersOf reads the customers of a page of a list, by id; the ids "" and unknown ones have no entry.
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
		SELECT ` + customerColumns + ` FROM customers
		WHERE merchant_id = $1 AND livemode = $2 AND id IN (` + strings.Join(places, ", ") + `)`
	err := r.rowsOf(q, args, func(scan func(...any) error) error {
		c, err := customerFrom(scan)
		of[c.ID] = c
		return err
	})
	return of, err
}

// InsertCustomer adds a customer.
func (tx *Tx) InsertCustomer(c paylink.Customer) {
	const q = `
		INSERT INTO customers (` + customerColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	tx.put(q, string(c.Merchant), string(c.ID), bit(c.Live), c.Name, c.Phone, c.Email, c.Locale, micros(c.CreatedAt))
}

func customerFrom(scan func(...any) error) (paylink.Customer, error) {
	var c paylink.Customer
	var live, created int64
	err := scan((*string)(&c.Merchant), (*string)(&c.ID), &live, &c.Name, &c.Phone, &c.Email, &c.Locale, &created)
	c.Live, c.CreatedAt = live == 1, fromMicros(created)
	return c, err
}
