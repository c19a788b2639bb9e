package store

import (
	"fmt"
	"strings"

	"paylink"
)

const attemptColumns = `merchant_id, link_id, message_id, number, livemode, account_id, provider, state, provider_reference, reason, code, words,
	segments, cost, currency, price, priced, reserved, began_at, ended_at, again_at, device_id`

// AttemptsOf lists the attempts of one message of a link, in their order.
func (r Reader) AttemptsOf(merchant paylink.MerchantID, link paylink.LinkID, message paylink.MessageID) ([]paylink.Attempt, error) {
	const q = `
		SELECT ` + attemptColumns + ` FROM attempts
		WHERE merchant_id = $1 AND link_id = $2 AND message_id = $3
		ORDER BY number`
	return r.attempts(q, []any{string(merchant), string(link), string(message)})
}

// AttemptsOfLinks lists the attempts of the messages of a page of links, by message, each in their order.
// It takes at most 101 links, one page.
func (r Reader) AttemptsOfLinks(merchant paylink.MerchantID, links []paylink.LinkID) (map[paylink.MessageID][]paylink.Attempt, error) {
	of := map[paylink.MessageID][]paylink.Attempt{}
	if len(links) == 0 {
		return of, nil
	}
	args, places := []any{string(merchant)}, make([]string, len(links))
	for i, link := range links {
		args = append(args, string(link))
		places[i] = fmt.Sprintf("$%d", len(args))
	}
	all, err := r.attempts(`
		SELECT `+attemptColumns+` FROM attempts
		WHERE merchant_id = $1 AND link_id IN (`+strings.Join(places, ", ")+`)
		ORDER BY link_id, message_id, number`, args)
	for _, a := range all {
		of[a.Message] = append(of[a.Message], a)
	}
	return of, err
}

// AttemptsByReference lists the attempts at an account that the provider answered with the reference: one,
// unless a provider gives a reference twice.
func (r Reader) AttemptsByReference(account paylink.AccountID, reference string) ([]paylink.Attempt, error) {
	const q = `
		SELECT ` + attemptColumns + ` FROM attempts
		WHERE account_id = $1 AND provider_reference = $2 AND provider_reference <> ''
		ORDER BY began_at DESC, message_id, number LIMIT 10`
	return r.attempts(q, []any{string(account), reference})
}

func (r Reader) attempts(q string, args []any) ([]paylink.Attempt, error) {
	var all []paylink.Attempt
	err := r.rows(q, args, func(scan func(...any) error) error {
		a, err := attemptFrom(scan)
		all = append(all, a)
		return err
	})
	return all, err
}

// InsertAttempt adds an attempt. Another one with the number means that somebody else changed the message
// meanwhile: the transaction fails with *paylink.Conflict "changed".
func (tx *Tx) InsertAttempt(a paylink.Attempt) {
	const q = `
		INSERT INTO attempts (` + attemptColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
		ON CONFLICT DO NOTHING`
	tx.putUnless(attemptChanged(a), q, string(a.Merchant), string(a.Link), string(a.Message), a.Number, bit(a.Live), string(a.Account), a.Provider,
		string(a.State), a.ProviderReference, a.Reason, a.Code, a.Words, a.Segments, a.Cost, string(a.Currency), a.Price, bit(a.Priced), a.Reserved,
		micros(a.BeganAt), nullMicros(a.EndedAt), nullMicros(a.AgainAt), string(a.Device))
}

// UpdateAttempt writes what may change in an attempt. The guard is the state that was read.
func (tx *Tx) UpdateAttempt(a paylink.Attempt, read paylink.AttemptState) {
	const q = `
		UPDATE attempts SET state = $5, provider_reference = $6, reason = $7, code = $8, words = $9, segments = $10, cost = $11, price = $12,
			priced = $13, reserved = $14, ended_at = $15, again_at = $16
		WHERE merchant_id = $1 AND link_id = $2 AND message_id = $3 AND number = $4 AND state = $17`
	tx.putUnless(attemptChanged(a), q, string(a.Merchant), string(a.Link), string(a.Message), a.Number, string(a.State), a.ProviderReference,
		a.Reason, a.Code, a.Words, a.Segments, a.Cost, a.Price, bit(a.Priced), a.Reserved, nullMicros(a.EndedAt), nullMicros(a.AgainAt), string(read))
}

func attemptChanged(a paylink.Attempt) error {
	return &paylink.Conflict{Code: "changed", Detail: "The message changed in the meantime.", Other: string(a.Message)}
}

func attemptFrom(scan func(...any) error) (paylink.Attempt, error) {
	var a paylink.Attempt
	var live, priced, began int64
	var ended, again *int64
	err := scan((*string)(&a.Merchant), (*string)(&a.Link), (*string)(&a.Message), &a.Number, &live, (*string)(&a.Account), &a.Provider,
		(*string)(&a.State), &a.ProviderReference, &a.Reason, &a.Code, &a.Words, &a.Segments, &a.Cost, (*string)(&a.Currency), &a.Price, &priced,
		&a.Reserved, &began, &ended, &again, (*string)(&a.Device))
	a.Live, a.Priced, a.BeganAt, a.EndedAt, a.AgainAt = live == 1, priced == 1, fromMicros(began), fromNullMicros(ended), fromNullMicros(again)
	return a, err
}
