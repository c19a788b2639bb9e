package token

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"paylink"
)

// Claims gives what the token of a link's present revision vouches for. The row is genuine when
// ReadLink of its token gives exactly these claims; they can be compared with ==.
func Claims(l paylink.Link) LinkClaims {
	c := LinkClaims{
		Link: string(l.ID), Merchant: string(l.Merchant), Live: l.Live,
		Usage: string(l.Usage.Mode), Currency: string(l.Amount.Currency), Amount: l.Amount.Minor,
		Revision: l.Revision, Terms: linkTerms(l),
	}
	if !l.ExpiresAt.IsZero() {
		c.ExpiresAt = time.UnixMicro(l.ExpiresAt.UnixMicro()).UTC()
	}
	return c
}

// linkTerms digests what a customer agrees to by paying, and where the money and the customer then
// go. Each field stands with its length before it, and lists with their number of members, so that
// two different terms never read alike. The name at the front changes with the list of fields.
func linkTerms(l paylink.Link) [sha256.Size]byte {
	h := sha256.New()
	number := func(n int64) {
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], uint64(n))
		h.Write(b[:])
	}
	text := func(s string) {
		number(int64(len(s)))
		h.Write([]byte(s))
	}
	text("paylink/terms/1")
	number(l.Amount.Minor)
	text(string(l.Amount.Currency))
	text(string(l.Usage.Mode))
	number(l.Usage.MaxPayments)
	text(l.Description)
	number(int64(len(l.Methods)))
	for _, m := range l.Methods {
		text(string(m))
	}
	text(l.ReturnURL)
	text(string(l.OnLate))
	text(string(l.OnDuplicate))
	return [sha256.Size]byte(h.Sum(nil))
}
