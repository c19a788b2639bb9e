package backup

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"time"
	"unicode/utf8"

	"paylink/store"
)

// Write writes everything in d to w. now becomes the archive's date.
func Write(ctx context.Context, d *store.Dump, w io.Writer, now time.Time) (Summary, error) {
	sum := Summary{CreatedAt: now.UTC(), Kind: d.Kind, Step: d.Steps[len(d.Steps)-1], Keys: map[string]string{}}
	counted := &counter{to: w}
	zip := gzip.NewWriter(counted)
	out := &writer{to: bufio.NewWriterSize(zip, 1<<16), sum: sha256.New()}
	out.line(header{Format: Format, CreatedAt: sum.CreatedAt, Kind: d.Kind, Steps: d.Steps})
	end := trailer{End: true, Rows: map[string]int64{}}
	for _, t := range d.Tables {
		out.line(t)
		end.Rows[t.Name] = 0
		err := d.Each(ctx, t, func(row []any) error {
			if err := readable(t, row); err != nil {
				return err
			}
			sum.noteKey(t, row)
			end.Rows[t.Name]++
			sum.Rows++
			out.line(row)
			return out.err
		})
		if err != nil {
			return Summary{}, err
		}
	}
	end.SHA256 = hex.EncodeToString(out.sum.Sum(nil))
	out.line(end)
	if out.err == nil {
		out.err = out.to.Flush()
	}
	if out.err == nil {
		out.err = zip.Close()
	}
	if out.err != nil {
		return Summary{}, fmt.Errorf("write the archive: %w", out.err)
	}
	sum.Bytes = counted.bytes
	return sum, nil
}

// readable refuses a text that JSON would change: what was not written as it stands is lost.
func readable(t store.Table, row []any) error {
	for i, v := range row {
		if s, ok := v.(string); ok && !utf8.ValidString(s) {
			return fmt.Errorf("column %s.%s holds a text that is not UTF-8", t.Name, t.Columns[i])
		}
	}
	return nil
}

// writer writes lines and keeps their sum. After its first error it writes nothing more.
type writer struct {
	to  *bufio.Writer
	sum hash.Hash
	buf bytes.Buffer
	err error
}

func (w *writer) line(v any) {
	if w.err != nil {
		return
	}
	w.buf.Reset()
	e := json.NewEncoder(&w.buf) // which writes []byte as base64, and every digit of an integer
	e.SetEscapeHTML(false)
	if w.err = e.Encode(v); w.err == nil {
		w.sum.Write(w.buf.Bytes())
		_, w.err = w.to.Write(w.buf.Bytes())
	}
}

// counter counts what passes.
type counter struct {
	to    io.Writer
	bytes int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.bytes += int64(n)
	return n, err
}
