// Package bulk makes links of an uploaded file, up to a million of them: it stores the file sealed, has
// every row judged, and then has issue make the links of the good ones, in lots that survive a crash at
// any point.
//
// It is for the API and the dashboard, which hand it a file and show what comes of it. A row is made
// once: how far a lot has come moves in the transaction that makes its links, a reference that a link
// uses already is skipped, and the same file is taken once. It leaves the terms of a link to issue,
// reading files to sheet, sending to dispatch, and who may act to its callers, except that above the
// merchant's threshold the one who uploaded a file is not the one who starts it.
package bulk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/keyring"
	"paylink/queue"
	"paylink/store"
)

// Deps are what Uploads works with.
type Deps struct {
	Store  *store.Store
	Ring   *keyring.Ring
	Issuer *issue.Issuer
	Now    func() time.Time // real time
	Log    *slog.Logger

	// PerSecond bounds how many rows a second of one file are made that send messages; 0: no bound. An
	// upload may ask for less.
	PerSecond int64
}

// Uploads takes files of links and sees them through. Its methods may be called from many goroutines.
type Uploads struct{ Deps }

// New makes an Uploads.
func New(d Deps) *Uploads { return &Uploads{d} }

// Register takes over the jobs of this room.
func (u *Uploads) Register(q *queue.Queue) { q.Handle(paylink.JobRunBulk, u.run) }

const (
	// keptFor is how long what a file holds of customers is kept, once it is there.
	keptFor = 90 * 24 * time.Hour
	// arriving is how long an upload may be on its way.
	arriving = 24 * time.Hour
	// lot is how many rows one transaction changes at most: on SQLite whoever waits to write waits for all
	// of it. PostgreSQL has a transaction for each of us, and fewer of them are less work.
	lot, lotPostgres = 45, 240
	// pieceRows is how many good rows stand together, sealed.
	pieceRows = 250

	sealed = "bulk" // the key ring's purpose
)

func (u *Uploads) now() time.Time { return u.Now().UTC().Truncate(time.Microsecond) }

// head is what is sealed of an upload as a whole.
type head struct {
	Name     string            `json:"name"`    // of the file
	Columns  []string          `json:"columns"` // as the file names them
	Mapping  Mapping           `json:"mapping"`
	Channels []paylink.Channel `json:"channels"`           // for rows that name none
	Template json.RawMessage   `json:"template,omitempty"` // an issue.Draft: what rows leave out
}

// Mapping says what each column means: a field of a link such as "customer.phone", or "" for a column
// that is left alone.
type Mapping []string

func (u *Uploads) seal(v any, bound string) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic("seal for " + bound + ": " + err.Error()) // plain structs and texts always marshal
	}
	return u.Ring.Seal(sealed, text, []byte(bound))
}

func (u *Uploads) unseal(box []byte, bound string, into any) error {
	text, err := u.Ring.Unseal(sealed, box, []byte(bound))
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		return fmt.Errorf("open what is sealed of %s: %w", bound, err)
	}
	return nil
}

func (u *Uploads) head(b paylink.Bulk) (h head, err error) {
	if len(b.Head) == 0 {
		return h, nil // forgotten, or not there yet
	}
	return h, u.unseal(b.Head, string(b.ID), &h)
}

// actor is for whom the links are made: whoever uploaded the file.
func (u *Uploads) actor(ctx context.Context, b paylink.Bulk) (issue.Actor, error) {
	m, err := u.Store.Read(ctx).Merchant(b.Merchant)
	return issue.Actor{Merchant: m, Live: b.Live, ID: b.CreatedBy}, err
}

func (u *Uploads) job(b paylink.Bulk, now time.Time) paylink.Job {
	return paylink.Job{
		ID: paylink.NewJobID(now), Kind: paylink.JobRunBulk, Key: string(b.ID), Merchant: b.Merchant, Live: b.Live,
		Payload: paylink.JobPayload{Bulk: b.ID}, RunAt: now,
	}
}

// event tells that a file has come to its end.
func event(id paylink.EventID, b paylink.Bulk) paylink.Event {
	return paylink.Event{
		ID: id, Merchant: b.Merchant, Live: b.Live, At: b.UpdatedAt, Type: paylink.EventBulkFinished, Actor: "system",
		Data: paylink.EventData{Bulk: b.Snapshot()},
	}
}

// lot is how many rows one of our transactions changes at most.
func (u *Uploads) lot() int {
	if u.Store.Kind() == "sqlite" {
		return lot
	}
	return lotPostgres
}

// drop deletes what an upload has in a table, some rows at a time.
func (u *Uploads) drop(ctx context.Context, table string, b paylink.Bulk) error {
	rows := lot
	switch table {
	case store.BulkParts, store.BulkBodies:
		rows = 4 // each is large
	case store.BulkMade:
		rows = 1 // which is a piece's, and stands for some tens
	}
	for gone := int64(1); gone > 0; {
		err := u.Store.Write(ctx, func(tx *store.Tx) (err error) {
			gone, err = tx.DropBulk(table, b.Merchant, b.ID, rows)
			return err
		})
		if err != nil {
			return fmt.Errorf("drop %s of %s: %w", table, b.ID, err)
		}
	}
	return nil
}

// Forget deletes what the uploads whose time has come hold of customers. Counts stay. What nobody has
// brought to its end by then is cancelled first.
func (u *Uploads) Forget(ctx context.Context) error {
	for ctx.Err() == nil {
		b, err := u.Store.Read(ctx).ForgottenBulk(u.now())
		if paylink.IsNotFound(err) {
			return nil
		}
		if err == nil {
			err = u.forget(ctx, b)
		}
		if err != nil && !errors.Is(err, store.ErrBulkChanged) {
			return fmt.Errorf("forget %s: %w", b.ID, err)
		}
	}
	return nil
}

func (u *Uploads) forget(ctx context.Context, b paylink.Bulk) error {
	read, now := b.Status, u.now()
	b.UpdatedAt = now
	if b.Open() && read != paylink.BulkReceiving && read != paylink.BulkSending {
		b.Status, b.ForgetAt = paylink.BulkCancelling, now.Add(arriving)
		return u.Store.Write(ctx, func(tx *store.Tx) error {
			tx.UpdateBulk(b, read, b.Run)
			tx.Enqueue(u.job(b, now), now)
			return nil
		})
	}
	if b.Made > 0 {
		if err := u.count(ctx, &b); err != nil { // for the last time: which links they are is dropped with the rest
			return err
		}
	}
	for _, table := range []string{store.BulkParts, store.BulkPieces, store.BulkBodies, store.BulkMade, store.BulkRows} {
		if err := u.drop(ctx, table, b); err != nil {
			return err
		}
	}
	return u.Store.Write(ctx, func(tx *store.Tx) error {
		if read == paylink.BulkReceiving {
			tx.RemoveBulk(b)
			return nil
		}
		b.Head, b.ForgetAt = nil, time.Time{}
		tx.UpdateBulk(b, read, b.Run)
		tx.SetBulkCourse(b)
		tx.FreeBulkFile(b)
		return nil
	})
}
