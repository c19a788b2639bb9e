package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// tags goes through XML as programs write it into workbooks: tags and text, one after another. It is not
// encoding/xml, which makes several objects for each of the ten million tags of a large sheet.
// What it does not understand, such as a document type of its own, is a damaged workbook.
type tags struct {
	in    *bufio.Reader
	tag   []byte // of the last tag: its name and attributes
	text  []byte // before the last tag, as it is written; only while keep is set
	keep  bool
	close bool // the last tag ended itself, and its end is to be told
}

const (
	maxTag = 64 << 10
	// maxText bounds a text as it is written, where a letter may take six bytes.
	maxText = 6*MaxCell + 64
)

func newTags(in io.Reader) *tags { return &tags{in: bufio.NewReaderSize(in, 256<<10)} }

// next goes to the next tag and tells whether it begins or ends an element; io.EOF at the end.
func (x *tags) next() (begins bool, err error) {
	if x.close {
		x.close = false
		x.text = x.text[:0]
		return false, nil
	}
	x.text = x.text[:0]
	for {
		if err := x.until('<'); err != nil {
			return false, err
		}
		switch mark, err := x.in.Peek(2); {
		case err != nil:
			return false, io.ErrUnexpectedEOF
		case mark[0] == '?':
			if err := x.beyond("?>", false); err != nil {
				return false, err
			}
		case mark[0] == '!' && mark[1] == '-':
			if err := x.beyond("-->", false); err != nil {
				return false, err
			}
		case mark[0] == '!' && mark[1] == '[':
			if _, err := x.in.Discard(len("![CDATA[")); err != nil {
				return false, io.ErrUnexpectedEOF
			}
			if err := x.beyond("]]>", x.keep); err != nil {
				return false, err
			}
		case mark[0] == '!':
			return false, unreadable(0, "damaged_workbook", "The workbook has a part with a document type of its own.")
		default:
			return x.whole()
		}
	}
}

// until reads to a byte, and keeps what stands before it if that is asked for.
func (x *tags) until(end byte) error {
	for {
		part, err := x.in.ReadSlice(end)
		full := errors.Is(err, bufio.ErrBufferFull)
		if err != nil && !full {
			return err
		}
		if !full {
			part = part[:len(part)-1]
		}
		if x.keep {
			if x.text = append(x.text, part...); len(x.text) > maxText {
				return errTextTooLong
			}
		}
		if !full {
			return nil
		}
	}
}

var errTextTooLong = errors.New("a text of the workbook is too long")

// beyond reads until a word has gone by, and keeps what stands before it, escaped as other text is.
func (x *tags) beyond(word string, keep bool) error {
	var seen []byte
	for {
		b, err := x.in.ReadByte()
		if err != nil {
			return io.ErrUnexpectedEOF
		}
		if seen = append(seen, b); bytes.HasSuffix(seen, []byte(word)) {
			seen = seen[:len(seen)-len(word)]
			break
		}
		if keep && len(seen) > maxText {
			return errTextTooLong
		}
		if !keep && len(seen) > 2*len(word) {
			seen = seen[len(seen)-len(word):]
		}
	}
	if keep {
		x.text = append(x.text, bytes.ReplaceAll(seen, []byte("&"), []byte("&amp;"))...)
	}
	return nil
}

// whole reads a tag to its end, which no quoted > is.
func (x *tags) whole() (begins bool, err error) {
	x.tag = x.tag[:0]
	quote := byte(0)
	for {
		b, err := x.in.ReadByte()
		if err != nil {
			return false, io.ErrUnexpectedEOF
		}
		switch {
		case quote != 0:
			if b == quote {
				quote = 0
			}
		case b == '"' || b == '\'':
			quote = b
		case b == '>':
			return x.told(), nil
		}
		if x.tag = append(x.tag, b); len(x.tag) > maxTag {
			return false, errTextTooLong
		}
	}
}

func (x *tags) told() (begins bool) {
	if len(x.tag) > 0 && x.tag[0] == '/' {
		x.tag = x.tag[1:]
		return false
	}
	if n := len(x.tag); n > 0 && x.tag[n-1] == '/' {
		x.tag, x.close = x.tag[:n-1], true
	}
	return true
}

// name is the element's, without its prefix.
func (x *tags) name() string {
	end := bytes.IndexAny(x.tag, " \t\r\n")
	if end < 0 {
		end = len(x.tag)
	}
	name := x.tag[:end]
	if colon := bytes.IndexByte(name, ':'); colon >= 0 {
		name = name[colon+1:]
	}
	return string(name)
}

// attr is the value of an attribute; nil when the tag has it not. The values that are asked for are
// numbers and names of cells, which need no unescaping.
func (x *tags) attr(name string) []byte {
	rest := x.tag
	for {
		blank := bytes.IndexAny(rest, " \t\r\n")
		if blank < 0 {
			return nil
		}
		rest = bytes.TrimLeft(rest[blank:], " \t\r\n")
		equals := bytes.IndexByte(rest, '=')
		if equals < 0 || equals+2 > len(rest) {
			return nil
		}
		key := bytes.TrimRight(rest[:equals], " \t\r\n")
		value := bytes.TrimLeft(rest[equals+1:], " \t\r\n")
		if len(value) == 0 {
			return nil
		}
		end := bytes.IndexByte(value[1:], value[0])
		if end < 0 {
			return nil
		}
		if string(key) == name {
			return value[1 : end+1]
		}
		rest = value[end+1:]
	}
}

// appendText adds the text before the last tag, unescaped. false: it is no text.
func (x *tags) appendText(to []byte) ([]byte, bool) {
	rest := x.text
	for {
		amp := bytes.IndexByte(rest, '&')
		if amp < 0 {
			return append(to, rest...), true
		}
		to = append(to, rest[:amp]...)
		end := bytes.IndexByte(rest[amp:], ';')
		if end < 0 {
			return to, false
		}
		letter, ok := entity(string(rest[amp+1 : amp+end]))
		if !ok {
			return to, false
		}
		to, rest = utf8.AppendRune(to, letter), rest[amp+end+1:]
	}
}

// entity is the letter that stands between & and ;.
func entity(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	base, digits := 10, ""
	if len(name) > 1 && name[0] == '#' {
		digits = name[1:]
		if digits[0] == 'x' {
			base, digits = 16, digits[1:]
		}
	}
	n, err := strconv.ParseUint(digits, base, 32)
	return rune(n), err == nil && n > 0 && utf8.ValidRune(rune(n))
}
