package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

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
	for name, value := range opened.Fields {
		if old, ok := strings.CutPrefix(name, beforeMark); ok {
			delete(opened.Fields, name)
			if old == "" {
				opened.PreviousUntil, _ = time.Parse(time.RFC3339, value)
				continue
			}
			if opened.previous == nil {
				opened.previous = map[string]string{}
			}
			opened.previous[old] = value
		}
	}
	return opened, nil
}

// beforeMark begins the names under which secrets are kept that were there before, and alone names until when
// they are believed. No field's name begins so.
const beforeMark = "."

// SealSecret is how a stored account keeps its one secret.
func SealSecret(ring *keyring.Ring, id paylink.AccountID, secret string) []byte {
	return ring.Seal(purposeAccount, []byte(secret), []byte(id))
}

// Previous are secrets that were replaced, by the names of their fields, and until when what is signed with
// them is still believed.
type Previous struct {
	Secrets map[string]string
	Until   time.Time
}

// Previous gives the account's, for whoever seals the account anew.
func (a Account) Previous() Previous { return Previous{a.previous, a.PreviousUntil} }

// SealSecrets is how a stored account keeps its secrets, by the names of their fields, and those before them.
func SealSecrets(ring *keyring.Ring, id paylink.AccountID, secrets map[string]string, before Previous) ([]byte, error) {
	all := maps.Clone(secrets)
	if len(before.Secrets) > 0 {
		all[beforeMark] = before.Until.UTC().Format(time.RFC3339)
		for name, value := range before.Secrets {
			all[beforeMark+name] = value
		}
	}
	text, err := json.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("seal the secrets of account %s: %w", id, err)
	}
	return ring.Seal(purposeAccount, text, []byte(id)), nil
}
