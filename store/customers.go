package store

import "paylink"

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
