package store

import (
	"time"

	"paylink"
)

// PushKey reads the sealed key by which a merchant's people are told; *paylink.NotFound when it has none yet.
func (r Reader) PushKey(merchant paylink.MerchantID) (sealed []byte, err error) {
	err = r.row(`SELECT sealed FROM push_keys WHERE merchant_id = $1`, []any{string(merchant)}, &sealed)
	if err == errNoRow {
		return nil, &paylink.NotFound{Kind: "push_key", ID: string(merchant)}
	}
	return sealed, err
}

// InsertPushKey keeps a merchant's first key. One that is there already stays: browsers have subscribed with it.
func (tx *Tx) InsertPushKey(merchant paylink.MerchantID, sealed []byte, now time.Time) {
	const q = `INSERT INTO push_keys (merchant_id, sealed, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`
	tx.putAny(q, string(merchant), sealed, micros(now))
}
