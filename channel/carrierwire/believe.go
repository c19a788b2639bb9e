package carrierwire

import (
	"crypto/sha256"
	"crypto/subtle"

	"paylink/channel"
	"paylink/provider"
)

// SecretParameter is the part of a receipt address's query that holds the account's secret, where a carrier
// signs nothing.
const SecretParameter = "secret"

// VerifyAddress believes a post whose address holds the account's secret. It is for carriers that sign
// nothing: whoever knows the address is believed, so it is as secret as a password, and it proves neither
// the body nor the time.
func VerifyAddress(a channel.Account, p channel.Post) error {
	given := p.URL.Query()[SecretParameter]
	switch {
	case a.Secret == "":
		return &channel.Unverified{Reason: provider.BadSignature}
	case len(given) == 0 || given[0] == "":
		return &channel.Unverified{Reason: provider.MissingSignature}
	case len(given) != 1 || !Same(given[0], a.Secret):
		return &channel.Unverified{Reason: provider.BadSignature}
	}
	return nil
}

// Same compares two secrets in a time that tells neither where they differ nor how long they are.
func Same(a, b string) bool {
	one, other := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(one[:], other[:]) == 1
}
