package bulk

import (
	"context"

	"paylink"
)

// Sample is the link of an upload's first good row as it would be made now, with its customer, who may be
// nil; it is made nowhere. *paylink.NotFound: there is none, or it could not be made any more.
func (u *Uploads) Sample(ctx context.Context, b paylink.Bulk) (paylink.Link, *paylink.Customer, error) {
	none := &paylink.NotFound{Kind: "bulk_row"}
	pieces, err := u.Store.Read(ctx).OpenBulkPieces(b, 1)
	if err != nil {
		return paylink.Link{}, nil, err
	}
	if len(pieces) == 0 {
		return paylink.Link{}, nil, none
	}
	h, err := u.head(b)
	if err != nil {
		return paylink.Link{}, nil, err
	}
	by, err := u.actor(ctx, b)
	if err != nil {
		return paylink.Link{}, nil, err
	}
	rows, err := u.unpacked(b, pieces[0].Number, pieces[0].Body)
	if err != nil || len(rows) == 0 {
		return paylink.Link{}, nil, err
	}
	r := newReading(by, h, u.Issuer)
	draft, _ := r.draft(rows[0].Cells)
	made, err := u.Issuer.Prepare(ctx, by, draft)
	if err != nil {
		if _, internal := r.told(err); internal != nil {
			return paylink.Link{}, nil, internal
		}
		return paylink.Link{}, nil, none
	}
	return made.Link, made.Customer, nil
}
