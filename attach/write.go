package attach

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"paylink"
	"paylink/store"
)

// errDeleted tells that a file that was there has been deleted in the meantime.
var errDeleted = errors.New("the attachment was deleted in the meantime")

// write stores the file unless the same one came in the meantime, or there is no room. The merchant's row is
// held, so that many uploads at once fill the room and not more. Without parts it only finds the same one
// again, or fails with errDeleted.
func (f *Files) write(ctx context.Context, a paylink.Attachment, parts [][]byte, claim *store.Claim) (kept paylink.Attachment, repeated bool, err error) {
	out, replayed, err := f.Store.WriteOnce(ctx, claim, f.now(), func(tx *store.Tx) (store.Outcome, error) {
		kept, repeated = a, false
		if _, err := tx.MerchantToChange(a.Merchant); err != nil {
			return store.Outcome{}, err
		}
		known, err := tx.AttachmentByDigest(a.Merchant, a.Live, a.Digest)
		if err == nil {
			kept, repeated = known, true
			return outcome(kept, 200), nil
		}
		if !paylink.IsNotFound(err) {
			return store.Outcome{}, err
		}
		if parts == nil {
			return store.Outcome{}, errDeleted
		}
		held, err := tx.AttachedBytes(a.Merchant)
		if err != nil {
			return store.Outcome{}, err
		}
		if held+a.Size > f.Most {
			return store.Outcome{}, &paylink.Conflict{Code: "attachments_full", Detail: fmt.Sprintf("All your attachments together may have %d bytes. Delete some that no link uses.", f.Most)}
		}
		tx.InsertAttachment(a, parts)
		return outcome(a, 201), nil
	})
	if err == nil && replayed {
		kept, err = f.replay(ctx, a, out)
		repeated = out.Status == 200
	}
	if err != nil {
		return paylink.Attachment{}, false, err
	}
	return f.named(kept, repeated)
}

// outcome keeps how many links used the file when it was answered: all else about it stays as it is, so
// that a replay is the first answer.
func outcome(a paylink.Attachment, status int) store.Outcome {
	return store.Outcome{Status: status, Object: fmt.Sprintf("%s %d", a.ID, a.Uses)}
}

func (f *Files) replay(ctx context.Context, of paylink.Attachment, out store.Outcome) (paylink.Attachment, error) {
	id, uses, _ := strings.Cut(out.Object, " ")
	a, err := f.Store.Read(ctx).Attachment(of.Merchant, of.Live, paylink.AttachmentID(id))
	if paylink.IsNotFound(err) {
		return a, &paylink.Conflict{Code: "attachment_gone", Detail: "The attachment was deleted in the meantime.", Other: id}
	}
	if err == nil {
		a.Uses, err = strconv.ParseInt(uses, 10, 64)
	}
	return a, err
}

// refuse gives what is wrong with a file, unless its Idempotency-Key was used for another one.
func (f *Files) refuse(ctx context.Context, u Upload, wrong error) (paylink.Attachment, bool, error) {
	if u.Claim == nil {
		return paylink.Attachment{}, false, wrong
	}
	_, _, err := f.Store.WriteOnce(ctx, u.Claim, f.now(), func(tx *store.Tx) (store.Outcome, error) {
		// The look makes the store say first whether the claim was used.
		if _, err := tx.Merchant(u.Merchant); err != nil {
			return store.Outcome{}, err
		}
		return store.Outcome{}, wrong
	})
	return paylink.Attachment{}, false, err
}
