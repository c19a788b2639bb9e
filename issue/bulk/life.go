package bulk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"paylink"
	"paylink/queue"
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
	case paylink.BulkScheduled:
		err = u.runScheduled(ctx, r, b)
	case paylink.BulkCreating:
		err = u.runCreation(ctx, r, b)
	case paylink.BulkSending:
		err = u.runSending(ctx, r, b)
	case paylink.BulkCancelling:
		err = u.runCancelling(ctx, r, b)
	case paylink.BulkFinished, paylink.BulkCancelled:
		err = u.runEnded(ctx, r, b)
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
		case paylink.BulkValidating, paylink.BulkScheduled, paylink.BulkCreating, paylink.BulkSending, paylink.BulkCancelling:
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
	if b.Status == paylink.BulkCreating && b.Schedule.Start(b.UpdatedAt) {
		b.Status = paylink.BulkScheduled
	}
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
	p, err := u.Store.Read(ctx).BulkProgress(b.Merchant, b.ID)
	if err != nil {
		return err
	}
	if p.Told == 0 {
		return u.finish(ctx, r, b, paylink.BulkFinished)
	}
	b.Status, b.UpdatedAt = paylink.BulkSending, u.now()
	return u.Store.Write(ctx, func(tx *store.Tx) error {
		tx.UpdateBulk(b, paylink.BulkCreating, b.Run)
		return nil
	})
}

// runScheduled waits for the time at which an upload begins.
func (u *Uploads) runScheduled(ctx context.Context, r *queue.Run, b paylink.Bulk) error {
	if now := u.now(); now.Before(b.Schedule.Begins) {
		return r.Again(ctx, b.Schedule.Begins, nil)
	}
	b.Status, b.UpdatedAt = paylink.BulkCreating, u.now()
	return u.Store.Write(ctx, func(tx *store.Tx) error {
		tx.UpdateBulk(b, paylink.BulkScheduled, b.Run)
		return nil
	})
}

func (u *Uploads) runCancelling(ctx context.Context, r *queue.Run, b paylink.Bulk) error {
	for closed := int64(1); closed > 0; {
		err := u.Store.Write(ctx, func(tx *store.Tx) (err error) {
			closed, err = tx.CloseBulkPieces(b, u.lot())
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

// finish brings an upload to its end. All its pieces are closed, so what they sum up to is final. A large
// one keeps its job, which counts again from time to time.
func (u *Uploads) finish(ctx context.Context, r *queue.Run, read paylink.Bulk, status paylink.BulkStatus) error {
	p, err := u.Store.Read(ctx).BulkProgress(read.Merchant, read.ID)
	if err != nil {
		return err
	}
	b := read.With(p)
	if status == paylink.BulkCancelled && b.Course.Told > 0 {
		if err := u.count(ctx, &b); err != nil {
			return err
		}
	}
	now := u.now()
	b.Status, b.UpdatedAt, b.FinishedAt = status, now, now
	told := paylink.NewEventID(now)
	effects := func(tx *store.Tx) error {
		tx.UpdateBulk(b, read.Status, read.Run)
		tx.SetBulkCourse(b)
		tx.AppendEvent(event(told, b))
		if b.Made == 0 && status == paylink.BulkCancelled {
			tx.FreeBulkFile(b)
		}
		return nil
	}
	if b.Made > countedLive {
		err = r.Again(ctx, now.Add(countAgain(0)), effects)
	} else {
		err = r.Finish(ctx, effects)
	}
	if err == nil {
		u.Log.Info("bulk.finished", "bulk", string(b.ID), "merchant", string(b.Merchant), "status", string(b.Status),
			"created", b.Made, "sent", b.Course.Sent, "failed", b.Bad+b.Failed, "skipped", b.Skipped)
	}
	return err
}
