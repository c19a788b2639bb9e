package store

import (
	"time"

	"paylink"
)

// Visit counts one visit of a device to a link's page.
func (tx *Tx) Visit(l paylink.Link, device string, kind paylink.VisitKind, at time.Time, times int64) {
	const q = `
		INSERT INTO visits (merchant_id, link_id, device, kind, first_at, last_at, count)
		VALUES ($1, $2, $3, $4, $5, $5, $6)
		ON CONFLICT (merchant_id, link_id, device, kind)
		DO UPDATE SET last_at = excluded.last_at, count = visits.count + excluded.count`
	tx.put(q, string(l.Merchant), string(l.ID), device, string(kind), micros(at), times)
}

// Visited tells whether the device has made such a visit to the link's page.
func (r Reader) Visited(l paylink.Link, device string, kind paylink.VisitKind) (bool, error) {
	const q = `SELECT count FROM visits WHERE merchant_id = $1 AND link_id = $2 AND device = $3 AND kind = $4`
	var count int64
	err := r.row(q, []any{string(l.Merchant), string(l.ID), device, string(kind)}, &count)
	if err == errNoRow {
		return false, nil
	}
	return count > 0, err
}

// VisitCounts sums the visits to a link's page by kind, for its timeline.
func (r Reader) VisitCounts(merchant paylink.MerchantID, link paylink.LinkID) (map[paylink.VisitKind]int64, error) {
	const q = `
		SELECT kind, CAST(SUM(count) AS BIGINT) FROM visits
		WHERE merchant_id = $1 AND link_id = $2
		GROUP BY kind`
	counts := map[paylink.VisitKind]int64{}
	err := r.rows(q, []any{string(merchant), string(link)}, func(scan func(...any) error) error {
		var kind string
		var n int64
		err := scan(&kind, &n)
		counts[paylink.VisitKind(kind)] = n
		return err
	})
	return counts, err
}
