package store

import (
	"slices"
	"strings"

	"paylink"
)

// A list of people is read along their ids, newest first. A name has no index: it is looked for among so many
// people a page and no more, so a page may be short or empty while the list goes on.
const lookedAt = 1000

// PersonFilter chooses people for a list. Zero fields do not filter.
type PersonFilter struct {
	Merchant paylink.MerchantID
	Live     bool
	Phone    string // E.164; of any contact of the person
	Email    string // in any case; of any contact of the person
	Name     string // a part of it, in any case of Latin letters
	From     string // PersonPage.Next of the page before, with the same filters
	Limit    int    // required, at most 100
}

// PersonPage is one page of a list of people, newest first.
type PersonPage struct {
	People []paylink.Customer
	Next   string // where the list goes on, which a short or empty page may do as well; "" at its end
}

// People lists the merchant's people in one mode: one for each person, however many contacts he left. Whoever
// was erased is not among them.
func (r Reader) People(f PersonFilter) (PersonPage, error) {
	if f.Phone != "" || f.Email != "" {
		return r.peopleAt(f)
	}
	q := `
		SELECT ` + customerColumns + ` FROM customers
		WHERE merchant_id = $1 AND livemode = $2 AND person = '' AND id < $3
		ORDER BY id DESC LIMIT $4`
	window := f.Limit + 1
	if f.Name != "" {
		window = lookedAt
	}
	var page PersonPage
	looked, last := 0, ""
	err := r.rows(q, []any{string(f.Merchant), bit(f.Live), below(f.From), int64(window)}, func(scan func(...any) error) error {
		c, err := customerFrom(scan)
		if looked++; len(page.People) > f.Limit || err != nil {
			return err
		}
		if last = string(c.ID); c.ErasedAt.IsZero() && strings.Contains(strings.ToLower(c.Name), strings.ToLower(f.Name)) {
			page.People = append(page.People, c)
		}
		return nil
	})
	if looked == window {
		page.Next = last
	}
	return page.cut(f.Limit), err
}

// peopleAt lists the people of whom a contact has the address. So many contacts are looked at and no more.
func (r Reader) peopleAt(f PersonFilter) (PersonPage, error) {
	condition, address := `phone = $3 AND phone <> ''`, f.Phone
	if f.Phone == "" {
		condition, address = `LOWER(email) = $3 AND email <> ''`, lowerASCII(f.Email)
	}
	q := `
		SELECT ` + of("p", customerColumns) + ` FROM customers p
		WHERE p.merchant_id = $1 AND p.livemode = $2 AND p.person = '' AND p.erased_at IS NULL AND p.id < $4 AND p.id IN (
			SELECT CASE c.person WHEN '' THEN c.id ELSE c.person END
			FROM (SELECT id, person FROM customers WHERE merchant_id = $1 AND livemode = $2 AND ` + condition + ` LIMIT $5) c)
		ORDER BY p.id DESC LIMIT $6`
	var page PersonPage
	args := []any{string(f.Merchant), bit(f.Live), address, below(f.From), int64(lookedAt), int64(lookedAt)}
	err := r.rowsOf(q, args, func(scan func(...any) error) error {
		c, err := customerFrom(scan)
		fits := (f.Email == "" || f.Phone == "" || strings.EqualFold(c.Email, f.Email)) && strings.Contains(strings.ToLower(c.Name), strings.ToLower(f.Name))
		if err == nil && fits && len(page.People) <= f.Limit {
			page.People = append(page.People, c)
		}
		return err
	})
	return page.cut(f.Limit), err
}

// cut leaves a page, and where the list goes on when there is more than that.
func (p PersonPage) cut(limit int) PersonPage {
	if len(p.People) > limit {
		p.People = slices.Clip(p.People[:limit])
		p.Next = string(p.People[limit-1].ID)
	}
	return p
}

// Contacts lists the contacts of a person, the one that stands for the person first and then the newest, below
// the cursor.
func (r Reader) Contacts(p paylink.Customer, before paylink.CustomerID, limit int) ([]paylink.Customer, error) {
	const q = `
		SELECT ` + contactColumns + ` FROM customers
		WHERE merchant_id = $1 AND livemode = $2 AND person = $3 AND id < $4 ORDER BY id DESC LIMIT $5`
	var all []paylink.Customer
	if before == "" {
		all = append(all, p)
	}
	err := r.rows(q, []any{string(p.Merchant), bit(p.Live), string(p.ID), below(string(before)), int64(limit)}, func(scan func(...any) error) error {
		c, err := contactFrom(scan)
		all = append(all, c)
		return err
	})
	return all, err
}

// UpdatePerson writes what may change in a person. The guard is the revision that was read: a change that comes
// too late, or after the erasure, fails with *paylink.Conflict "changed".
func (tx *Tx) UpdatePerson(c paylink.Customer, read int64) {
	const q = `
		UPDATE customers SET name = $3, phone = $4, email = $5, locale = $6, tax_id = $7, notes = $8, metadata = $9, revision = $10, updated_at = $11, erased_at = $12
		WHERE merchant_id = $1 AND id = $2 AND revision = $13 AND person = '' AND erased_at IS NULL`
	tx.putUnless(&paylink.Conflict{Code: "changed", Detail: "The customer changed in the meantime.", Other: string(c.ID)}, q,
		string(c.Merchant), string(c.ID), c.Name, c.Phone, c.Email, c.Locale, c.TaxID, c.Notes, toJSON(c.Metadata), c.Revision, micros(c.UpdatedAt),
		nullMicros(c.ErasedAt), read)
}

// KeepCustomer holds the person of a customer whom a new link names, until the commit: he is not erased while it
// is made. When that has happened already, the transaction fails with refusal.
func (tx *Tx) KeepCustomer(c paylink.Customer, refusal error) {
	const q = `
		UPDATE customers SET erased_at = NULL
		WHERE merchant_id = $1 AND id = $2 AND livemode = $3 AND erased_at IS NULL`
	tx.putUnless(refusal, q, string(c.Merchant), string(c.PersonID()), bit(c.Live))
}

// MoveContacts makes up to limit contacts of one person those of another, and tells how many it were.
func (tx *Tx) MoveContacts(from, into paylink.Customer, limit int) (int64, error) {
	const q = `
		UPDATE customers SET person = $4
		WHERE merchant_id = $1 AND id IN (
			SELECT id FROM customers WHERE merchant_id = $1 AND livemode = $2 AND person = $3 ORDER BY id LIMIT $5)`
	return tx.exec(q, string(from.Merchant), bit(from.Live), string(from.ID), string(into.ID), int64(limit))
}

// BecomeContact makes one person a contact of another. All contacts of his own have been moved before. The guard
// is the revision that was read.
func (tx *Tx) BecomeContact(from, into paylink.Customer) {
	const q = `
		UPDATE customers SET person = $3, notes = '', metadata = '{}'
		WHERE merchant_id = $1 AND id = $2 AND revision = $4 AND person = '' AND erased_at IS NULL`
	tx.putUnless(&paylink.Conflict{Code: "changed", Detail: "The customer changed in the meantime.", Other: string(from.ID)}, q,
		string(from.Merchant), string(from.ID), string(into.ID), from.Revision)
}
