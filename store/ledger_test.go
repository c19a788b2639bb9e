package store_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// book is where these tests post.
var book = paylink.Book{Merchant: "mer_a", Account: "acct_1", Currency: "INR"}

// sale is a captured payment as the books see it.
func sale(id string, amount int64, at time.Time) paylink.LedgerEntry {
	return paylink.LedgerEntry{
		ID: paylink.EntryID("entry_" + id), Book: book, Kind: paylink.EntryCapture, Payment: paylink.PaymentID("pay_" + id), Link: "plink_1", At: at,
		Postings: []paylink.Posting{{Account: paylink.LedgerGatewayReceivable, Amount: amount}, {Account: paylink.LedgerReceipts, Amount: -amount}},
	}
}

// The same fact told again, under another id and for another amount, must not count a second time.
func TestFactIsPostedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		write(t, s, func(tx *store.Tx) { tx.InsertEntries([]paylink.LedgerEntry{sale("1", 100, noon)}) })
		again := sale("1", 200, noon)
		again.ID = "entry_2"
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			tx.InsertEntries([]paylink.LedgerEntry{sale("3", 100, noon), again})
			return nil
		})
		if code, _ := conflict(err); code != "posted_already" {
			t.Errorf("the fact again: %v", err)
		}
		wantBalances(t, s, paylink.LedgerGatewayReceivable, 100, 0, paylink.LedgerReceipts, 0, 100)
	})
}

// wantBalances holds accounts of the book to their debits and credits; all others have none.
func wantBalances(t *testing.T, s *store.Store, of ...any) {
	t.Helper()
	want := map[paylink.LedgerAccount][2]int64{}
	for i := 0; i < len(of); i += 3 {
		want[of[i].(paylink.LedgerAccount)] = [2]int64{int64(of[i+1].(int)), int64(of[i+2].(int))}
	}
	got := map[paylink.LedgerAccount][2]int64{}
	all, err := s.Read(t.Context()).LedgerBalances(store.LedgerFilter{Merchant: book.Merchant, Live: book.Live})
	for _, b := range all {
		if b.Book != book {
			t.Errorf("a balance in %+v", b.Book)
		}
		got[b.Account] = [2]int64{b.Debits, b.Credits}
	}
	same(t, "balances", want, got, err)
}

// balance sums one account from its postings, as it stood before an entry.
func balance(t *testing.T, s *store.Store, account paylink.LedgerAccount) (debits, credits, postings int64) {
	t.Helper()
	all, err := s.Read(t.Context()).LedgerBalances(store.LedgerFilter{Merchant: book.Merchant, Account: account, Currency: book.Currency, Gateway: &book.Account})
	if err != nil || len(all) > 1 {
		t.Fatalf("%d balances of one account, %v", len(all), err)
	}
	if len(all) == 0 {
		return 0, 0, 0
	}
	return all[0].Debits, all[0].Credits, all[0].Postings
}

// A year of totals is gathered: no sum may change, however often, and few rows may be left to read.
func TestGatheringMovesTotalsAndChangesNoSum(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		var posted []paylink.LedgerEntry
		for day := range 200 {
			for n := range 2 {
				at := noon.AddDate(0, 0, -day)
				e := sale(string(paylink.NewEntryID(at)), int64(100+day+n), at)
				e.ID = paylink.NewEntryID(at)
				posted = append(posted, e)
			}
		}
		for some := range slices.Chunk(posted, 5) {
			write(t, s, func(tx *store.Tx) { tx.InsertEntries(some) })
		}
		debits, _, n := balance(t, s, paylink.LedgerGatewayReceivable)
		if n != 400 {
			t.Fatalf("%d postings", n)
		}
		before := noon.AddDate(0, 0, -100)
		f := store.LedgerFilter{Merchant: book.Merchant, Account: paylink.LedgerReceipts}
		then, err := s.Read(t.Context()).LedgerBalancesBefore(f, before, noon)
		for more := true; more && err == nil; {
			err = s.Write(t.Context(), func(tx *store.Tx) (err error) { more, err = tx.GatherTotals(noon); return err })
		}
		if err != nil {
			t.Fatal(err)
		}
		if d, _, n2 := balance(t, s, paylink.LedgerGatewayReceivable); d != debits || n2 != n {
			t.Errorf("%d in %d postings, and after gathering %d in %d", debits, n, d, n2)
		}
		again, err := s.Read(t.Context()).LedgerBalancesBefore(f, before, noon)
		same(t, "what was posted before a day", then, again, err)
		var want int64
		for _, e := range posted {
			if e.At.Before(before) {
				want += e.Postings[0].Amount
			}
		}
		if len(again) != 1 || again[0].Credits != want {
			t.Errorf("before %s: %+v, want %d", before, again, want)
		}
		var rows int64
		err = s.Read(t.Context()).Row(`SELECT COUNT(*) FROM ledger_totals WHERE merchant_id = $1`, []any{"mer_a"}, &rows)
		if err != nil || rows > 2*(64+6) {
			t.Errorf("%d rows are left for two accounts, %v", rows, err)
		}
	})
}

// Of entries that are told in pages each comes once, by account, by payment and by time.
func TestEntriesAreListedInPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		var all []paylink.LedgerEntry
		for n := range 5 {
			e := sale(string(rune('a'+n)), 100, noon.Add(time.Duration(n)*time.Minute))
			e.ID = paylink.NewEntryID(e.At)
			all = append(all, e)
		}
		fee := paylink.LedgerEntry{
			ID: paylink.NewEntryID(noon.Add(time.Hour)), Book: book, Kind: paylink.EntryFee, Payment: all[0].Payment, Link: "plink_1", At: noon.Add(time.Hour),
			Postings: []paylink.Posting{{Account: paylink.LedgerFees, Amount: 3}, {Account: paylink.LedgerGatewayReceivable, Amount: -3}},
		}
		all = append(all, fee)
		write(t, s, func(tx *store.Tx) { tx.InsertEntries(all) })
		slices.Reverse(all)
		for name, c := range map[string]struct {
			f    store.EntryFilter
			want []paylink.LedgerEntry
		}{
			"all":                {store.EntryFilter{}, all},
			"a page":             {store.EntryFilter{Before: all[1].ID}, all[2:]},
			"since":              {store.EntryFilter{From: paylink.EntryIDFrom(all[2].At)}, all[:3]},
			"a payment":          {store.EntryFilter{Payment: fee.Payment}, []paylink.LedgerEntry{fee, all[5]}},
			"an account":         {store.EntryFilter{Account: paylink.LedgerReceipts, Books: []paylink.Book{book}}, all[1:]},
			"of a payment":       {store.EntryFilter{Account: paylink.LedgerReceipts, Payment: fee.Payment, Books: []paylink.Book{book}}, all[5:]},
			"in two books":       {store.EntryFilter{Account: paylink.LedgerFees, Books: []paylink.Book{{Account: "acct_2", Currency: "USD"}, book}}, all[:1]},
			"an account of none": {store.EntryFilter{Account: paylink.LedgerReceipts}, nil},
			"the other mode":     {store.EntryFilter{Live: true}, nil},
		} {
			var got []paylink.LedgerEntry
			for c.f.Merchant, c.f.Limit = "mer_a", 2; ; {
				page, err := s.Read(t.Context()).LedgerEntries(c.f)
				if err != nil {
					t.Fatal(err)
				}
				if got = append(got, page...); len(page) < 2 {
					break
				}
				c.f.Before = page[1].ID
			}
			same(t, name, c.want, got, nil)
		}
		lines, err := s.Read(t.Context()).LedgerLines(book, paylink.LedgerGatewayReceivable, all[5].ID, 0, fee.ID, 2)
		if err != nil || len(lines) != 2 || lines[0].Entry != all[4].ID || lines[1].Entry != all[3].ID || lines[0].Amount != 100 {
			t.Errorf("lines: %+v, %v", lines, err)
		}
		one, err := s.Read(t.Context()).LedgerEntry("mer_a", false, fee.ID)
		same(t, "one entry", fee, one, err)
		_, err = s.Read(t.Context()).LedgerEntry("mer_a", true, fee.ID)
		missing(t, "ledger_entry", string(fee.ID), err)
	})
}

// Forty payments of one merchant are posted at once, while others gather: nothing is lost or counted twice, and
// on PostgreSQL nobody ends in a deadlock.
func TestPostingsSideBySideAreAllCounted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		var all sync.WaitGroup
		for n := range 40 {
			all.Go(func() {
				for i := range 5 {
					at := noon.AddDate(0, 0, -3*(i%2))
					e := sale(fmt.Sprint(n, "_", i), 100, at)
					if err := s.Write(t.Context(), func(tx *store.Tx) error { tx.InsertEntries([]paylink.LedgerEntry{e}); return nil }); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for range 2 {
			all.Go(func() {
				for range 20 {
					err := s.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.GatherTotals(noon); return err })
					if err != nil && !store.GatheredMeanwhile(err) {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		wantBalances(t, s, paylink.LedgerGatewayReceivable, 20_000, 0, paylink.LedgerReceipts, 0, 20_000)
		if _, _, n := balance(t, s, paylink.LedgerReceipts); n != 200 {
			t.Errorf("%d postings, want 200", n)
		}
	})
}
