package bulk_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"paylink"
	"paylink/issue"
	"paylink/issue/bulk"
	"paylink/sheet"
)

// Rows that came to nothing because another link had their reference are tried once more when it has it no
// longer, with the columns, channels and terms that they had; what is wrong in itself is left to be mended, and
// what was made is not made again.
func TestRowsThatMayPassAreTriedOnceMore(t *testing.T) {
	each(t, func(w *world) {
		old, err := w.issuer.Create(w.Context(), w.as("key_a"), issue.Draft{Amount: 1, HasAmount: true, Currency: "INR", Reference: "old"}, nil)
		if err != nil {
			w.Fatal(err)
		}
		still, err := w.issuer.Create(w.Context(), w.as("key_a"), issue.Draft{Amount: 1, HasAmount: true, Currency: "INR", Reference: "still"}, nil)
		if err != nil {
			w.Fatal(err)
		}
		said := map[string]string{"Sum": "amount_major", "=Nr": "reference", "Phone": "customer.phone", "Over": "partial.minimum_major"}
		first := w.send("Sum;=Nr;Phone;Over;remark\n2450.00;old;+919812345642;100;\"keep; this\"\n1;new;;;\n2;new;;;\nx;bad;;;\n3;still;;;\n", func(up *bulk.Upload) {
			up.Mapping, up.Channels = said, nil
		})
		if _, err := w.uploads.Retry(w.Context(), w.as("key_a"), first.Bulk.ID, nil); codes(err) != "not_retryable" {
			w.Errorf("before its end: %v", err)
		}
		b := w.ends(first.Bulk.ID, "finished: 1 created, 1 failed, 3 skipped as duplicates")
		if _, err := w.issuer.Cancel(w.Context(), w.as("key_a"), old.Link.ID, nil); err != nil {
			w.Fatal(err)
		}
		got, err := w.uploads.Retry(w.Context(), w.as("key_b"), b.ID, nil)
		if err != nil || got.Repeated {
			w.Fatalf("%+v, %v", got, err)
		}
		again := w.ends(got.Bulk.ID, "finished: 1 created, 0 failed, 2 skipped as duplicates")
		links := w.links()
		if l := links["old"]; len(l) != 2 || len(links["new"]) != 1 || len(links["still"]) != 1 {
			w.Fatalf("%d, %d and %d links", len(l), len(links["new"]), len(links["still"]))
		}
		for _, l := range links["old"] {
			if l.ID != old.Link.ID && (l.Amount.Minor != 245000 || l.Terms.Partial == nil || l.Terms.Partial.Minimum != 10000 || l.Customer == "") {
				w.Errorf("the row became %+v", l)
			}
		}
		if text := w.errorsOf(again); !strings.HasPrefix(text, "Sum,'=Nr,Phone,Over,remark,paylink_row,") {
			w.Errorf("errors.csv of the second try:\n%s", text)
		}
		if repeated, err := w.uploads.Retry(w.Context(), w.as("key_a"), b.ID, nil); err != nil || !repeated.Repeated || repeated.Bulk.ID != again.ID {
			w.Errorf("asked twice: %+v, %v", repeated, err)
		}
		// What is left is tried once more from there.
		if _, err := w.issuer.Cancel(w.Context(), w.as("key_a"), still.Link.ID, nil); err != nil {
			w.Fatal(err)
		}
		third, err := w.uploads.Retry(w.Context(), w.as("key_a"), again.ID, nil)
		if err != nil {
			w.Fatal(err)
		}
		w.ends(third.Bulk.ID, "finished: 1 created, 0 failed, 1 skipped as duplicates")
	})
}

// Without a row that may pass there is nothing to do, and nothing is left behind; nor is another merchant's.
func TestNothingToRetryMakesNoUpload(t *testing.T) {
	each(t, func(w *world) {
		got := w.send(`{"amount":1,"reference":"a","currency":"INR"}`+"\n"+`{"amount":-1}`+"\n", func(up *bulk.Upload) { up.Format = sheet.NDJSON })
		b := w.ends(got.Bulk.ID, "finished: 1 created, 1 failed, 0 skipped as duplicates")
		if _, err := w.uploads.Retry(w.Context(), w.as("key_a"), b.ID, nil); codes(err) != "nothing_to_retry" {
			w.Error(err)
		}
		dry := w.send("amount,reference\n1,a\n", func(up *bulk.Upload) { up.DryRun = true })
		w.work()
		if _, err := w.uploads.Retry(w.Context(), w.as("key_a"), dry.Bulk.ID, nil); codes(err) != "not_retryable" {
			w.Error(err)
		}
		other := w.as("key_a")
		other.Merchant.ID = "mer_other"
		if _, err := w.uploads.Retry(w.Context(), other, b.ID, nil); !paylink.IsNotFound(err) {
			w.Error(err)
		}
		if all, err := w.store.Read(w.Context()).Bulks(w.merchant, false, "", 10); err != nil || len(all) != 2 {
			w.Errorf("%d uploads are left, %v", len(all), err)
		}
	})
}

// Eight people press the button at once, for a thousand rows: one upload comes of it, and every row is made once.
func TestRetriesRaceForOneUpload(t *testing.T) {
	each(t, func(w *world) {
		file := "amount,reference\n" + strings.Repeat("1,same\n", 600)
		b := w.ends(w.send(file, nil).Bulk.ID, "finished: 1 created, 0 failed, 599 skipped as duplicates")
		var all sync.WaitGroup
		var first atomic.Int64
		var ids sync.Map
		for range 8 {
			all.Go(func() {
				got, err := w.uploads.Retry(w.Context(), w.as("key_a"), b.ID, nil)
				if err != nil {
					t.Error(err)
					return
				}
				if ids.Store(got.Bulk.ID, true); !got.Repeated {
					first.Add(1)
				}
			})
		}
		all.Wait()
		count := 0
		ids.Range(func(id, _ any) bool {
			count++
			w.ends(id.(paylink.BulkID), "finished: 0 created, 0 failed, 599 skipped as duplicates")
			return true
		})
		if first.Load() != 1 || count != 1 || len(w.links()["same"]) != 1 {
			t.Errorf("%d were first, %d uploads, %d links", first.Load(), count, len(w.links()["same"]))
		}
	})
}
