package store

import (
	"cmp"
	"slices"
	"time"

	"paylink"
)

// DeliveryRun reads the messages of the link's delivery plan of which something is scheduled, in the order of the
// steps; none when there is none. A link has one such plan at a time. They are locked in the order of their ids,
// as receipts lock theirs, and before their link, as everybody does who changes both.
func (tx *Tx) DeliveryRun(merchant paylink.MerchantID, link paylink.LinkID) ([]paylink.Message, error) {
	q := `
		SELECT ` + messageColumns + ` FROM messages
		WHERE merchant_id = $1 AND link_id = $2 AND plan IN (
			SELECT plan FROM messages WHERE merchant_id = $1 AND link_id = $2 AND status = 'scheduled')
		ORDER BY id` + tx.lock()
	var run []paylink.Message
	err := tx.rows(q, []any{string(merchant), string(link)}, func(scan func(...any) error) error {
		m, err := messageFrom(scan)
		run = append(run, m)
		return err
	})
	slices.SortFunc(run, func(a, b paylink.Message) int { return cmp.Compare(a.Step, b.Step) })
	return run, err
}

// ScheduledPlan names the link's delivery plan of which something is scheduled; empty when there is none. It
// locks nothing.
func (r Reader) ScheduledPlan(merchant paylink.MerchantID, link paylink.LinkID) (plan paylink.MessageID, err error) {
	const q = `SELECT plan FROM messages WHERE merchant_id = $1 AND link_id = $2 AND status = 'scheduled' LIMIT 1`
	if err = r.row(q, []any{string(merchant), string(link)}, (*string)(&plan)); err == errNoRow {
		return "", nil
	}
	return plan, err
}

// DecideMessage writes what was decided about a scheduled message. The guard is that it is still scheduled,
// and as it was read: of two who decide at once the later fails with *paylink.Conflict "changed".
func (tx *Tx) DecideMessage(m paylink.Message, read time.Time) {
	const q = `
		UPDATE messages SET status = $3, error_code = $4, due_at = $5, updated_at = $6
		WHERE merchant_id = $1 AND id = $2 AND status = 'scheduled' AND updated_at = $7`
	tx.putUnless(&paylink.Conflict{Code: "changed", Detail: "The message changed in the meantime.", Other: string(m.ID)}, q,
		string(m.Merchant), string(m.ID), string(m.Status), m.ErrorCode, nullMicros(m.DueAt), micros(m.UpdatedAt), micros(read))
}

// OpenedSince tells whether a person has opened the link's page since a time, or started a payment on it.
func (r Reader) OpenedSince(merchant paylink.MerchantID, link paylink.LinkID, since time.Time) (bool, error) {
	const q = `
		SELECT last_at FROM visits
		WHERE merchant_id = $1 AND link_id = $2 AND kind IN ('opened', 'started') AND last_at >= $3 LIMIT 1`
	return r.any(q, string(merchant), string(link), micros(since))
}

// Receipt has the link's customer told of captured money when the transaction is done. Where nobody is to be
// told, it costs nothing.
func (tx *Tx) Receipt(l paylink.Link, p paylink.Payment, customer *paylink.Customer, s paylink.Settings, now time.Time) {
	if job, ok := l.Receipt(paylink.NewJobID(now), p, customer, s, now); ok {
		tx.Enqueue(job, now)
	}
}

// HurryDelivery has the link's delivery plan looked at when the transaction is done, because something
// happened to the link. A link of which nothing is scheduled costs nothing.
func (tx *Tx) HurryDelivery(l paylink.Link, now time.Time) {
	if job, ok := l.HurryDelivery(paylink.NewJobID(now), now); ok {
		tx.Enqueue(job, now)
	}
}
