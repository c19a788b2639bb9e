package store

import (
	"encoding/json"
	"time"

	"paylink"
)

// BellMerchants rings when a merchant or one of its accounts changed, for those who keep copies.
const BellMerchants = "merchants"

const merchantColumns = `id, name, legal_name, country, currency, locale, time_zone, header, colour, website,
	support_phone, support_email, default_expiry, clock_offset, created_at, settings`

// Merchant reads one merchant; *paylink.NotFound if there is none. Outside a transaction it may be a
// copy, up to a second old where another node changed it.
func (r Reader) Merchant(id paylink.MerchantID) (paylink.Merchant, error) {
	return keep(r, id, func() (paylink.Merchant, error) {
		const q = `SELECT ` + merchantColumns + ` FROM merchants WHERE id = $1`
		m, err := merchantFrom(func(dest ...any) error { return r.row(q, []any{string(id)}, dest...) })
		if err == errNoRow {
			return m, &paylink.NotFound{Kind: "merchant", ID: string(id)}
		}
		return m, err
	})
}

// Merchants lists every merchant, in the order of their ids.
func (r Reader) Merchants() ([]paylink.Merchant, error) {
	const q = `SELECT ` + merchantColumns + ` FROM merchants ORDER BY id`
	var all []paylink.Merchant
	err := r.rows(q, nil, func(scan func(...any) error) error {
		m, err := merchantFrom(scan)
		all = append(all, m)
		return err
	})
	return all, err
}

// MerchantToChange reads one merchant and keeps it from being changed by others until the transaction
// ends; *paylink.NotFound if there is none.
func (tx *Tx) MerchantToChange(id paylink.MerchantID) (paylink.Merchant, error) {
	q := `SELECT ` + merchantColumns + ` FROM merchants WHERE id = $1` + tx.lock()
	m, err := merchantFrom(func(dest ...any) error { return tx.row(q, []any{string(id)}, dest...) })
	if err == errNoRow {
		return m, &paylink.NotFound{Kind: "merchant", ID: string(id)}
	}
	return m, err
}

// InsertMerchant adds a merchant.
func (tx *Tx) InsertMerchant(m paylink.Merchant) {
	const q = `
		INSERT INTO merchants (` + merchantColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`
	tx.put(q, string(m.ID), m.Name, m.LegalName, m.Country, string(m.Currency), m.Locale, m.TimeZone, m.Header, m.Colour, m.Website,
		m.SupportPhone, m.SupportEmail, m.DefaultExpiry.Microseconds(), m.ClockOffset.Microseconds(), micros(m.CreatedAt),
		nullSettings(m.Settings))
	tx.Ring(BellMerchants)
}

// UpdateSettings writes what a merchant decides for all its links: the default expiry and the settings.
// The transaction has read the merchant by MerchantToChange.
func (tx *Tx) UpdateSettings(m paylink.Merchant) {
	const q = `UPDATE merchants SET default_expiry = $2, settings = $3 WHERE id = $1`
	tx.putUnless(&paylink.NotFound{Kind: "merchant", ID: string(m.ID)}, q, string(m.ID), m.DefaultExpiry.Microseconds(), nullSettings(m.Settings))
	tx.Ring(BellMerchants)
}

func nullSettings(s paylink.Settings) any {
	if text := s.Text(); text != "{}" {
		return text
	}
	return nil
}

// AdvanceClock moves the sandbox clock of the merchant's test world forward by the duration.
func (tx *Tx) AdvanceClock(id paylink.MerchantID, by time.Duration) {
	const q = `UPDATE merchants SET clock_offset = clock_offset + $2 WHERE id = $1`
	tx.putUnless(&paylink.NotFound{Kind: "merchant", ID: string(id)}, q, string(id), by.Microseconds())
	tx.Ring(BellMerchants)
}

func merchantFrom(scan func(...any) error) (paylink.Merchant, error) {
	var m paylink.Merchant
	var expiry, offset, created int64
	var settings *string
	err := scan((*string)(&m.ID), &m.Name, &m.LegalName, &m.Country, (*string)(&m.Currency), &m.Locale, &m.TimeZone, &m.Header, &m.Colour,
		&m.Website, &m.SupportPhone, &m.SupportEmail, &expiry, &offset, &created, &settings)
	m.DefaultExpiry = time.Duration(expiry) * time.Microsecond
	m.ClockOffset = time.Duration(offset) * time.Microsecond
	m.CreatedAt = fromMicros(created)
	if err == nil && settings != nil {
		err = json.Unmarshal([]byte(*settings), &m.Settings)
	}
	return m, err
}
