package store

import (
	"fmt"
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

// Fetches is how often a link's page was asked for.
type Fetches struct {
	Link  paylink.Link
	Times int64
}

// Fetched counts fetches of several pages in one statement: a page is opened far more often than
// anything is written.
func (tx *Tx) Fetched(all []Fetches, at time.Time) {
	q := `INSERT INTO visits (merchant_id, link_id, device, kind, first_at, last_at, count) VALUES `
	args := []any{string(paylink.VisitFetched), micros(at)}
	for i, f := range all {
		if i > 0 {
			q += ", "
		}
		q += fmt.Sprintf("($%d, $%d, '', $1, $2, $2, $%d)", len(args)+1, len(args)+2, len(args)+3)
		args = append(args, string(f.Link.Merchant), string(f.Link.ID), f.Times)
	}
	tx.putAny(q+`
		ON CONFLICT (merchant_id, link_id, device, kind)
		DO UPDATE SET last_at = excluded.last_at, count = visits.count + excluded.count`, args...)
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
