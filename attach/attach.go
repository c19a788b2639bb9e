// Package attach takes the files that payment links hand over on their pages: it judges what a file is by
// its bytes, cleans pictures, seals everything and keeps it. It is for the API; that a link names a file is
// for issue to say, and handing it over is checkout's.
package attach

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"time"

	"paylink"
	"paylink/keyring"
	"paylink/store"
)

// Deps is what Files works with.
type Deps struct {
	Store *store.Store
	Ring  *keyring.Ring
	Most  int64 // bytes of all files of one merchant; 0: 512 MB
	Now   func() time.Time
}

// Files keeps attachments. Its methods may be called from many goroutines.
type Files struct {
	Deps
	cleaning chan struct{} // pictures are opened one at a time: each takes up to 64 MB
}

// New makes a Files.
func New(d Deps) *Files {
	if d.Most == 0 {
		d.Most = 512 << 20
	}
	return &Files{Deps: d, cleaning: make(chan struct{}, 1)}
}

// Upload is a file as it comes.
type Upload struct {
	Merchant paylink.MerchantID
	Live     bool
	By       string // key_… or usr_…
	Name     string
	Body     io.Reader
	Claim    *store.Claim // of the Idempotency-Key, whose Request Keep fills in; nil: none
}

// Keep stores a file, or gives the one that was made of the same bytes under the same name. What cannot be
// kept gives *paylink.Invalid with the pointer /file or /name, and a merchant without room
// *paylink.Conflict "attachments_full". What an Idempotency-Key kept is *paylink.Conflict "attachment_gone" once it
// is deleted.
func (f *Files) Keep(ctx context.Context, u Upload) (a paylink.Attachment, repeated bool, err error) {
	raw, err := io.ReadAll(io.LimitReader(u.Body, paylink.MaxAttachmentBytes+1))
	if err != nil {
		return a, false, err
	}
	digest := sha256.Sum256(append([]byte(u.Name+"\x00"), raw...))
	if u.Claim != nil {
		u.Claim.Request = digest
	}
	kind, invalid := judge(u.Name, raw)
	if invalid != nil {
		return f.refuse(ctx, u, invalid)
	}
	known, err := f.Store.Read(ctx).AttachmentByDigest(u.Merchant, u.Live, digest[:])
	switch {
	case err == nil && u.Claim == nil:
		return f.named(known, true)
	case err == nil:
		if a, repeated, err = f.write(ctx, known, nil, u.Claim); !errors.Is(err, errDeleted) {
			return a, repeated, err
		}
	case !paylink.IsNotFound(err):
		return a, false, err
	}
	clean, kept, err := f.clean(ctx, kind, raw)
	if err != nil {
		return f.refuse(ctx, u, err)
	}
	now := f.now()
	a = paylink.Attachment{
		ID: paylink.NewAttachmentID(now), Merchant: u.Merchant, Live: u.Live, Name: keptName(u.Name, kind, kept), Type: kept, Size: int64(len(clean)),
		Digest: digest[:], CreatedAt: now, CreatedBy: u.By,
	}
	parts := f.seal(&a, clean)
	return f.write(ctx, a, parts, u.Claim)
}

func (f *Files) now() time.Time { return f.Now().UTC().Truncate(time.Microsecond) }

// seal cuts a file into parts and seals each, and its name.
func (f *Files) seal(a *paylink.Attachment, clean []byte) (parts [][]byte) {
	a.SealedName = f.Ring.Seal(paylink.AttachmentPurpose, []byte(a.Name), a.PartBound(-1))
	for len(clean) > 0 {
		n := min(len(clean), paylink.AttachmentPart)
		parts = append(parts, f.Ring.Seal(paylink.AttachmentPurpose, clean[:n], a.PartBound(int64(len(parts)))))
		clean = clean[n:]
	}
	a.Parts = int64(len(parts))
	return parts
}

// Get reads what an attachment is.
func (f *Files) Get(ctx context.Context, merchant paylink.MerchantID, live bool, id paylink.AttachmentID) (paylink.Attachment, error) {
	a, err := f.Store.Read(ctx).Attachment(merchant, live, id)
	if err != nil {
		return a, err
	}
	a, _, err = f.named(a, false)
	return a, err
}

// List gives attachments, newest first, below the cursor.
func (f *Files) List(ctx context.Context, merchant paylink.MerchantID, live bool, before paylink.AttachmentID, limit int) ([]paylink.Attachment, error) {
	all, err := f.Store.Read(ctx).Attachments(merchant, live, before, limit)
	for i := range all {
		if err == nil {
			all[i], _, err = f.named(all[i], false)
		}
	}
	return all, err
}

// Delete deletes a file that no link was made with; otherwise *paylink.Conflict "attachment_in_use".
func (f *Files) Delete(ctx context.Context, merchant paylink.MerchantID, live bool, id paylink.AttachmentID) error {
	return f.Store.Write(ctx, func(tx *store.Tx) error {
		a, err := tx.Attachment(merchant, live, id)
		if err != nil {
			return err
		}
		return tx.DeleteAttachment(a)
	})
}

func (f *Files) named(a paylink.Attachment, repeated bool) (paylink.Attachment, bool, error) {
	name, err := a.Unseal(f.Ring.Unseal, -1, a.SealedName)
	a.Name = string(name)
	return a, repeated, err
}
