package dashboard

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"paylink"
	"paylink/issue"
	"paylink/issue/bulk"
	"paylink/sheet"
	"paylink/web/respond"
)

// shownBulks is how many uploads the page lists.
const shownBulks = 25

// bulks is the page of uploaded files.
type bulks struct {
	frame
	Note     *remark
	Problem  string // what is wrong with the file that was just sent
	Rows     []bulkRow
	Approve  string // above how many rows a second person starts a file; empty: nobody has to
	Channels []channelChoice
}

type bulkRow struct {
	ID      paylink.BulkID
	Name    string
	Status  label
	Summary string
	Since   when
}

// Bulks shows the uploaded files and takes one: GET /dashboard/{mode}/bulk.
func (d *Dashboard) Bulks(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		return d.showBulks(w, r, s, http.StatusOK, "")
	})
}

func (d *Dashboard) showBulks(w http.ResponseWriter, r *http.Request, s scene, status int, problem string) error {
	v := bulks{frame: d.frame(s, "Bulk upload", "bulk"), Note: remarks[r.URL.Query().Get("note")], Problem: problem}
	var err error
	if v.After, err = d.newest(r, s); err != nil {
		return err
	}
	if v.Channels, err = d.channelChoices(r.Context(), s, nil); err != nil {
		return err
	}
	read := d.Store.Read(r.Context())
	above, err := read.BulkApproval(s.Merchant.ID)
	if err != nil {
		return err
	}
	if above >= 0 {
		v.Approve = decimal(above)
	}
	all, err := read.Bulks(s.Merchant.ID, s.Live, "", shownBulks)
	if err != nil {
		return err
	}
	for _, b := range all {
		if b, err = d.Bulk.Progress(r.Context(), b); err != nil {
			return err
		}
		shape, err := d.Bulk.Shape(b)
		if err != nil {
			return err
		}
		v.Rows = append(v.Rows, bulkRow{b.ID, nameOfFile(shape.Name), bulkLabel(b), afterColon(b.Summary()), s.when(b.CreatedAt, s.Now)})
	}
	return d.render(w, r, status, bulksPage(v))
}

func nameOfFile(name string) string {
	if name == "" {
		return "Unnamed file"
	}
	return name
}

// afterColon leaves out the status, which stands beside as a label.
func afterColon(summary string) string {
	_, rest, _ := strings.Cut(summary, ": ")
	return rest
}

// UploadBulk takes a file: POST /dashboard/{mode}/bulk.
func (d *Dashboard) UploadBulk(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		up, file, err := readUpload(w, r)
		var got bulk.Received
		if err == nil {
			got, err = d.Bulk.Receive(r.Context(), s.actor(), up, file, nil)
		}
		var bad *paylink.Invalid
		switch {
		case errors.As(err, &bad):
			return d.showBulks(w, r, s, http.StatusUnprocessableEntity, bulkProblem(bad))
		case err != nil:
			return err
		case got.Repeated:
			d.goToBulk(w, r, s, got.Bulk.ID, "bulk_repeated")
		default:
			d.goToBulk(w, r, s, got.Bulk.ID, "")
		}
		return nil
	})
}

// bulkProblem is what is wrong with a file, in one sentence with its row.
func bulkProblem(bad *paylink.Invalid) string {
	f := bad.Fields[0]
	if row, ok := strings.CutPrefix(f.Pointer, "/file/"); ok {
		return "Row " + row + ": " + f.Detail
	}
	return f.Detail
}

// readUpload reads the form up to its file, which is its last field.
func readUpload(w http.ResponseWriter, r *http.Request) (up bulk.Upload, file io.Reader, err error) {
	none := &paylink.Invalid{}
	none.Add("/file", "required", "Choose a file: CSV, XLSX or NDJSON.")
	r.Body = io.NopCloser(respond.File(w, r))
	form, err := r.MultipartReader()
	up.Review = true
	for err == nil {
		var part *multipart.Part
		if part, err = form.NextPart(); err != nil {
			break
		}
		if part.FormName() == "file" {
			if up.Name = part.FileName(); up.Name == "" {
				return up, nil, none
			}
			var ok bool
			if up.Format, ok = sheet.FormatOf("", up.Name); !ok {
				return up, nil, none
			}
			return up, part, nil
		}
		value, bad := io.ReadAll(io.LimitReader(part, 100))
		if bad != nil {
			return up, nil, bad
		}
		switch part.FormName() {
		case "channel":
			up.Channels = append(up.Channels, paylink.Channel(value))
		case "dry_run":
			up.DryRun = string(value) == "on"
		}
	}
	var known *respond.Problem
	if errors.As(err, &known) {
		return up, nil, known
	}
	return up, nil, none
}

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

// ApproveBulk starts a file: POST /dashboard/{mode}/bulk/{id}/approve.
func (d *Dashboard) ApproveBulk(w http.ResponseWriter, r *http.Request) {
	d.actOnBulk(w, r, "bulk_started", d.Bulk.Approve)
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
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		b, err := d.Store.Read(r.Context()).Bulk(s.Merchant.ID, s.Live, paylink.BulkID(r.PathValue("id")))
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="errors.csv"`)
		if err := d.Bulk.WriteErrors(r.Context(), b, respond.Patiently(w)); err != nil {
			d.Log.WarnContext(r.Context(), "bulk.errors_not_written", "bulk", string(b.ID), "error", err)
			panic(http.ErrAbortHandler) // half a file must not look like a whole one
		}
		return nil
	})
}
