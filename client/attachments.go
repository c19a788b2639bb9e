package client

import (
	"context"
	"io"
	"iter"
	"net/http"
	"time"
)

// Attachment is a file that links hand over on their pages.
type Attachment struct {
	ID          string    `json:"id"`     // att_…
	Object      string    `json:"object"` // attachment
	Livemode    bool      `json:"livemode"`
	Name        string    `json:"name"`         // as customers see it
	ContentType string    `json:"content_type"` // application/pdf, image/png, image/jpeg
	Size        int64     `json:"size"`         // bytes, as it is handed over
	Links       int64     `json:"links"`        // that were made with it; it can be deleted while there are none
	CreatedAt   time.Time `json:"created_at"`
}

// NewAttachment is what can be said about a file.
type NewAttachment struct {
	Name string `query:"name"` // as customers see it, with its ending
}

// CreateAttachment uploads a PDF, PNG, JPEG or WebP of at most 5 MB. A WebP is kept as a JPEG or PNG. The same file under the same name is kept once.
func (c *Client) CreateAttachment(ctx context.Context, file io.ReadSeeker, about NewAttachment, options ...Option) (Attachment, error) {
	k := c.call(http.MethodPost, path("attachments"), options)
	k.query, k.file, k.contentType = values(about), file, "application/octet-stream"
	return answered[Attachment](ctx, c, k)
}

// ListAttachments yields attachments, newest first.
func (c *Client) ListAttachments(ctx context.Context, from Page, options ...Option) iter.Seq2[Attachment, error] {
	return list[Attachment](ctx, c, path("attachments"), from, options)
}

// GetAttachment reads what an attachment is.
func (c *Client) GetAttachment(ctx context.Context, id string, options ...Option) (Attachment, error) {
	return get[Attachment](ctx, c, path("attachments", id), nil, options)
}

// DeleteAttachment deletes an attachment that no link was made with.
func (c *Client) DeleteAttachment(ctx context.Context, id string, options ...Option) error {
	_, err := c.do(ctx, c.call(http.MethodDelete, path("attachments", id), options))
	return err
}
