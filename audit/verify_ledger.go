package audit

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"paylink"
	"paylink/store"
)

// Entries and payments are held to the books in pieces of so many.
const pieceBooks = 1_000

const lastID = "~" // above every id

// inFlight is how old an entry is before nobody can be writing another one below it.
const inFlight = 5 * time.Minute

// ledgers gives the pieces of all merchants' books: their entries one by one, then what payments say, and the
// totals behind the last entry.
func (v *Verifier) ledgers(ctx context.Context, r *Report) iter.Seq2[piece, error] {
	return func(yield func(piece, error) bool) {
		read := v.Store.Read(ctx)
		merchants, err := read.Merchants()
		if err != nil {
			yield(nil, err)
			return
		}
		for _, m := range merchants {
			b := &ledgerBooks{read: read, merchant: m.ID, report: r, sums: map[bookAccount]*paylink.LedgerBalance{}}
			if !b.cut(v.Now(), yield) {
				return
			}
		}
	}
}

// bookAccount is one account of one book.
type bookAccount struct {
	paylink.Book
	account paylink.LedgerAccount
}

// ledgerBooks is what one merchant's entries come to, while they are walked.
type ledgerBooks struct {
	read     store.Reader
	merchant paylink.MerchantID
	report   *Report
	old      bool            // payments from before there were books may be missing
	settled  paylink.EntryID // no entry at or below it is still being written

	walks sync.WaitGroup
	mu    sync.Mutex
	sums  map[bookAccount]*paylink.LedgerBalance // of the entries up to settled
}

func (b *ledgerBooks) cut(now time.Time, yield func(piece, error) bool) bool {
	var err error
	if b.old, err = b.read.InBacklog(b.merchant); err != nil {
		return yield(nil, err)
	}
	if !b.old { // what is entered late is entered at its own time, so that nothing is settled until that is done
		b.settled = paylink.EntryIDFrom(now.Add(-inFlight))
	}
	for after := paylink.EntryID(""); after != lastID; {
		upTo, err := b.read.EntryCut(b.merchant, after, pieceBooks)
		if err != nil {
			return yield(nil, err)
		}
		if upTo == "" {
			upTo = lastID
		}
		from := after
		b.walks.Add(1)
		if !yield(func() (*Finding, error) { defer b.walks.Done(); return b.walk(from, upTo) }, nil) {
			return false
		}
		after = upTo
	}
	for after := paylink.PaymentID(""); after != lastID; {
		upTo, err := b.read.PaymentCut(b.merchant, after, pieceBooks)
		if err != nil {
			return yield(nil, err)
		}
		if upTo == "" {
			upTo = lastID
		}
		from := after
		if !yield(func() (*Finding, error) { return b.judgePayments(from, upTo) }, nil) {
			return false
		}
		after = upTo
	}
	return yield(b.judgeTotals, nil)
}

// walk judges some entries by themselves and adds up what they post.
func (b *ledgerBooks) walk(after, upTo paylink.EntryID) (*Finding, error) {
	entries, err := b.read.EntriesBetween(b.merchant, after, upTo)
	if err != nil {
		return nil, err
	}
	var postings int64
	for _, e := range entries {
		if wrong := b.judgeEntry(e); wrong != "" {
			return &Finding{Rule: RuleEntry, Merchant: b.merchant, Mode: mode(e.Book.Live), Link: e.Link, Payment: e.Payment, Entry: e.ID, Detail: wrong}, nil
		}
		postings += int64(len(e.Postings))
	}
	stray, err := b.read.StrayPosting(b.merchant, after, upTo)
	if err != nil {
		return nil, err
	}
	if stray != "" {
		return &Finding{Rule: RuleEntry, Merchant: b.merchant, Entry: stray, Detail: "postings stand for an entry that does not"}, nil
	}
	b.add(entries)
	atomic.AddInt64(&b.report.Entries, int64(len(entries)))
	atomic.AddInt64(&b.report.Postings, postings)
	return nil, nil
}

// judgeEntry says what is wrong with an entry; nothing, when it is right.
func (b *ledgerBooks) judgeEntry(e store.BookedEntry) string {
	made := paylink.MadeAt(e.ID)
	switch err := e.Balanced(); {
	case err != nil:
		return err.Error()
	case e.Mixed:
		return "a posting stands in another book than its entry"
	case e.Orphaned:
		return "it is about a payment that does not stand"
	case !made.Equal(e.At.Truncate(time.Millisecond)):
		return fmt.Sprintf("it was made at %s and says %s", made.Format(time.RFC3339Nano), e.At.Format(time.RFC3339Nano))
	}
	return ""
}

func (b *ledgerBooks) add(entries []store.BookedEntry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range entries {
		if e.ID > b.settled {
			return
		}
		for _, p := range e.Postings {
			key := bookAccount{e.Book, p.Account}
			sum := b.sums[key]
			if sum == nil {
				sum = &paylink.LedgerBalance{Book: e.Book, Account: p.Account}
				b.sums[key] = sum
			}
			sum.Debits, sum.Credits, sum.Postings = sum.Debits+max(p.Amount, 0), sum.Credits-min(p.Amount, 0), sum.Postings+1
		}
	}
}

// judgeTotals holds the running totals to what was posted, and no account to stand where it never may.
func (b *ledgerBooks) judgeTotals() (*Finding, error) {
	b.walks.Wait()
	totals, err := b.read.LedgerSums(b.merchant, b.settled)
	if err != nil {
		return nil, err
	}
	wrong := func(rule Rule, t paylink.LedgerBalance, detail string) *Finding {
		return &Finding{Rule: rule, Merchant: b.merchant, Mode: mode(t.Book.Live), Account: accountName(t), Detail: detail}
	}
	for _, t := range totals {
		key := bookAccount{t.Book, t.Account}
		posted := paylink.LedgerBalance{Book: t.Book, Account: t.Account}
		if sum := b.sums[key]; sum != nil {
			posted = *sum
		}
		delete(b.sums, key)
		if t != posted {
			return wrong(RuleBalance, t, fmt.Sprintf("the totals are %d and %d in %d postings, and the postings come to %d and %d in %d",
				t.Debits, t.Credits, t.Postings, posted.Debits, posted.Credits, posted.Postings)), nil
		}
	}
	for _, sum := range b.sums {
		return wrong(RuleBalance, *sum, "there are postings, and no totals"), nil
	}
	standing, err := b.read.LedgerSums(b.merchant, lastID)
	if err != nil {
		return nil, err
	}
	for _, t := range standing {
		if line, ok := t.Account.Line(); ok && !line.Either && t.Amount()*int64(line.Side) < 0 {
			return wrong(RuleNegative, t, fmt.Sprintf("the balance is %d, on the wrong side", t.Amount())), nil
		}
	}
	atomic.AddInt64(&b.report.Accounts, int64(len(standing)))
	return nil, nil
}

// accountName names an account of a book as people find it.
func accountName(b paylink.LedgerBalance) string {
	gateway := string(b.Book.Account)
	if gateway == "" {
		gateway = "outside"
	}
	return fmt.Sprintf("%s %s %s", gateway, b.Book.Currency, b.Account)
}
