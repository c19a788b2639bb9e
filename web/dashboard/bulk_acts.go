package dashboard

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/locale"
	"paylink/web/respond"
)

// BulkColumns says what the columns mean: POST /dashboard/{mode}/bulk/{id}/columns.
func (d *Dashboard) BulkColumns(w http.ResponseWriter, r *http.Request) {
	d.actOnBulk(w, r, "bulk_columns", func(ctx context.Context, by issue.Actor, id paylink.BulkID) (paylink.Bulk, error) {
		b, err := d.Store.Read(ctx).Bulk(by.Merchant.ID, by.Live, id)
		if err != nil {
			return b, err
		}
		shape, err := d.Bulk.Shape(b)
		if err != nil {
			return b, err
		}
		said := map[string]string{}
		for i, c := range shape.Columns {
			field := r.PostForm.Get("column" + strconv.Itoa(i))
			if field == "metadata." {
				field += c.Name
			}
			said[c.Name] = field
		}
		return d.Bulk.SetMapping(ctx, by, id, said)
	})
}

// timeToUndo is how long a file waits that is started with time to take it back.
const timeToUndo = 10 * time.Minute

// ApproveBulk starts a file, if asked at a time and with time to take it back:
// POST /dashboard/{mode}/bulk/{id}/approve.
func (d *Dashboard) ApproveBulk(w http.ResponseWriter, r *http.Request) {
	d.actOnBulk(w, r, "bulk_started", func(ctx context.Context, by issue.Actor, id paylink.BulkID) (paylink.Bulk, error) {
		var begin paylink.BulkSchedule
		if r.PostForm.Get("undo") == "on" {
			begin.Undo = timeToUndo
		}
		if text := r.PostForm.Get("after"); text != "" {
			at, err := time.ParseInLocation(fieldTime, text, locale.Zone(by.Merchant.TimeZone))
			if err != nil {
				bad := &paylink.Invalid{}
				bad.Add("/send_after", "bad_time", "This is no time.")
				return paylink.Bulk{}, bad
			}
			begin.After = at
		}
		return d.Bulk.Start(ctx, by, id, begin)
	})
}

// UndoBulk takes a file back that has not begun: POST /dashboard/{mode}/bulk/{id}/undo.
func (d *Dashboard) UndoBulk(w http.ResponseWriter, r *http.Request) {
	d.actOnBulk(w, r, "bulk_undone", d.Bulk.Undo)
}

// RetryBulk tries rows once more that may be made by now, and shows the upload that they become:
// POST /dashboard/{mode}/bulk/{id}/retry.
func (d *Dashboard) RetryBulk(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		id := paylink.BulkID(r.PathValue("id"))
		got, err := d.Bulk.Retry(r.Context(), s.actor(), id, nil)
		var conflict *paylink.Conflict
		switch {
		case errors.As(err, &conflict) && conflict.Code == "nothing_to_retry":
			d.goToBulk(w, r, s, id, "bulk_nothing_to_retry")
		case errors.As(err, &conflict):
			d.goToBulk(w, r, s, id, "bulk_moved_on")
		case err != nil:
			return err
		case got.Repeated:
			d.goToBulk(w, r, s, got.Bulk.ID, "bulk_retried_before")
		default:
			d.goToBulk(w, r, s, got.Bulk.ID, "bulk_retried")
		}
		return nil
	})
}

// PauseBulk lets no further link be made: POST /dashboard/{mode}/bulk/{id}/pause.
func (d *Dashboard) PauseBulk(w http.ResponseWriter, r *http.Request) {
	d.actOnBulk(w, r, "bulk_paused", d.Bulk.Pause)
}

// ResumeBulk goes on after a pause: POST /dashboard/{mode}/bulk/{id}/resume.
func (d *Dashboard) ResumeBulk(w http.ResponseWriter, r *http.Request) {
	d.actOnBulk(w, r, "bulk_resumed", d.Bulk.Resume)
}

// CancelBulk makes no further link: POST /dashboard/{mode}/bulk/{id}/cancel.
func (d *Dashboard) CancelBulk(w http.ResponseWriter, r *http.Request) {
	d.actOnBulk(w, r, "bulk_cancelled", d.Bulk.Cancel)
}

// actOnBulk does one thing to an upload and shows it again, with what was wrong if something was.
func (d *Dashboard) actOnBulk(w http.ResponseWriter, r *http.Request, done string, do func(context.Context, issue.Actor, paylink.BulkID) (paylink.Bulk, error)) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		id := paylink.BulkID(r.PathValue("id"))
		_, err := do(r.Context(), s.actor(), id)
		var bad *paylink.Invalid
		var conflict *paylink.Conflict
		var refused *paylink.Refused
		switch {
		case errors.As(err, &bad):
			done = "bulk_" + bad.Fields[0].Code
		case errors.As(err, &conflict):
			done = "bulk_moved_on"
		case errors.As(err, &refused):
			done = refused.Code
		case err != nil:
			return err
		}
		d.goToBulk(w, r, s, id, done)
		return nil
	})
}

func (d *Dashboard) goToBulk(w http.ResponseWriter, r *http.Request, s scene, id paylink.BulkID, note string) {
	to := s.path("bulk", string(id))
	if note != "" {
		to += "?note=" + url.QueryEscape(note)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// BulkApproval changes above how many rows a second person starts a file:
// POST /dashboard/{mode}/bulk/approval.
func (d *Dashboard) BulkApproval(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		above, err := int64(-1), error(nil)
		if text := strings.TrimSpace(r.PostForm.Get("above")); text != "" {
			if above, err = strconv.ParseInt(text, 10, 64); err != nil || above < 0 {
				return d.showBulks(w, r, s, http.StatusUnprocessableEntity, "Write the number of rows as a whole number, or leave it empty.")
			}
		}
		if err := d.Bulk.SetApproval(r.Context(), s.actor(), above); err != nil {
			return err
		}
		http.Redirect(w, r, s.path("bulk")+"?note=bulk_approval", http.StatusSeeOther)
		return nil
	})
}

// BulkErrors gives the rows of which no link was made: GET /dashboard/{mode}/bulk/{id}/errors.csv.
func (d *Dashboard) BulkErrors(w http.ResponseWriter, r *http.Request) {
	d.bulkFile(w, r, "errors.csv", d.Bulk.WriteErrors)
}

// BulkResults gives every row with what became of it: GET /dashboard/{mode}/bulk/{id}/results.csv.
func (d *Dashboard) BulkResults(w http.ResponseWriter, r *http.Request) {
	d.bulkFile(w, r, "results.csv", func(ctx context.Context, b paylink.Bulk, to io.Writer) error {
		return d.Bulk.WriteResults(ctx, b, d.address, to)
	})
}

func (d *Dashboard) bulkFile(w http.ResponseWriter, r *http.Request, name string, write func(context.Context, paylink.Bulk, io.Writer) error) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		b, err := d.Store.Read(r.Context()).Bulk(s.Merchant.ID, s.Live, paylink.BulkID(r.PathValue("id")))
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
		if err := write(r.Context(), b, respond.Patiently(w)); err != nil {
			d.Log.WarnContext(r.Context(), "bulk.file_not_written", "bulk", string(b.ID), "file", name, "error", err)
			panic(http.ErrAbortHandler) // half a file must not look like a whole one
		}
		return nil
	})
}
