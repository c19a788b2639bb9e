package token

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
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
	// A link that has nothing but an amount is digested as it was before there was more, so that links of
	// that time stay genuine.
	more := !l.Terms.IsZero() || l.Usage.MaxTotal != 0 || l.Usage.MaxPerCustomer != 0
	if more {
		text("paylink/terms/2")
	} else {
		text("paylink/terms/1")
	}
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
	if more {
		number(l.Usage.MaxTotal)
		number(l.Usage.MaxPerCustomer)
		// Structs without maps or floats have one way to be written as JSON; what is added to them is
		// covered from the day on.
		terms, err := json.Marshal(l.Terms)
		if err != nil {
			panic("terms of link " + string(l.ID) + ": " + err.Error())
		}
		text(string(terms))
	}
	return [sha256.Size]byte(h.Sum(nil))
}
