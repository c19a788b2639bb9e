package bulk

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"paylink"
	"paylink/sheet"
	"paylink/store"
)

// partSize is how many bytes of a file stand in one sealed part.
const partSize = 256 << 10

// keepFile stores a file as it comes, and gives its size and its hash.
func (u *Uploads) keepFile(ctx context.Context, b paylink.Bulk, in io.Reader) (size int64, digest []byte, err error) {
	hash := sha256.New()
	buffer := make([]byte, partSize)
	for number := int64(0); ; number++ {
		n, err := io.ReadFull(in, buffer)
		ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !ended {
			return 0, nil, err
		}
		if size += int64(n); size > sheet.MaxBytes {
			return 0, nil, tooLarge()
		}
		if n > 0 {
			hash.Write(buffer[:n])
			box := u.Ring.Seal(sealed, buffer[:n], partOf(b, number))
			err := u.Store.Write(ctx, func(tx *store.Tx) error {
				tx.InsertBulkPart(b, number, box)
				return nil
			})
			if err != nil {
				return 0, nil, fmt.Errorf("keep part %d of %s: %w", number, b.ID, err)
			}
		}
		if ended {
			return size, hash.Sum(nil), nil
		}
	}
}

func tooLarge() error {
	bad := &paylink.Invalid{}
	bad.Add("/file", "file_too_large", fmt.Sprintf("The file has more than %d bytes.", sheet.MaxBytes))
	return bad
}

func partOf(b paylink.Bulk, number int64) []byte {
	return fmt.Appendf(nil, "%s/part/%d", b.ID, number)
}

// kept reads a stored file from where it lies, so that no copy of it stands anywhere in the clear.
type kept struct {
	ctx    context.Context
	from   *Uploads
	bulk   paylink.Bulk
	number int64 // of the part at hand; -1: none
	part   []byte
	end    int64 // number of a part that is at hand as well: the directory of a workbook stands at its end
	last   []byte
}

func (u *Uploads) file(ctx context.Context, b paylink.Bulk) *kept {
	return &kept{ctx: ctx, from: u, bulk: b, number: -1, end: -1}
}

// ReadAt gives bytes of the file. It is for one goroutine.
func (k *kept) ReadAt(p []byte, at int64) (n int, err error) {
	for n < len(p) && at < k.bulk.Size {
		part, err := k.open(at / partSize)
		if err != nil {
			return n, err
		}
		got := copy(p[n:], part[min(at%partSize, int64(len(part))):])
		if got == 0 {
			return n, fmt.Errorf("part %d of %s is shorter than the others: %w", at/partSize, k.bulk.ID, io.ErrUnexpectedEOF)
		}
		n, at = n+got, at+int64(got)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (k *kept) open(number int64) ([]byte, error) {
	switch number {
	case k.number:
		return k.part, nil
	case k.end:
		return k.last, nil
	}
	box, err := k.from.Store.Read(k.ctx).BulkPart(k.bulk, number)
	if err != nil {
		return nil, err
	}
	part, err := k.from.Ring.Unseal(sealed, box, partOf(k.bulk, number))
	if err != nil {
		return nil, fmt.Errorf("open part %d of %s: %w", number, k.bulk.ID, err)
	}
	if number == (k.bulk.Size-1)/partSize {
		k.end, k.last = number, part
		return part, nil
	}
	k.number, k.part = number, part
	return part, nil
}
