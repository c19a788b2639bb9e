package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/issue/bulk"
	"paylink/sheet"
	"paylink/web/respond"
)

// BulkPath is the id in a path; exported for the same reason as Page.
type BulkPath struct {
	ID string `path:"id" doc:"bulk_…"`
}

type bulkQuery struct {
	DryRun        string `query:"dry_run" enum:"true,false" doc:"true: judge every row, make nothing"`
	Channels      string `query:"channels" doc:"for rows that name none, separated by commas: sms,email"`
	Template      string `query:"template" maxLength:"100" doc:"the name of a template, which fills what a row of the file leaves out, as it stands at the upload"`
	RowsPerSecond int64  `query:"rows_per_second" minimum:"1" maximum:"1000000" doc:"rows that send messages, at most so many a second; absent: what the server allows"`
	UndoSeconds   int64  `query:"undo_seconds" minimum:"0" maximum:"86400" doc:"when it is started it waits so long, and all of it can be taken back; absent: not at all"`
	SendAfter     string `query:"send_after" format:"date-time" doc:"no link is made or sent before; at most 60 days ahead. Absent: as soon as it may"`
}

// bulkFile is the form of an upload, for the document.
type bulkFile struct {
	Mapping       string `json:"mapping,omitempty" doc:"a JSON object: the field that each column means, by the column's name; before the file. Remembered for files with the same columns"`
	DryRun        string `json:"dry_run,omitempty" enum:"true,false" doc:"as the parameter; before the file"`
	Channels      string `json:"channels,omitempty" doc:"as the parameter; before the file"`
	Template      string `json:"template,omitempty" maxLength:"100" doc:"as the parameter; before the file"`
	RowsPerSecond string `json:"rows_per_second,omitempty" doc:"as the parameter; before the file"`
	UndoSeconds   string `json:"undo_seconds,omitempty" doc:"as the parameter; before the file"`
	SendAfter     string `json:"send_after,omitempty" format:"date-time" doc:"as the parameter; before the file"`
	File          string `json:"file" format:"binary" doc:"CSV, XLSX or NDJSON"`
}

type bulkAnswer struct{ Body bulkView }

// bulkTaken is the answer to an upload: a file goes on in the background, a list is done.
type bulkTaken struct {
	Status   int
	Location string `header:"Location" doc:"path of the upload"`
	Body     any
}

func (a *API) bulkOperations() {
	about := func(id, method, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Tags: []string{"Bulk"}, Summary: summary}
	}
	op := about("create_payment_links_in_bulk", http.MethodPost, "/v1/payment_links/bulk", "Make many payment links, of a file or of a list")
	op.Description = "A file (CSV, XLSX, NDJSON; up to 1,000,000 rows and 256 MB, 300 columns) is stored and answered with 202 at once; its rows are judged and made in the background. " +
		"Columns are called as the fields of a new payment link, those of objects with a dot: amount, currency, reference, customer.phone, metadata.key. amount is in minor units; a column called amount_major holds what people write, such as 2450.00. " +
		"The same file is taken once: sent again, it is answered with 200 and what became of it. A row whose reference a link uses already is skipped. " +
		"A JSON list of at most 100 links is made at once and answered with 200 and a result for each."
	op.DefaultStatus = http.StatusAccepted
	op.Metadata = map[string]any{metaRaw: true}
	schemas := a.huma.OpenAPI().Components.Schemas
	file := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	most := maxListed
	body := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"text/csv":             file,
		"application/x-ndjson": file,
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": file,
		"multipart/form-data": {Schema: schemas.Schema(reflect.TypeFor[bulkFile](), true, "")},
		"application/json":    {Schema: &huma.Schema{Type: huma.TypeArray, MaxItems: &most, Items: schemas.Schema(reflect.TypeFor[linkBody](), true, "")}},
	}}
	answered := func(text string, of ...*huma.Schema) *huma.Response {
		s := of[0]
		if len(of) > 1 {
			s = &huma.Schema{AnyOf: of}
		}
		return &huma.Response{Description: text, Content: map[string]*huma.MediaType{"application/json": {Schema: s}}}
	}
	bulk, results := schemas.Schema(reflect.TypeFor[bulkView](), true, ""), schemas.Schema(reflect.TypeFor[bulkResults](), true, "")
	op.Responses = map[string]*huma.Response{
		"202": answered("The file is stored.", bulk),
		"200": answered("The results of a list, or the upload of the same file that came before.", results, bulk),
	}
	add(a, op, a.createBulk)
	a.huma.OpenAPI().Paths[op.Path].Post.RequestBody = body // told afterwards, so that Huma leaves the body to us
	add(a, about("list_bulk_uploads", http.MethodGet, "/v1/bulk", "List uploaded files, newest first"), a.listBulks)
	add(a, about("get_bulk_upload", http.MethodGet, "/v1/bulk/{id}", "Read how far an uploaded file has come, with its first errors"), a.getBulk)
	op = about("get_bulk_errors", http.MethodGet, "/v1/bulk/{id}/errors.csv", "The rows of which no link was made, as they came, with what is wrong")
	op.Description = "Mended, the file can be uploaded again: the columns that begin with paylink_ are left alone."
	op.Responses = map[string]*huma.Response{"200": {
		Description: "The rows in the file's own columns, and paylink_row, paylink_column, paylink_code, paylink_message.",
		Content:     map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}}
	add(a, op, a.bulkCSV("errors.csv", a.Bulk.WriteErrors))
	op = about("get_bulk_results", http.MethodGet, "/v1/bulk/{id}/results.csv", "Every row as it came, with what became of it")
	op.Description = "paylink_outcome is created, failed, skipped or not_begun. As secret as the URLs in it. Rows without a link stand behind the good ones among which they were."
	op.Responses = map[string]*huma.Response{"200": {
		Description: "The rows in the file's own columns, and paylink_row, paylink_outcome, paylink_link, paylink_url, paylink_status, paylink_column, paylink_code, paylink_message.",
		Content:     map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}}
	add(a, op, a.bulkCSV("results.csv", func(ctx context.Context, b paylink.Bulk, to io.Writer) error {
		return a.Bulk.WriteResults(ctx, b, a.linkURL, to)
	}))
	op = about("stream_bulk_upload", http.MethodGet, "/v1/bulk/{id}/stream", "Follow an uploaded file (Server-Sent Events)")
	op.Description = "Each message is the upload as GET /v1/bulk/{id} answers it. The stream ends when the upload has."
	op.Responses = map[string]*huma.Response{"200": {
		Description: "A stream that ends after an hour at the latest; come back.",
		Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}}
	add(a, op, a.streamBulk)
	op = about("approve_bulk_upload", http.MethodPost, "/v1/bulk/{id}/approve", "Start a file that waits for a second person")
	op.Metadata = map[string]any{metaSecond: true}
	add(a, op, a.bulkChange(a.Bulk.Approve))
	add(a, about("undo_bulk_upload", http.MethodPost, "/v1/bulk/{id}/undo", "Take a file back that was started and has not begun"), a.bulkChange(a.Bulk.Undo))
	op = about("retry_bulk_upload", http.MethodPost, "/v1/bulk/{id}/retry", "Try rows once more that failed for a reason that may be over")
	op.DefaultStatus = http.StatusAccepted
	op.Responses = map[string]*huma.Response{
		"202": answered("The rows are an upload of their own.", bulk), "200": answered("They were tried once more already: the upload of that.", bulk),
	}
	add(a, op, a.retryBulk)
	add(a, about("pause_bulk_upload", http.MethodPost, "/v1/bulk/{id}/pause", "Make no further link until it is resumed"), a.bulkChange(a.Bulk.Pause))
	add(a, about("resume_bulk_upload", http.MethodPost, "/v1/bulk/{id}/resume", "Go on after a pause"), a.bulkChange(a.Bulk.Resume))
	add(a, about("cancel_bulk_upload", http.MethodPost, "/v1/bulk/{id}/cancel", "Cancel the rest; links that were made stay"), a.bulkChange(a.Bulk.Cancel))
}

func (a *API) createBulk(ctx context.Context, c *call, in *bulkQuery) (*bulkTaken, error) {
	r := c.request
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || r.Header.Get("Content-Encoding") != "" {
		return nil, notAFile()
	}
	up := bulk.Upload{DryRun: in.DryRun == "true", PerSecond: in.RowsPerSecond, Channels: channelsOf(in.Channels), Undo: time.Duration(in.UndoSeconds) * time.Second}
	if up.After, err = sendAfter(in.SendAfter); err != nil {
		return nil, err
	}
	if kind == "application/json" {
		return a.createListed(ctx, c, up.DryRun)
	}
	file, template := respond.File(c.writer, r), in.Template
	if kind == "multipart/form-data" {
		r.Body = io.NopCloser(file)
		if file, err = readForm(r, &up, &template); err != nil {
			return nil, err
		}
	} else if up.Format, _ = sheet.FormatOf(kind, ""); up.Format == "" {
		return nil, notAFile()
	}
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	if up.Template, err = a.templateOfFile(ctx, by, template); err != nil {
		return nil, err
	}
	got, err := a.Bulk.Receive(ctx, by, up, file, c.claim)
	if err != nil {
		return nil, err
	}
	return a.bulkAccepted(ctx, c, got)
}

func (a *API) bulkAccepted(ctx context.Context, c *call, got bulk.Received) (*bulkTaken, error) {
	v, err := a.viewBulk(ctx, got.Bulk)
	out := &bulkTaken{Status: http.StatusAccepted, Location: "/v1/bulk/" + string(got.Bulk.ID), Body: v}
	if got.Repeated && (c.claim == nil || !c.claim.Replayed) {
		out.Status = http.StatusOK
	}
	return out, err
}

func (a *API) retryBulk(ctx context.Context, c *call, in *BulkPath) (*bulkTaken, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	got, err := a.Bulk.Retry(ctx, by, paylink.BulkID(in.ID), c.claim)
	if err != nil {
		return nil, err
	}
	return a.bulkAccepted(ctx, c, got)
}

func notAFile() error {
	return respond.NewProblem(http.StatusUnsupportedMediaType, "unsupported_media_type",
		"Send a file as text/csv, application/x-ndjson, an XLSX workbook or multipart/form-data, not compressed, or a JSON list.")
}

const formText = 64 << 10 // of one text in a form

// readForm reads what stands before the file in a form, and gives the file.
func readForm(r *http.Request, up *bulk.Upload, template *string) (io.Reader, error) {
	form, err := r.MultipartReader()
	for err == nil {
		var part *multipart.Part
		if part, err = form.NextPart(); err != nil {
			break
		}
		if part.FormName() == "file" {
			up.Name = part.FileName()
			var ok bool
			if up.Format, ok = sheet.FormatOf(part.Header.Get("Content-Type"), up.Name); !ok {
				return nil, notAFile()
			}
			return part, nil
		}
		var text []byte
		if text, err = io.ReadAll(io.LimitReader(part, formText)); err != nil {
			break
		}
		if part.FormName() == "template" {
			*template = string(text)
		} else if err := formField(part.FormName(), string(text), up); err != nil {
			return nil, err
		}
	}
	return nil, noFile(err)
}

// noFile says why a form has no file, as far as that is known.
func noFile(err error) error {
	var known *respond.Problem
	if errors.As(err, &known) {
		return known
	}
	return respond.NewProblem(http.StatusBadRequest, "no_file", "The form has no part called file, or cannot be read.")
}

func formField(name, text string, up *bulk.Upload) error {
	bad := &paylink.Invalid{}
	switch name {
	case "dry_run":
		up.DryRun = text == "true"
	case "channels":
		up.Channels = channelsOf(text)
	case "rows_per_second":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 {
			bad.Add("/rows_per_second", "wrong_type", "This is a whole number above 0.")
		}
		up.PerSecond = n
	case "undo_seconds":
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			bad.Add("/undo_seconds", "wrong_type", "This is a whole number.")
		}
		up.Undo = time.Duration(n) * time.Second
	case "send_after":
		var err error
		if up.After, err = sendAfter(text); err != nil {
			return err
		}
	case "mapping":
		if json.Unmarshal([]byte(text), &up.Mapping) != nil || up.Mapping == nil {
			bad.Add("/mapping", "wrong_type", "This is a JSON object of texts: the field of each column.")
		}
	default:
		return respond.NewProblem(http.StatusBadRequest, "unknown_field", "The form has a field that does not belong there.")
	}
	return bad.OrNil()
}

// sendAfter reads the time before which nothing is made; none is the zero time.
func sendAfter(text string) (at time.Time, err error) {
	if text == "" {
		return at, nil
	}
	if at, err = time.Parse(time.RFC3339, text); err != nil {
		bad := &paylink.Invalid{}
		bad.Add("/send_after", "wrong_type", "This is a time with its zone, such as 2026-12-01T09:00:00+05:30.")
		return at, bad
	}
	return at, nil
}

func channelsOf(text string) (all []paylink.Channel) {
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		all = append(all, paylink.Channel(name))
	}
	return all
}
