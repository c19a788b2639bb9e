// Package ledger keeps the merchants' own books: double entry, per gateway account and currency.
//
// It is for the steps that change what a payment, a refund, a dispute or a payout is: what that means for the
// books they take from the nouns, and they post it here in the transaction of the change. The platform holds no
// money; the books say what each merchant's gateway owes it. Proving them is audit's work, showing them web's.
package ledger

import (
	"slices"
	"time"

	"paylink"
	"paylink/store"
)

// Post writes what entries say into the books, inside the transaction that makes it true. An entry without
// postings is left out, so that a fee of nothing need not be told apart. An unbalanced one is a mistake of ours
// and fails the transaction. A fact that is in the books already rolls the transaction back with the
// *paylink.Conflict "posted_already": callers decide by a guarded change first whether something happened.
//
// Call it once and last where that is possible: on PostgreSQL others may wait for the totals from here on.
func Post(tx *store.Tx, now time.Time, entries ...paylink.LedgerEntry) error {
	said := make([]paylink.LedgerEntry, 0, len(entries))
	for _, e := range entries {
		if len(e.Postings) == 0 {
			continue
		}
		if err := e.Balanced(); err != nil {
			return err
		}
		e.ID, e.At = paylink.NewEntryID(now), now
		said = append(said, e)
	}
	ids := make([]paylink.EntryID, len(said))
	for i, e := range said {
		ids[i] = e.ID
	}
	slices.Sort(ids) // they are read in the order in which they were said
	for i := range said {
		said[i].ID = ids[i]
	}
	tx.InsertEntries(said)
	return nil
}
