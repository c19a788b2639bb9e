package bulk

import (
	"context"

	"paylink"
	"paylink/issue"
	"paylink/sheet"
	"paylink/store"
)

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
		if err := h.judge(); err != nil {
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
	return u.approve(ctx, by, id, nil)
}

// Start is Approve by somebody who says when it begins, in the place of whoever uploaded the file.
func (u *Uploads) Start(ctx context.Context, by issue.Actor, id paylink.BulkID, begin paylink.BulkSchedule) (paylink.Bulk, error) {
	if err := (Upload{After: begin.After, Undo: begin.Undo}).judge(u.now()); err != nil {
		return paylink.Bulk{}, err
	}
	begin.After = begin.After.UTC()
	return u.approve(ctx, by, id, &begin)
}

func (u *Uploads) approve(ctx context.Context, by issue.Actor, id paylink.BulkID, begin *paylink.BulkSchedule) (paylink.Bulk, error) {
	return u.change(ctx, by, id, paylink.BulkCreating, func(_ *store.Tx, b *paylink.Bulk) error {
		if b.Status == paylink.BulkApproval && b.CreatedBy == by.ID {
			return &paylink.Refused{Code: "same_person", Detail: "Whoever uploaded the file cannot approve it. Somebody else has to."}
		}
		if b.ApprovedBy = by.ID; begin != nil {
			b.Schedule = *begin
		}
		return nil
	}, paylink.BulkReady, paylink.BulkApproval)
}

// Undo takes everything back while nothing has begun: no link is made of the file, which may be uploaded
// again. Once it has begun it is *paylink.Conflict, and Cancel makes no more of it.
func (u *Uploads) Undo(ctx context.Context, by issue.Actor, id paylink.BulkID) (paylink.Bulk, error) {
	return u.change(ctx, by, id, paylink.BulkCancelling, nil, paylink.BulkScheduled)
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
		if read == to || to == paylink.BulkCreating && read == paylink.BulkScheduled {
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
		if to == paylink.BulkCreating && read != paylink.BulkPaused && b.Schedule.Start(now) {
			b.Status = paylink.BulkScheduled
		}
		tx.UpdateBulk(b, read, b.Run)
		if to != paylink.BulkPaused {
			job := u.job(b, now)
			if read == paylink.BulkScheduled {
				job.Key += "/now" // the upload's own waits for its time, and finds nothing to do
			}
			tx.Enqueue(job, now)
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
