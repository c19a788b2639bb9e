package store

// RememberKey notes the fingerprint of a key ring's slot at its first use, and returns the one that is
// on record: a ring whose slot holds another key was not made for this database.
func (tx *Tx) RememberKey(slot int, fingerprint string) (string, error) {
	tx.putAny(`INSERT INTO key_slots (slot, fingerprint) VALUES ($1, $2) ON CONFLICT DO NOTHING`, int64(slot), fingerprint)
	var known string
	err := tx.row(`SELECT fingerprint FROM key_slots WHERE slot = $1`, []any{int64(slot)}, &known)
	return known, err
}
