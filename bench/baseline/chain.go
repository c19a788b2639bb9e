package baseline

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// Event is a row of the events, as the chain's hash covers it. docs/audit.md holds the format.
type Event struct {
	Merchant               string
	Live, Sequence, At     int64
	ID, Type               string
	Link, Payment, Message string
	Actor, Data            string
	Hash                   []byte
}

// eventColumns are in the order of Event's row.
const eventColumns = `merchant_id, livemode, seq, at, id, type, link_id, payment_id, message_id, actor, data, hash`

func (e *Event) row() []any {
	return []any{e.Merchant, e.Live, e.Sequence, e.At, e.ID, e.Type, e.Link, e.Payment, e.Message, e.Actor, e.Data, e.Hash}
}

func (e *Event) fields() []any {
	return []any{&e.Merchant, &e.Live, &e.Sequence, &e.At, &e.ID, &e.Type, &e.Link, &e.Payment, &e.Message, &e.Actor, &e.Data, &e.Hash}
}

const (
	// newestEvent is the head of the longest chain.
	newestEvent = `SELECT ` + eventColumns + ` FROM events WHERE seq = (SELECT MAX(seq) FROM chains) AND livemode = 0`
	moveHead    = `UPDATE chains SET seq = $3, hash = $4, hashed_seq = $3 WHERE merchant_id = $1 AND livemode = $2`
	insertEvent = `INSERT INTO events (` + eventColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
)

// follow makes the event the next one of its chain: the same said once more, a microsecond later.
func (e *Event) follow() {
	e.Sequence++
	e.ID = fmt.Sprintf("evt_%026d", e.Sequence)
	e.At++
	e.Hash = e.hash()
}

func (e *Event) hash() []byte {
	mode := map[int64]string{0: "test", 1: "live"}[e.Live]
	said := append(make([]byte, 0, 256+len(e.Data)), e.Hash...)
	said = binary.BigEndian.AppendUint64(said, uint64(e.Sequence))
	said = binary.BigEndian.AppendUint64(said, uint64(e.At))
	for _, text := range []string{e.Merchant, mode, e.ID, e.Type, e.Link, e.Payment, e.Message, e.Actor, e.Data} {
		said = binary.BigEndian.AppendUint32(said, uint32(len(text)))
		said = append(said, text...)
	}
	sum := sha256.Sum256(said)
	return sum[:]
}
