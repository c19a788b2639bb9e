package store

import (
	"encoding/json"
	"fmt"

	"paylink"
)

const messageTemplateColumns = `merchant_id, id, livemode, channel, kind, language, version, subject, text, registered_as, state, created_at, updated_at`

// MaxMessageTemplates is how many versions of message templates a merchant may have in one world.
const MaxMessageTemplates = 1000

// MessageTemplate reads one version of the merchant in one world; inside a transaction it is locked.
func (r Reader) MessageTemplate(merchant paylink.MerchantID, live bool, id paylink.MessageTemplateID) (paylink.MessageTemplate, error) {
	q := `SELECT ` + messageTemplateColumns + ` FROM message_templates WHERE merchant_id = $1 AND livemode = $2 AND id = $3` + r.lock()
	t, err := messageTemplateFrom(func(dest ...any) error {
		return r.row(q, []any{string(merchant), bit(live), string(id)}, dest...)
	})
	if err == errNoRow {
		return t, &paylink.NotFound{Kind: "message_template", ID: string(id)}
	}
	return t, err
}

// MessageTemplates lists the merchant's versions in one world, newest first, below the cursor.
func (r Reader) MessageTemplates(merchant paylink.MerchantID, live bool, before paylink.MessageTemplateID, limit int) ([]paylink.MessageTemplate, error) {
	return r.messageTemplates(`merchant_id = $1 AND livemode = $2 AND id < $3 ORDER BY id DESC LIMIT $4`,
		string(merchant), bit(live), below(string(before)), int64(limit))
}

// ActiveMessageTemplates gives those by which messages are written now.
func (r Reader) ActiveMessageTemplates(merchant paylink.MerchantID, live bool) ([]paylink.MessageTemplate, error) {
	return r.messageTemplates(`merchant_id = $1 AND livemode = $2 AND state = 'active' ORDER BY id LIMIT $3`,
		string(merchant), bit(live), int64(MaxMessageTemplates))
}

func (r Reader) messageTemplates(where string, args ...any) ([]paylink.MessageTemplate, error) {
	var all []paylink.MessageTemplate
	err := r.rows(`SELECT `+messageTemplateColumns+` FROM message_templates WHERE `+where, args, func(scan func(...any) error) error {
		t, err := messageTemplateFrom(scan)
		all = append(all, t)
		return err
	})
	return all, err
}

// LatestMessageTemplate gives the highest version of a channel, kind and language, 0 for none, and how many
// versions there are in the world. In a transaction that holds the merchant by MerchantToChange nobody adds
// one meanwhile.
func (r Reader) LatestMessageTemplate(t paylink.MessageTemplate) (version, count int64, err error) {
	const q = `
		SELECT COUNT(*), CAST(COALESCE(MAX(CASE WHEN channel = $3 AND kind = $4 AND language = $5 THEN version ELSE 0 END), 0) AS BIGINT)
		FROM message_templates WHERE merchant_id = $1 AND livemode = $2`
	err = r.row(q, []any{string(t.Merchant), bit(t.Live), string(t.Channel), string(t.Kind), t.Language}, &count, &version)
	return version, count, err
}

// InsertMessageTemplate adds a version. The transaction holds the merchant by MerchantToChange and has found
// its number free.
func (tx *Tx) InsertMessageTemplate(t paylink.MessageTemplate) {
	as, err := json.Marshal(t.As)
	if err != nil {
		panic("registered as: " + err.Error()) // strings always marshal
	}
	const q = `INSERT INTO message_templates (` + messageTemplateColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	tx.put(q, string(t.Merchant), string(t.ID), bit(t.Live), string(t.Channel), string(t.Kind), t.Language, t.Version, t.Subject, t.Text,
		string(as), string(t.State), micros(t.CreatedAt), micros(t.UpdatedAt))
}

// RetireMessageTemplates takes what is in use for the channel, kind and language of t out of use, whoever it is.
func (tx *Tx) RetireMessageTemplates(t paylink.MessageTemplate) {
	const q = `
		UPDATE message_templates SET state = 'retired', updated_at = $6
		WHERE merchant_id = $1 AND livemode = $2 AND channel = $3 AND kind = $4 AND language = $5 AND state = 'active'`
	tx.putAny(q, string(t.Merchant), bit(t.Live), string(t.Channel), string(t.Kind), t.Language, micros(t.UpdatedAt))
}

// ActivateMessageTemplate puts a version into use that is not. The transaction has retired the one before.
func (tx *Tx) ActivateMessageTemplate(t paylink.MessageTemplate) {
	const q = `
		UPDATE message_templates SET state = 'active', updated_at = $4
		WHERE merchant_id = $1 AND livemode = $2 AND id = $3 AND state IN ('draft', 'retired')`
	tx.putUnless(&paylink.NotFound{Kind: "message_template", ID: string(t.ID)}, q, string(t.Merchant), bit(t.Live), string(t.ID), micros(t.UpdatedAt))
}

func messageTemplateFrom(scan func(...any) error) (paylink.MessageTemplate, error) {
	var t paylink.MessageTemplate
	var live, created, updated int64
	var as string
	err := scan((*string)(&t.Merchant), (*string)(&t.ID), &live, (*string)(&t.Channel), (*string)(&t.Kind), &t.Language, &t.Version,
		&t.Subject, &t.Text, &as, (*string)(&t.State), &created, &updated)
	if err != nil {
		return t, err
	}
	t.Live, t.CreatedAt, t.UpdatedAt = live == 1, fromMicros(created), fromMicros(updated)
	if err := json.Unmarshal([]byte(as), &t.As); err != nil {
		return t, fmt.Errorf("read what message template %s is registered as: %w", t.ID, err)
	}
	return t, nil
}
