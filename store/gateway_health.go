package store

import (
	"time"

	"paylink"
)

// AddOutcomes adds to what is counted of payments through accounts: at most 40 rows, in the order of their
// keys, so that two nodes never wait for each other.
func (tx *Tx) AddOutcomes(all []paylink.GatewayOutcomes, now time.Time) {
	const q = `
		INSERT INTO gateway_outcomes (merchant_id, account_id, method, through, minute, taken, declined, down, calls, took, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (merchant_id, account_id, method, through, minute) DO UPDATE SET
			taken = gateway_outcomes.taken + $6, declined = gateway_outcomes.declined + $7, down = gateway_outcomes.down + $8,
			calls = gateway_outcomes.calls + $9, took = gateway_outcomes.took + $10, updated_at = $11`
	for _, o := range all {
		tx.put(q, string(o.Merchant), string(o.Account), string(o.Method), o.Through, o.Minute, o.Taken, o.Declined, o.Down,
			o.Calls, o.Took.Microseconds(), micros(now))
	}
}

// OutcomesSince lists the counts that changed since a time, as they are now: at most limit of them.
func (r Reader) OutcomesSince(since time.Time, limit int) ([]paylink.GatewayOutcomes, error) {
	const q = `
		SELECT merchant_id, account_id, method, through, minute, taken, declined, down, calls, took FROM gateway_outcomes
		WHERE updated_at >= $1 ORDER BY updated_at DESC LIMIT $2`
	var all []paylink.GatewayOutcomes
	err := r.rows(q, []any{micros(since), int64(limit)}, func(scan func(...any) error) error {
		var o paylink.GatewayOutcomes
		var took int64
		err := scan((*string)(&o.Merchant), (*string)(&o.Account), (*string)(&o.Method), &o.Through, &o.Minute, &o.Taken, &o.Declined, &o.Down,
			&o.Calls, &took)
		o.Took = time.Duration(took) * time.Microsecond
		all = append(all, o)
		return err
	})
	return all, err
}

// ForgetOutcomes deletes up to limit counts that changed last before the time, and returns how many.
func (tx *Tx) ForgetOutcomes(before time.Time, limit int) (int64, error) {
	const q = `
		DELETE FROM gateway_outcomes WHERE (merchant_id, account_id, method, through, minute) IN (
			SELECT merchant_id, account_id, method, through, minute FROM gateway_outcomes WHERE updated_at < $1 ORDER BY updated_at LIMIT $2)`
	return tx.exec(q, micros(before), int64(limit))
}

const breakerColumns = `merchant_id, account_id, failures, rests, rests_until, probe_until`

// BreakersSince lists the accounts with which something changed since a time: at most limit of them.
func (r Reader) BreakersSince(since time.Time, limit int) ([]paylink.GatewayBreaker, error) {
	const q = `SELECT ` + breakerColumns + ` FROM gateway_breakers WHERE updated_at >= $1 ORDER BY updated_at DESC LIMIT $2`
	var all []paylink.GatewayBreaker
	err := r.rows(q, []any{micros(since), int64(limit)}, func(scan func(...any) error) error {
		b, err := breakerFrom(scan)
		all = append(all, b)
		return err
	})
	return all, err
}

// FailedCall counts one more failure of an account in a row, and gives what is known with it. The row is
// locked until the transaction ends: of two nodes each counts after the other.
func (tx *Tx) FailedCall(merchant paylink.MerchantID, account paylink.AccountID, now time.Time) (paylink.GatewayBreaker, error) {
	const count = `
		INSERT INTO gateway_breakers (` + breakerColumns + `, updated_at)
		VALUES ($1, $2, 1, 0, 0, 0, $3)
		ON CONFLICT (merchant_id, account_id) DO UPDATE SET failures = gateway_breakers.failures + 1, updated_at = $3`
	const q = `SELECT ` + breakerColumns + ` FROM gateway_breakers WHERE merchant_id = $1 AND account_id = $2`
	tx.put(count, string(merchant), string(account), micros(now))
	return breakerFrom(func(dest ...any) error { return tx.row(q, []any{string(merchant), string(account)}, dest...) })
}

// Rest leaves an account alone, as FailedCall's transaction decided.
func (tx *Tx) Rest(b paylink.GatewayBreaker) {
	const q = `
		UPDATE gateway_breakers SET rests = $3, rests_until = $4, probe_until = 0
		WHERE merchant_id = $1 AND account_id = $2`
	tx.put(q, string(b.Merchant), string(b.Account), b.Rests.Microseconds(), micros(b.RestsUntil))
}

// Worked forgets the failures of an account: it answers again.
func (tx *Tx) Worked(merchant paylink.MerchantID, account paylink.AccountID, now time.Time) {
	const q = `
		UPDATE gateway_breakers SET failures = 0, rests = 0, rests_until = 0, probe_until = 0, updated_at = $3
		WHERE merchant_id = $1 AND account_id = $2 AND failures > 0`
	tx.putAny(q, string(merchant), string(account), micros(now))
}

// Probe gives an account that is left alone to one caller until a time, to find out whether it works again, and
// tells whether this one is it: nobody else, on any node, is before that time. Unless it is early, the account
// must have rested.
func (tx *Tx) Probe(merchant paylink.MerchantID, account paylink.AccountID, early bool, until, now time.Time) (bool, error) {
	const q = `
		UPDATE gateway_breakers SET probe_until = $3, updated_at = $4
		WHERE merchant_id = $1 AND account_id = $2 AND probe_until <= $4 AND (rests_until <= $4 OR $5 = 1)`
	n, err := tx.exec(q, string(merchant), string(account), micros(until), micros(now), bit(early))
	return n == 1, err
}

func breakerFrom(scan func(...any) error) (paylink.GatewayBreaker, error) {
	var b paylink.GatewayBreaker
	var rests, until, probe int64
	err := scan((*string)(&b.Merchant), (*string)(&b.Account), &b.Failures, &rests, &until, &probe)
	b.Rests = time.Duration(rests) * time.Microsecond
	if until > 0 {
		b.RestsUntil = fromMicros(until)
	}
	if probe > 0 {
		b.ProbeUntil = fromMicros(probe)
	}
	return b, err
}
