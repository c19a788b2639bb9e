package audit

import (
	"crypto/sha256"
	"encoding/binary"

	"paylink/store"
)

// HashSize is the length of a hash, in bytes.
const HashSize = sha256.Size

// Hash binds an event to the one before it:
//
//	SHA-256(prev ‖ u64be sequence ‖ u64be at ‖ for each of merchant, "live" or "test", id, type,
//	link, payment, message, actor, data: u32be length ‖ bytes)
//
// prev is the hash of the event before, 32 bytes, or nothing for the first, which stands for zeros. at
// is in microseconds since 1970, data is the JSON text as it is stored.
func Hash(prev []byte, e store.Entry) [HashSize]byte {
	var h hasher
	copy(h.last[:], prev)
	return h.next(&e)
}

// hasher walks along a chain. It writes an event into one piece of memory, which hashing reads faster
// than many.
type hasher struct {
	last [HashSize]byte
	text []byte
}

// next hashes the event that follows.
func (h *hasher) next(e *store.Entry) [HashSize]byte {
	mode := "test"
	if e.Live {
		mode = "live"
	}
	b := append(h.text[:0], h.last[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(e.Sequence))
	b = binary.BigEndian.AppendUint64(b, uint64(e.At))
	for _, field := range [...]string{
		string(e.Merchant), mode, string(e.ID), string(e.Type), string(e.Link), string(e.Payment), string(e.Message), e.Actor, e.Data,
	} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(field)))
		b = append(b, field...)
	}
	h.text = b
	h.last = sha256.Sum256(b)
	return h.last
}
