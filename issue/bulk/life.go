package bulk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/queue"
	"paylink/sheet"
	"paylink/store"
)

// run does the job that goes on with an upload, as its status says.
func (u *Uploads) run(ctx context.Context, r *queue.Run) error {
	b, err := u.Store.Read(ctx).Bulk(r.Job.Merchant, r.Job.Live, r.Job.Payload.Bulk)
	if paylink.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	switch b.Status {
	case paylink.BulkValidating:
		err = u.runValidation(ctx, r, b)
	case paylink.BulkCreating:
		err = u.runCreation(ctx, r, b)
	case paylink.BulkCancelling:
		err = u.runCancelling(ctx, r, b)
	}
	if errors.Is(err, store.ErrBulkChanged) {
		err = nil // somebody paused or cancelled it: what is to be done now is looked at below
	}
	if err != nil || r.Ended() {
		return err
	}
	return u.rest(ctx, r)
}

var errMore = errors.New("there is more to do")

// rest ends the job, unless somebody has just given the upload more to do. Both lock the upload first, so
// that none is left without a job.
func (u *Uploads) rest(ctx context.Context, r *queue.Run) error {
	err := r.Finish(ctx, func(tx *store.Tx) error {
		b, err := tx.Bulk(r.Job.Merchant, r.Job.Live, r.Job.Payload.Bulk)
		if err != nil {
			return err
		}
		switch b.Status {
		case paylink.BulkValidating, paylink.BulkCreating, paylink.BulkCancelling:
			return errMore
		}
		return nil
	})
	if errors.Is(err, errMore) {
		return r.Again(ctx, u.now(), nil)
	}
	return err
}

func (u *Uploads) runValidation(ctx context.Context, r *queue.Run, read paylink.Bulk) error {
	b, err := u.validate(ctx, read)
	if err != nil {
		return err
	}
	above, err := u.Store.Read(ctx).BulkApproval(b.Merchant)
	if err != nil {
		return err
	}
	b.UpdatedAt = u.now()
	b.Status = after(b, above)
	told := paylink.NewEventID(b.UpdatedAt)
	effects := func(tx *store.Tx) error {
		if !b.Open() {
			b.FinishedAt = b.UpdatedAt
		}
		tx.UpdateBulk(b, paylink.BulkValidating, b.Run)
		switch b.Status {
		case paylink.BulkFinished:
			tx.AppendEvent(event(told, b))
		case paylink.BulkUnreadable:
			tx.FreeBulkFile(b)
		}
		return nil
	}
	if err := u.Store.Write(ctx, effects); err != nil {
		return err
	}
	u.Log.Info("bulk.validated", "bulk", string(b.ID), "merchant", string(b.Merchant), "status", string(b.Status), "rows", b.Rows, "good", b.Good, "bad", b.Bad)
	// The file is needed no more; what is left of it at a crash goes with the upload.
	return u.drop(ctx, store.BulkParts, b)
}

// after is the status that follows validating.
func after(b paylink.Bulk, approveAbove int64) paylink.BulkStatus {
	switch {
	case b.Problem != "":
		return paylink.BulkUnreadable
	case b.DryRun:
		return paylink.BulkChecked
	case b.Good == 0:
		return paylink.BulkFinished
	case approveAbove >= 0 && b.Good > approveAbove:
		return paylink.BulkApproval
	case b.Review:
		return paylink.BulkReady
	}
	return paylink.BulkCreating
}

func (u *Uploads) runCreation(ctx context.Context, r *queue.Run, b paylink.Bulk) error {
	sent, more, err := u.create(ctx, b)
	if err != nil {
		return err
	}
	if more {
		at := u.now()
		if b.PerSecond > 0 {
			at = at.Add(time.Duration(sent) * time.Second / time.Duration(b.PerSecond))
		}
		return r.Again(ctx, at, nil)
	}
	return u.finish(ctx, r, b, paylink.BulkFinished)
}

func (u *Uploads) runCancelling(ctx context.Context, r *queue.Run, b paylink.Bulk) error {
	for closed := int64(1); closed > 0; {
		err := u.Store.Write(ctx, func(tx *store.Tx) (err error) {
			closed, err = tx.CloseBulkPieces(b, lot)
			return err
		})
		if err != nil {
			return fmt.Errorf("close the pieces of %s: %w", b.ID, err)
		}
	}
	if err := u.drop(ctx, store.BulkParts, b); err != nil {
		return err
	}
	return u.finish(ctx, r, b, paylink.BulkCancelled)
}

// finish brings an upload to its end. All its pieces are closed, so what they sum up to is final.
func (u *Uploads) finish(ctx context.Context, r *queue.Run, read paylink.Bulk, status paylink.BulkStatus) error {
	now := u.now()
	told := paylink.NewEventID(now)
	var done paylink.Bulk
	err := r.Finish(ctx, func(tx *store.Tx) error {
		p, err := tx.BulkProgress(read.Merchant, read.ID)
		if err != nil {
			return err
		}
		b := read.With(p)
		b.Status, b.UpdatedAt, b.FinishedAt = status, now, now
		tx.UpdateBulk(b, read.Status, read.Run)
		tx.AppendEvent(event(told, b))
		if b.Made == 0 && status == paylink.BulkCancelled {
			tx.FreeBulkFile(b)
		}
		done = b
		return nil
	})
	if err == nil {
		u.Log.Info("bulk.finished", "bulk", string(done.ID), "merchant", string(done.Merchant), "status", string(done.Status),
			"created", done.Made, "failed", done.Bad+done.Failed, "skipped", done.Skipped)
	}
	return err
}

// SetMapping says what the columns of an uploaded file mean, by their names, and has it validated.
func (u *Uploads) SetMapping(ctx context.Context, by issue.Actor, id paylink.BulkID, fields map[string]string) (paylink.Bulk, error) {
	return u.change(ctx, by, id, paylink.BulkValidating, func(tx *store.Tx, b *paylink.Bulk) error {
		h, err := u.head(*b)
		if err != nil {
			return err
		}
		for i, column := range h.Columns {
			h.Mapping[i] = fields[column]
		}
		if err := h.Mapping.judge(h.Columns); err != nil {
			return err
		}
		b.Head = u.seal(h, string(b.ID))
		tx.RememberBulkMapping(b.Merchant, heading(h.Columns), u.seal(h.Mapping, string(b.Merchant)), b.UpdatedAt)
		return nil
	}, paylink.BulkUploaded)
}

// Approve starts a file that was validated. Above the merchant's threshold the one who uploaded it may
// not: *paylink.Refused "same_person".
func (u *Uploads) Approve(ctx context.Context, by issue.Actor, id paylink.BulkID) (paylink.Bulk, error) {
	return u.change(ctx, by, id, paylink.BulkCreating, func(_ *store.Tx, b *paylink.Bulk) error {
		if b.Status == paylink.BulkApproval && b.CreatedBy == by.ID {
			return &paylink.Refused{Code: "same_person", Detail: "Whoever uploaded the file cannot approve it. Somebody else has to."}
		}
		b.ApprovedBy = by.ID
		return nil
	}, paylink.BulkReady, paylink.BulkApproval)
}

// Pause lets no further link be made until somebody resumes it.
func (u *Uploads) Pause(ctx context.Context, by issue.Actor, id paylink.BulkID) (paylink.Bulk, error) {
	return u.change(ctx, by, id, paylink.BulkPaused, nil, paylink.BulkCreating)
}

// Resume goes on after a pause.
func (u *Uploads) Resume(ctx context.Context, by issue.Actor, id paylink.BulkID) (paylink.Bulk, error) {
	return u.change(ctx, by, id, paylink.BulkCreating, nil, paylink.BulkPaused)
}

// Cancel makes no further link. Those that were made stay.
func (u *Uploads) Cancel(ctx context.Context, by issue.Actor, id paylink.BulkID) (paylink.Bulk, error) {
	return u.change(ctx, by, id, paylink.BulkCancelling, nil, paylink.BulkMachine.Before(paylink.BulkCancelling)...)
}

// change moves an upload to another status, from one of some, in one transaction with its job.
func (u *Uploads) change(ctx context.Context, by issue.Actor, id paylink.BulkID, to paylink.BulkStatus, do func(*store.Tx, *paylink.Bulk) error, from ...paylink.BulkStatus) (paylink.Bulk, error) {
	now := u.now()
	var b paylink.Bulk
	err := u.Store.Write(ctx, func(tx *store.Tx) (err error) {
		if b, err = tx.Bulk(by.Merchant.ID, by.Live, id); err != nil {
			return err
		}
		read := b.Status
		if read == to {
			return nil // asked twice
		}
		if !contains(from, read) || read == paylink.BulkReceiving {
			return &paylink.Conflict{Code: "bulk_" + string(read), Detail: "The bulk upload is " + plain(read) + ", which does not allow this.", Other: string(id)}
		}
		b.UpdatedAt = now
		if do != nil {
			if err := do(tx, &b); err != nil {
				return err
			}
		}
		b.Status = to
		tx.UpdateBulk(b, read, b.Run)
		if to != paylink.BulkPaused {
			tx.Enqueue(u.job(b, now), now)
		}
		return nil
	})
	if err != nil {
		return b, err
	}
	return u.Progress(ctx, b)
}

// SetApproval changes above how many good rows a second person starts a file; -1: nobody has to.
func (u *Uploads) SetApproval(ctx context.Context, by issue.Actor, above int64) error {
	if above < -1 || above > sheet.MaxRows {
		bad := &paylink.Invalid{}
		bad.Add("/approve_above", "out_of_range", "This is a number of rows up to a million.")
		return bad
	}
	now := u.now()
	return u.Store.Write(ctx, func(tx *store.Tx) error {
		tx.SetBulkApproval(by.Merchant.ID, above, by.ID, now)
		return nil
	})
}
