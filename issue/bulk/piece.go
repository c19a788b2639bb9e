package bulk

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"

	"paylink"
)

// pieceRow is a good row as it waits for its link to be made.
type pieceRow struct {
	Number int      `json:"n"`
	Cells  []string `json:"c"`
	Phone  string   `json:"p,omitempty"` // as it was judged
}

// packed seals rows for their piece.
func (u *Uploads) packed(b paylink.Bulk, number int64, rows []pieceRow) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err == nil {
		err = json.NewEncoder(z).Encode(rows)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("pack piece %d of %s: %w", number, b.ID, err)
	}
	return u.Ring.Seal(sealed, out.Bytes(), pieceOf(b, number)), nil
}

func (u *Uploads) unpacked(b paylink.Bulk, number int64, box []byte) (rows []pieceRow, err error) {
	text, err := u.Ring.Unseal(sealed, box, pieceOf(b, number))
	if err == nil {
		var z io.Reader
		if z, err = gzip.NewReader(bytes.NewReader(text)); err == nil {
			err = json.NewDecoder(z).Decode(&rows)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open piece %d of %s: %w", number, b.ID, err)
	}
	return rows, nil
}

func pieceOf(b paylink.Bulk, number int64) []byte {
	return fmt.Appendf(nil, "%s/%d/piece/%d", b.ID, b.Run, number)
}

func rowOf(b paylink.Bulk, number int64) string { return fmt.Sprintf("%s/row/%d", b.ID, number) }
