package bulk

import (
	"context"

	"paylink"
)

// Slice makes the links of some rows as the job does, whoever else is at it: a worker that was taken for
// dead and is not.
func (u *Uploads) Slice(ctx context.Context, b paylink.Bulk) (more bool, err error) {
	_, more, err = u.create(ctx, b)
	return more, err
}
