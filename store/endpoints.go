package store

import (
	"encoding/json"
	"fmt"
	"time"

	"paylink"
)

const endpointColumns = `merchant_id, id, livemode, url, events, description, status, secret, signing_key, public_key, api_version,
	failing_since, created_at, updated_at`

// Endpoint reads one webhook endpoint of the merchant in one mode; inside a transaction it is locked.
func (r Reader) Endpoint(merchant paylink.MerchantID, live bool, id paylink.EndpointID) (paylink.Endpoint, error) {
	q := `SELECT ` + endpointColumns + ` FROM endpoints WHERE merchant_id = $1 AND id = $2 AND livemode = $3` + r.lock()
	e, err := endpointFrom(func(dest ...any) error {
		return r.row(q, []any{string(merchant), string(id), bit(live)}, dest...)
	})
	if err == errNoRow {
		return e, &paylink.NotFound{Kind: "webhook_endpoint", ID: string(id)}
	}
	return e, err
}

// Endpoints lists all of the merchant's endpoints in one mode, oldest first: at most MaxEndpoints.
func (r Reader) Endpoints(merchant paylink.MerchantID, live bool) ([]paylink.Endpoint, error) {
	const q = `SELECT ` + endpointColumns + ` FROM endpoints WHERE merchant_id = $1 AND livemode = $2 ORDER BY id LIMIT $3`
	var all []paylink.Endpoint
	err := r.rows(q, []any{string(merchant), bit(live), int64(MaxEndpoints)}, func(scan func(...any) error) error {
		e, err := endpointFrom(scan)
		all = append(all, e)
		return err
	})
	return all, err
}

// MaxEndpoints is how many endpoints a merchant may have in one mode: each event is told to all of
// them.
const MaxEndpoints = 20

// InsertEndpoint adds an endpoint. It fails with *paylink.Conflict "too_many_endpoints" when the
// merchant has MaxEndpoints of the mode.
func (tx *Tx) InsertEndpoint(e paylink.Endpoint) {
	const q = `
		INSERT INTO endpoints (` + endpointColumns + `)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14
		WHERE (SELECT COUNT(*) FROM endpoints WHERE merchant_id = $1 AND livemode = $3) < $15`
	// Two that are added at once would not see each other: the merchant's row keeps them apart.
	tx.put(`UPDATE merchants SET name = name WHERE id = $1`, string(e.Merchant))
	tx.putUnless(&paylink.Conflict{Code: "too_many_endpoints", Detail: fmt.Sprintf("A merchant has at most %d webhook endpoints.", MaxEndpoints)}, q,
		string(e.Merchant), string(e.ID), bit(e.Live), e.URL, toJSON(e.Events), e.Description, string(e.Status), e.Secret, e.SigningKey, e.PublicKey,
		e.APIVersion, nullMicros(e.FailingSince), micros(e.CreatedAt), micros(e.UpdatedAt), int64(MaxEndpoints))
}

// UpdateEndpoint writes what may change in an endpoint. The guard is the updated_at that was read:
// whoever changed it in between wins, and this transaction fails with *paylink.Conflict "changed".
func (tx *Tx) UpdateEndpoint(e paylink.Endpoint, read time.Time) {
	const q = `
		UPDATE endpoints SET url = $3, events = $4, description = $5, status = $6, secret = $7, signing_key = $8, public_key = $9,
			failing_since = $10, updated_at = $11
		WHERE merchant_id = $1 AND id = $2 AND updated_at = $12`
	tx.putUnless(&paylink.Conflict{Code: "changed", Detail: "The webhook endpoint changed in the meantime.", Other: string(e.ID)}, q,
		string(e.Merchant), string(e.ID), e.URL, toJSON(e.Events), e.Description, string(e.Status), e.Secret, e.SigningKey, e.PublicKey,
		nullMicros(e.FailingSince), micros(e.UpdatedAt), micros(read))
}

// MarkEndpointFailing notes since when nothing has come through to an endpoint; it is kept until
// MarkEndpointWorking. It is apart from UpdateEndpoint, because many attempts say it at once.
func (tx *Tx) MarkEndpointFailing(merchant paylink.MerchantID, id paylink.EndpointID, since time.Time) {
	const q = `UPDATE endpoints SET failing_since = $3 WHERE merchant_id = $1 AND id = $2 AND failing_since IS NULL`
	tx.putAny(q, string(merchant), string(id), micros(since))
}

// MarkEndpointWorking notes that an attempt came through. A parked endpoint is left as it is: it is
// resumed by UpdateEndpoint.
func (tx *Tx) MarkEndpointWorking(merchant paylink.MerchantID, id paylink.EndpointID) {
	const q = `
		UPDATE endpoints SET failing_since = NULL
		WHERE merchant_id = $1 AND id = $2 AND status = 'enabled' AND failing_since IS NOT NULL`
	tx.putAny(q, string(merchant), string(id))
}

// DeleteEndpoint ends an endpoint; its deliveries stay in the log, and those that waited are failed by
// whoever finds it gone. It fails with *paylink.NotFound when there is none.
func (tx *Tx) DeleteEndpoint(merchant paylink.MerchantID, live bool, id paylink.EndpointID) {
	const q = `DELETE FROM endpoints WHERE merchant_id = $1 AND id = $2 AND livemode = $3`
	tx.putUnless(&paylink.NotFound{Kind: "webhook_endpoint", ID: string(id)}, q, string(merchant), string(id), bit(live))
}

func endpointFrom(scan func(...any) error) (paylink.Endpoint, error) {
	var e paylink.Endpoint
	var live, created, updated int64
	var failing *int64
	var events string
	err := scan((*string)(&e.Merchant), (*string)(&e.ID), &live, &e.URL, &events, &e.Description, (*string)(&e.Status), &e.Secret, &e.SigningKey,
		&e.PublicKey, &e.APIVersion, &failing, &created, &updated)
	if err != nil {
		return paylink.Endpoint{}, err
	}
	e.Live, e.FailingSince, e.CreatedAt, e.UpdatedAt = live == 1, fromNullMicros(failing), fromMicros(created), fromMicros(updated)
	if err := json.Unmarshal([]byte(events), &e.Events); err != nil {
		return paylink.Endpoint{}, fmt.Errorf("webhook endpoint %s: %w", e.ID, err)
	}
	return e, nil
}
