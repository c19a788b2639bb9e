package api

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"paylink"
	"paylink/issue"
	"paylink/web/respond"
)

// bulkView is an uploaded file as its merchant sees it.
type bulkView struct {
	paylink.BulkSnapshot
	FileName      string       `json:"file_name" doc:"empty where none was given, and once it is forgotten"`
	Size          int64        `json:"size" doc:"bytes"`
	RowsPerSecond int64        `json:"rows_per_second" doc:"0: no bound"`
	Remaining     int64        `json:"remaining" doc:"rows that have not come to an end"`
	Totals        []bulkTotal  `json:"totals" doc:"what the good rows ask for"`
	Messages      []bulkCount  `json:"messages" doc:"how many messages the good rows ask for, by channel"`
	Estimate      *bulkTotal   `json:"estimate" doc:"about what the messages cost, by your message_prices; null: not known"`
	UndoSeconds   int64        `json:"undo_seconds" doc:"how long after its start it can be taken back"`
	SendAfter     *time.Time   `json:"send_after" doc:"nothing is made before; null: as soon as it may"`
	Columns       []bulkColumn `json:"columns" doc:"what each column was taken for"`
	Problem       *bulkFault   `json:"problem" doc:"why it is unreadable"`
	Errors        []bulkFault  `json:"errors" doc:"of the first rows without a link; errors.csv has all of them"`
}

type bulkTotal struct {
	Currency paylink.Currency `json:"currency"`
	Amount   int64            `json:"amount" doc:"minor units"`
}

type bulkCount struct {
	Channel paylink.Channel `json:"channel" enum:"sms,whatsapp,email,in_app"`
	Count   int64           `json:"count"`
}

type bulkColumn struct {
	Name  string  `json:"name" doc:"in the file"`
	Field *string `json:"field" doc:"what it means; null: it is left alone"`
}

type bulkFault struct {
	Row    int64  `json:"row" doc:"as a spreadsheet shows it: the heading is row 1; 0: the file as a whole"`
	Column string `json:"column" doc:"in the file, or the field that no column gives; empty: the row as a whole"`
	Code   string `json:"code" doc:"stable, for programs"`
	Detail string `json:"detail" doc:"a sentence for people"`
}

// firstFaulty is how many rows without a link an answer shows.
const firstFaulty = 20

func (a *API) viewBulk(ctx context.Context, b paylink.Bulk) (bulkView, error) {
	faults, err := a.Bulk.Faults(ctx, b, 0, firstFaulty)
	if err != nil {
		return bulkView{}, err
	}
	v, err := a.plainBulk(ctx, b)
	for _, f := range faults {
		v.Errors = append(v.Errors, bulkFault(f))
	}
	return v, err
}

// plainBulk is the view without errors of rows.
func (a *API) plainBulk(ctx context.Context, b paylink.Bulk) (bulkView, error) {
	shape, err := a.Bulk.Shape(b)
	v := bulkView{
		BulkSnapshot: *b.Snapshot(), FileName: shape.Name, Size: b.Size, RowsPerSecond: b.PerSecond, Remaining: b.Left(),
		UndoSeconds: int64(b.Schedule.Undo / time.Second), Totals: []bulkTotal{}, Messages: []bulkCount{}, Columns: []bulkColumn{}, Errors: []bulkFault{},
	}
	for _, c := range shape.Columns {
		column := bulkColumn{Name: c.Name}
		if c.Field != "" {
			column.Field = &c.Field
		}
		v.Columns = append(v.Columns, column)
	}
	if at := b.Schedule.After; !at.IsZero() {
		v.SendAfter = &at
	}
	for _, channel := range paylink.Channels {
		if n := b.Messages[channel]; n > 0 {
			v.Messages = append(v.Messages, bulkCount{channel, n})
		}
	}
	for currency, amount := range b.Totals {
		v.Totals = append(v.Totals, bulkTotal{currency, amount})
	}
	slices.SortFunc(v.Totals, func(x, y bulkTotal) int { return strings.Compare(string(x.Currency), string(y.Currency)) })
	if b.Problem != "" {
		v.Problem = &bulkFault{Row: b.ProblemRow, Code: b.Problem, Detail: "The file cannot be read beyond this row. Nothing of it was made."}
	}
	if len(v.Messages) > 0 && err == nil {
		v.Estimate, err = a.estimate(ctx, b)
	}
	return v, err
}

func (a *API) estimate(ctx context.Context, b paylink.Bulk) (*bulkTotal, error) {
	m, err := a.Store.Read(ctx).Merchant(b.Merchant)
	if err != nil {
		return nil, err
	}
	minor, known := m.Settings.Prices.Estimate(b.Messages)
	if !known {
		return nil, nil
	}
	return &bulkTotal{m.Currency, minor}, nil
}

func (a *API) bulk(ctx context.Context, c *call, id string) (paylink.Bulk, error) {
	b, err := a.Store.Read(ctx).Bulk(c.Merchant, c.Live, paylink.BulkID(id))
	if err != nil {
		return b, err
	}
	return a.Bulk.Progress(ctx, b)
}

func (a *API) getBulk(ctx context.Context, c *call, in *BulkPath) (*bulkAnswer, error) {
	b, err := a.bulk(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	v, err := a.viewBulk(ctx, b)
	return &bulkAnswer{v}, err
}

func (a *API) listBulks(ctx context.Context, c *call, in *Page) (*listAnswer[bulkView], error) {
	before, err := in.position(c)
	if err != nil {
		return nil, err
	}
	all, err := a.Store.Read(ctx).Bulks(c.Merchant, c.Live, paylink.BulkID(before), in.size())
	if err != nil {
		return nil, err
	}
	out := answer(c, *in, all, func(b paylink.Bulk) string { return string(b.ID) })
	views := make([]bulkView, len(out.Body.Data))
	for i, b := range out.Body.Data {
		if b, err = a.Bulk.Progress(ctx, b); err != nil {
			return nil, err
		}
		if views[i], err = a.plainBulk(ctx, b); err != nil {
			return nil, err
		}
	}
	return &listAnswer[bulkView]{Body: listOf[bulkView]{Data: views, NextCursor: out.Body.NextCursor}}, nil
}

// bulkChange is an operation that pauses, resumes, cancels or starts.
func (a *API) bulkChange(change func(context.Context, issue.Actor, paylink.BulkID) (paylink.Bulk, error)) func(context.Context, *call, *BulkPath) (*bulkAnswer, error) {
	return func(ctx context.Context, c *call, in *BulkPath) (*bulkAnswer, error) {
		by, err := a.actor(ctx, c)
		if err != nil {
			return nil, err
		}
		b, err := change(ctx, by, paylink.BulkID(in.ID))
		if err != nil {
			return nil, err
		}
		v, err := a.viewBulk(ctx, b)
		return &bulkAnswer{v}, err
	}
}

// bulkCSV is an operation that gives a file about an upload.
func (a *API) bulkCSV(name string, write func(context.Context, paylink.Bulk, io.Writer) error) func(context.Context, *call, *BulkPath) (*streamAnswer, error) {
	return func(ctx context.Context, c *call, in *BulkPath) (*streamAnswer, error) {
		b, err := a.Store.Read(ctx).Bulk(c.Merchant, c.Live, paylink.BulkID(in.ID))
		if err != nil {
			return nil, err
		}
		return &streamAnswer{func(hc huma.Context) {
			r, w := humago.Unwrap(hc)
			w.Header().Set("Content-Type", "text/csv; charset=utf-8")
			w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
			w.WriteHeader(http.StatusOK)
			if err := write(r.Context(), b, respond.Patiently(w)); err != nil {
				a.Log.Warn("bulk.file_not_written", "bulk", string(b.ID), "file", name, "error", err)
				panic(http.ErrAbortHandler) // half a file must not look like a whole one
			}
		}}, nil
	}
}

// lookEvery is how often an upload is looked at for those who follow it.
const lookEvery = 500 * time.Millisecond
