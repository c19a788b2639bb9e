package store

import (
	"time"

	"paylink"
)

const accountColumns = `merchant_id, id, livemode, kind, provider, channel, base_url, secret, name, fields, rank, switched_off`

// Account reads an account by its id alone, as the URL of a notice names it. Like [Reader.Merchant] it
// may be a copy.
func (r Reader) Account(id paylink.AccountID) (paylink.Account, error) {
	return keep(r, id, func() (paylink.Account, error) {
		const q = `SELECT ` + accountColumns + ` FROM accounts WHERE id = $1`
		a, err := accountFrom(func(dest ...any) error { return r.row(q, []any{string(id)}, dest...) })
		if err == errNoRow {
			return a, &paylink.NotFound{Kind: "account", ID: string(id)}
		}
		return a, err
	})
}

// accountsOf is what a list of accounts is kept under.
type accountsOf struct {
	merchant paylink.MerchantID
	live     bool
	kind     paylink.AccountKind
}

// Accounts lists a merchant's accounts of one kind in one mode, the preferred first, those that are off among them; the caller does not change the list.
// The sandbox comes last whatever its rank: it stands in for what no account of the merchant's own carries.
// Like [Reader.Merchant] it may be a copy.
func (r Reader) Accounts(merchant paylink.MerchantID, live bool, kind paylink.AccountKind) ([]paylink.Account, error) {
	return keep(r, accountsOf{merchant, live, kind}, func() ([]paylink.Account, error) {
		const q = `
			SELECT ` + accountColumns + ` FROM accounts
			WHERE merchant_id = $1 AND livemode = $2 AND kind = $3
			ORDER BY CASE WHEN provider = 'sandbox' THEN 1 ELSE 0 END, rank, provider, channel, id`
		var all []paylink.Account
		err := r.rows(q, []any{string(merchant), bit(live), string(kind)}, func(scan func(...any) error) error {
			a, err := accountFrom(scan)
			all = append(all, a)
			return err
		})
		return all, err
	})
}

// AccountsWith lists all merchants' accounts with one provider that are not switched off, in both modes, for
// an adapter that keeps a connection for each. It is read from the database every time.
func (r Reader) AccountsWith(kind paylink.AccountKind, provider string) ([]paylink.Account, error) {
	const q = `
		SELECT ` + accountColumns + ` FROM accounts
		WHERE kind = $1 AND provider = $2 AND switched_off = 0
		ORDER BY merchant_id, id`
	var all []paylink.Account
	err := r.rows(q, []any{string(kind), provider}, func(scan func(...any) error) error {
		a, err := accountFrom(scan)
		all = append(all, a)
		return err
	})
	return all, err
}

// InsertAccount adds an account; a merchant has one for each use.
func (tx *Tx) InsertAccount(a paylink.Account, now time.Time) {
	const q = `
		INSERT INTO accounts (` + accountColumns + `, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	tx.put(q, string(a.Merchant), string(a.ID), bit(a.Live), string(a.Kind), a.Provider, string(a.Channel), a.BaseURL, a.Secret, a.Name,
		toJSON(fieldsOf(a)), a.Rank, bit(a.Off), micros(now))
	tx.Ring(BellMerchants)
}

// SetAccountSecret replaces the sealed secret of an account.
func (tx *Tx) SetAccountSecret(merchant paylink.MerchantID, id paylink.AccountID, sealed []byte) {
	const q = `UPDATE accounts SET secret = $3 WHERE merchant_id = $1 AND id = $2`
	tx.put(q, string(merchant), string(id), sealed)
	tx.Ring(BellMerchants)
}

// SetAccountURL points an account at another base URL: the sandbox moves with the address that the
// server listens on.
func (tx *Tx) SetAccountURL(merchant paylink.MerchantID, id paylink.AccountID, baseURL string) {
	const q = `UPDATE accounts SET base_url = $3 WHERE merchant_id = $1 AND id = $2`
	tx.put(q, string(merchant), string(id), baseURL)
	tx.Ring(BellMerchants)
}

// UpdateAccount writes what a merchant may change in an account.
func (tx *Tx) UpdateAccount(a paylink.Account) {
	const q = `
		UPDATE accounts SET channel = $3, base_url = $4, secret = $5, name = $6, fields = $7, rank = $8, switched_off = $9
		WHERE merchant_id = $1 AND id = $2`
	tx.put(q, string(a.Merchant), string(a.ID), string(a.Channel), a.BaseURL, a.Secret, a.Name, toJSON(fieldsOf(a)), a.Rank, bit(a.Off))
	tx.Ring(BellMerchants)
}

func fieldsOf(a paylink.Account) map[string]string {
	if a.Fields == nil {
		return map[string]string{}
	}
	return a.Fields
}

func accountFrom(scan func(...any) error) (paylink.Account, error) {
	var a paylink.Account
	var live, off int64
	var fields string
	err := scan((*string)(&a.Merchant), (*string)(&a.ID), &live, (*string)(&a.Kind), &a.Provider, (*string)(&a.Channel), &a.BaseURL, &a.Secret,
		&a.Name, &fields, &a.Rank, &off)
	a.Live, a.Off = live == 1, off == 1
	if err == nil && fields != "{}" {
		err = mapFromJSON(fields, &a.Fields)
	}
	return a, err
}
