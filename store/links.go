package store

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"paylink"
)

const linkColumns = `merchant_id, id, livemode, status, revision, amount, currency, description, reference, customer_id,
	usage_mode, max_payments, expires_at, channels, methods, return_url, metadata, notes, on_late, on_duplicate,
	amount_paid, payments_count, in_flight, attempts, latest_declined, cancelled_at, sent_at, opened_at, paid_at, archived_at,
	hold, hold_since, code_key, code_slot, token, created_at, updated_at, created_by,
	terms, max_total, max_per_customer, amount_in_flight, replaced_by, announce_at, amount_added, course, promised_for, amount_discounted,
	refreshes, refresh_asked_at, refresh_declined_at, reminding, amount_refunded`

// nextDue is a column that only statements look at: what it says is in the other ones.
const nextDue = `, next_due_at`

// Link reads one link of the merchant in one mode; *paylink.NotFound if there is none.
func (r Reader) Link(merchant paylink.MerchantID, live bool, id paylink.LinkID) (paylink.Link, error) {
	return r.link(id, `WHERE merchant_id = $1 AND id = $2 AND livemode = $3`+r.lock(), string(merchant), string(id), bit(live))
}

// LinkByReference finds the link that uses the reference now: the one that is neither cancelled nor
// expired.
func (r Reader) LinkByReference(merchant paylink.MerchantID, live bool, reference string) (paylink.Link, error) {
	return r.link("", `
		WHERE merchant_id = $1 AND livemode = $2 AND reference = $3
		AND status IN ('pending', 'failed', 'partially_paid', 'paid')`, string(merchant), bit(live), reference)
}

// LinkByCode finds the link behind a short code's key and slot, with its customer, nil when it has none.
// It is the only read that does not begin with a merchant, because a customer does not know one.
func (r Reader) LinkByCode(key uint64, slot int) (paylink.Link, *paylink.Customer, error) {
	l, c, err := linkAndCustomerFrom(func(dest ...any) error { return r.row(linkByCode, []any{int64(key), int64(slot)}, dest...) })
	if err == errNoRow {
		return l, nil, &paylink.NotFound{Kind: "payment_link"}
	}
	return l, c, err
}

// linkAndCustomerFrom scans linkAndCustomer; nil when the link has no customer.
func linkAndCustomerFrom(scan func(...any) error) (paylink.Link, *paylink.Customer, error) {
	var c struct {
		id, name, phone, email, locale, person *string
		created                                *int64
	}
	l, err := linkFrom(func(dest ...any) error {
		return scan(append(dest, &c.id, &c.name, &c.phone, &c.email, &c.locale, &c.created, &c.person)...)
	})
	if err != nil || c.id == nil {
		return l, nil, err
	}
	return l, &paylink.Customer{
		ID: paylink.CustomerID(*c.id), Merchant: l.Merchant, Live: l.Live, Name: *c.name, Phone: *c.phone, Email: *c.email,
		Locale: *c.locale, CreatedAt: fromMicros(*c.created), Person: paylink.CustomerID(*c.person),
	}, nil
}

// linkCustomer joins a link l with its customer c; linkAndCustomer names the columns of both.
var (
	linkAndCustomer = of("l", linkColumns) + `, c.id, c.name, c.phone, c.email, c.locale, c.created_at, c.person`
	linkCustomer    = `LEFT JOIN customers c ON c.merchant_id = l.merchant_id AND c.id = l.customer_id AND c.livemode = l.livemode`
)

// of names the columns of a table by its alias.
func of(alias, columns string) string {
	return alias + `.` + strings.Join(strings.Fields(columns), ` `+alias+`.`)
}

// linkByCode reads all that a payment page needs in one look: code, link and customer.
var linkByCode = `
	SELECT ` + linkAndCustomer + `
	FROM codes k
	JOIN links l ON l.merchant_id = k.merchant_id AND l.id = k.link_id
	` + linkCustomer + `
	WHERE k.key = $1 AND k.slot = $2`

func (r Reader) link(id paylink.LinkID, where string, args ...any) (paylink.Link, error) {
	q := `SELECT ` + linkColumns + ` FROM links ` + where
	l, err := linkFrom(func(dest ...any) error { return r.row(q, args, dest...) })
	if err == errNoRow {
		return l, &paylink.NotFound{Kind: "payment_link", ID: string(id)}
	}
	return l, err
}

// InsertLink adds a link and its code. It fails with *paylink.Conflict "reference_in_use" when
// another link uses the reference; the caller looks up which, after the rollback.
func (tx *Tx) InsertLink(l paylink.Link) {
	const q = `
		INSERT INTO links (` + linkColumns + nextDue + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
			$20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38,
			$39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51, $52, $53, $54)
		ON CONFLICT DO NOTHING`
	tx.putUnless(&paylink.Conflict{Code: "reference_in_use", Detail: "Another payment link uses this reference."}, q, linkArgs(l)...)
	tx.put(`INSERT INTO codes (key, slot, merchant_id, link_id) VALUES ($1, $2, $3, $4)`,
		int64(l.CodeKey), int64(l.CodeSlot), string(l.Merchant), string(l.ID))
	tx.traceLink(l)
}

// UpdateLink writes what may change in a link. The guard is the updated_at that was read: whoever
// changed the link in between wins, and this transaction fails with *paylink.Conflict "changed".
func (tx *Tx) UpdateLink(l paylink.Link, read time.Time) {
	const q = `
		UPDATE links SET status = $3, revision = $4, amount = $5, description = $6, reference = $7, expires_at = $8,
			metadata = $9, notes = $10, amount_paid = $11, payments_count = $12, in_flight = $13, latest_declined = $14,
			cancelled_at = $15, sent_at = $16, opened_at = $17, paid_at = $18, archived_at = $19, hold = $20,
			hold_since = $21, token = $22, updated_at = $23, attempts = $25, terms = $26, amount_in_flight = $27,
			replaced_by = $28, announce_at = $29, amount_added = $30, course = $31, promised_for = $32, amount_discounted = $33,
			refreshes = $34, refresh_asked_at = $35, refresh_declined_at = $36, reminding = $37, next_due_at = $38,
			return_url = $39, concerned_at = $40, amount_refunded = $41
		WHERE merchant_id = $1 AND id = $2 AND updated_at = $24`
	tx.putUnless(&paylink.Conflict{Code: "changed", Detail: "The payment link changed in the meantime.", Other: string(l.ID)}, q,
		string(l.Merchant), string(l.ID), string(l.Status), l.Revision, l.Amount.Minor, l.Description, nullText(l.Reference),
		nullMicros(l.ExpiresAt), toJSON(l.Metadata), l.Notes, l.AmountPaid, l.PaymentsCount, l.InFlight, bit(l.LatestDeclined),
		nullMicros(l.CancelledAt), nullMicros(l.SentAt), nullMicros(l.OpenedAt), nullMicros(l.PaidAt), nullMicros(l.ArchivedAt),
		string(l.Hold), nullMicros(l.HoldSince), l.Token, micros(l.UpdatedAt), micros(read), l.Attempts,
		nullTerms(l.Terms), l.AmountInFlight, nullText(string(l.ReplacedBy)), nullMicros(l.AnnounceAt), l.AmountAdded, nullCourse(l.Course), nullMicros(l.PromisedFor), l.AmountDiscounted,
		l.Refreshes, nullMicros(l.RefreshAskedAt), nullMicros(l.RefreshDeclinedAt), nullReminding(l.Reminding), nullMicros(l.NextDue()),
		l.ReturnURL, nullMicros(l.ConcernedAt()), l.AmountRefunded)
}

// CodeSlotsInUse lists the key slots that payable links still need; none of them may be retired.
func (r Reader) CodeSlotsInUse() ([]int, error) {
	const q = `SELECT DISTINCT code_slot FROM links WHERE status IN ('pending', 'failed', 'partially_paid') ORDER BY code_slot`
	var slots []int
	err := r.rows(q, nil, func(scan func(...any) error) error {
		var slot int64
		err := scan(&slot)
		slots = append(slots, int(slot))
		return err
	})
	return slots, err
}

func linkArgs(l paylink.Link) []any {
	return []any{
		string(l.Merchant), string(l.ID), bit(l.Live), string(l.Status), l.Revision, l.Amount.Minor, string(l.Amount.Currency),
		l.Description, nullText(l.Reference), nullText(string(l.Customer)), string(l.Usage.Mode), l.Usage.MaxPayments,
		nullMicros(l.ExpiresAt), toJSON(l.Channels), toJSON(l.Methods), l.ReturnURL, toJSON(l.Metadata), l.Notes,
		string(l.OnLate), string(l.OnDuplicate), l.AmountPaid, l.PaymentsCount, l.InFlight, l.Attempts, bit(l.LatestDeclined),
		nullMicros(l.CancelledAt), nullMicros(l.SentAt), nullMicros(l.OpenedAt), nullMicros(l.PaidAt), nullMicros(l.ArchivedAt),
		string(l.Hold), nullMicros(l.HoldSince), int64(l.CodeKey), int64(l.CodeSlot), l.Token,
		micros(l.CreatedAt), micros(l.UpdatedAt), l.CreatedBy,
		nullTerms(l.Terms), l.Usage.MaxTotal, l.Usage.MaxPerCustomer, l.AmountInFlight, nullText(string(l.ReplacedBy)), nullMicros(l.AnnounceAt), l.AmountAdded,
		nullCourse(l.Course), nullMicros(l.PromisedFor), l.AmountDiscounted,
		l.Refreshes, nullMicros(l.RefreshAskedAt), nullMicros(l.RefreshDeclinedAt), nullReminding(l.Reminding), l.AmountRefunded, nullMicros(l.NextDue()),
	}
}

func linkFrom(scan func(...any) error) (paylink.Link, error) {
	var l paylink.Link
	var live, declined, codeKey, codeSlot, created, updated int64
	var reference, customer, terms, replacedBy, course, reminding *string
	var expires, cancelled, sent, opened, paid, archived, holdSince, announce, promised, asked, declinedRefresh *int64
	var channels, methods, metadata string
	err := scan((*string)(&l.Merchant), (*string)(&l.ID), &live, (*string)(&l.Status), &l.Revision, &l.Amount.Minor, (*string)(&l.Amount.Currency),
		&l.Description, &reference, &customer, (*string)(&l.Usage.Mode), &l.Usage.MaxPayments,
		&expires, &channels, &methods, &l.ReturnURL, &metadata, &l.Notes,
		(*string)(&l.OnLate), (*string)(&l.OnDuplicate), &l.AmountPaid, &l.PaymentsCount, &l.InFlight, &l.Attempts, &declined,
		&cancelled, &sent, &opened, &paid, &archived,
		(*string)(&l.Hold), &holdSince, &codeKey, &codeSlot, &l.Token, &created, &updated, &l.CreatedBy,
		&terms, &l.Usage.MaxTotal, &l.Usage.MaxPerCustomer, &l.AmountInFlight, &replacedBy, &announce, &l.AmountAdded, &course, &promised, &l.AmountDiscounted,
		&l.Refreshes, &asked, &declinedRefresh, &reminding, &l.AmountRefunded)
	if err != nil {
		return paylink.Link{}, err
	}
	l.Live, l.LatestDeclined = live == 1, declined == 1
	l.Reference, l.Customer = textOrEmpty(reference), paylink.CustomerID(textOrEmpty(customer))
	l.ReplacedBy = paylink.LinkID(textOrEmpty(replacedBy))
	l.ExpiresAt, l.CancelledAt, l.SentAt = fromNullMicros(expires), fromNullMicros(cancelled), fromNullMicros(sent)
	l.OpenedAt, l.PaidAt, l.ArchivedAt = fromNullMicros(opened), fromNullMicros(paid), fromNullMicros(archived)
	l.HoldSince, l.AnnounceAt, l.PromisedFor = fromNullMicros(holdSince), fromNullMicros(announce), fromNullMicros(promised)
	l.RefreshAskedAt, l.RefreshDeclinedAt = fromNullMicros(asked), fromNullMicros(declinedRefresh)
	l.CodeKey, l.CodeSlot = uint64(codeKey), int(codeSlot)
	l.CreatedAt, l.UpdatedAt = fromMicros(created), fromMicros(updated)
	if err := errors.Join(listFromJSON(channels, &l.Channels), listFromJSON(methods, &l.Methods), mapFromJSON(metadata, &l.Metadata), fromNullJSON(terms, &l.Terms), fromNullJSON(course, &l.Course), fromNullJSON(reminding, &l.Reminding)); err != nil {
		return paylink.Link{}, fmt.Errorf("link %s: %w", l.ID, err)
	}
	return l, nil
}
