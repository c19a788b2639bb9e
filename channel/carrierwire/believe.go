package carrierwire

import (
	"errors"

	"paylink"
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
	case len(given) != 1 || !provider.Same(given[0], a.Secret):
		return &channel.Unverified{Reason: provider.BadSignature}
	}
	return nil
}

// Message is the message that the address of a receipt names, empty when it names none.
func Message(p channel.Post) (paylink.MessageID, error) {
	named, told := p.URL.Query()["message"]
	switch {
	case !told:
		return "", nil
	case len(named) != 1 || !paylink.HasTag(named[0], "msg"):
		return "", errors.New("the address names a message that is not ours")
	}
	return paylink.MessageID(named[0]), nil
}
