package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"paylink/client"
)

type linkBulkCommand struct {
	Server
	Output
	File          string   `arg:"" type:"path" help:"CSV, XLSX or NDJSON."`
	DryRun        bool     `help:"Judge every row, and make nothing."`
	Channel       []string `short:"c" enum:"sms,whatsapp,email,in_app" help:"For rows that name none: sms, whatsapp, email, in_app."`
	RowsPerSecond int64    `help:"At most so many links a second."`
	Errors        string   `type:"path" placeholder:"errors.csv" help:"Write the rows without a link to this file, to be mended and uploaded again."`
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
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it is only read
	var text json.RawMessage
	b, err := api.UploadPaymentLinks(ctx, file, kind, client.BulkHow{DryRun: c.DryRun, Channels: strings.Join(c.Channel, ","), RowsPerSecond: c.RowsPerSecond},
		client.Verbatim(&text), client.OnTrouble(t.trouble))
	for said := ""; err == nil && !b.Ended(); b, err = api.GetBulkUpload(ctx, b.ID, client.Verbatim(&text), client.OnTrouble(t.trouble)) {
		if now := fmt.Sprintf("%s: %d of %d rows to go", b.Status, b.Remaining, b.Rows); now != said {
			fmt.Fprintf(t.Err, "paylink: %s\n", clean(now))
			said = now
		}
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err == nil && c.Errors != "" {
		err = keep(ctx, c.Errors, b.ID, api.GetBulkErrors)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return line(t.Out, text)
	}
	return printBulk(t, b)
}

// keep writes a file of an upload, which holds what customers are called: for its owner alone to read.
func keep(ctx context.Context, path, id string, get func(context.Context, string, ...client.Option) ([]byte, error)) error {
	text, err := get(ctx, id)
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	return err
}

func printBulk(t *Terminal, b client.BulkUpload) error {
	fmt.Fprintf(t.Out, "%s  %s\n", clean(b.ID), clean(b.Status))
	w := newTable(t.Out)
	w.fact("Rows", fmt.Sprintf("%d, of which %d are good", b.Rows, b.Good))
	w.fact("Result", b.Summary)
	for _, f := range b.Errors {
		w.fact(fmt.Sprintf("Row %d", f.Row), strings.TrimSpace(f.Column+" "+f.Code+": "+f.Detail))
	}
	return w.flush()
}
