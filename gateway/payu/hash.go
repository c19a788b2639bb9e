package payu

import (
	"crypto/sha512"
	"encoding/hex"
	"strings"
)

// digest is PayU's signature of words in their order.
func digest(parts ...string) string {
	sum := sha512.Sum512([]byte(strings.Join(parts, "|")))
	return hex.EncodeToString(sum[:])
}

// request is what is signed of an order.
type request struct {
	key, txnid, amount, product, name, email string
	udf                                      [5]string
}

// hash signs an order with the account's salt: five more fields of PayU's own stay empty.
func (r request) hash(salt string) string {
	return digest(r.key, r.txnid, r.amount, r.product, r.name, r.email, r.udf[0], r.udf[1], r.udf[2], r.udf[3], r.udf[4], "", "", "", "", "", salt)
}

// back is PayU's signature of what became of an order: the same in reverse, begun by the status. Where the
// customer paid PayU's charges on top, they come first.
func (r request) back(salt, status, charges string) string {
	parts := []string{salt, status, "", "", "", "", "", r.udf[4], r.udf[3], r.udf[2], r.udf[1], r.udf[0], r.email, r.name, r.product, r.amount, r.txnid, r.key}
	if charges != "" {
		parts = append([]string{charges}, parts...)
	}
	return digest(parts...)
}

// piped tells whether a word would shift the others: with a separator in it, two orders have one signature.
func (r request) piped(more ...string) bool {
	return strings.Contains(strings.Join(append(more, r.key, r.txnid, r.amount, r.product, r.name, r.email, r.udf[0], r.udf[1], r.udf[2], r.udf[3], r.udf[4]), ""), "|")
}
