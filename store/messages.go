package store

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"paylink"
)

const messageColumns = `merchant_id, link_id, id, livemode, channel, provider, account_id, address, status, provider_reference,
	error_code, created_at, updated_at, sent_at, delivered_at, read_at, failed_at, purpose, attempts, reason,
	step, plan, due_at, unless, heedless, hasty, providers, kind, about, tells`

// Message reads one message of the merchant in one mode; inside a transaction it is locked.
func (r Reader) Message(merchant paylink.MerchantID, live bool, id paylink.MessageID) (paylink.Message, error) {
	q := `SELECT ` + messageColumns + ` FROM messages WHERE merchant_id = $1 AND id = $2 AND livemode = $3` + r.lock()
	m, err := messageFrom(func(dest ...any) error {
		return r.row(q, []any{string(merchant), string(id), bit(live)}, dest...)
	})
	if err == errNoRow {
		return m, &paylink.NotFound{Kind: "message", ID: string(id)}
	}
	return m, err
}

// MessageToSend reads a message of a link with the link and its customer, nil when it has none, in one
// look and without locks.
func (r Reader) MessageToSend(merchant paylink.MerchantID, live bool, link paylink.LinkID, id paylink.MessageID) (m paylink.Message, l paylink.Link, c *paylink.Customer, err error) {
	m, err = messageFrom(func(message ...any) (err error) {
		l, c, err = linkAndCustomerFrom(func(dest ...any) error {
			return r.row(messageToSend, []any{string(merchant), string(link), string(id), bit(live)}, append(message, dest...)...)
		})
		return err
	})
	if err == errNoRow {
		err = &paylink.NotFound{Kind: "message", ID: string(id)}
	}
	return m, l, c, err
}

var messageToSend = `
	SELECT ` + of("m", messageColumns) + `, ` + linkAndCustomer + `
	FROM messages m
	JOIN links l ON l.merchant_id = m.merchant_id AND l.id = m.link_id AND l.livemode = m.livemode
	` + linkCustomer + `
	WHERE m.merchant_id = $1 AND m.link_id = $2 AND m.id = $3 AND m.livemode = $4`

// MessagesOf lists a link's messages in the order in which they were made.
func (r Reader) MessagesOf(merchant paylink.MerchantID, link paylink.LinkID, limit int) ([]paylink.Message, error) {
	const q = `
		SELECT ` + messageColumns + ` FROM messages
		WHERE merchant_id = $1 AND link_id = $2
		ORDER BY created_at, id LIMIT $3`
	var all []paylink.Message
	err := r.rows(q, []any{string(merchant), string(link), int64(limit)}, func(scan func(...any) error) error {
		m, err := messageFrom(scan)
		all = append(all, m)
		return err
	})
	return all, err
}

// MessagesOfLinks lists the messages of a page of links, by link, each in the order in which they
// were made. It takes at most 101 links, one page.
func (r Reader) MessagesOfLinks(merchant paylink.MerchantID, links []paylink.LinkID) (map[paylink.LinkID][]paylink.Message, error) {
	of := map[paylink.LinkID][]paylink.Message{}
	if len(links) == 0 {
		return of, nil
	}
	args, places := []any{string(merchant)}, make([]string, len(links))
	for i, link := range links {
		args = append(args, string(link))
		places[i] = fmt.Sprintf("$%d", len(args))
	}
	q := `
		SELECT ` + messageColumns + ` FROM messages
		WHERE merchant_id = $1 AND link_id IN (` + strings.Join(places, ", ") + `)
		ORDER BY created_at, id`
	err := r.rowsOf(q, args, func(scan func(...any) error) error {
		m, err := messageFrom(scan)
		of[m.Link] = append(of[m.Link], m)
		return err
	})
	return of, err
}

// InsertMessage adds a message.
func (tx *Tx) InsertMessage(m paylink.Message) {
	const q = `
		INSERT INTO messages (` + messageColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
			$21, $22, $23, $24, $25, $26, $27, $28, $29, $30)`
	tx.put(q, messageValues(m)...)
}

// InsertTiding adds a message that tells of a payment or a refund. When the customer was told of it on this
// channel before, the transaction is rolled back and Write returns *paylink.Conflict "told".
func (tx *Tx) InsertTiding(m paylink.Message) {
	const q = `
		INSERT INTO messages (` + messageColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
			$21, $22, $23, $24, $25, $26, $27, $28, $29, $30)
		ON CONFLICT DO NOTHING`
	tx.putUnless(&paylink.Conflict{Code: "told", Detail: "The customer was told before.", Other: m.About}, q, messageValues(m)...)
}

func messageValues(m paylink.Message) []any {
	tells := ""
	if m.Tells != (paylink.Telling{}) {
		tells = toJSON(m.Tells)
	}
	return []any{string(m.Merchant), string(m.Link), string(m.ID), bit(m.Live), string(m.Channel), m.Provider, string(m.Account), m.To,
		string(m.Status), m.ProviderReference, m.ErrorCode, micros(m.CreatedAt), micros(m.UpdatedAt),
		nullMicros(m.SentAt), nullMicros(m.DeliveredAt), nullMicros(m.ReadAt), nullMicros(m.FailedAt), string(m.Purpose), m.Attempts, m.Reason,
		m.Step, string(m.Plan), nullMicros(m.DueAt), string(m.Unless), bit(m.Heedless), bit(m.Hasty), m.Providers,
		string(m.Kind), m.About, tells}
}

// UpdateMessage writes what may change in a message. The guard is the status and the updated_at that
// were read, since the state machine was asked about that status: whoever changed the message in
// between wins, and this transaction fails with *paylink.Conflict "changed".
func (tx *Tx) UpdateMessage(m paylink.Message, read paylink.MessageStatus, at time.Time) {
	const q = `
		UPDATE messages SET provider = $3, account_id = $4, status = $5, provider_reference = $6, error_code = $7,
			updated_at = $8, sent_at = $9, delivered_at = $10, read_at = $11, failed_at = $12, attempts = $13, reason = $14, kind = $17
		WHERE merchant_id = $1 AND id = $2 AND status = $15 AND updated_at = $16`
	tx.putUnless(&paylink.Conflict{Code: "changed", Detail: "The message changed in the meantime.", Other: string(m.ID)}, q,
		string(m.Merchant), string(m.ID), m.Provider, string(m.Account), string(m.Status), m.ProviderReference, m.ErrorCode,
		micros(m.UpdatedAt), nullMicros(m.SentAt), nullMicros(m.DeliveredAt), nullMicros(m.ReadAt), nullMicros(m.FailedAt),
		m.Attempts, m.Reason, string(read), micros(at), string(m.Kind))
}

func messageFrom(scan func(...any) error) (paylink.Message, error) {
	var m paylink.Message
	var tells string
	var live, created, updated, heedless, hasty int64
	var due, sent, delivered, read, failed *int64
	err := scan((*string)(&m.Merchant), (*string)(&m.Link), (*string)(&m.ID), &live, (*string)(&m.Channel), &m.Provider,
		(*string)(&m.Account), &m.To, (*string)(&m.Status), &m.ProviderReference, &m.ErrorCode, &created, &updated,
		&sent, &delivered, &read, &failed, (*string)(&m.Purpose), &m.Attempts, &m.Reason,
		&m.Step, (*string)(&m.Plan), &due, (*string)(&m.Unless), &heedless, &hasty, &m.Providers,
		(*string)(&m.Kind), &m.About, &tells)
	if err != nil {
		return paylink.Message{}, err
	}
	m.DueAt, m.Heedless, m.Hasty = fromNullMicros(due), heedless == 1, hasty == 1
	m.Live, m.CreatedAt, m.UpdatedAt = live == 1, fromMicros(created), fromMicros(updated)
	m.SentAt, m.DeliveredAt, m.ReadAt, m.FailedAt = fromNullMicros(sent), fromNullMicros(delivered), fromNullMicros(read), fromNullMicros(failed)
	if tells == "" {
		return m, nil
	}
	return m, json.Unmarshal([]byte(tells), &m.Tells)
}
