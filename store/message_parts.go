package store

import (
	"strings"
	"time"

	"paylink"
)

// Part is one part of a message that its provider takes and reports for itself.
type Part struct {
	Merchant  paylink.MerchantID
	Message   paylink.MessageID
	Account   paylink.AccountID
	Number    int64  // from 1
	Reference string // the provider's; case says nothing
	Status    paylink.MessageStatus
	Code      string // of a failure
	Reason    string
}

const partColumns = `merchant_id, message_id, account_id, number, reference, status, error_code, reason`

// InsertParts adds the parts of a message that an account took. Parts that a quick receipt has told of stay as
// they are.
func (tx *Tx) InsertParts(parts []Part, now time.Time) {
	for _, p := range parts {
		tx.putAny(`INSERT INTO message_parts (`+partColumns+`, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
			append(partValues(p), micros(now))...)
	}
}

// TellPart writes what became of a part, whether it was known before or not.
func (tx *Tx) TellPart(p Part, now time.Time) {
	const q = `
		INSERT INTO message_parts (` + partColumns + `, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (merchant_id, message_id, account_id, number) DO UPDATE
		SET status = excluded.status, error_code = excluded.error_code, reason = excluded.reason, updated_at = excluded.updated_at`
	tx.put(q, append(partValues(p), micros(now))...)
}

// PartsOf lists the parts of a message at an account, in their order. The message is locked by whoever decides
// by them.
func (r Reader) PartsOf(merchant paylink.MerchantID, message paylink.MessageID, account paylink.AccountID) ([]Part, error) {
	const q = `
		SELECT ` + partColumns + ` FROM message_parts
		WHERE merchant_id = $1 AND message_id = $2 AND account_id = $3 ORDER BY number`
	return r.parts(q, string(merchant), string(message), string(account))
}

// PartByReference finds a part by what its provider calls it, the latest where several are called so; nil when
// there is none.
func (r Reader) PartByReference(account paylink.AccountID, reference string) (*Part, error) {
	const q = `
		SELECT ` + partColumns + ` FROM message_parts
		WHERE account_id = $1 AND reference = $2 ORDER BY updated_at DESC, message_id DESC LIMIT 1`
	found, err := r.parts(q, string(account), strings.ToLower(reference))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// ForgetParts removes up to limit parts of which nothing was told since before, and returns how many.
func (tx *Tx) ForgetParts(before time.Time, limit int) (int64, error) {
	return tx.exec(`
		DELETE FROM message_parts WHERE (merchant_id, message_id, account_id, number) IN (
			SELECT merchant_id, message_id, account_id, number FROM message_parts WHERE updated_at < $1 LIMIT $2)`, micros(before), int64(limit))
}

func partValues(p Part) []any {
	return []any{string(p.Merchant), string(p.Message), string(p.Account), p.Number, strings.ToLower(p.Reference), string(p.Status), p.Code, p.Reason}
}

func (r Reader) parts(q string, args ...any) (all []Part, err error) {
	err = r.rows(q, args, func(scan func(...any) error) error {
		var p Part
		err := scan((*string)(&p.Merchant), (*string)(&p.Message), (*string)(&p.Account), &p.Number, &p.Reference, (*string)(&p.Status), &p.Code, &p.Reason)
		all = append(all, p)
		return err
	})
	return all, err
}
