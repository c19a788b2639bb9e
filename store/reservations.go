package store

import (
	"time"

	"paylink"
)

// GiveBackLate notes that money is to be given back that a bank reserves for an attempt which came to nothing,
// once. It fails with *paylink.Conflict "reservation_decided" when that was noted, or the attempt lives.
func (tx *Tx) GiveBackLate(p paylink.Payment) {
	const q = `
		UPDATE payments SET intent = 'void', intent_amount = 0, gateway_order = $3, gateway_reference = $4, updated_at = $5
		WHERE merchant_id = $1 AND id = $2 AND status IN ('abandoned', 'failed') AND intent = ''`
	decided := &paylink.Conflict{Code: "reservation_decided", Detail: "The reserved money is being given back already.", Other: string(p.ID)}
	tx.putUnless(decided, q, string(p.Merchant), string(p.ID), p.GatewayOrder, nullText(p.GatewayReference), micros(p.UpdatedAt))
	tx.Ring(BellPayments)
}

// Intend notes what was asked to become of reserved money. Of a capture and a void that come together one is
// taken: the other fails with *paylink.Conflict "reservation_decided", and so does one that comes when nothing is
// reserved any more.
func (tx *Tx) Intend(p paylink.Payment) {
	const q = `
		UPDATE payments SET intent = $3, intent_amount = $4, updated_at = $5
		WHERE merchant_id = $1 AND id = $2 AND status = 'authorised' AND intent = ''`
	decided := &paylink.Conflict{Code: "reservation_decided", Detail: "The reserved money is being captured or given back, or is reserved no more.", Other: string(p.ID)}
	tx.putUnless(decided, q, string(p.Merchant), string(p.ID), string(p.Intent), p.IntentAmount, micros(p.UpdatedAt))
	tx.Ring(BellPayments)
}

// Reconsider takes back what was asked, because the gateway refused it while the money is still reserved. It
// fails with *paylink.Conflict "changed" when it is not.
func (tx *Tx) Reconsider(p paylink.Payment) {
	const q = `
		UPDATE payments SET intent = '', intent_amount = 0, decline = $4, updated_at = $5
		WHERE merchant_id = $1 AND id = $2 AND status IN ('authorised', 'abandoned', 'failed') AND intent = $3`
	tx.putUnless(&paylink.Conflict{Code: "changed", Detail: "The payment changed in the meantime.", Other: string(p.ID)}, q,
		string(p.Merchant), string(p.ID), string(p.Intent), toJSON(p.Decline), micros(p.UpdatedAt))
	tx.Ring(BellPayments)
}

// Reserved lists the payments whose money is reserved, and must be captured before a time, the soonest first.
func (r Reader) Reserved(merchant paylink.MerchantID, live bool, before time.Time, limit int) ([]paylink.Payment, error) {
	const where = `
		WHERE merchant_id = $1 AND livemode = $2 AND status = 'authorised' AND capture_before IS NOT NULL AND capture_before < $3
		ORDER BY capture_before LIMIT $4`
	return r.payments(where, string(merchant), bit(live), micros(before), int64(limit))
}
