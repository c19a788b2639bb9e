package provider

import (
	"crypto/sha256"
	"crypto/subtle"
)

// Same compares two secrets in a time that tells neither where they differ nor how long they are.
func Same(a, b string) bool {
	one, other := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(one[:], other[:]) == 1
}
