package store

import (
	"math"

	"paylink"
)

// rare is up to how many links an index may name outside the order of a list: they are read and sorted.
// When it names more, they are not rare, and a walk finds them soon.
const rare = 500

// hasPhone and hasEmail tell of a link whether its customer is reached there.
const (
	hasPhone = `EXISTS (SELECT 1 FROM customers c WHERE c.merchant_id = links.merchant_id AND c.id = links.customer_id AND c.phone = $%d)`
	hasEmail = `EXISTS (SELECT 1 FROM customers c WHERE c.merchant_id = links.merchant_id AND c.id = links.customer_id AND LOWER(c.email) = $%d)`
)

// candidates tells whether an index names the links of the filter, although not in the list's order.
func (f LinkFilter) candidates() bool {
	return f.Customer == "" && (f.Reference != "" || f.Phone != "" || f.Email != "" || f.dated() || f.AmountMin != f.AmountMax)
}

// dated tells that only links with a day are wanted by which money is due.
func (f LinkFilter) dated() bool { return !f.DueAfter.IsZero() || !f.DueBefore.IsZero() }

// candidatesOf asks the index that names the fewest. all is false when there may be more of them.
func (r Reader) candidatesOf(f LinkFilter) (ids []string, all bool, err error) {
	switch {
	case f.Reference != "":
		return r.byReference(f, f.Reference, "", rare)
	case f.Phone != "":
		return r.byPhone(f, f.Phone, rare)
	case f.Email != "":
		return r.byEmail(f, f.Email, rare)
	case f.dated():
		return r.byDue(f)
	}
	return r.byAmounts(f)
}

// byReference gives the links with the reference; or, with a bound, those from it up to the bound.
func (r Reader) byReference(f LinkFilter, reference, bound string, most int) ([]string, bool, error) {
	condition, args := `reference = $3`, []any{string(f.Merchant), bit(f.Live), reference, int64(most + 1)}
	if bound != "" {
		condition, args = `reference >= $3 AND reference < $5`, append(args, bound)
	}
	q := `
		SELECT id FROM (SELECT id FROM links WHERE merchant_id = $1 AND livemode = $2 AND ` + condition + `
			AND status IN ('pending', 'failed', 'partially_paid', 'paid') ORDER BY reference LIMIT $4) AS used
		UNION ALL
		SELECT id FROM (SELECT id FROM links WHERE merchant_id = $1 AND livemode = $2 AND ` + condition + `
			AND status IN ('expired', 'cancelled') ORDER BY reference LIMIT $4) AS free`
	return r.few(most, q, args...)
}

func (r Reader) byPhone(f LinkFilter, phone string, most int) ([]string, bool, error) {
	return r.byAddress(f, `c.phone = $3 AND c.phone <> ''`, phone, most)
}

func (r Reader) byEmail(f LinkFilter, email string, most int) ([]string, bool, error) {
	return r.byAddress(f, `LOWER(c.email) = $3 AND c.email <> ''`, lowerASCII(email), most)
}

// byAddress goes from the customers to their links, and in no other order.
func (r Reader) byAddress(f LinkFilter, condition, address string, most int) ([]string, bool, error) {
	q := `
		WITH known AS MATERIALIZED (
			SELECT c.id FROM customers c WHERE c.merchant_id = $1 AND c.livemode = $2 AND ` + condition + ` LIMIT $4)
		SELECT l.id FROM known CROSS JOIN links l
		WHERE l.merchant_id = $1 AND l.customer_id = known.id AND l.livemode = $2 LIMIT $4`
	return r.few(most, q, string(f.Merchant), bit(f.Live), address, int64(most+1))
}

func (r Reader) byAmounts(f LinkFilter) ([]string, bool, error) {
	const q = `
		SELECT id FROM links WHERE merchant_id = $1 AND livemode = $2 AND amount >= $3 AND amount <= $4
		ORDER BY amount LIMIT $5`
	most := f.AmountMax
	if most == 0 {
		most = paylink.MaxMinor
	}
	return r.few(rare, q, string(f.Merchant), bit(f.Live), f.AmountMin, most, int64(rare+1))
}

func (r Reader) byDue(f LinkFilter) ([]string, bool, error) {
	const q = `
		SELECT id FROM links WHERE merchant_id = $1 AND livemode = $2 AND next_due_at > $3 AND next_due_at < $4
		ORDER BY next_due_at LIMIT $5`
	after, before := int64(math.MinInt64), int64(math.MaxInt64)
	if !f.DueAfter.IsZero() {
		after = micros(f.DueAfter)
	}
	if !f.DueBefore.IsZero() {
		before = micros(f.DueBefore)
	}
	return r.few(rare, q, string(f.Merchant), bit(f.Live), after, before, int64(rare+1))
}

// few reads ids. all is false when there are more than most.
func (r Reader) few(most int, q string, args ...any) (ids []string, all bool, err error) {
	err = r.rowsOf(q, args, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, len(ids) <= most, err
}
