package store

import (
	"time"

	"paylink"
)

const keyColumns = `merchant_id, id, livemode, name, prefix, hash, created_at, last_used_at, revoked_at`

// KeyByHash finds the API key whose secret has the hash, revoked or not.
func (r Reader) KeyByHash(hash []byte) (paylink.APIKey, error) {
	const q = `SELECT ` + keyColumns + ` FROM api_keys WHERE hash = $1`
	k, err := keyFrom(func(dest ...any) error { return r.row(q, []any{hash}, dest...) })
	if err == errNoRow {
		return k, &paylink.NotFound{Kind: "api_key"}
	}
	return k, err
}

// Keys lists a merchant's API keys in one mode, oldest first, the revoked ones included.
func (r Reader) Keys(merchant paylink.MerchantID, live bool) ([]paylink.APIKey, error) {
	const q = `SELECT ` + keyColumns + ` FROM api_keys WHERE merchant_id = $1 AND livemode = $2 ORDER BY id`
	var all []paylink.APIKey
	err := r.rows(q, []any{string(merchant), bit(live)}, func(scan func(...any) error) error {
		k, err := keyFrom(scan)
		all = append(all, k)
		return err
	})
	return all, err
}

// InsertKey adds an API key.
func (tx *Tx) InsertKey(k paylink.APIKey) {
	const q = `
		INSERT INTO api_keys (` + keyColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	tx.put(q, string(k.Merchant), string(k.ID), bit(k.Live), k.Name, k.Prefix, k.Hash, micros(k.CreatedAt), nullMicros(k.LastUsedAt), nullMicros(k.RevokedAt))
}

// RevokeKey ends an API key for good. It fails with *paylink.NotFound when the merchant has no such
// key, or it is revoked already.
func (tx *Tx) RevokeKey(merchant paylink.MerchantID, live bool, id paylink.KeyID, now time.Time) {
	const q = `UPDATE api_keys SET revoked_at = $4 WHERE merchant_id = $1 AND id = $2 AND livemode = $3 AND revoked_at IS NULL`
	tx.putUnless(&paylink.NotFound{Kind: "api_key", ID: string(id)}, q, string(merchant), string(id), bit(live), micros(now))
}

// TouchKey notes when a key was last used; an earlier time than the one noted changes nothing.
func (tx *Tx) TouchKey(merchant paylink.MerchantID, id paylink.KeyID, used time.Time) {
	const q = `
		UPDATE api_keys SET last_used_at = $3
		WHERE merchant_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at < $3)`
	tx.putAny(q, string(merchant), string(id), micros(used))
}

func keyFrom(scan func(...any) error) (paylink.APIKey, error) {
	var k paylink.APIKey
	var live, created int64
	var used, revoked *int64
	err := scan((*string)(&k.Merchant), (*string)(&k.ID), &live, &k.Name, &k.Prefix, &k.Hash, &created, &used, &revoked)
	k.Live, k.CreatedAt, k.LastUsedAt, k.RevokedAt = live == 1, fromMicros(created), fromNullMicros(used), fromNullMicros(revoked)
	return k, err
}

const staffColumns = `merchant_id, id, email, password, created_at`

// StaffByEmail finds who signs in with an e-mail address, given in lower case.
func (r Reader) StaffByEmail(email string) (paylink.Staff, error) {
	return r.staff("", `WHERE email = $1`, email)
}

// Staff reads one member of a merchant's staff.
func (r Reader) Staff(merchant paylink.MerchantID, id paylink.StaffID) (paylink.Staff, error) {
	return r.staff(id, `WHERE merchant_id = $1 AND id = $2`, string(merchant), string(id))
}

func (r Reader) staff(id paylink.StaffID, where string, args ...any) (paylink.Staff, error) {
	var p paylink.Staff
	var created int64
	err := r.row(`SELECT `+staffColumns+` FROM staff `+where, args, (*string)(&p.Merchant), (*string)(&p.ID), &p.Email, &p.Password, &created)
	if err == errNoRow {
		return p, &paylink.NotFound{Kind: "staff", ID: string(id)}
	}
	p.CreatedAt = fromMicros(created)
	return p, err
}

// LockStaff reads a person and locks it until the transaction ends.
func (tx *Tx) LockStaff(merchant paylink.MerchantID, id paylink.StaffID) (paylink.Staff, error) {
	return tx.staff(id, `WHERE merchant_id = $1 AND id = $2`+tx.lock(), string(merchant), string(id))
}

// InsertStaff adds a person. It fails with *paylink.Conflict "email_in_use" when somebody signs in
// with the address already, at whatever merchant.
func (tx *Tx) InsertStaff(p paylink.Staff) {
	const q = `
		INSERT INTO staff (` + staffColumns + `)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT DO NOTHING`
	tx.putUnless(&paylink.Conflict{Code: "email_in_use", Detail: "Somebody signs in with this address already."}, q,
		string(p.Merchant), string(p.ID), p.Email, p.Password, micros(p.CreatedAt))
}

// SetPassword replaces the hash of a person's password.
func (tx *Tx) SetPassword(merchant paylink.MerchantID, id paylink.StaffID, password string) {
	const q = `UPDATE staff SET password = $3 WHERE merchant_id = $1 AND id = $2`
	tx.putUnless(&paylink.NotFound{Kind: "staff", ID: string(id)}, q, string(merchant), string(id), password)
}

// Session reads the session whose token has the hash; *paylink.NotFound if there is none.
func (r Reader) Session(hash []byte) (paylink.Session, error) {
	const q = `SELECT hash, staff_id, merchant_id, created_at, seen_at, expires_at FROM sessions WHERE hash = $1`
	var s paylink.Session
	var created, seen, expires int64
	err := r.row(q, []any{hash}, &s.Hash, (*string)(&s.Staff), (*string)(&s.Merchant), &created, &seen, &expires)
	if err == errNoRow {
		return s, &paylink.NotFound{Kind: "session"}
	}
	s.CreatedAt, s.SeenAt, s.ExpiresAt = fromMicros(created), fromMicros(seen), fromMicros(expires)
	return s, err
}

// InsertSession adds a session.
func (tx *Tx) InsertSession(s paylink.Session) {
	const q = `
		INSERT INTO sessions (hash, staff_id, merchant_id, created_at, seen_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6)`
	tx.put(q, s.Hash, string(s.Staff), string(s.Merchant), micros(s.CreatedAt), micros(s.SeenAt), micros(s.ExpiresAt))
}

// DeleteSession ends a session, if there is one.
func (tx *Tx) DeleteSession(hash []byte) {
	tx.putAny(`DELETE FROM sessions WHERE hash = $1`, hash)
}

// ForgetSessions deletes up to limit sessions that have expired, and returns how many.
func (tx *Tx) ForgetSessions(now time.Time, limit int) (int64, error) {
	const q = `DELETE FROM sessions WHERE hash IN (SELECT hash FROM sessions WHERE expires_at <= $1 LIMIT $2)`
	return tx.exec(q, micros(now), int64(limit))
}

// SignInFailures is how often signing in failed of late for one identity, an account or an address.
type SignInFailures struct {
	Subject     []byte // hash of the identity
	Failures    int64
	LockedUntil time.Time
	UpdatedAt   time.Time
}

// SignInFailures reads the count of an identity, locked inside a transaction; all zero when nothing
// failed.
func (r Reader) SignInFailures(subject []byte) (SignInFailures, error) {
	const q = `SELECT failures, locked_until, updated_at FROM sign_in_failures WHERE subject = $1`
	f := SignInFailures{Subject: subject}
	var until, updated int64
	err := r.row(q+r.lock(), []any{subject}, &f.Failures, &until, &updated)
	if err == errNoRow {
		return f, nil
	}
	f.LockedUntil, f.UpdatedAt = fromMicros(until), fromMicros(updated)
	return f, err
}

// LockSignIn makes sure that an identity has a row, so that reading it in this transaction keeps
// everybody else's attempts waiting.
func (tx *Tx) LockSignIn(subject []byte, now time.Time) {
	const q = `
		INSERT INTO sign_in_failures (subject, failures, locked_until, updated_at)
		VALUES ($1, 0, 0, $2) ON CONFLICT DO NOTHING`
	tx.putAny(q, subject, micros(now))
}

// SetSignInFailures writes the count of an identity that LockSignIn has locked.
func (tx *Tx) SetSignInFailures(f SignInFailures) {
	const q = `UPDATE sign_in_failures SET failures = $2, locked_until = $3, updated_at = $4 WHERE subject = $1`
	tx.put(q, f.Subject, f.Failures, micros(f.LockedUntil), micros(f.UpdatedAt))
}

// ForgetSignInFailures deletes up to limit counts that nobody touched since the time, and returns how
// many.
func (tx *Tx) ForgetSignInFailures(before time.Time, limit int) (int64, error) {
	const q = `
		DELETE FROM sign_in_failures WHERE subject IN (
			SELECT subject FROM sign_in_failures WHERE updated_at < $1 LIMIT $2)`
	return tx.exec(q, micros(before), int64(limit))
}
