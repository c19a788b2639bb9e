package bulk

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/sheet"
	"paylink/store"
)

// Upload is what comes with a file.
type Upload struct {
	Name      string // of the file, if it has one
	Format    sheet.Format
	DryRun    bool              // judge every row, make nothing
	Review    bool              // wait for somebody to say what the columns mean, and to start it
	After     time.Time         // the making of links begins no sooner; zero: as soon as it may
	Undo      time.Duration     // from when it is started, how long all of it can be taken back
	PerSecond int64             // rows a second that send messages; 0: what the server allows
	Mapping   map[string]string // field of each column by its name; nil: as the last time, or by the names
	Channels  []paylink.Channel // for rows that name none
	Template  *issue.Draft      // what rows leave out, as it stands now; nil: nothing

	derived bool // it was made of another upload, and its mapping is none that a person has said
}

// Received is an upload that was taken.
type Received struct {
	Bulk     paylink.Bulk
	Repeated bool // the same file, or the same request, came before: this is what became of it
}

// Receive stores a file and has it looked at. It reads the heading at once: what cannot be read or has no
// amount is *paylink.Invalid, and nothing of it is kept.
func (u *Uploads) Receive(ctx context.Context, by issue.Actor, up Upload, in io.Reader, claim *store.Claim) (Received, error) {
	now := u.now()
	b := paylink.Bulk{
		ID: paylink.NewBulkID(now), Merchant: by.Merchant.ID, Live: by.Live, Status: paylink.BulkReceiving, Format: string(up.Format),
		DryRun: up.DryRun, Review: up.Review, PerSecond: u.pace(up.PerSecond), CreatedBy: by.ID, CreatedAt: now, UpdatedAt: now, ForgetAt: now.Add(arriving),
		Totals: map[paylink.Currency]int64{}, Messages: map[paylink.Channel]int64{},
		Schedule: paylink.BulkSchedule{After: up.After.UTC().Truncate(time.Microsecond), Undo: up.Undo},
	}
	if err := up.judge(now); err != nil {
		return Received{}, err
	}
	err := u.Store.Write(ctx, func(tx *store.Tx) error { tx.InsertBulk(b); return nil })
	if err != nil {
		return Received{}, fmt.Errorf("begin an upload for %s: %w", b.Merchant, err)
	}
	got, err := u.take(ctx, b, up, in, claim)
	if err != nil || got.Repeated {
		// Also when the caller has gone: what he left is not to lie around.
		err = errors.Join(err, u.takeBack(context.WithoutCancel(ctx), b))
	}
	return got, err
}

func (u *Uploads) pace(asked int64) int64 {
	if asked <= 0 || u.PerSecond > 0 && asked > u.PerSecond {
		return u.PerSecond
	}
	return asked
}

// mostUndo and mostAhead bound when an upload begins.
const (
	mostUndo  = 24 * time.Hour
	mostAhead = 60 * 24 * time.Hour // what it holds of customers is kept a month longer
)

func (up Upload) judge(now time.Time) error {
	bad := &paylink.Invalid{}
	if up.Undo < 0 || up.Undo > mostUndo || up.Undo%time.Second != 0 {
		bad.Add("/undo_seconds", "out_of_range", "This is a number of seconds up to a day.")
	}
	if up.After.After(now.Add(mostAhead)) {
		bad.Add("/send_after", "too_far", "This must be within the next 60 days.")
	}
	if up.PerSecond < 0 {
		bad.Add("/rows_per_second", "too_small", "The number of rows must not be negative.")
	}
	for _, c := range up.Channels {
		if !slices.Contains(paylink.Channels, c) {
			bad.Add("/channels", "unknown_value", "This must be one of sms, whatsapp, email, in_app.")
		}
	}
	if len(up.Name) > 255 {
		bad.Add("/file", "too_long", "The file's name must have at most 255 bytes.")
	}
	return bad.OrNil()
}

// take stores the file, reads its heading, and lets the upload begin.
func (u *Uploads) take(ctx context.Context, b paylink.Bulk, up Upload, in io.Reader, claim *store.Claim) (Received, error) {
	var err error
	if b.Size, b.Digest, err = u.keepFile(ctx, b, in); err != nil {
		return Received{}, err
	}
	table, err := sheet.Open(u.file(ctx, b), b.Size, up.Format)
	if err != nil {
		return Received{}, refused(err)
	}
	h := head{Name: up.Name, Columns: table.Columns(), Channels: up.Channels}
	if up.Template != nil {
		if h.Template, err = json.Marshal(up.Template); err != nil {
			return Received{}, fmt.Errorf("keep the template of %s: %w", b.ID, err)
		}
	}
	known := false
	if h.Mapping, known, err = u.mapping(ctx, b, h.Columns, up.Mapping); err != nil {
		return Received{}, err
	}
	b.Status = paylink.BulkValidating
	if up.Review && up.Format != sheet.NDJSON {
		b.Status = paylink.BulkUploaded
	} else if up.Format != sheet.NDJSON {
		if err := h.judge(); err != nil {
			return Received{}, err
		}
	}
	b.Head, b.UpdatedAt, b.ForgetAt = u.seal(h, string(b.ID)), u.now(), b.CreatedAt.Add(keptFor)
	if claim != nil {
		asked := fmt.Appendf(b.Digest[:len(b.Digest):len(b.Digest)], "%q %t %t %d %q %q", b.Format, b.DryRun, b.Review, b.PerSecond, up.Channels, h.Mapping)
		if up.Undo != 0 || !up.After.IsZero() {
			asked = fmt.Appendf(asked, " %d %d", up.Undo, up.After.UnixMicro())
		}
		if h.Template != nil {
			asked = append(append(asked, ' '), h.Template...)
		}
		claim.Request = sha256.Sum256(asked)
	}
	job := u.job(b, b.UpdatedAt)
	out, replayed, err := u.Store.WriteOnce(ctx, claim, b.UpdatedAt, func(tx *store.Tx) (store.Outcome, error) {
		if !b.DryRun {
			tx.ClaimBulkFile(b)
		}
		tx.UpdateBulk(b, paylink.BulkReceiving, 0)
		if b.Status == paylink.BulkValidating {
			tx.Enqueue(job, b.UpdatedAt)
		}
		if up.Mapping != nil && !known && !up.derived {
			tx.RememberBulkMapping(b.Merchant, heading(h.Columns), u.seal(h.Mapping, string(b.Merchant)), b.UpdatedAt)
		}
		return store.Outcome{Status: 202, Object: string(b.ID)}, nil
	})
	switch {
	case errors.Is(err, store.ErrFileKnown):
		return u.earlier(ctx, b)
	case err != nil:
		return Received{}, err
	case replayed:
		b, err = u.Store.Read(ctx).Bulk(b.Merchant, b.Live, paylink.BulkID(out.Object))
		return Received{b, true}, err
	}
	return Received{Bulk: b}, nil
}

// refused turns what cannot be read into what the caller did wrong.
func refused(err error) error {
	var stop *sheet.Unreadable
	if !errors.As(err, &stop) {
		return err
	}
	bad := &paylink.Invalid{}
	pointer := "/file"
	if stop.Row > 0 {
		pointer = fmt.Sprintf("/file/%d", stop.Row)
	}
	bad.Add(pointer, stop.Code, stop.Detail)
	return bad
}

// mapping decides what the columns mean: as it was said, as it was the last time, or by their names.
func (u *Uploads) mapping(ctx context.Context, b paylink.Bulk, columns []string, said map[string]string) (m Mapping, known bool, err error) {
	if said != nil {
		m = make(Mapping, len(columns))
		for column, field := range said {
			i := slices.Index(columns, column)
			if i < 0 {
				bad := &paylink.Invalid{}
				bad.Add("/mapping", "unknown_column", "The mapping names a column that the file does not have.")
				return nil, false, bad
			}
			m[i] = field
		}
		return m, false, nil
	}
	box, err := u.Store.Read(ctx).BulkMapping(b.Merchant, heading(columns))
	if err != nil || box == nil {
		return guess(columns), false, err
	}
	err = u.unseal(box, string(b.Merchant), &m)
	return m, true, err
}

// earlier gives the upload by which the same file came before.
func (u *Uploads) earlier(ctx context.Context, b paylink.Bulk) (Received, error) {
	read := u.Store.Read(ctx)
	id, err := read.BulkOfFile(b.Merchant, b.Live, b.Digest)
	if err != nil {
		return Received{}, err
	}
	before, err := read.Bulk(b.Merchant, b.Live, id)
	return Received{before, true}, err
}

// takeBack leaves nothing of an upload that did not begin.
func (u *Uploads) takeBack(ctx context.Context, b paylink.Bulk) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := u.drop(ctx, store.BulkParts, b); err != nil {
		return err
	}
	err := u.Store.Write(ctx, func(tx *store.Tx) error { tx.RemoveBulk(b); return nil })
	if err != nil {
		return fmt.Errorf("take %s back: %w", b.ID, err)
	}
	return nil
}
