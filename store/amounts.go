package store

import (
	"encoding/json"

	"paylink"
)

// nullTerms gives NULL for a link that has nothing but its amount, as most of them.
func nullTerms(t paylink.Terms) any {
	if t.IsZero() {
		return nil
	}
	return toJSON(t)
}

// nullCourse gives NULL for a link to which nothing has happened in time.
func nullCourse(c paylink.Course) any {
	if c.IsZero() {
		return nil
	}
	return toJSON(c)
}

// nullReminding gives NULL for a link of which nobody was or is to be reminded, as most of them.
func nullReminding(r paylink.Reminding) any {
	if r.Since.IsZero() && r.Last.IsZero() && r.Done == nil {
		return nil
	}
	return toJSON(r)
}

// nullItems gives NULL for a payment that is not one of lines.
func nullItems(items []paylink.LineItem) any {
	if items == nil {
		return nil
	}
	return toJSON(items)
}

// nullAnswers gives NULL for a payment of which nothing was asked.
func nullAnswers(answers []paylink.Answer) any {
	if answers == nil {
		return nil
	}
	return toJSON(answers)
}

// nullExtras gives NULL for a payment that is only what its link asks for.
func nullExtras(e paylink.Extras) any {
	if e.IsZero() {
		return nil
	}
	return toJSON(e)
}

// fromNullJSON reads a column of JSON that may be NULL, which leaves the value as it is.
func fromNullJSON(text *string, into any) error {
	if text == nil {
		return nil
	}
	return json.Unmarshal([]byte(*text), into)
}

// PaymentsTaken counts the payments of a link that one browser has made or is making: what a cap on
// each customer's goes by. Inside a transaction that holds the link it is exact, because every payment
// begins and ends under the link's lock.
func (r Reader) PaymentsTaken(merchant paylink.MerchantID, link paylink.LinkID, device string) (int64, error) {
	const q = `
		SELECT COUNT(*) FROM payments
		WHERE merchant_id = $1 AND link_id = $2 AND device = $3 AND (
			status IN ('created', 'action_required', 'pending', 'authorised', 'unknown')
			OR status = 'captured' AND (disposition IN ('', 'accept') OR abnormal = 'overpaid'))`
	return r.count(q, string(merchant), string(link), device)
}
