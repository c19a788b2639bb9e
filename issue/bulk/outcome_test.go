package bulk_test

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/issue/bulk"
	"paylink/queue/queuetest"
)

const threeTold = "amount,reference,phone,channels\n" +
	"100,a,+919812345642,sms\n200,b,+919812345613,sms\nx,c,,\n300,d,,\n400,a,+919812345644,sms\n500,e,+919812345645,sms\n"

// A merchant reads "940 sent" as 940 customers who were asked. A link whose only message no provider took is
// not among them, nor is one that sends nothing.
func TestSummarySaysWhatWasSent(t *testing.T) {
	each(t, func(w *world) {
		got := w.send(threeTold, nil)
		b := w.ends(got.Bulk.ID, "finished: 2 sent, 1 made but not sent, 1 made without a message, 1 failed, 1 skipped as duplicates")
		if c := b.Course; c.Told != 3 || c.Sent != 2 || c.Unsent() != 1 || c.Waiting != 0 || c.At.IsZero() || b.Messages[paylink.ChannelSMS] != 3 {
			w.Errorf("%+v, %v", c, b.Messages)
		}
		events, err := w.store.Read(w.Context()).Unsealed(100)
		if err != nil {
			w.Fatal(err)
		}
		var told string
		for _, e := range events {
			if e.Type == paylink.EventBulkFinished {
				told = e.Data
			}
		}
		for _, part := range []string{`"sent":2`, `"unsent":1`, `"summary":"finished: 2 sent, `} {
			if !strings.Contains(told, part) {
				w.Errorf("the event misses %s: %s", part, told)
			}
		}
	})
}

// Until a provider has taken the last message nothing is finished: whoever closes the page believes so.
func TestUploadIsNotFinishedBeforeItIsSent(t *testing.T) {
	each(t, func(w *world) {
		got := w.send(threeTold, nil)
		w.uploadsOnly()
		if b := w.bulk(got.Bulk.ID); b.Status != paylink.BulkSending || b.Course.Waiting != 3 || b.Summary() != "sending: 0 sent, 3 still to be sent, 1 made without a message, 1 failed, 1 skipped as duplicates" {
			w.Errorf("%s", b.Summary())
		}
		w.pass(25 * time.Hour)
		w.uploadsOnly()
		if b := w.bulk(got.Bulk.ID); b.Status != paylink.BulkFinished || !strings.Contains(b.Summary(), "finished: 0 sent, 3 still to be sent") {
			w.Errorf("a day later: %s", b.Summary())
		}
	})
}

// Every row is in results.csv once, with its own columns, and says what became of it.
func TestResultsHaveEveryRow(t *testing.T) {
	each(t, func(w *world) {
		got := w.send(threeTold, nil)
		b := w.ends(got.Bulk.ID, "finished: 2 sent, 1 made but not sent, 1 made without a message, 1 failed, 1 skipped as duplicates")
		text := w.results(b)
		lines := strings.Split(strings.TrimSpace(text), "\n")
		if len(lines) != 7 || lines[0] != "amount,reference,phone,channels,paylink_row,paylink_outcome,paylink_link,paylink_url,paylink_status,paylink_column,paylink_code,paylink_message" {
			w.Fatalf("%s", text)
		}
		id := string(w.links()["a"][0].ID)
		for _, want := range []string{
			"100,a,'+919812345642,sms,2,created," + id + ",https://pay.test/" + id + ",pending,,,\n",
			"\nx,c,,,4,failed,,,,amount,", "\n400,a,'+919812345644,sms,6,skipped,,,,reference,duplicate_in_file,",
		} {
			if !strings.Contains(text, want) {
				w.Errorf("results.csv misses %q:\n%s", want, text)
			}
		}
		w.pass(91 * 24 * time.Hour)
		if err := w.uploads.Forget(w.Context()); err != nil {
			w.Fatal(err)
		}
		if b = w.bulk(b.ID); b.Course.Sent != 2 || strings.Contains(w.results(b), "98123") {
			w.Errorf("forgotten: %+v\n%s", b.Course, w.results(b))
		}
	})
}

// Rows that nobody wanted any more are told as such.
func TestResultsOfACancelledUpload(t *testing.T) {
	each(t, func(w *world) {
		got := w.send(many(100), func(up *bulk.Upload) { up.PerSecond, up.Channels = 20, []paylink.Channel{paylink.ChannelSMS} })
		w.work()
		if _, err := w.uploads.Cancel(w.Context(), w.as("key_b"), got.Bulk.ID); err != nil {
			w.Fatal(err)
		}
		w.pass(time.Second)
		w.work()
		text := w.results(w.bulk(got.Bulk.ID))
		if strings.Count(text, ",created,plink_") != 20 || strings.Count(text, ",not_begun,") != 80 {
			w.Errorf("%s", text)
		}
	})
}

// Somebody starts a file and sees at once that it was the wrong one: within the time to undo nothing of it
// has happened, and the file may come again.
func TestStartedFileCanBeTakenBack(t *testing.T) {
	each(t, func(w *world) {
		soon := func(up *bulk.Upload) { up.Undo = 10 * time.Minute }
		got := w.send(many(30), soon)
		b := w.ends(got.Bulk.ID, "scheduled: 0 created, 0 failed, 0 skipped as duplicates, 30 not begun")
		if !b.Schedule.Begins.Equal(start.Add(10 * time.Minute)) {
			w.Errorf("it begins at %v", b.Schedule.Begins)
		}
		w.pass(9 * time.Minute)
		w.work()
		if _, err := w.uploads.Undo(w.Context(), w.as("key_a"), b.ID); err != nil {
			w.Fatal(err)
		}
		w.ends(b.ID, "cancelled: 0 created, 0 failed, 0 skipped as duplicates, 30 not begun")
		again := w.send(many(30), soon)
		if again.Repeated {
			w.Fatal("a file that was taken back is not taken again")
		}
		w.work()
		w.pass(10 * time.Minute)
		w.ends(again.Bulk.ID, "finished: 30 created, 0 failed, 0 skipped as duplicates")
		if _, err := w.uploads.Undo(w.Context(), w.as("key_a"), again.Bulk.ID); codes(err) != "bulk_finished" {
			w.Errorf("undone after its end: %v", err)
		}
	})
}

// The time is up while somebody presses Undo: either nothing is made, or he is told that it is too late.
func TestUndoAgainstTheBeginning(t *testing.T) {
	each(t, func(w *world) {
		for round := range 8 {
			got := w.send(strings.ReplaceAll(many(5), "order", string(rune('a'+round))), func(up *bulk.Upload) { up.Undo = time.Minute })
			w.work()
			w.pass(time.Minute)
			before := len(w.links())
			var undone error
			var both sync.WaitGroup
			both.Go(func() { _, undone = w.uploads.Undo(context.WithoutCancel(w.Context()), w.as("key_a"), got.Bulk.ID) })
			both.Go(w.work)
			both.Wait()
			w.work()
			b, made := w.bulk(got.Bulk.ID), len(w.links())-before
			if undone == nil && (b.Status != paylink.BulkCancelled || made != 0) || undone != nil && (b.Status != paylink.BulkFinished || made != 5) {
				w.Errorf("undo: %v; %s with %d links", undone, b.Status, made)
			}
		}
	})
}

// A file that is to begin tomorrow morning waits for it, however short the time to undo.
func TestFileBeginsWhenItIsTo(t *testing.T) {
	each(t, func(w *world) {
		tomorrow := start.Add(20 * time.Hour)
		got := w.send(many(3), func(up *bulk.Upload) { up.After, up.Review = tomorrow, true })
		w.review(got.Bulk.ID)
		w.work()
		if _, err := w.uploads.Approve(w.Context(), w.as("key_a"), got.Bulk.ID); err != nil {
			w.Fatal(err)
		}
		w.pass(19 * time.Hour)
		w.ends(got.Bulk.ID, "scheduled: 0 created, 0 failed, 0 skipped as duplicates, 3 not begun")
		w.pass(time.Hour)
		w.ends(got.Bulk.ID, "finished: 3 created, 0 failed, 0 skipped as duplicates")
		if _, err := w.try(many(4), func(up *bulk.Upload) { up.After, up.Undo = start.Add(1600*time.Hour), -1 }); codes(err) != "/undo_seconds out_of_range, /send_after too_far" {
			w.Errorf("%v", err)
		}
	})
}

// uploadsOnly does the jobs of uploads; no message is sent.
func (w *world) uploadsOnly() {
	w.Helper()
	queuetest.Drain(w, w.store, w.clock, w.uploads.Register)
}

func (w *world) results(b paylink.Bulk) string {
	w.Helper()
	var out bytes.Buffer
	url := func(l paylink.Link) (string, error) { return "https://pay.test/" + string(l.ID), nil }
	if err := w.uploads.WriteResults(w.Context(), b, url, &out); err != nil {
		w.Fatal(err)
	}
	return out.String()
}
