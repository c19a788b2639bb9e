package dashboard

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	"paylink"
	"paylink/issue"
	"paylink/issue/bulk"
	"paylink/sheet"
	"paylink/web/api"
	"paylink/web/respond"
)

// shownBulks is how many uploads the page lists.
const shownBulks = 25

// bulks is the page of uploaded files.
type bulks struct {
	frame
	Note      *remark
	Problem   string // what is wrong with the file that was just sent
	Rows      []bulkRow
	Approve   string // above how many rows a second person starts a file; empty: nobody has to
	Channels  []channelChoice
	Templates []string // which may fill what rows leave out
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
	templates, err := read.Templates(s.Merchant.ID, s.Live)
	if err != nil {
		return err
	}
	for _, t := range templates {
		v.Templates = append(v.Templates, t.Name)
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
		v.Rows = append(v.Rows, bulkRow{b.ID, nameOfFile(shape.Name, b.Format, s.when(b.CreatedAt, s.Now)), bulkLabel(b), afterColon(b.Summary()), s.when(b.CreatedAt, s.Now)})
	}
	return d.render(w, r, status, bulksPage(v))
}

// nameOfFile is what a file is called. One that came without a name, as programs send them, is known by its
// kind and its time.
func nameOfFile(name, format string, since when) string {
	if name == "" {
		return strings.ToUpper(format) + " file of " + since.Text
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
		up, template, file, err := readUpload(w, r)
		var got bulk.Received
		if err == nil {
			up.Template, err = d.templateOfFile(r, s, template)
		}
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

// templateOfFile is what the template that was chosen for a file says; nil where none was.
func (d *Dashboard) templateOfFile(r *http.Request, s scene, name string) (*issue.Draft, error) {
	if name == "" {
		return nil, nil
	}
	t, err := d.Store.Read(r.Context()).TemplateByName(s.Merchant.ID, s.Live, name)
	if paylink.IsNotFound(err) {
		bad := &paylink.Invalid{}
		bad.Add("/template", "unknown_value", "This template is no longer there. Choose another one.")
		return nil, bad
	}
	if err != nil {
		return nil, err
	}
	draft, err := api.TemplateDraft(t)
	return &draft, err
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
func readUpload(w http.ResponseWriter, r *http.Request) (up bulk.Upload, template string, file io.Reader, err error) {
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
				return up, "", nil, none
			}
			var ok bool
			if up.Format, ok = sheet.FormatOf("", up.Name); !ok {
				return up, "", nil, none
			}
			return up, template, part, nil
		}
		value, bad := io.ReadAll(io.LimitReader(part, 400)) // the name of a template has 100 characters
		if bad != nil {
			return up, "", nil, bad
		}
		switch part.FormName() {
		case "channel":
			up.Channels = append(up.Channels, paylink.Channel(value))
		case "template":
			template = string(value)
		case "dry_run":
			up.DryRun = string(value) == "on"
		}
	}
	var known *respond.Problem
	if errors.As(err, &known) {
		return up, "", nil, known
	}
	return up, "", nil, none
}
