package store

import "paylink"

const consentColumns = `merchant_id, customer_id, id, livemode, channel, purpose, state, source, actor, at`

// AppendConsent adds a line to the log of a person.
func (tx *Tx) AppendConsent(c paylink.Consent) {
	const q = `
		INSERT INTO consents (` + consentColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	tx.put(q, string(c.Merchant), string(c.Customer), string(c.ID), bit(c.Live), string(c.Channel), string(c.Purpose), string(c.State),
		c.Source, c.Actor, micros(c.At))
}

// Consent gives the line that holds for a channel and a purpose: the latest about it or about everything. nil:
// the person never said anything.
func (r Reader) Consent(merchant paylink.MerchantID, person paylink.CustomerID, c paylink.Channel, to paylink.ConsentTo) (*paylink.Consent, error) {
	const q = `
		SELECT ` + consentColumns + ` FROM consents
		WHERE merchant_id = $1 AND customer_id = $2 AND channel = $3 AND purpose IN ($4, 'all')
		ORDER BY at DESC, id DESC LIMIT 1`
	said, err := consentFrom(func(dest ...any) error {
		return r.row(q, []any{string(merchant), string(person), string(c), string(to)}, dest...)
	})
	if err == errNoRow {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &said, nil
}

// Consents lists the log of a person, newest first, below the cursor.
func (r Reader) Consents(merchant paylink.MerchantID, person paylink.CustomerID, before paylink.ConsentID, limit int) ([]paylink.Consent, error) {
	const q = `
		SELECT ` + consentColumns + ` FROM consents
		WHERE merchant_id = $1 AND customer_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4`
	var all []paylink.Consent
	err := r.rows(q, []any{string(merchant), string(person), below(string(before)), int64(limit)}, func(scan func(...any) error) error {
		c, err := consentFrom(scan)
		all = append(all, c)
		return err
	})
	return all, err
}

// MoveConsents makes up to limit lines of one person's log those of another, and tells how many it were.
func (tx *Tx) MoveConsents(from, into paylink.Customer, limit int) (int64, error) {
	const q = `
		UPDATE consents SET customer_id = $3
		WHERE merchant_id = $1 AND customer_id = $2 AND id IN (
			SELECT id FROM consents WHERE merchant_id = $1 AND customer_id = $2 ORDER BY id LIMIT $4)`
	return tx.exec(q, string(from.Merchant), string(from.ID), string(into.ID), int64(limit))
}

// PeopleAt gives up to limit people whom a channel reaches at an address.
func (r Reader) PeopleAt(merchant paylink.MerchantID, live bool, c paylink.Channel, address string, limit int) ([]paylink.Customer, error) {
	f := PersonFilter{Merchant: merchant, Live: live, Limit: limit}
	switch c {
	case paylink.ChannelInApp:
		p, err := r.Person(merchant, live, paylink.CustomerID(address))
		if paylink.IsNotFound(err) {
			return nil, nil
		}
		return []paylink.Customer{p}, err
	case paylink.ChannelEmail:
		f.Email = address
	default:
		f.Phone = address
	}
	page, err := r.People(f)
	return page.People, err
}

// PersonOfMessage reads to whom a message went, without a lock; nil when nobody is known.
func (r Reader) PersonOfMessage(merchant paylink.MerchantID, live bool, id paylink.MessageID) (*paylink.Customer, error) {
	q := `
		SELECT ` + of("p", customerColumns) + `
		FROM messages m
		JOIN links l ON l.merchant_id = m.merchant_id AND l.id = m.link_id AND l.livemode = m.livemode
		JOIN customers c ON c.merchant_id = l.merchant_id AND c.id = l.customer_id
		JOIN customers p ON p.merchant_id = c.merchant_id AND p.id = CASE c.person WHEN '' THEN c.id ELSE c.person END
		WHERE m.merchant_id = $1 AND m.id = $2 AND m.livemode = $3`
	c, err := customerFrom(func(dest ...any) error {
		return r.row(q, []any{string(merchant), string(id), bit(live)}, dest...)
	})
	if err == errNoRow {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &c, nil
}

func consentFrom(scan func(...any) error) (paylink.Consent, error) {
	var c paylink.Consent
	var live, at int64
	err := scan((*string)(&c.Merchant), (*string)(&c.Customer), (*string)(&c.ID), &live, (*string)(&c.Channel), (*string)(&c.Purpose),
		(*string)(&c.State), &c.Source, &c.Actor, &at)
	c.Live, c.At = live == 1, fromMicros(at)
	return c, err
}
