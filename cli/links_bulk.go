package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"paylink/client"
)

// bulkFiles is how the end of an upload is shown, and kept.
type bulkFiles struct {
	Output
	Errors  string `type:"path" placeholder:"errors.csv" help:"Write the rows without a link to this file, to be mended and uploaded again."`
	Results string `type:"path" placeholder:"results.csv" help:"Write every row with what became of it to this file."`
}

type linkBulkCommand struct {
	Server
	bulkFiles
	File          string   `arg:"" type:"path" help:"CSV, XLSX or NDJSON."`
	DryRun        bool     `help:"Judge every row, and make nothing."`
	Channel       []string `short:"c" enum:"sms,whatsapp,email,in_app" help:"For rows that name none: sms, whatsapp, email, in_app."`
	Template      string   `placeholder:"NAME" help:"A template, which fills what rows leave out."`
	RowsPerSecond int64    `help:"At most so many links a second."`
	After         string   `placeholder:"TIME" help:"Make and send nothing before, such as 2026-12-01T09:00:00+05:30."`
	Undo          string   `placeholder:"10m" help:"Wait so long, in which paylink links undo takes all of it back."`
}

// how is what the flags say about the upload.
func (c *linkBulkCommand) how() (client.BulkHow, error) {
	how := client.BulkHow{DryRun: c.DryRun, Channels: strings.Join(c.Channel, ","), RowsPerSecond: c.RowsPerSecond, Template: c.Template}
	if c.Undo != "" {
		var err error
		if how.UndoSeconds, err = seconds(c.Undo); err != nil {
			return how, err
		}
	}
	if c.After != "" {
		at, err := time.Parse(time.RFC3339, c.After)
		if err != nil {
			return how, usage("%q is not a time with its zone, such as 2026-12-01T09:00:00+05:30", c.After)
		}
		how.SendAfter = at
	}
	return how, nil
}

// kinds are the content types of files, by the end of their names.
var kinds = map[string]string{
	".csv": "text/csv", ".tsv": "text/csv", ".txt": "text/csv", ".ndjson": "application/x-ndjson", ".jsonl": "application/x-ndjson",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

const lookEvery = 500 * time.Millisecond

// Run uploads the file and follows it until nothing more happens by itself.
func (c *linkBulkCommand) Run(ctx context.Context, t *Terminal) error {
	kind, known := kinds[strings.ToLower(filepath.Ext(c.File))]
	if !known {
		return usage("%q ends in none of .csv, .tsv, .xlsx, .ndjson", filepath.Base(c.File))
	}
	how, err := c.how()
	if err != nil {
		return err
	}
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it is only read
	return follow(ctx, t, api, c.bulkFiles, func(o ...client.Option) (client.BulkUpload, error) {
		return api.UploadPaymentLinks(ctx, file, kind, how, o...)
	})
}

// follow makes a call that begins an upload, and follows it until nothing more happens by itself.
func follow(ctx context.Context, t *Terminal, api *client.Client, files bulkFiles, begin func(...client.Option) (client.BulkUpload, error)) error {
	var text json.RawMessage
	b, err := begin(client.Verbatim(&text), client.OnTrouble(t.trouble))
	bar := t.bar()
	for err == nil && !b.Ended() {
		bar.show(b)
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
		b, err = api.GetBulkUpload(ctx, b.ID, client.Verbatim(&text), client.OnTrouble(t.trouble))
	}
	if bar.end(); err != nil {
		return err
	}
	if err := errors.Join(keep(ctx, files.Errors, b.ID, api.GetBulkErrors), keep(ctx, files.Results, b.ID, api.GetBulkResults)); err != nil {
		return err
	}
	if files.JSON {
		return line(t.Out, text)
	}
	return printBulk(t, b)
}

// keep writes a file about an upload, which holds what customers are called: for its owner alone to read.
func keep(ctx context.Context, path, id string, get func(context.Context, string, io.Writer, ...client.Option) error) error {
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(get(ctx, id, file), file.Close())
}

func printBulk(t *Terminal, b client.BulkUpload) error {
	fmt.Fprintf(t.Out, "%s  %s\n", clean(b.ID), clean(b.Status))
	w := newTable(t.Out)
	w.fact("Rows", fmt.Sprintf("%d, of which %d are good", b.Rows, b.Good))
	for _, t := range b.Totals {
		w.fact("Asked for", money(t.Amount, t.Currency))
	}
	for _, m := range b.Messages {
		w.fact("Messages", fmt.Sprintf("%d by %s", m.Count, m.Channel))
	}
	if b.Estimate != nil {
		w.fact("They cost", "about "+money(b.Estimate.Amount, b.Estimate.Currency))
	}
	if b.Status == "scheduled" && b.BeginsAt != nil {
		w.fact("Begins", local(b.BeginsAt)+"; until then: paylink links undo "+b.ID)
	}
	w.fact("Result", b.Summary)
	if b.Sent > 0 {
		w.fact("Of those sent", fmt.Sprintf("%d delivered, %d opened, %d paid", b.Delivered, b.Opened, b.Paid))
	}
	for _, f := range b.Errors {
		w.fact(fmt.Sprintf("Row %d", f.Row), strings.TrimSpace(f.Column+" "+f.Code+": "+f.Detail))
	}
	return w.flush()
}

type linkRetryCommand struct {
	Server
	bulkFiles
	ID string `arg:"" help:"bulk_…"`
}

// Run tries the rows once more that may be made by now.
func (c *linkRetryCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	return follow(ctx, t, api, c.bulkFiles, func(o ...client.Option) (client.BulkUpload, error) { return api.RetryBulkUpload(ctx, c.ID, o...) })
}

type linkUndoCommand struct {
	Server
	Output
	ID string `arg:"" help:"bulk_…"`
}

// Run takes an upload back that was started and has not begun.
func (c *linkUndoCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	var text json.RawMessage
	b, err := api.UndoBulkUpload(ctx, c.ID, client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	if c.JSON {
		return line(t.Out, text)
	}
	return printBulk(t, b)
}
