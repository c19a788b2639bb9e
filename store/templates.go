package store

import (
	"encoding/json"

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

// TemplateNamed tells whether another template than id has the name, and how many there are in the world.
// In a transaction that holds the merchant by MerchantToChange nobody adds or renames one meanwhile.
func (r Reader) TemplateNamed(merchant paylink.MerchantID, live bool, name string, id paylink.TemplateID) (taken bool, count int64, err error) {
	const q = `
		SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN name = $3 AND id <> $4 THEN 1 ELSE 0 END), 0) AS BIGINT)
		FROM templates WHERE merchant_id = $1 AND livemode = $2`
	var others int64
	err = r.row(q, []any{string(merchant), bit(live), name, string(id)}, &count, &others)
	return others > 0, count, err
}

// InsertTemplate adds a template. The transaction holds the merchant by MerchantToChange and has found the
// name free and room for it.
func (tx *Tx) InsertTemplate(t paylink.Template) {
	const q = `INSERT INTO templates (` + templateColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	tx.put(q, string(t.Merchant), string(t.ID), bit(t.Live), t.Name, string(t.Settings), micros(t.CreatedAt), micros(t.UpdatedAt))
}

// UpdateTemplate writes a template's name and settings. The transaction holds the merchant by
// MerchantToChange and has found the name free.
func (tx *Tx) UpdateTemplate(t paylink.Template) {
	const q = `UPDATE templates SET name = $4, settings = $5, updated_at = $6 WHERE merchant_id = $1 AND livemode = $2 AND id = $3`
	tx.putUnless(&paylink.NotFound{Kind: "template", ID: string(t.ID)}, q,
		string(t.Merchant), bit(t.Live), string(t.ID), t.Name, string(t.Settings), micros(t.UpdatedAt))
}

// DeleteTemplate removes a template; *paylink.NotFound if there is none.
func (tx *Tx) DeleteTemplate(merchant paylink.MerchantID, live bool, id paylink.TemplateID) {
	tx.putUnless(&paylink.NotFound{Kind: "template", ID: string(id)},
		`DELETE FROM templates WHERE merchant_id = $1 AND livemode = $2 AND id = $3`, string(merchant), bit(live), string(id))
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
