package issue

import (
	"context"
	"fmt"
	"slices"

	"paylink"
)

func (j *judgement) attachments(ids []paylink.AttachmentID) {
	const at = "/attachments"
	if len(ids) > paylink.MaxAttachments {
		j.bad.Add(at, "too_many", fmt.Sprintf("A link hands over at most %d files.", paylink.MaxAttachments))
		return
	}
	for i, id := range ids {
		pointer := fmt.Sprintf("%s/%d", at, i)
		if !paylink.HasTag(string(id), "att") {
			j.bad.Add(pointer, "unknown_value", "You have no such attachment.")
		} else if slices.Contains(ids[:i], id) {
			j.bad.Add(pointer, "duplicate_value", "This is in the list already.")
		}
	}
}

// attached tells whether the merchant has the files that a link names; invalid is *paylink.Invalid or nil.
// A link that names none costs no look.
func (x *Issuer) attached(ctx context.Context, l paylink.Link) (invalid, err error) {
	wrong := &paylink.Invalid{}
	for i, id := range l.Terms.Attachments {
		_, err := x.store.Read(ctx).Attachment(l.Merchant, l.Live, id)
		if paylink.IsNotFound(err) {
			wrong.Add(fmt.Sprintf("/attachments/%d", i), "unknown_value", "You have no such attachment.")
		} else if err != nil {
			return nil, err
		}
	}
	return wrong.OrNil(), nil
}
