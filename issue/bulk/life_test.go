package bulk_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/issue/bulk"
	"paylink/queue"
	"paylink/store"
)

// A worker that was taken for dead goes on beside the one that took over, both at the same rows. Each row
// is made once, those without a reference too.
func TestTwoWorkersMakeEachRowOnce(t *testing.T) {
	each(t, func(w *world) {
		file := many(300) + strings.Repeat("5,,\n", 100)
		got := w.send(file, func(up *bulk.Upload) { up.Review = true })
		w.review(got.Bulk.ID)
		if _, err := w.uploads.Approve(w.Context(), w.as("key_a"), got.Bulk.ID); err != nil {
			w.Fatal(err)
		}
		b := w.bulk(got.Bulk.ID)
		var workers sync.WaitGroup
		for range 3 {
			workers.Go(func() {
				for more, tries := true, 0; more && tries < 1000; tries++ {
					var err error
					if more, err = w.uploads.Slice(w.Context(), b); errors.Is(err, store.ErrBulkChanged) {
						more = true
					} else if err != nil {
						w.Error(err)
						return
					}
				}
			})
		}
		workers.Wait()
		w.ends(got.Bulk.ID, "finished: 400 created, 0 failed, 0 skipped as duplicates")
		w.holdsOnce(300, 100)
	})
}

// holdsOnce counts the links: so many with references, each once, and so many without.
func (w *world) holdsOnce(with, without int) {
	w.Helper()
	links := w.links()
	if len(links[""]) != without || len(links) != with+1 {
		w.Errorf("%d links without a reference, %d references", len(links[""]), len(links)-1)
	}
	for reference, l := range links {
		if reference != "" && len(l) != 1 {
			w.Errorf("%s was made %d times", reference, len(l))
		}
	}
}

// review brings an upload whose columns are known by their names to where somebody may start it.
func (w *world) review(id paylink.BulkID) {
	w.Helper()
	shape, err := w.uploads.Shape(w.bulk(id))
	if err != nil {
		w.Fatal(err)
	}
	fields := map[string]string{}
	for _, c := range shape.Columns {
		fields[c.Name] = c.Field
	}
	if _, err := w.uploads.SetMapping(w.Context(), w.as("key_a"), id, fields); err != nil {
		w.Fatal(err)
	}
	w.work()
}

// The process dies at any moment, again and again. Whoever comes after goes on where it was.
func TestUploadSurvivesDeathAtAnyMoment(t *testing.T) {
	each(t, func(w *world) {
		got := w.send(many(300)+strings.Repeat("5,,\n", 100), nil)
		deaths := 0
		for life := 1; life < queue.MaxAttempts-2 && w.bulk(got.Bulk.ID).Open(); life++ {
			w.liveFor(time.Duration(rand.IntN(40*life)) * time.Millisecond)
			w.pass(time.Minute) // the lease of the dead one is over
			deaths++
		}
		w.outlive(got.Bulk.ID)
		w.ends(got.Bulk.ID, "finished: 400 created, 0 failed, 0 skipped as duplicates")
		w.holdsOnce(300, 100)
		w.Logf("%d deaths", deaths)
	})
}

// outlive runs a worker that lives until the upload has come to its end, which on a slow machine is after
// all those deaths.
func (w *world) outlive(id paylink.BulkID) {
	w.Helper()
	ctx, end := context.WithTimeout(w.Context(), time.Minute)
	defer end()
	var watched sync.WaitGroup
	defer watched.Wait()
	watched.Go(func() {
		defer end()
		for {
			b, err := w.store.Read(ctx).Bulk(w.merchant, false, id)
			if err != nil || !b.Open() {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	})
	w.live(ctx)
}

// liveFor runs a worker that dies: its handler's context ends with whatever is under way, and its job
// stays claimed until its lease is over.
func (w *world) liveFor(d time.Duration) {
	w.Helper()
	ctx, die := context.WithTimeout(w.Context(), d)
	defer die()
	w.live(ctx)
}

func (w *world) live(ctx context.Context) {
	w.Helper()
	q := queue.New(w.store, queue.Options{Now: w.clock, Poll: time.Millisecond, Lease: time.Millisecond, Around: func(h queue.Handler) queue.Handler {
		return func(_ context.Context, r *queue.Run) error { return h(ctx, r) }
	}})
	w.uploads.Register(q)
	if err := q.Work(ctx); err != nil {
		w.Error(err)
	}
}

// Somebody sees a mistake in the text and presses Pause: nothing more is made until he resumes it, and
// what he cancels then is never made.
func TestPauseResumeAndCancelTheRest(t *testing.T) {
	each(t, func(w *world) {
		got := w.send(many(700), func(up *bulk.Upload) { up.Review = true })
		w.review(got.Bulk.ID)
		do := func(what func(context.Context, string) error, want string) {
			w.Helper()
			if err := what(w.Context(), "key_a"); want == "" && err != nil || want != "" && codes(err) != want {
				w.Errorf("%s, want %q", codes(err), want)
			}
		}
		id := got.Bulk.ID
		pause := func(ctx context.Context, by string) error {
			_, err := w.uploads.Pause(ctx, w.as(by), id)
			return err
		}
		resume := func(ctx context.Context, by string) error {
			_, err := w.uploads.Resume(ctx, w.as(by), id)
			return err
		}
		do(pause, "bulk_ready")
		do(resume, "bulk_ready")
		if _, err := w.uploads.Approve(w.Context(), w.as("key_a"), id); err != nil {
			w.Fatal(err)
		}
		if _, err := w.uploads.Slice(w.Context(), w.bulk(id)); err != nil {
			w.Fatal(err)
		}
		do(pause, "")
		do(pause, "")
		w.ends(id, "paused: 700 created, 0 failed, 0 skipped as duplicates")
		do(resume, "")
		w.ends(id, "finished: 700 created, 0 failed, 0 skipped as duplicates")
		do(pause, "bulk_finished")
	})
}

// A file that sends is made at the pace that was asked for, and stops within it.
func TestPacedFileIsMadeInSteps(t *testing.T) {
	each(t, func(w *world) {
		got := w.send(many(100), func(up *bulk.Upload) { up.PerSecond, up.Channels = 20, []paylink.Channel{paylink.ChannelSMS} })
		w.work()
		made := func() int64 { return w.bulk(got.Bulk.ID).Made }
		for i := int64(1); i <= 2; i++ {
			if n := made(); n != 20*i {
				w.Fatalf("after %d seconds %d rows", i-1, n)
			}
			w.pass(time.Second)
			w.work()
		}
		if _, err := w.uploads.Cancel(w.Context(), w.as("key_b"), got.Bulk.ID); err != nil {
			w.Fatal(err)
		}
		w.pass(time.Second)
		b := w.ends(got.Bulk.ID, "cancelled: 60 sent, 0 failed, 0 skipped as duplicates, 40 not begun")
		if len(w.links()) != 60 || b.FinishedAt.IsZero() {
			w.Errorf("%d links", len(w.links()))
		}
		if again := w.send(many(100), func(up *bulk.Upload) { up.PerSecond, up.Channels = 20, []paylink.Channel{paylink.ChannelSMS} }); !again.Repeated {
			w.Error("a file of which links were made was taken again")
		}
	})
}

// One person alone cannot ask ten thousand customers for money, where the merchant says so.
func TestSecondPersonStartsALargeFile(t *testing.T) {
	each(t, func(w *world) {
		if err := w.uploads.SetApproval(w.Context(), w.as("usr_boss"), 10); err != nil {
			w.Fatal(err)
		}
		small := w.send(many(10), nil)
		w.ends(small.Bulk.ID, "finished: 10 created, 0 failed, 0 skipped as duplicates")
		large := w.send(many(11)+"7,own,\n", nil)
		w.ends(large.Bulk.ID, "finished: 2 created, 0 failed, 10 skipped as duplicates")
		large = w.send(strings.ReplaceAll(many(11), "order", "bill"), nil)
		w.ends(large.Bulk.ID, "awaiting_approval: 0 created, 0 failed, 0 skipped as duplicates, 11 not begun")
		if _, err := w.uploads.Approve(w.Context(), w.as("key_a"), large.Bulk.ID); codes(err) != "same_person" {
			w.Errorf("the uploader approved: %s", codes(err))
		}
		if _, err := w.uploads.Approve(w.Context(), w.as("usr_boss"), large.Bulk.ID); err != nil {
			w.Fatal(err)
		}
		if b := w.ends(large.Bulk.ID, "finished: 11 created, 0 failed, 0 skipped as duplicates"); b.ApprovedBy != "usr_boss" || b.CreatedBy != "key_a" {
			w.Errorf("approved by %s", b.ApprovedBy)
		}
		if err := w.uploads.SetApproval(w.Context(), w.as("usr_boss"), -2); codes(err) != "/approve_above out_of_range" {
			w.Errorf("%v", err)
		}
	})
}

// Ninety days later nothing of the customers in the file is left, and its counts are.
func TestUploadIsForgotten(t *testing.T) {
	each(t, func(w *world) {
		got := w.send("amount,name\n100,Asha\nx,Ravi\n", nil)
		b := w.ends(got.Bulk.ID, "finished: 1 created, 1 failed, 0 skipped as duplicates")
		for _, table := range []string{store.BulkParts, store.BulkPieces} {
			if body := w.bodies(b, table); strings.Contains(body, "Asha") {
				w.Errorf("%s holds a name", table)
			}
		}
		w.pass(91 * 24 * time.Hour)
		if err := w.uploads.Forget(w.Context()); err != nil {
			w.Fatal(err)
		}
		b = w.bulk(got.Bulk.ID)
		rows, err := w.store.Read(w.Context()).BulkRows(w.merchant, b.ID, 0, 10)
		if err != nil || len(rows) != 0 || len(b.Head) != 0 || b.Made != 1 {
			w.Errorf("left: %d rows, %d bytes, %v", len(rows), len(b.Head), err)
		}
		if text := w.errorsOf(b); text != "paylink_row,paylink_column,paylink_code,paylink_message\n" {
			w.Errorf("errors.csv: %s", text)
		}
	})
}

// A file that nobody starts holds customers as long as one that was made; it ends as cancelled.
func TestForgottenUploadIsCancelledFirst(t *testing.T) {
	each(t, func(w *world) {
		got := w.send("amount\n100\n", func(up *bulk.Upload) { up.Review = true })
		w.pass(91 * 24 * time.Hour)
		for range 2 {
			if err := w.uploads.Forget(w.Context()); err != nil {
				w.Fatal(err)
			}
			w.work()
			w.pass(25 * time.Hour)
		}
		if b := w.bulk(got.Bulk.ID); b.Status != paylink.BulkCancelled || len(b.Head) != 0 || !b.ForgetAt.IsZero() {
			w.Errorf("%s, %d bytes", b.Status, len(b.Head))
		}
	})
}

func (w *world) bodies(b paylink.Bulk, table string) string {
	w.Helper()
	if table == store.BulkParts {
		part, err := w.store.Read(w.Context()).BulkPart(b, 0)
		if err != nil && !paylink.IsNotFound(err) {
			w.Fatal(err)
		}
		return string(part)
	}
	rows, err := w.store.Read(w.Context()).BulkRows(b.Merchant, b.ID, 0, 10)
	if err != nil {
		w.Fatal(err)
	}
	var all string
	for _, row := range rows {
		all += string(row.Cells)
	}
	return all
}
