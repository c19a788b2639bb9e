package sheet

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// mostMerged bounds the merged cells that are looked at: a table for machines has none.
const mostMerged = 1000

// merge is a stretch of merged cells: columns from 0, rows from 1, both ends included.
type merge struct{ left, top, right, bottom int }

// merges reads which cells of a sheet are merged. They stand behind all its rows, so the part is gone
// through once for them alone, without looking at anything else.
func (w *workbook) merges(name string) ([]merge, error) {
	in, err := w.part(name)
	if err != nil {
		return nil, err
	}
	text := bufio.NewReaderSize(in, 256<<10)
	var found []merge
	for {
		if err := skipBeyond(text, "mergeCell "); errors.Is(err, io.EOF) {
			return found, nil
		} else if err != nil {
			return nil, broken(err)
		}
		if err := skipBeyond(text, `ref=`); err != nil {
			return nil, broken(err)
		}
		ref, err := text.Peek(64)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, broken(err)
		}
		if len(found) == mostMerged {
			return nil, unreadable(0, "too_many_merged", fmt.Sprintf("The sheet has more than %d merged cells. Unmerge them and fill each.", mostMerged))
		}
		if m, ok := mergeOf(string(ref)); ok {
			found = append(found, m)
		}
	}
}

// mergeOf reads a stretch in quotes, such as "A2:B3".
func mergeOf(quoted string) (merge, bool) {
	if len(quoted) < 2 {
		return merge{}, false
	}
	ref, _, closed := strings.Cut(quoted[1:], quoted[:1])
	from, to, stretch := strings.Cut(ref, ":")
	if !closed || !stretch {
		return merge{}, false
	}
	left, top := place(from)
	right, bottom := place(to)
	return merge{left, top, right, bottom}, left >= 0 && right >= left && bottom >= top
}

// skipBeyond reads until a word has gone by. The word has its first letter once.
func skipBeyond(in *bufio.Reader, word string) error {
	for {
		if _, err := in.ReadSlice(word[0]); errors.Is(err, bufio.ErrBufferFull) {
			continue
		} else if err != nil {
			return err
		}
		rest, err := in.Peek(len(word) - 1)
		if err != nil {
			return err
		}
		if string(rest) == word[1:] {
			_, err := in.Discard(len(rest))
			return err
		}
	}
}
