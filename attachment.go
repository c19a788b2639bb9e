package paylink

import (
	"fmt"
	"time"
)

// Limits of what links hand over.
const (
	MaxAttachments     = 3       // of one link
	MaxAttachmentBytes = 5 << 20 // of one file, as it comes
	MaxAttachmentName  = 100     // characters

	// AttachmentPart is how many bytes stand in one row. A file and its row fit into one transaction of the
	// store, with an Idempotency-Key too, also when cleaning made it somewhat larger.
	AttachmentPart     = 160 << 10
	MaxAttachmentParts = 47
)

// Attachment is a file that a merchant's links hand over on their pages: a PDF or a picture.
type Attachment struct {
	ID        AttachmentID
	Merchant  MerchantID
	Live      bool
	Name      string // as customers see it; sealed at rest
	Type      string // application/pdf, image/png or image/jpeg, as its bytes say
	Size      int64  // bytes, as it is handed over
	Parts     int64
	Digest    []byte // of name and bytes as they came: the same file is kept once
	Uses      int64  // links that were made with it; it can be deleted while there are none
	CreatedAt time.Time
	CreatedBy string

	SealedName []byte
}

// AttachmentPurpose names the key that attachments are sealed with.
const AttachmentPurpose = "attachment"

// PartBound is what a part is bound to at rest: its file and its place. The name's place is -1.
func (a Attachment) PartBound(number int64) []byte { return fmt.Appendf(nil, "%s/%d", a.ID, number) }

// Unseal opens a part, or with the number -1 the name. unseal is a key ring's.
func (a Attachment) Unseal(unseal func(purpose string, sealed, bound []byte) ([]byte, error), number int64, sealed []byte) ([]byte, error) {
	text, err := unseal(AttachmentPurpose, sealed, a.PartBound(number))
	if err != nil {
		return nil, fmt.Errorf("open part %d of %s: %w", number, a.ID, err)
	}
	return text, nil
}
