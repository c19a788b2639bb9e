package api

import (
	"cmp"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/attach"
	"paylink/web/respond"
)

// attachmentView is a file that links hand over.
type attachmentView struct {
	ID        paylink.AttachmentID `json:"id" doc:"att_…"`
	Object    string               `json:"object" enum:"attachment"`
	Livemode  bool                 `json:"livemode"`
	Name      string               `json:"name" doc:"as customers see it"`
	Type      string               `json:"content_type" enum:"application/pdf,image/png,image/jpeg" doc:"as its bytes say"`
	Size      int64                `json:"size" doc:"bytes, as it is handed over"`
	Links     int64                `json:"links" doc:"how many links were made with it; it can be deleted while there are none"`
	CreatedAt time.Time            `json:"created_at"`
}

// AttachmentPath is the id in a path; exported for the same reason as Page.
type AttachmentPath struct {
	ID string `path:"id" doc:"att_…"`
}

type attachmentName struct {
	Name string `query:"name" maxLength:"100" doc:"as customers see it, with its ending: invoice-1042.pdf"`
}

// attachmentFile is the form of an upload, for the document.
type attachmentFile struct {
	Name string `json:"name,omitempty" maxLength:"100" doc:"as the parameter; before the file. Absent: what the form calls the file"`
	File string `json:"file" format:"binary" doc:"PDF, PNG, JPEG or WebP"`
}

type attachmentAnswer struct {
	Status int
	Body   attachmentView
}

func (a *API) attachmentOperations() {
	about := func(id, method, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Tags: []string{"Attachments"}, Summary: summary}
	}
	op := about("create_attachment", http.MethodPost, "/v1/attachments", "Keep a file that payment links hand over")
	op.DefaultStatus, op.Metadata = http.StatusCreated, map[string]any{metaRaw: true}
	op.Description = "A PDF, PNG, JPEG or WebP of at most 5 MB, as the body is or in a form; what it is, its bytes say. Pictures are written anew, without what else is in them; a WebP becomes a JPEG, or a PNG where it is transparent or without loss. " +
		"The page of a link hands it over to be saved, and to nobody for whom the link does not open. The same file under the same name is kept once."
	shape := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[attachmentView](), true, "")
	answered := func(text string) *huma.Response {
		return &huma.Response{Description: text, Content: map[string]*huma.MediaType{"application/json": {Schema: shape}}}
	}
	op.Responses = map[string]*huma.Response{"201": answered("The file is kept."), "200": answered("The same file under the same name is kept already.")}
	add(a, op, a.createAttachment)
	file := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	a.huma.OpenAPI().Paths[op.Path].Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/pdf": file, "image/png": file, "image/jpeg": file, "image/webp": file, "application/octet-stream": file,
		"multipart/form-data": {Schema: a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[attachmentFile](), true, "")},
	}}
	add(a, about("list_attachments", http.MethodGet, "/v1/attachments", "List attachments, newest first"), a.listAttachments)
	add(a, about("get_attachment", http.MethodGet, "/v1/attachments/{id}", "Read what an attachment is"), a.getAttachment)
	op = about("delete_attachment", http.MethodDelete, "/v1/attachments/{id}", "Delete an attachment that no link was made with")
	op.DefaultStatus = http.StatusNoContent
	add(a, op, a.deleteAttachment)
}

func (a *API) createAttachment(ctx context.Context, c *call, in *attachmentName) (*attachmentAnswer, error) {
	if c.request.Header.Get("Content-Encoding") != "" {
		return nil, respond.NewProblem(http.StatusUnsupportedMediaType, "unsupported_media_type", "Send the file as it is, not compressed.")
	}
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	up := attach.Upload{Merchant: c.Merchant, Live: c.Live, By: by.ID, Name: in.Name, Body: respond.File(c.writer, c.request), Claim: c.claim}
	if kind, _, err := mime.ParseMediaType(c.request.Header.Get("Content-Type")); err == nil && kind == "multipart/form-data" {
		if err := readAttachmentForm(c.request, &up); err != nil {
			return nil, err
		}
	}
	kept, repeated, err := a.Attachments.Keep(ctx, up)
	if err != nil {
		return nil, err
	}
	out := &attachmentAnswer{Status: http.StatusCreated, Body: viewAttachment(kept)}
	if repeated {
		out.Status = http.StatusOK
	}
	return out, nil
}

// readAttachmentForm reads what stands before the file in a form, and gives the file to the upload.
func readAttachmentForm(r *http.Request, up *attach.Upload) error {
	r.Body = io.NopCloser(up.Body)
	form, err := r.MultipartReader()
	for err == nil {
		var part *multipart.Part
		if part, err = form.NextPart(); err != nil {
			break
		}
		switch part.FormName() {
		case "file":
			up.Body, up.Name = formFile{part}, cmp.Or(up.Name, part.FileName())
			return nil
		case "name":
			var name []byte
			name, err = io.ReadAll(io.LimitReader(part, formText))
			up.Name = cmp.Or(up.Name, string(name))
		default:
			return respond.NewProblem(http.StatusBadRequest, "unknown_field", "The form has a field that does not belong there.")
		}
	}
	return noFile(err)
}

// formFile is the file of a form. One that breaks off is the sender's mistake.
type formFile struct{ in io.Reader }

func (f formFile) Read(p []byte) (int, error) {
	n, err := f.in.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = noFile(err)
	}
	return n, err
}

func (a *API) listAttachments(ctx context.Context, c *call, in *Page) (*listAnswer[attachmentView], error) {
	before, err := in.position(c)
	if err != nil {
		return nil, err
	}
	all, err := a.Attachments.List(ctx, c.Merchant, c.Live, paylink.AttachmentID(before), in.size())
	return answer(c, *in, each(all, viewAttachment), func(v attachmentView) string { return string(v.ID) }), err
}

func (a *API) getAttachment(ctx context.Context, c *call, in *AttachmentPath) (*struct{ Body attachmentView }, error) {
	kept, err := a.Attachments.Get(ctx, c.Merchant, c.Live, paylink.AttachmentID(in.ID))
	return &struct{ Body attachmentView }{viewAttachment(kept)}, err
}

func (a *API) deleteAttachment(ctx context.Context, c *call, in *AttachmentPath) (*struct{}, error) {
	return nil, a.Attachments.Delete(ctx, c.Merchant, c.Live, paylink.AttachmentID(in.ID))
}

func viewAttachment(a paylink.Attachment) attachmentView {
	return attachmentView{a.ID, "attachment", a.Live, a.Name, a.Type, a.Size, a.Uses, a.CreatedAt}
}
