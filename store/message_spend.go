package store

import (
	"time"

	"paylink"
)

// ErrOverBudget says that a message would cost more than what is left of a cap. Nothing of the transaction
// happens.
var ErrOverBudget = &paylink.Conflict{Code: "budget", Detail: "The message costs more than what is left of your budget."}

// Spend counts what a message costs, in hundredths of a minor unit, under a scope such as "day:2026-11-23",
// as long as the sum stays within the cap; else the transaction fails with [ErrOverBudget]. Scopes are given
// in their order, so that two messages never wait for each other.
func (tx *Tx) Spend(merchant paylink.MerchantID, live bool, scope string, cost, most int64) {
	const q = `
		INSERT INTO message_spend (merchant_id, livemode, scope, spent)
		SELECT $1, CAST($2 AS BIGINT), $3, CAST($4 AS BIGINT) WHERE CAST($4 AS BIGINT) <= CAST($5 AS BIGINT)
		ON CONFLICT (merchant_id, livemode, scope) DO UPDATE SET spent = message_spend.spent + $4
		WHERE message_spend.spent + $4 <= $5`
	tx.putUnless(ErrOverBudget, q, string(merchant), bit(live), scope, cost, most)
}

// Correct changes what is counted under some scopes by a difference, as a provider told or did not charge.
// What is not counted stays so.
func (tx *Tx) Correct(merchant paylink.MerchantID, live bool, scopes []string, by int64) {
	const q = `UPDATE message_spend SET spent = spent + $4 WHERE merchant_id = $1 AND livemode = $2 AND scope = $3`
	for _, scope := range scopes {
		tx.putAny(q, string(merchant), bit(live), scope, by)
	}
}

// Spent tells what is counted under a scope, in hundredths of a minor unit.
func (r Reader) Spent(merchant paylink.MerchantID, live bool, scope string) (int64, error) {
	const q = `SELECT spent FROM message_spend WHERE merchant_id = $1 AND livemode = $2 AND scope = $3`
	var spent int64
	err := r.row(q, []any{string(merchant), bit(live), scope}, &spent)
	if err == errNoRow {
		return 0, nil
	}
	return spent, err
}

// ErrPumped says that too many numbers of one range were written to within the hour. Nothing of the
// transaction happens.
var ErrPumped = &paylink.Conflict{Code: "pumping", Detail: "Too many different numbers of one range within an hour."}

// CountNumber counts a number of a range to which a text message goes, once in the hour, as long as there
// are no more than most in the range; else the transaction fails with [ErrPumped]. digest stands for the
// number.
func (tx *Tx) CountNumber(merchant paylink.MerchantID, live bool, rangeOf, digest string, most int64, now time.Time) {
	const known = `EXISTS (SELECT 1 FROM numbers_sent WHERE merchant_id = $1 AND livemode = $2 AND hour = $3 AND number = $5)`
	const q = `
		INSERT INTO number_ranges (merchant_id, livemode, hour, number_range, numbers)
		SELECT $1, CAST($2 AS BIGINT), CAST($3 AS BIGINT), $4, 1 WHERE CAST($6 AS BIGINT) >= 1
		ON CONFLICT (merchant_id, livemode, hour, number_range) DO UPDATE
		SET numbers = number_ranges.numbers + CASE WHEN ` + known + ` THEN 0 ELSE 1 END
		WHERE number_ranges.numbers < $6 OR ` + known
	const note = `INSERT INTO numbers_sent (merchant_id, livemode, hour, number) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`
	hour := now.Unix() / 3600
	tx.putUnless(ErrPumped, q, string(merchant), bit(live), hour, rangeOf, digest, most)
	tx.putAny(note, string(merchant), bit(live), hour, digest)
}

// ForgetNumbers deletes up to limit counts of hours before the time, and returns how many.
func (tx *Tx) ForgetNumbers(before time.Time, limit int) (int64, error) {
	hour := before.Unix() / 3600
	numbers, err := tx.exec(`
		DELETE FROM numbers_sent WHERE (merchant_id, livemode, hour, number) IN (
			SELECT merchant_id, livemode, hour, number FROM numbers_sent WHERE hour < $1 LIMIT $2)`, hour, int64(limit/2))
	if err != nil {
		return 0, err
	}
	ranges, err := tx.exec(`
		DELETE FROM number_ranges WHERE (merchant_id, livemode, hour, number_range) IN (
			SELECT merchant_id, livemode, hour, number_range FROM number_ranges WHERE hour < $1 LIMIT $2)`, hour, int64(limit/2))
	return 2 * max(numbers, ranges), err
}
