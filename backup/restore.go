package backup

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"time"

	"paylink/store"
)

// longest bounds a line: a row with its largest columns is far below it, and a file that is no archive
// must not fill the memory.
const longest = 64 << 20

// Restore fills the empty database s with the archive in r and brings it up to this build's version.
func Restore(ctx context.Context, s *store.Store, r io.Reader, now time.Time) (Summary, error) {
	sum, err := RestoreAsItWas(ctx, s, r, now)
	if err != nil {
		return Summary{}, err
	}
	if err := s.Migrate(ctx, now); err != nil {
		return Summary{}, fmt.Errorf("bring the restored database up to this version: %w", err)
	}
	return sum, nil
}

// RestoreAsItWas fills the empty database s with the archive in r and leaves it at the archive's version,
// as one goes back to an older program. It reports success only after the archive's checksum and the
// numbers of rows have proved true; after an error the database is empty again.
func RestoreAsItWas(ctx context.Context, s *store.Store, r io.Reader, now time.Time) (Summary, error) {
	counted := &countingReader{from: r}
	zip, err := gzip.NewReader(bufio.NewReaderSize(counted, 1<<16))
	if err != nil {
		return Summary{}, fmt.Errorf("read the archive: it is no paylink backup: %w", err)
	}
	in := &reader{from: bufio.NewReaderSize(zip, 1<<16), sum: sha256.New()}
	text, err := in.next()
	if err != nil {
		return Summary{}, fmt.Errorf("read the archive: %w", err)
	}
	var head header
	if err := json.Unmarshal(text, &head); err != nil || head.Format != Format || len(head.Steps) == 0 {
		return Summary{}, fmt.Errorf("read the archive: it is no %s, or a newer paylink's", Format)
	}
	sum := Summary{CreatedAt: head.CreatedAt, Kind: head.Kind, Step: head.Steps[len(head.Steps)-1], Keys: map[string]string{}}
	err = s.Restore(ctx, head.Steps, now, func(to *store.Loader) (map[string]int64, error) {
		return in.load(to, &sum)
	})
	if err != nil {
		return Summary{}, fmt.Errorf("restore: %w", err)
	}
	sum.Bytes = counted.bytes
	return sum, nil
}

// load hands the rows over and gives their numbers, once the archive has proved whole.
func (in *reader) load(to *store.Loader, sum *Summary) (map[string]int64, error) {
	var table store.Table
	var batch [][]any
	put := func() error {
		if len(batch) == 0 {
			return nil
		}
		sum.Rows += int64(len(batch))
		err := to.Put(table, batch)
		batch = batch[:0]
		return err
	}
	for {
		text, err := in.next()
		if errors.Is(err, io.EOF) {
			err = errCut
		}
		if err != nil {
			return nil, err
		}
		l, cells, err := readLine(text)
		switch {
		case err != nil:
			return nil, fmt.Errorf("line %d of the archive: %w", in.lines, err)
		case cells != nil:
			row, err := rowOf(table, cells)
			if err != nil {
				return nil, fmt.Errorf("line %d of the archive: %w", in.lines, err)
			}
			sum.noteKey(table, row)
			if batch = append(batch, row); len(batch) >= to.Most(table) {
				err = put()
			}
			if err != nil {
				return nil, err
			}
		case l.End:
			if err := put(); err != nil {
				return nil, err
			}
			return l.Rows, in.whole(l.SHA256)
		default:
			if err := put(); err != nil {
				return nil, err
			}
			if table = l.Table; table.Name == "" || len(table.Columns) != len(table.Types) {
				return nil, fmt.Errorf("line %d of the archive is neither a table nor a row", in.lines)
			}
			if err := to.Check(table); err != nil {
				return nil, err
			}
		}
	}
}

// whole compares the sums and wants nothing after the end.
func (in *reader) whole(want string) error {
	if hex.EncodeToString(in.sum.Sum(nil)) != want {
		return errors.New("the archive is damaged: its checksum does not fit its content")
	}
	// Reading to the very end also lets gzip check its own sum.
	_, err := in.next()
	if errors.Is(err, io.EOF) {
		return nil
	}
	return cmp.Or(err, errors.New("the archive is damaged: something follows its end"))
}

// rowOf gives the values of a row by the types of its table.
func rowOf(t store.Table, cells []json.RawMessage) ([]any, error) {
	if t.Name == "" || len(cells) != len(t.Columns) {
		return nil, fmt.Errorf("a row of %q has %d values, not %d", t.Name, len(cells), len(t.Columns))
	}
	row := make([]any, len(cells))
	for i, cell := range cells {
		if bytes.Equal(cell, []byte("null")) {
			continue
		}
		var err error
		if row[i], err = valueOf(t.Types[i], cell); err != nil {
			return nil, fmt.Errorf("%s.%s is no %s", t.Name, t.Columns[i], t.Types[i])
		}
	}
	return row, nil
}

func valueOf(kind string, cell []byte) (any, error) {
	if kind == "integer" {
		return strconv.ParseInt(string(cell), 10, 64)
	}
	var text string
	if err := json.Unmarshal(cell, &text); err != nil {
		return nil, err
	}
	if kind == "blob" {
		b, err := base64.StdEncoding.DecodeString(text)
		if b == nil {
			b = []byte{} // no bytes are still a blob, and not NULL
		}
		return b, err
	}
	return text, nil
}

// reader reads lines. Its sum is of all lines before the latest one.
type reader struct {
	from  *bufio.Reader
	sum   hash.Hash
	text  []byte // of the latest line
	lines int64
}

// next gives the next line without its end, good until the next call, or io.EOF after the last.
func (in *reader) next() ([]byte, error) {
	in.sum.Write(in.text)
	in.text = in.text[:0]
	for {
		part, err := in.from.ReadSlice('\n')
		in.text = append(in.text, part...)
		switch {
		case err == nil:
			in.lines++
			return in.text[:len(in.text)-1], nil
		case errors.Is(err, bufio.ErrBufferFull) && len(in.text) < longest:
			continue
		case errors.Is(err, bufio.ErrBufferFull):
			return nil, fmt.Errorf("line %d of the archive is too long", in.lines+1)
		case err == io.EOF && len(in.text) == 0:
			return nil, io.EOF
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil, errCut
		}
		return nil, fmt.Errorf("the archive is damaged: %w", err)
	}
}

// countingReader counts what passes.
type countingReader struct {
	from  io.Reader
	bytes int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.bytes += int64(n)
	return n, err
}
