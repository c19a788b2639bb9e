package store

import "paylink"

// ReturnSecret reads what signs the way back in one of the merchant's worlds; *paylink.NotFound when it has
// none.
func (r Reader) ReturnSecret(merchant paylink.MerchantID, live bool) (paylink.ReturnSecret, error) {
	const q = `
		SELECT secret, previous, previous_until, created_at FROM return_secrets
		WHERE merchant_id = $1 AND livemode = $2`
	s := paylink.ReturnSecret{Merchant: merchant, Live: live}
	var until *int64
	var created int64
	err := r.row(q, []any{string(merchant), bit(live)}, &s.Sealed, &s.Previous, &until, &created)
	if err == errNoRow {
		return s, &paylink.NotFound{Kind: "return_secret", ID: string(merchant)}
	}
	s.PreviousUntil, s.CreatedAt = fromNullMicros(until), fromMicros(created)
	return s, err
}

// PutReturnSecret keeps the secret in the place of the one before. The transaction has read the merchant by
// MerchantToChange.
func (tx *Tx) PutReturnSecret(s paylink.ReturnSecret) {
	const q = `
		INSERT INTO return_secrets (merchant_id, livemode, secret, previous, previous_until, created_at)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (merchant_id, livemode) DO UPDATE SET secret = excluded.secret, previous = excluded.previous,
			previous_until = excluded.previous_until, created_at = excluded.created_at`
	tx.put(q, string(s.Merchant), bit(s.Live), s.Sealed, s.Previous, nullMicros(s.PreviousUntil), micros(s.CreatedAt))
}
