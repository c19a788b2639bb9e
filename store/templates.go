package store

import (
	"encoding/json"
	"fmt"
	"time"

	"paylink"
)

const templateColumns = `merchant_id, id, livemode, name, settings, created_at, updated_at`

// MaxTemplates is how many templates a merchant may have in one world.
const MaxTemplates = 200

// Template reads one template of the merchant in one world; inside a transaction it is locked.
func (r Reader) Template(merchant paylink.MerchantID, live bool, id paylink.TemplateID) (paylink.Template, error) {
	return r.template(string(id), `WHERE merchant_id = $1 AND livemode = $2 AND id = $3`+r.lock(), string(merchant), bit(live), string(id))
}

// TemplateByName finds the template of a name; *paylink.NotFound if there is none.
func (r Reader) TemplateByName(merchant paylink.MerchantID, live bool, name string) (paylink.Template, error) {
	return r.template("", `WHERE merchant_id = $1 AND livemode = $2 AND name = $3`, string(merchant), bit(live), name)
}

func (r Reader) template(id, where string, args ...any) (paylink.Template, error) {
	t, err := templateFrom(func(dest ...any) error {
		return r.row(`SELECT `+templateColumns+` FROM templates `+where, args, dest...)
	})
	if err == errNoRow {
		return t, &paylink.NotFound{Kind: "template", ID: id}
	}
	return t, err
}

// Templates lists all of the merchant's templates in one world, oldest first: at most MaxTemplates.
func (r Reader) Templates(merchant paylink.MerchantID, live bool) ([]paylink.Template, error) {
	const q = `SELECT ` + templateColumns + ` FROM templates WHERE merchant_id = $1 AND livemode = $2 ORDER BY id LIMIT $3`
	var all []paylink.Template
	err := r.rows(q, []any{string(merchant), bit(live), int64(MaxTemplates)}, func(scan func(...any) error) error {
		t, err := templateFrom(scan)
		all = append(all, t)
		return err
	})
	return all, err
}

// InsertTemplate adds a template. It fails with *paylink.Conflict "name_in_use" when another one has the
// name, and "too_many_templates" when the merchant has MaxTemplates of the world.
func (tx *Tx) InsertTemplate(t paylink.Template) {
	// Two that are added at once would not see each other: the merchant's row keeps them apart.
	tx.put(`UPDATE merchants SET name = name WHERE id = $1`, string(t.Merchant))
	const room = `UPDATE merchants SET name = name WHERE id = $1 AND (SELECT COUNT(*) FROM templates WHERE merchant_id = $1 AND livemode = $2) < $3`
	tx.putUnless(&paylink.Conflict{Code: "too_many_templates", Detail: fmt.Sprintf("A merchant has at most %d templates.", MaxTemplates)}, room,
		string(t.Merchant), bit(t.Live), int64(MaxTemplates))
	const q = `INSERT INTO templates (` + templateColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`
	tx.putUnless(nameInUse(), q, string(t.Merchant), string(t.ID), bit(t.Live), t.Name, string(t.Settings), micros(t.CreatedAt), micros(t.UpdatedAt))
}

// UpdateTemplate writes a template's name and settings. The guard is the updated_at that was read:
// whoever changed it in between wins, and this transaction fails with *paylink.Conflict "changed". A name
// that another one has is "name_in_use".
func (tx *Tx) UpdateTemplate(t paylink.Template, read time.Time) {
	const free = `
		UPDATE templates SET updated_at = updated_at
		WHERE merchant_id = $1 AND id = $2
		AND NOT EXISTS (SELECT 1 FROM templates o WHERE o.merchant_id = $1 AND o.livemode = $3 AND o.name = $4 AND o.id <> $2)`
	tx.putUnless(nameInUse(), free, string(t.Merchant), string(t.ID), bit(t.Live), t.Name)
	const q = `UPDATE templates SET name = $3, settings = $4, updated_at = $5 WHERE merchant_id = $1 AND id = $2 AND updated_at = $6`
	tx.putUnless(&paylink.Conflict{Code: "changed", Detail: "The template changed in the meantime.", Other: string(t.ID)}, q,
		string(t.Merchant), string(t.ID), t.Name, string(t.Settings), micros(t.UpdatedAt), micros(read))
}

// DeleteTemplate removes a template; *paylink.NotFound if there is none.
func (tx *Tx) DeleteTemplate(merchant paylink.MerchantID, live bool, id paylink.TemplateID) {
	tx.putUnless(&paylink.NotFound{Kind: "template", ID: string(id)},
		`DELETE FROM templates WHERE merchant_id = $1 AND livemode = $2 AND id = $3`, string(merchant), bit(live), string(id))
}

func nameInUse() error {
	return &paylink.Conflict{Code: "name_in_use", Detail: "Another template has this name."}
}

func templateFrom(scan func(...any) error) (paylink.Template, error) {
	var t paylink.Template
	var live, created, updated int64
	var settings string
	err := scan((*string)(&t.Merchant), (*string)(&t.ID), &live, &t.Name, &settings, &created, &updated)
	t.Live, t.Settings = live == 1, json.RawMessage(settings)
	t.CreatedAt, t.UpdatedAt = fromMicros(created), fromMicros(updated)
	return t, err
}
