package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"time"
)

// BulkSnapshot is an uploaded file of links as it was at some time.
type BulkSnapshot struct {
	ID         string     `json:"id"`     // bulk_…
	Object     string     `json:"object"` // bulk
	Livemode   bool       `json:"livemode"`
	Status     string     `json:"status"` // receiving, uploaded, validating, checked, ready, awaiting_approval, scheduled, creating, paused, sending, cancelling, cancelled, unreadable, finished
	Format     string     `json:"format"` // csv, xlsx, ndjson
	DryRun     bool       `json:"dry_run"`
	Rows       int64      `json:"rows"`
	Good       int64      `json:"good"` // rows of which a link can be made
	Created    int64      `json:"created"`
	Failed     int64      `json:"failed"`
	Skipped    int64      `json:"skipped"` // rows whose reference a link uses already
	Sent       int64      `json:"sent"`    // links of which a provider has taken a message
	Waiting    int64      `json:"waiting"` // links whose first message is still on its way to a provider
	Unknown    int64      `json:"unknown"` // links that were perhaps sent
	Unsent     int64      `json:"unsent"`  // links that were to be sent, and of which no message could be
	Delivered  int64      `json:"delivered"`
	Opened     int64      `json:"opened"`
	Paid       int64      `json:"paid"`       // in full
	CountedAt  *time.Time `json:"counted_at"` // when sent to paid were counted; nil: never
	Summary    string     `json:"summary"`    // finished: 940 sent, 12 failed, 48 skipped as duplicates
	CreatedBy  string     `json:"created_by"`
	ApprovedBy string     `json:"approved_by"`
	CreatedAt  time.Time  `json:"created_at"`
	UpdatedAt  time.Time  `json:"updated_at"`
	BeginsAt   *time.Time `json:"begins_at"` // when the making of links begins or began; nil: nobody has started it
	FinishedAt *time.Time `json:"finished_at"`
}

// BulkUpload is a file of links that was uploaded.
type BulkUpload struct {
	BulkSnapshot
	Remaining     int64        `json:"remaining"`
	FileName      string       `json:"file_name"`
	Size          int64        `json:"size"`            // bytes
	RowsPerSecond int64        `json:"rows_per_second"` // 0: no bound
	Totals        []BulkTotal  `json:"totals"`
	Messages      []BulkCount  `json:"messages"` // that the good rows ask for
	Estimate      *BulkTotal   `json:"estimate"` // of what the messages cost; nil: not known
	UndoSeconds   int64        `json:"undo_seconds"`
	SendAfter     *time.Time   `json:"send_after"`
	Columns       []BulkColumn `json:"columns"`
	Problem       *BulkFault   `json:"problem"` // why it is unreadable
	Errors        []BulkFault  `json:"errors"`  // of the first rows without a link
}

// Ended tells that nothing more happens by itself for now: it has come to its end, or waits for a person or
// its time.
func (b BulkUpload) Ended() bool {
	switch b.Status {
	case "receiving", "validating", "creating", "sending", "cancelling":
		return false
	}
	return true
}

// BulkTotal is what the good rows ask for, in one currency.
type BulkTotal struct {
	Currency string `json:"currency"`
	Amount   int64  `json:"amount"` // minor units
}

// BulkCount is how many messages go by a channel.
type BulkCount struct {
	Channel string `json:"channel"`
	Count   int64  `json:"count"`
}

// BulkColumn is what a column was taken for.
type BulkColumn struct {
	Name  string  `json:"name"`
	Field *string `json:"field"` // nil: it is left alone
}

// BulkFault is what is wrong with a row.
type BulkFault struct {
	Row    int64  `json:"row"` // as a spreadsheet shows it; 0: the file as a whole
	Column string `json:"column"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// BulkResults is what became of a list of links.
type BulkResults struct {
	Object  string       `json:"object"` // bulk_results
	DryRun  bool         `json:"dry_run"`
	Created int64        `json:"created"`
	Failed  int64        `json:"failed"`
	Results []BulkResult `json:"results"` // in the order of the list
}

// BulkResult is what became of one link of a list.
type BulkResult struct {
	Index  int64        `json:"index"`
	Status int64        `json:"status"`       // as the request for this link alone would have been answered
	Link   *PaymentLink `json:"payment_link"` // nil when none was made
	Error  *Problem     `json:"error"`        // nil when nothing is wrong
}

// BulkHow is how a list or a file is taken.
type BulkHow struct {
	DryRun        bool   `query:"dry_run"`         // judge, and make nothing
	Channels      string `query:"channels"`        // separated by commas, for rows that name none
	RowsPerSecond int64  `query:"rows_per_second"` // 0: no bound
	Template      string `query:"template"`        // its name: it fills what rows of a file leave out

	UndoSeconds int64     `query:"undo_seconds"` // from its start, how long all of it can be taken back
	SendAfter   time.Time `query:"send_after"`   // nothing is made before; zero: as soon as it may
}

// CreatePaymentLinksInBulk makes at most 100 links at once; a bad one does not hold up the others.
func (c *Client) CreatePaymentLinksInBulk(ctx context.Context, links []NewPaymentLink, how BulkHow, options ...Option) (BulkResults, error) {
	k := c.call(http.MethodPost, path("payment_links", "bulk"), options)
	k.query = values(how)
	if k.wrong == nil {
		k.body, k.wrong = json.Marshal(links)
	}
	return answered[BulkResults](ctx, c, k)
}

// UploadPaymentLinks uploads a file of links: CSV (text/csv), NDJSON (application/x-ndjson) or a workbook,
// as contentType says. The same file is taken once; sent again, it answers what became of it.
func (c *Client) UploadPaymentLinks(ctx context.Context, file io.ReadSeeker, contentType string, how BulkHow, options ...Option) (BulkUpload, error) {
	k := c.call(http.MethodPost, path("payment_links", "bulk"), options)
	k.query, k.file, k.contentType = values(how), file, contentType
	return answered[BulkUpload](ctx, c, k)
}

// ListBulkUploads yields uploaded files, newest first.
func (c *Client) ListBulkUploads(ctx context.Context, from Page, options ...Option) iter.Seq2[BulkUpload, error] {
	return list[BulkUpload](ctx, c, path("bulk"), from, options)
}

// GetBulkUpload reads how far an uploaded file has come.
func (c *Client) GetBulkUpload(ctx context.Context, id string, options ...Option) (BulkUpload, error) {
	return get[BulkUpload](ctx, c, path("bulk", id), nil, options)
}

// GetBulkErrors writes the rows of which no link was made, as CSV: mended, it can be uploaded again.
func (c *Client) GetBulkErrors(ctx context.Context, id string, to io.Writer, options ...Option) error {
	return c.download(ctx, c.call(http.MethodGet, path("bulk", id, "errors.csv"), options), to)
}

// GetBulkResults writes every row as CSV, with what became of it.
func (c *Client) GetBulkResults(ctx context.Context, id string, to io.Writer, options ...Option) error {
	return c.download(ctx, c.call(http.MethodGet, path("bulk", id, "results.csv"), options), to)
}

// ApproveBulkUpload starts a file that waits for a second person.
func (c *Client) ApproveBulkUpload(ctx context.Context, id string, options ...Option) (BulkUpload, error) {
	return post[BulkUpload](ctx, c, path("bulk", id, "approve"), nil, options)
}

// UndoBulkUpload takes a file back that was started and has not begun.
func (c *Client) UndoBulkUpload(ctx context.Context, id string, options ...Option) (BulkUpload, error) {
	return post[BulkUpload](ctx, c, path("bulk", id, "undo"), nil, options)
}

// RetryBulkUpload tries the rows once more that failed for a reason that may be over, as an upload of its own.
func (c *Client) RetryBulkUpload(ctx context.Context, id string, options ...Option) (BulkUpload, error) {
	return post[BulkUpload](ctx, c, path("bulk", id, "retry"), nil, options)
}

// PauseBulkUpload makes no further link until it is resumed.
func (c *Client) PauseBulkUpload(ctx context.Context, id string, options ...Option) (BulkUpload, error) {
	return post[BulkUpload](ctx, c, path("bulk", id, "pause"), nil, options)
}

// ResumeBulkUpload goes on after a pause.
func (c *Client) ResumeBulkUpload(ctx context.Context, id string, options ...Option) (BulkUpload, error) {
	return post[BulkUpload](ctx, c, path("bulk", id, "resume"), nil, options)
}

// CancelBulkUpload cancels the rest; links that were made stay.
func (c *Client) CancelBulkUpload(ctx context.Context, id string, options ...Option) (BulkUpload, error) {
	return post[BulkUpload](ctx, c, path("bulk", id, "cancel"), nil, options)
}

// StreamBulkUpload yields an uploaded file as it comes along, until it has ended or its connection breaks.
func (c *Client) StreamBulkUpload(ctx context.Context, id string, options ...Option) iter.Seq2[BulkUpload, error] {
	return func(yield func(BulkUpload, error) bool) {
		k := c.call(http.MethodGet, path("bulk", id, "stream"), options)
		err := k.wrong
		if err == nil {
			err = c.listen(ctx, k, "", func(string) {}, func(data []byte) (bool, error) {
				var b BulkUpload
				if err := json.Unmarshal(data, &b); err != nil {
					return true, fmt.Errorf("read how far %s has come: %w", id, err)
				}
				return yield(b, nil), nil
			})
		}
		if err != nil {
			yield(BulkUpload{}, err)
		}
	}
}
