package store

import (
	"time"

	"paylink"
)

// Figures are counted from indexes that hold just the rows in question, so a home page costs what its
// merchant's day amounts to and not what the years before it left behind. OpenLinks alone grows with
// what waits: it walks one small index entry for each open link.

// OpenLinks counts the merchant's links, in one mode, that wait for their customers.
func (r Reader) OpenLinks(merchant paylink.MerchantID, live bool) (int64, error) {
	const q = `
		SELECT COUNT(*) FROM links
		WHERE merchant_id = $1 AND livemode = $2 AND status IN ('pending', 'failed', 'partially_paid')`
	return r.count(q, string(merchant), bit(live))
}

// LinksMade counts the links that were made at or after since.
func (r Reader) LinksMade(merchant paylink.MerchantID, live bool, since time.Time) (int64, error) {
	const q = `
		SELECT COUNT(*) FROM links
		WHERE merchant_id = $1 AND livemode = $2 AND id >= $3 AND created_at >= $4`
	// An id begins with its 48 bits of milliseconds, so the first nine characters of five bits are those of
	// the time, and no link of the day stands below them. They are where the search begins.
	const certain = len("plink_") + 9
	from := string(paylink.NewLinkID(since))[:certain]
	return r.count(q, string(merchant), bit(live), from, micros(since))
}

// LinksExpired counts the links that are expired and whose time ran out at or after since, by the clock
// of the links' world.
func (r Reader) LinksExpired(merchant paylink.MerchantID, live bool, since time.Time) (int64, error) {
	const q = `
		SELECT COUNT(*) FROM links
		WHERE merchant_id = $1 AND livemode = $2 AND status = 'expired' AND expires_at >= $3`
	return r.count(q, string(merchant), bit(live), micros(since))
}

func (r Reader) count(q string, args ...any) (n int64, err error) {
	err = r.row(q, args, &n)
	return n, err
}

// Takings are what was captured in one currency.
type Takings struct {
	Sum      paylink.Money
	Payments int64
}

// Collected sums the captured money that counts towards its links, captured at or after since, in the
// order of the currencies' codes. Money that is held, refunded or credited does not count.
func (r Reader) Collected(merchant paylink.MerchantID, live bool, since time.Time) ([]Takings, error) {
	const q = `
		SELECT currency, CAST(SUM(amount_captured - amount_excess) AS BIGINT), COUNT(*) FROM payments
		WHERE merchant_id = $1 AND livemode = $2 AND captured_at >= $3 AND status = 'captured'
			AND (disposition IN ('', 'accept') OR abnormal = 'overpaid')
		GROUP BY currency ORDER BY currency`
	var all []Takings
	err := r.rows(q, []any{string(merchant), bit(live), micros(since)}, func(scan func(...any) error) error {
		var t Takings
		err := scan((*string)(&t.Sum.Currency), &t.Sum.Minor, &t.Payments)
		all = append(all, t)
		return err
	})
	return all, err
}
