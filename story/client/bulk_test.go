package client_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"paylink/client"
)

// A list of links through the client: each is answered by itself, and the list can be sent again.
func TestListOfLinksThroughTheClient(t *testing.T) {
	each(t, func(w *town) {
		c, ctx := w.client, t.Context()
		list := []client.NewPaymentLink{{Amount: 100, Currency: "INR", Reference: "a"}, {Amount: -1, Currency: "INR"}, {Amount: 300, Currency: "INR", Reference: "c"}}
		tried, err := c.CreatePaymentLinksInBulk(ctx, list, client.BulkHow{DryRun: true})
		if w.must(err); !tried.DryRun || tried.Created != 0 || tried.Failed != 1 || len(tried.Results) != 3 {
			t.Errorf("a dry run: %+v", tried)
		}
		w.is("links after a dry run", 0, count(w, c.ListPaymentLinks(ctx, client.LinkFilter{})))
		made, err := c.CreatePaymentLinksInBulk(ctx, list, client.BulkHow{}, client.IdempotencyKey("list-1"))
		w.must(err)
		again, err := c.CreatePaymentLinksInBulk(ctx, list, client.BulkHow{}, client.IdempotencyKey("list-1"))
		if w.must(err); made.Created != 2 || made.Failed != 1 || len(again.Results) != 3 {
			t.Fatalf("%+v\nagain %+v", made, again)
		}
		for i, r := range made.Results {
			good := i != 1
			if r.Index != int64(i) || (r.Link != nil) != good || (r.Error == nil) != good || (r.Status == 201) != good {
				t.Errorf("result %d: %+v", i, r)
			}
			if good && again.Results[i].Link.ID != r.Link.ID {
				t.Errorf("link %d is another one when the list is sent again", i)
			}
		}
		w.is("links", 2, count(w, c.ListPaymentLinks(ctx, client.LinkFilter{})))
	})
}

// A file through the client, as a program would see it through: uploaded, followed to its end, its errors
// read; the same file is the same upload.
func TestFileOfLinksThroughTheClient(t *testing.T) {
	each(t, func(w *town) {
		c, ctx := w.client, t.Context()
		var file strings.Builder
		file.WriteString("reference,amount,phone\n")
		for i := range 600 {
			fmt.Fprintf(&file, "order-%d,%d,+91981234%04d\n", i, 100+i, i)
		}
		file.WriteString("bad,nothing,\n")
		up, err := c.UploadPaymentLinks(ctx, strings.NewReader(file.String()), "text/csv", client.BulkHow{})
		w.must(err)
		var last client.BulkUpload
		for b, err := range c.StreamBulkUpload(ctx, up.ID) {
			if w.must(err); b.Created < last.Created || b.ID != up.ID {
				t.Errorf("%+v after %+v", b, last)
			}
			last = b
		}
		if last.Status != "finished" || last.Created != 600 || last.Failed != 1 || last.Remaining != 0 || !last.Ended() {
			t.Errorf("followed to %+v", last)
		}
		again, err := c.UploadPaymentLinks(ctx, strings.NewReader(file.String()), "text/csv", client.BulkHow{})
		if w.must(err); again.ID != up.ID {
			t.Errorf("the same file is upload %s and %s", up.ID, again.ID)
		}
		read, err := c.GetBulkUpload(ctx, up.ID)
		if w.must(err); len(read.Errors) != 1 || read.Errors[0].Row != 602 || read.Errors[0].Column != "amount" {
			t.Errorf("%+v", read.Errors)
		}
		var errs, results bytes.Buffer
		w.must(c.GetBulkErrors(ctx, up.ID, &errs))
		if text := errs.String(); strings.Count(text, "\n") != 2 || !strings.Contains(text, "bad,nothing,,602,amount,not_a_number,") {
			t.Errorf("errors.csv: %s", text)
		}
		w.must(c.GetBulkResults(ctx, up.ID, &results))
		if text := results.String(); strings.Count(text, ",created,plink_") != 600 || strings.Count(text, "http://"+w.at+"/") != 600 || strings.Count(text, ",failed,") != 1 {
			t.Errorf("results.csv: %.1000s", text)
		}
		w.is("uploads", 1, count(w, c.ListBulkUploads(ctx, client.Page{})))
	})
}

// A file that was started is taken back before it begins, and one that has begun is not.
func TestFileOfLinksIsTakenBackThroughTheClient(t *testing.T) {
	each(t, func(w *town) {
		c, ctx := w.client, t.Context()
		tomorrow := time.Now().Add(24 * time.Hour)
		file := strings.NewReader("reference,amount,phone\nundone,100,+919812345642\n")
		_, err := c.GetMerchant(ctx) // the server is ready
		w.must(err)
		up, err := c.UploadPaymentLinks(ctx, file, "text/csv", client.BulkHow{Channels: "sms", UndoSeconds: 600, SendAfter: tomorrow})
		for w.must(err); !up.Ended(); w.must(err) {
			time.Sleep(20 * time.Millisecond)
			up, err = c.GetBulkUpload(ctx, up.ID)
		}
		if up.Status != "scheduled" || up.BeginsAt == nil || up.BeginsAt.Before(tomorrow.Add(-time.Second)) || len(up.Messages) != 1 || up.Messages[0] != (client.BulkCount{Channel: "sms", Count: 1}) {
			t.Errorf("%+v", up)
		}
		_, err = c.UndoBulkUpload(ctx, up.ID)
		for up.Status != "cancelled" {
			w.must(err)
			time.Sleep(20 * time.Millisecond)
			up, err = c.GetBulkUpload(ctx, up.ID)
		}
		var p *client.Problem
		if _, err = c.UndoBulkUpload(ctx, up.ID); !errors.As(err, &p) || p.Code != "bulk_cancelled" {
			t.Errorf("taken back twice: %v", err)
		}
		w.is("links", 0, count(w, c.ListPaymentLinks(ctx, client.LinkFilter{})))
	})
}

// A file that is paced can be paused and its rest cancelled; what was made stays.
func TestFileOfLinksIsPausedAndCancelledThroughTheClient(t *testing.T) {
	each(t, func(w *town) {
		c, ctx := w.client, t.Context()
		var file strings.Builder
		file.WriteString("reference,amount,phone\n")
		for i := range 500 {
			fmt.Fprintf(&file, "order-%d,%d,+91981234%04d\n", i, 100+i, i)
		}
		up, err := c.UploadPaymentLinks(ctx, strings.NewReader(file.String()), "text/csv", client.BulkHow{Channels: "sms", RowsPerSecond: 5})
		w.must(err)
		for b, err := range c.StreamBulkUpload(ctx, up.ID) {
			if w.must(err); b.Created > 0 {
				break
			}
		}
		paused, err := c.PauseBulkUpload(ctx, up.ID)
		w.must(err)
		resumed, err := c.ResumeBulkUpload(ctx, up.ID)
		if w.must(err); paused.Status != "paused" || resumed.Status != "creating" {
			t.Errorf("%s, then %s", paused.Status, resumed.Status)
		}
		var p *client.Problem
		if _, err = c.ApproveBulkUpload(ctx, up.ID); !errors.As(err, &p) && err != nil {
			t.Errorf("approved what runs: %v", err)
		}
		_, err = c.CancelBulkUpload(ctx, up.ID)
		w.must(err)
		var last client.BulkUpload
		for b, err := range c.StreamBulkUpload(ctx, up.ID) {
			if err != nil && !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			last = b
		}
		if last.Status != "cancelled" || last.Created == 0 || last.Created == 500 || last.Remaining != 500-last.Created {
			t.Errorf("%+v", last)
		}
		w.is("links", int(last.Created), count(w, c.ListPaymentLinks(ctx, client.LinkFilter{})))
	})
}
