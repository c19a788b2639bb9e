package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// peeked is how much of a text is looked at to find out how it is written.
const peeked = 4 << 10

// plain gives the text of a file in UTF-8 without a byte order mark, whichever of UTF-8 and UTF-16 it is
// written in. A UTF-16 file without a mark is known by its zero bytes.
func plain(r io.ReaderAt, size int64) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(io.NewSectionReader(r, 0, size), 64<<10)
	head, err := in.Peek(peeked)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the beginning of a text: %w", err)
	}
	var wide encoding.Encoding
	switch {
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		_, err = in.Discard(3)
		return in, err
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}) || zeros(head, 1):
		wide = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}) || zeros(head, 0):
		wide = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	default:
		return in, nil
	}
	return bufio.NewReaderSize(transform.NewReader(in, wide.NewDecoder()), 64<<10), nil
}

// zeros tells whether most of the bytes at odd or even places are zero, as in UTF-16 text of European
// letters and digits.
func zeros(head []byte, at int) bool {
	if len(head) < 4 {
		return false
	}
	n := 0
	for i := at; i < len(head); i += 2 {
		if head[i] == 0 {
			n++
		}
	}
	return n > len(head)/4
}
