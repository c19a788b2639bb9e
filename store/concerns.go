package store

import "paylink"

// Concerned lists up to limit of the merchant's links that need a person, by when that began, newest first.
// Each still says why itself: see paylink.Link.Concerns.
func (r Reader) Concerned(merchant paylink.MerchantID, live bool, limit int) ([]paylink.Link, error) {
	const q = `
		SELECT ` + linkColumns + ` FROM links
		WHERE merchant_id = $1 AND livemode = $2 AND concerned_at IS NOT NULL
		ORDER BY concerned_at DESC LIMIT $3`
	var all []paylink.Link
	err := r.rows(q, []any{string(merchant), bit(live), int64(limit)}, func(scan func(...any) error) error {
		l, err := linkFrom(scan)
		all = append(all, l)
		return err
	})
	return all, err
}

// Undelivered lists the latest messages of the merchant that failed or were blocked, up to limit, newest
// first.
func (r Reader) Undelivered(merchant paylink.MerchantID, live bool, limit int) ([]paylink.Message, error) {
	const q = `
		SELECT ` + messageColumns + ` FROM messages
		WHERE merchant_id = $1 AND livemode = $2 AND status IN ('failed', 'blocked')
		ORDER BY updated_at DESC LIMIT $3`
	var all []paylink.Message
	err := r.rows(q, []any{string(merchant), bit(live), int64(limit)}, func(scan func(...any) error) error {
		m, err := messageFrom(scan)
		all = append(all, m)
		return err
	})
	return all, err
}
