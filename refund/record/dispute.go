package record

import (
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/store"
)

// Hear writes what a gateway's word about a dispute of a payment means: the dispute, its payment, the books, the
// events and the job that warns before its time is over. It returns the reason why the word means nothing new, or the
// empty string. Two first words that come together fail with *paylink.Conflict "changed" for one of them, which is
// heard when it is tried again.
func Hear(tx *store.Tx, of paylink.Payment, w gateway.DisputeWord, actor string, now time.Time) (string, error) {
	s, err := Open(tx, of.Merchant, of.Live, of.Link, of.ID)
	if err != nil {
		return "", err
	}
	if s.Payment.Status != paylink.PaymentCaptured || w.Amount.Minor > s.Payment.AmountCaptured {
		return "out_of_order", nil // there is no such money
	}
	d, err := tx.DisputeByGatewayReference(of.Merchant, of.Account, w.GatewayReference)
	fresh := paylink.IsNotFound(err)
	switch {
	case fresh:
		d = paylink.Dispute{
			ID: paylink.NewDisputeID(now), Merchant: of.Merchant, Live: of.Live, Link: of.Link, Payment: of.ID, Account: of.Account,
			Gateway: of.Gateway, GatewayReference: w.GatewayReference, Amount: w.Amount,
		}
	case err != nil:
		return "", err
	case d.Payment != of.ID:
		return "wrong_payment", nil
	}
	before := d
	told, heard := d.Hear(&s.Payment, paylink.DisputeTold{
		Status: w.Status, Reason: w.Reason, Code: w.Code, Withdrawn: w.Withdrawn, Fee: w.Fee, DueAt: w.DueAt, At: w.At,
	}, now)
	switch {
	case !heard && d.Status == w.Status:
		return "known_already", nil
	case !heard:
		return "out_of_order", nil
	case fresh:
		tx.InsertDispute(d)
	default:
		tx.UpdateDispute(d, before.UpdatedAt)
	}
	tx.DisputePayment(s.Payment)
	for _, e := range s.Link.TellDispute(now, actor, s.Customer, s.Payment, d, told...) {
		tx.AppendEvent(e)
	}
	if job, ok := d.Warn(paylink.NewJobID(now), now); ok && (!d.DueAt.Equal(before.DueAt) || before.Status != d.Status) {
		tx.Enqueue(job, now)
	}
	s.entries = append(s.entries, booked(s.Payment, before, d)...)
	return "", s.Close(tx, now)
}

// booked is what the money that a dispute moved, and its cost, mean for the merchant's books.
func booked(p paylink.Payment, before, d paylink.Dispute) []paylink.LedgerEntry {
	part := func(turn int64) paylink.DisputePart {
		return paylink.DisputePart{ID: string(d.ID), Turn: int(turn), Amount: d.Amount.Minor}
	}
	gone := func(d paylink.Dispute) bool {
		return d.Withdrawn && (d.Status == paylink.DisputeLost || d.Status == paylink.DisputeAccepted)
	}
	var said []paylink.LedgerEntry
	if d.Withdrawn && !before.Withdrawn {
		said = append(said, paylink.DisputeWithdrawnEntry(p, part(d.Turn)))
	}
	if gone(before) && !gone(d) {
		said = append(said, paylink.DisputeReopenedEntry(p, part(d.Turn)))
	}
	if gone(d) && !gone(before) {
		said = append(said, paylink.DisputeLostEntry(p, part(d.Turn)))
	}
	if before.Withdrawn && !d.Withdrawn {
		said = append(said, paylink.DisputeReinstatedEntry(p, part(d.Turn)))
	}
	if d.Fee != before.Fee {
		said = append(said, paylink.FeeEntry(p, string(d.ID)+"/"+d.ToldAt.Format(time.RFC3339Nano), d.Fee-before.Fee, 0))
	}
	return said
}
