package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"

	"paylink"
	"paylink/keyring"
)

// purposeAccount is the key ring's purpose for the secrets of accounts.
const purposeAccount = "account"

// Open makes a stored account usable: its secrets are unsealed, bound to the account's id.
func Open(ring *keyring.Ring, a paylink.Account) (Account, error) {
	sealed, err := ring.Unseal(purposeAccount, a.Secret, []byte(a.ID))
	if err != nil {
		return Account{}, fmt.Errorf("open account %s: %w", a.ID, err)
	}
	opened := Account{ID: a.ID, Merchant: a.Merchant, Live: a.Live, BaseURL: a.BaseURL, Fields: map[string]string{}}
	maps.Copy(opened.Fields, a.Fields)
	if !bytes.HasPrefix(sealed, []byte("{")) {
		opened.Secret = string(sealed)
		return opened, nil
	}
	if err := json.Unmarshal(sealed, &opened.Fields); err != nil {
		return Account{}, fmt.Errorf("open account %s: its secrets are unreadable", a.ID)
	}
	opened.Secret = opened.Fields[Secret]
	return opened, nil
}

// SealSecret is how a stored account keeps its one secret.
func SealSecret(ring *keyring.Ring, id paylink.AccountID, secret string) []byte {
	return ring.Seal(purposeAccount, []byte(secret), []byte(id))
}

// SealSecrets is how a stored account keeps its secrets, by the names of their fields.
func SealSecrets(ring *keyring.Ring, id paylink.AccountID, secrets map[string]string) ([]byte, error) {
	text, err := json.Marshal(secrets)
	if err != nil {
		return nil, fmt.Errorf("seal the secrets of account %s: %w", id, err)
	}
	return ring.Seal(purposeAccount, text, []byte(id)), nil
}
