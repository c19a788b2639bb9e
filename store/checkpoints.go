package store

// Checkpoint is a signed list of where chains stood. Heads is JSON text, kept as it was signed.
type Checkpoint struct {
	At        int64 // microseconds: the minute, and within it the page
	Slot      int   // of the key ring, whose key signed it
	Heads     string
	Signature []byte
}

// InsertCheckpoint adds a checkpoint and tells whether it is the first of its time: of several nodes one
// writes it.
func (tx *Tx) InsertCheckpoint(c Checkpoint) (bool, error) {
	const q = `INSERT INTO checkpoints (at, slot, heads, signature) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`
	n, err := tx.exec(q, c.At, int64(c.Slot), c.Heads, c.Signature)
	return n == 1, err
}

// Checkpoints lists checkpoints in the order of their times, after one; a time below zero begins.
func (r Reader) Checkpoints(after int64, limit int) ([]Checkpoint, error) {
	const q = `SELECT at, slot, heads, signature FROM checkpoints WHERE at > $1 ORDER BY at LIMIT $2`
	var all []Checkpoint
	err := r.rows(q, []any{after, int64(limit)}, func(scan func(...any) error) error {
		var c Checkpoint
		var slot int64
		err := scan(&c.At, &slot, &c.Heads, &c.Signature)
		c.Slot = int(slot)
		all = append(all, c)
		return err
	})
	return all, err
}
