package store

import (
	"time"

	"paylink"
)

const deliveryColumns = `merchant_id, id, livemode, endpoint_id, event_id, event_type, seq, status, attempts, next_at, last_status, last_error,
	last_took, created_at, updated_at`

// Delivery reads one delivery of the merchant; inside a transaction it is locked.
func (r Reader) Delivery(merchant paylink.MerchantID, live bool, id paylink.DeliveryID) (paylink.Delivery, error) {
	q := `SELECT ` + deliveryColumns + ` FROM deliveries WHERE merchant_id = $1 AND id = $2 AND livemode = $3` + r.lock()
	d, err := deliveryFrom(func(dest ...any) error {
		return r.row(q, []any{string(merchant), string(id), bit(live)}, dest...)
	})
	if err == errNoRow {
		return d, &paylink.NotFound{Kind: "webhook_delivery", ID: string(id)}
	}
	return d, err
}

// DeliveryFilter chooses deliveries for a list. Zero fields do not filter.
type DeliveryFilter struct {
	Merchant paylink.MerchantID
	Live     bool
	Endpoint paylink.EndpointID
	Event    paylink.EventID
	Status   paylink.DeliveryStatus
	Before   paylink.DeliveryID
	Limit    int // required, at most 101
}

// Deliveries lists the merchant's deliveries, newest first, below the cursor Before.
func (r Reader) Deliveries(f DeliveryFilter) ([]paylink.Delivery, error) {
	const q = `
		SELECT ` + deliveryColumns + ` FROM deliveries
		WHERE merchant_id = $1 AND livemode = $2 AND ($3 = '' OR endpoint_id = $3) AND ($4 = '' OR event_id = $4)
		AND ($5 = '' OR status = $5) AND id < $6
		ORDER BY id DESC LIMIT $7`
	return r.deliveries(q, string(f.Merchant), bit(f.Live), string(f.Endpoint), string(f.Event), string(f.Status), below(string(f.Before)), int64(f.Limit))
}

// WaitingDeliveries lists what waits for one endpoint, in the order in which it happened.
func (r Reader) WaitingDeliveries(merchant paylink.MerchantID, endpoint paylink.EndpointID, limit int) ([]paylink.Delivery, error) {
	const q = `
		SELECT ` + deliveryColumns + ` FROM deliveries
		WHERE merchant_id = $1 AND endpoint_id = $2 AND status = 'pending'
		ORDER BY seq LIMIT $3`
	return r.deliveries(q, string(merchant), string(endpoint), int64(limit))
}

// UnplannedDeliveries lists the pending deliveries of one endpoint for which no attempt is planned,
// in the order in which they happened: they wait until the endpoint resumes.
func (r Reader) UnplannedDeliveries(merchant paylink.MerchantID, endpoint paylink.EndpointID, limit int) ([]paylink.Delivery, error) {
	const q = `
		SELECT ` + deliveryColumns + ` FROM deliveries
		WHERE merchant_id = $1 AND endpoint_id = $2 AND status = 'pending' AND next_at IS NULL
		ORDER BY seq, id LIMIT $3`
	return r.deliveries(q, string(merchant), string(endpoint), int64(limit))
}

// FailedDeliveries lists the deliveries of one endpoint that were given up at or after since, oldest
// first. from is an id, or the beginning of one, below which none is looked for.
func (r Reader) FailedDeliveries(merchant paylink.MerchantID, endpoint paylink.EndpointID, from string, since time.Time, limit int) ([]paylink.Delivery, error) {
	const q = `
		SELECT ` + deliveryColumns + ` FROM deliveries
		WHERE merchant_id = $1 AND id >= $2 AND endpoint_id = $3 AND status = 'failed' AND updated_at >= $4
		ORDER BY id LIMIT $5`
	return r.deliveries(q, string(merchant), from, string(endpoint), micros(since), int64(limit))
}

// Told is one sealed event and, if there was one, its delivery to one endpoint.
type Told struct {
	Event    paylink.EventID
	Type     paylink.EventType
	Sequence int64
	Delivery paylink.DeliveryID     // empty: the endpoint was not told of it
	Status   paylink.DeliveryStatus // of the delivery
}

// ToldFilter chooses events by when they happened, Since included and Until not. After and Before are
// ids, or beginnings of ids, between which the events are looked for, both excluded.
type ToldFilter struct {
	Merchant      paylink.MerchantID
	Live          bool
	Endpoint      paylink.EndpointID
	Since, Until  time.Time
	After, Before string
	Limit         int
}

// Told lists sealed events, oldest first, and what one endpoint was told of them.
func (r Reader) Told(f ToldFilter) ([]Told, error) {
	const q = `
		SELECT e.id, e.type, e.seq, COALESCE(d.id, ''), COALESCE(d.status, '')
		FROM events e
		LEFT JOIN deliveries d ON d.merchant_id = e.merchant_id AND d.endpoint_id = $3 AND d.event_id = e.id
		WHERE e.merchant_id = $1 AND e.livemode = $2 AND e.id > $4 AND e.id < $5 AND e.at >= $6 AND e.at < $7 AND e.seq IS NOT NULL
		ORDER BY e.id LIMIT $8`
	var all []Told
	args := []any{string(f.Merchant), bit(f.Live), string(f.Endpoint), f.After, f.Before, micros(f.Since), micros(f.Until), int64(f.Limit)}
	err := r.rows(q, args, func(scan func(...any) error) error {
		var t Told
		err := scan((*string)(&t.Event), (*string)(&t.Type), &t.Sequence, (*string)(&t.Delivery), (*string)(&t.Status))
		all = append(all, t)
		return err
	})
	return all, err
}

func (r Reader) deliveries(q string, args ...any) ([]paylink.Delivery, error) {
	var all []paylink.Delivery
	err := r.rows(q, args, func(scan func(...any) error) error {
		d, err := deliveryFrom(scan)
		all = append(all, d)
		return err
	})
	return all, err
}

// InsertDelivery plans a delivery. One event reaches one endpoint under exactly one id: a second plan
// for the same pair changes nothing.
func (tx *Tx) InsertDelivery(d paylink.Delivery) {
	const q = `
		INSERT INTO deliveries (` + deliveryColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT DO NOTHING`
	tx.putAny(q, string(d.Merchant), string(d.ID), bit(d.Live), string(d.Endpoint), string(d.Event), string(d.EventType), d.Sequence,
		string(d.Status), d.Attempts, nullMicros(d.NextAt), d.LastStatus, d.LastError, d.LastTook.Microseconds(), micros(d.CreatedAt), micros(d.UpdatedAt))
}

// UpdateDelivery writes what may change in a delivery. The guard is the updated_at that was read:
// whoever changed it in between wins, and this transaction fails with *paylink.Conflict "changed".
func (tx *Tx) UpdateDelivery(d paylink.Delivery, read time.Time) {
	const q = `
		UPDATE deliveries SET status = $3, attempts = $4, next_at = $5, last_status = $6, last_error = $7, last_took = $8, updated_at = $9
		WHERE merchant_id = $1 AND id = $2 AND updated_at = $10`
	tx.putUnless(&paylink.Conflict{Code: "changed", Detail: "The webhook delivery changed in the meantime.", Other: string(d.ID)}, q,
		string(d.Merchant), string(d.ID), string(d.Status), d.Attempts, nullMicros(d.NextAt), d.LastStatus, d.LastError, d.LastTook.Microseconds(),
		micros(d.UpdatedAt), micros(read))
}

func deliveryFrom(scan func(...any) error) (paylink.Delivery, error) {
	var d paylink.Delivery
	var live, took, created, updated int64
	var next *int64
	err := scan((*string)(&d.Merchant), (*string)(&d.ID), &live, (*string)(&d.Endpoint), (*string)(&d.Event), (*string)(&d.EventType), &d.Sequence,
		(*string)(&d.Status), &d.Attempts, &next, &d.LastStatus, &d.LastError, &took, &created, &updated)
	d.Live, d.NextAt, d.LastTook = live == 1, fromNullMicros(next), time.Duration(took)*time.Microsecond
	d.CreatedAt, d.UpdatedAt = fromMicros(created), fromMicros(updated)
	return d, err
}
