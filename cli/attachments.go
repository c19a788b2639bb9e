package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"path/filepath"

	"paylink/client"
)

type attachmentsCommand struct {
	Upload attachmentUploadCommand `cmd:"" help:"Keep a PDF, PNG, JPEG or WebP for links to hand over."`
	List   attachmentListCommand   `cmd:"" help:"List attachments, newest first."`
	Delete attachmentDeleteCommand `cmd:"" help:"Delete an attachment that no link was made with."`
}

type attachmentUploadCommand struct {
	Server
	Output
	File string `arg:"" type:"path" help:"PDF, PNG, JPEG or WebP of at most 5 MB."`
	Name string `help:"What customers see. Default: the file's own name."`
}

func (c *attachmentUploadCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it is only read
	name := c.Name
	if name == "" {
		name = filepath.Base(c.File)
	}
	return showAttachment(t, c.Output, func(o ...client.Option) (client.Attachment, error) {
		return api.CreateAttachment(ctx, file, client.NewAttachment{Name: name}, o...)
	})
}

type attachmentListCommand struct {
	Server
	Output
}

func (c *attachmentListCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	return list(t, c.Output, []string{"ID", "NAME", "TYPE", "BYTES", "LINKS", "CREATED"}, func(a client.Attachment) []string {
		return []string{a.ID, clean(a.Name), a.ContentType, fmt.Sprint(a.Size), fmt.Sprint(a.Links), local(&a.CreatedAt)}
	}, func(o ...client.Option) iter.Seq2[client.Attachment, error] {
		return api.ListAttachments(ctx, client.Page{Limit: 100}, o...)
	})
}

type attachmentDeleteCommand struct {
	Server
	ID string `arg:"" help:"att_…"`
}

func (c *attachmentDeleteCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	return api.DeleteAttachment(ctx, c.ID, client.OnTrouble(t.trouble))
}

func showAttachment(t *Terminal, how Output, call func(...client.Option) (client.Attachment, error)) error {
	var text json.RawMessage
	a, err := call(client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	if how.JSON {
		return line(t.Out, text)
	}
	_, err = fmt.Fprintf(t.Out, "%s  %s, %s, %d bytes\n", clean(a.ID), clean(a.Name), clean(a.ContentType), a.Size)
	return err
}
