package store

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"paylink"
)

// KeptFor is how long an Idempotency-Key is remembered.
const KeptFor = 30 * 24 * time.Hour

// Claim is an Idempotency-Key as it came with a request: a merchant's own name for one intention, in
// one mode and on one route.
type Claim struct {
	Merchant paylink.MerchantID
	Live     bool
	Route    string // the pattern, such as "POST /v1/payment_links"
	Key      string
	Request  [32]byte // hash of what was asked; the same key may not ask for something else

	// WriteOnce fills these in, for the answer.
	Replayed bool      // an earlier request had used the key
	FirstAt  time.Time // when it was first used
}

// Outcome is what a request came to: enough to render the same answer again, and neither a secret nor
// a personal datum.
type Outcome struct {
	Status  int             // of the answer
	Object  string          // id of what was made or changed
	Event   paylink.EventID // whose snapshot the answer is rendered from; empty: from the object
	Problem string          // code of the *paylink.Conflict that refused it; empty when it succeeded
}

var (
	errClaimTaken   = errors.New("the idempotency key was used before")
	errClaimRunning = &paylink.Conflict{Code: "idempotency_in_flight", Detail: "A request with this Idempotency-Key is still being worked on. Send it again in a moment."}
)

// WriteOnce is Write for a request that must have its effect once, however often it is sent. Without
// a claim it is just Write.
//
// The first request with a key runs fn, and its outcome is kept in the same transaction. Later ones
// get that outcome with replayed set, and fn does not run. A *paylink.Conflict from fn is an outcome
// too: its work is taken back, the conflict kept and given again. Any other error keeps nothing, so
// the key can be used again.
//
// A twin that comes while the first still runs waits up to two seconds on PostgreSQL, and is told
// *paylink.Conflict "idempotency_in_flight" after that, on SQLite at once. Another request under the
// same key is *paylink.Invalid "idempotency_key_reused".
func (s *Store) WriteOnce(ctx context.Context, c *Claim, now time.Time, fn func(*Tx) (Outcome, error)) (out Outcome, replayed bool, err error) {
	if c == nil {
		err = s.Write(ctx, func(tx *Tx) (err error) {
			out, err = fn(tx)
			return err
		})
		return out, false, err
	}
	if s.Kind() == "sqlite" {
		if !s.claims.enter(*c) {
			return Outcome{}, false, errClaimRunning
		}
		defer s.claims.leave(*c)
	}
	c.Replayed, c.FirstAt = false, fromMicros(micros(now))
	var refused *paylink.Conflict
	err = s.Write(ctx, func(tx *Tx) (err error) {
		out, refused, err = tx.once(*c, now, fn)
		return err
	})
	switch {
	case errors.Is(err, errClaimTaken):
		return s.replay(ctx, c)
	case err != nil:
		return Outcome{}, false, err
	case refused != nil:
		return out, false, refused
	}
	return out, false, nil
}

// once claims the key, runs fn and keeps its outcome. All of it travels in one batch when fn only puts.
func (tx *Tx) once(c Claim, now time.Time, fn func(*Tx) (Outcome, error)) (out Outcome, refused *paylink.Conflict, err error) {
	const q = `
		INSERT INTO idempotency (merchant_id, livemode, route, key, request, status, object_id, event_id, problem, created_at)
		VALUES ($1, $2, $3, $4, $5, 0, '', '', '', $6)
		ON CONFLICT DO NOTHING`
	tx.putUnless(errClaimTaken, q, string(c.Merchant), bit(c.Live), c.Route, c.Key, c.Request[:], micros(now))
	err = tx.savepoint(func() (err error) {
		if out, err = fn(tx); err == nil {
			tx.settleClaim(c, out, "")
		}
		return err
	})
	if err == nil {
		return out, nil, nil
	}
	if errors.Is(err, ErrLocked) && tx.failed != nil && tx.failed.depth == 0 {
		return out, nil, errClaimRunning // it was the claim's own row that was waited for
	}
	if !errors.As(err, &refused) || tx.failed != nil {
		return out, nil, err
	}
	out = Outcome{Status: 409, Object: refused.Other, Problem: refused.Code}
	tx.settleClaim(c, out, toJSON(refused))
	return out, refused, nil
}

func (tx *Tx) settleClaim(c Claim, out Outcome, problem string) {
	const q = `
		UPDATE idempotency SET status = $5, object_id = $6, event_id = $7, problem = $8
		WHERE merchant_id = $1 AND livemode = $2 AND route = $3 AND key = $4`
	tx.put(q, string(c.Merchant), bit(c.Live), c.Route, c.Key, int64(out.Status), out.Object, string(out.Event), problem)
}

// replay reads what the first request with the key came to.
func (s *Store) replay(ctx context.Context, c *Claim) (Outcome, bool, error) {
	const q = `
		SELECT request, status, object_id, event_id, problem, created_at FROM idempotency
		WHERE merchant_id = $1 AND livemode = $2 AND route = $3 AND key = $4`
	var out Outcome
	var request []byte
	var status, created int64
	var problem string
	err := s.Read(ctx).row(q, []any{string(c.Merchant), bit(c.Live), c.Route, c.Key},
		&request, &status, &out.Object, (*string)(&out.Event), &problem, &created)
	if err == errNoRow {
		return Outcome{}, false, errClaimRunning // forgotten this very moment: the caller tries again
	}
	if err != nil {
		return Outcome{}, false, fmt.Errorf("replay an idempotency key: %w", err)
	}
	if subtle.ConstantTimeCompare(request, c.Request[:]) == 0 {
		reused := &paylink.Invalid{}
		reused.Add("", "idempotency_key_reused", "This Idempotency-Key was used for another request.")
		return Outcome{}, false, reused
	}
	out.Status, c.Replayed, c.FirstAt = int(status), true, fromMicros(created)
	if problem == "" {
		return out, true, nil
	}
	refused := &paylink.Conflict{}
	if err := json.Unmarshal([]byte(problem), refused); err != nil {
		return Outcome{}, false, fmt.Errorf("replay an idempotency key: %w", err)
	}
	out.Problem = refused.Code
	return out, true, refused
}

// NameConflict completes the conflict that a claim was refused with, once the object in the way is
// known: that is looked up after the transaction, and a replay must name the same one.
func (s *Store) NameConflict(ctx context.Context, c Claim, refused *paylink.Conflict) error {
	const q = `
		UPDATE idempotency SET object_id = $5, problem = $6
		WHERE merchant_id = $1 AND livemode = $2 AND route = $3 AND key = $4 AND object_id = '' AND problem <> ''`
	return s.Write(ctx, func(tx *Tx) error {
		tx.putAny(q, string(c.Merchant), bit(c.Live), c.Route, c.Key, refused.Other, toJSON(refused))
		return nil
	})
}

// ForgetClaims deletes up to limit keys that were used before the time, and returns how many.
func (tx *Tx) ForgetClaims(before time.Time, limit int) (int64, error) {
	const q = `
		DELETE FROM idempotency WHERE (merchant_id, livemode, route, key) IN (
			SELECT merchant_id, livemode, route, key FROM idempotency WHERE created_at < $1 ORDER BY created_at LIMIT $2)`
	return tx.exec(q, micros(before), int64(limit))
}

// claimsRunning knows the keys that are being worked on in this process; on SQLite that is all of
// them. Its zero value is ready.
type claimsRunning struct {
	mu   sync.Mutex
	keys map[claimName]struct{}
}

type claimName struct {
	merchant   paylink.MerchantID
	live       bool
	route, key string
}

func (c Claim) name() claimName { return claimName{c.Merchant, c.Live, c.Route, c.Key} }

func (r *claimsRunning) enter(c Claim) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, running := r.keys[c.name()]; running {
		return false
	}
	if r.keys == nil {
		r.keys = map[claimName]struct{}{}
	}
	r.keys[c.name()] = struct{}{}
	return true
}

func (r *claimsRunning) leave(c Claim) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.keys, c.name())
}
