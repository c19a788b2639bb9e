// Package attach takes the files that payment links hand over on their pages: it judges what a file is by
// its bytes, cleans pictures, seals everything and keeps it. It is for the API; that a link names a file is
// for issue to say, and handing it over is checkout's.
package attach

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

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
}

// Keep stores a file, or gives the one that was made of the same bytes under the same name. What cannot be
// kept gives *paylink.Invalid with the pointer /file or /name, and a merchant without room
// *paylink.Conflict "attachments_full".
func (f *Files) Keep(ctx context.Context, u Upload) (a paylink.Attachment, repeated bool, err error) {
	if err := judgeName(u.Name); err != nil {
		return a, false, err
	}
	raw, err := io.ReadAll(io.LimitReader(u.Body, paylink.MaxAttachmentBytes+1))
	if err != nil {
		return a, false, err
	}
	kind, err := kindOf(raw)
	if err != nil {
		return a, false, err
	}
	now := f.Now().UTC().Truncate(time.Microsecond)
	digest := sha256.Sum256(append([]byte(u.Name+"\x00"), raw...))
	if known, err := f.Store.Read(ctx).AttachmentByDigest(u.Merchant, u.Live, digest[:]); err == nil {
		return f.named(known, true)
	} else if !paylink.IsNotFound(err) {
		return a, false, err
	}
	clean, err := f.clean(ctx, kind, raw)
	if err != nil {
		return a, false, err
	}
	a = paylink.Attachment{
		ID: paylink.NewAttachmentID(now), Merchant: u.Merchant, Live: u.Live, Name: u.Name, Type: kind, Size: int64(len(clean)), Digest: digest[:],
		CreatedAt: now, CreatedBy: u.By,
	}
	parts := f.seal(&a, clean)
	return f.write(ctx, a, parts)
}

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

// write stores the file unless the same one came in the meantime, or there is no room. The merchant's row is
// held, so that many uploads at once fill the room and not more.
func (f *Files) write(ctx context.Context, a paylink.Attachment, parts [][]byte) (kept paylink.Attachment, repeated bool, err error) {
	err = f.Store.Write(ctx, func(tx *store.Tx) error {
		kept, repeated = a, false
		if _, err := tx.MerchantToChange(a.Merchant); err != nil {
			return err
		}
		known, err := tx.AttachmentByDigest(a.Merchant, a.Live, a.Digest)
		if err == nil {
			kept, repeated = known, true
			return nil
		}
		if !paylink.IsNotFound(err) {
			return err
		}
		held, err := tx.AttachedBytes(a.Merchant)
		if err != nil {
			return err
		}
		if held+a.Size > f.Most {
			return &paylink.Conflict{Code: "attachments_full", Detail: fmt.Sprintf("All your attachments together may have %d bytes. Delete some that no link uses.", f.Most)}
		}
		tx.InsertAttachment(a, parts)
		return nil
	})
	if err != nil {
		return paylink.Attachment{}, false, err
	}
	return f.named(kept, repeated)
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

func judgeName(name string) error {
	wrong := &paylink.Invalid{}
	odd := func(r rune) bool {
		return !unicode.IsPrint(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || strings.ContainsRune(`/\:*?"<>|`, r)
	}
	switch {
	case name == "":
		wrong.Add("/name", "required", "The file needs a name.")
	case utf8.RuneCountInString(name) > paylink.MaxAttachmentName:
		wrong.Add("/name", "too_long", fmt.Sprintf("The name must have at most %d characters.", paylink.MaxAttachmentName))
	case !utf8.ValidString(name) || strings.ContainsFunc(name, odd) || strings.HasPrefix(name, "."):
		wrong.Add("/name", "bad_characters", `The name must be without control characters and without any of / \ : * ? " < > |, and not begin with a point.`)
	}
	return wrong.OrNil()
}

// kindOf tells what a file is by its first bytes, whatever it is called.
func kindOf(raw []byte) (string, error) {
	wrong := &paylink.Invalid{}
	kind := http.DetectContentType(raw)
	switch {
	case len(raw) > paylink.MaxAttachmentBytes:
		wrong.Add("/file", "file_too_large", fmt.Sprintf("The file has more than %d bytes.", paylink.MaxAttachmentBytes))
	case len(raw) == 0:
		wrong.Add("/file", "required", "The file is empty.")
	case kind != "application/pdf" && kind != "image/png" && kind != "image/jpeg":
		wrong.Add("/file", "unknown_type", "The file must be a PDF, PNG or JPEG; what it is called does not matter.")
	}
	return kind, wrong.OrNil()
}

var errUnreadable = errors.New("the file cannot be read as what it begins as")
