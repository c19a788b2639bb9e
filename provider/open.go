package provider

import (
	"fmt"

	"paylink"
	"paylink/keyring"
)

// purposeAccount is the key ring's purpose for the secrets of accounts.
const purposeAccount = "account"

// Open makes a stored account usable: its secret is unsealed, bound to the account's id.
func Open(ring *keyring.Ring, a paylink.Account) (Account, error) {
	secret, err := ring.Unseal(purposeAccount, a.Secret, []byte(a.ID))
	if err != nil {
		return Account{}, fmt.Errorf("open account %s: %w", a.ID, err)
	}
	return Account{ID: a.ID, Merchant: a.Merchant, BaseURL: a.BaseURL, Secret: string(secret)}, nil
}

// SealSecret is how a stored account keeps its secret.
func SealSecret(ring *keyring.Ring, id paylink.AccountID, secret string) []byte {
	return ring.Seal(purposeAccount, []byte(secret), []byte(id))
}
