package store

import (
	"encoding/json"
	"fmt"
	"time"

	"paylink"
)

// Contact is one time at which a customer was written to unasked.
type Contact struct {
	Message paylink.MessageID `json:"m"`
	At      time.Time         `json:"at"`
}

// Contacts are the counted times of one address on one channel, oldest first. Version is 0 when there are
// none.
type Contacts struct {
	Merchant paylink.MerchantID
	Live     bool
	Channel  paylink.Channel
	Address  []byte // token.AddressKey
	Times    []Contact
	Version  int64
}

// ErrContactCounted says that another message to the same customer was counted in the same instant; the caps
// have to be looked at again. Nothing of the transaction happens.
var ErrContactCounted = &paylink.Conflict{Code: "contact_counted", Detail: "Another message to this customer began in the same instant."}

// ReadContacts gives what is counted of an address; keys are those of the one address, as in Suppressed, and
// the first is under which it will be counted.
func (r Reader) ReadContacts(c Contacts, keys ...[]byte) (Contacts, error) {
	q := `
		SELECT address, times, version FROM contact_times
		WHERE merchant_id = $1 AND livemode = $2 AND channel = $3 AND address IN (` + places(4, len(keys)) + `) ORDER BY version DESC LIMIT 1`
	var times string
	err := r.row(q, append([]any{string(c.Merchant), bit(c.Live), string(c.Channel)}, blobs(keys)...), &c.Address, &times, &c.Version)
	if err == errNoRow {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal([]byte(times), &c.Times); err != nil {
		return c, fmt.Errorf("read when a customer was written to: %w", err)
	}
	return c, nil
}

// CountContact writes the times of an address as they were read, with one more; when they have changed
// since, the transaction fails with [ErrContactCounted].
func (tx *Tx) CountContact(c Contacts) {
	times, err := json.Marshal(c.Times)
	if err != nil {
		panic("contact times: " + err.Error()) // plain structs always marshal
	}
	const q = `
		INSERT INTO contact_times (merchant_id, livemode, channel, address, times, version)
		VALUES ($1, $2, $3, $4, $5, CAST($6 AS BIGINT) + 1)
		ON CONFLICT (merchant_id, livemode, channel, address) DO UPDATE
		SET times = excluded.times, version = excluded.version WHERE contact_times.version = $6`
	tx.putUnless(ErrContactCounted, q, string(c.Merchant), bit(c.Live), string(c.Channel), c.Address, string(times), c.Version)
}
