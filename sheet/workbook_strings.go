package sheet

import (
	"errors"
	"fmt"
	"io"
)

const (
	// maxStrings bounds what a workbook's table of texts takes in memory, in bytes: a million rows of
	// four different texts of thirty letters.
	maxStrings   = 128 << 20
	stringsBlock = 1 << 20
)

// texts is a workbook's table of texts, which its cells point into. They stand one after another in
// blocks that never move, without an object for each: a million rows have several million.
type texts struct {
	blocks [][]byte
	ends   [][]uint32 // in the block, at most endsBlock in each list
	first  []int      // the number of the first text in each block
	count  int
	size   int
}

func (t *texts) add(text []byte) error {
	if t.size += len(text) + 8; t.size > maxStrings {
		return unreadable(0, "too_much_text", fmt.Sprintf("The workbook's texts take more than %d bytes. Send it as CSV.", maxStrings))
	}
	last := len(t.blocks) - 1
	if last < 0 || len(t.blocks[last])+len(text) > cap(t.blocks[last]) {
		t.blocks = append(t.blocks, make([]byte, 0, max(stringsBlock, len(text))))
		t.ends, t.first = append(t.ends, nil), append(t.first, t.count)
		last++
	}
	t.blocks[last] = append(t.blocks[last], text...)
	t.ends[last] = append(t.ends[last], uint32(len(t.blocks[last])))
	t.count++
	return nil
}

// at gives the nth text.
func (t *texts) at(n int) (string, bool) {
	if n < 0 || n >= t.count {
		return "", false
	}
	low, high := 0, len(t.first)
	for low+1 < high {
		if middle := (low + high) / 2; t.first[middle] <= n {
			low = middle
		} else {
			high = middle
		}
	}
	place, begin := n-t.first[low], uint32(0)
	if place > 0 {
		begin = t.ends[low][place-1]
	}
	return string(t.blocks[low][begin:t.ends[low][place]]), true
}

// readStrings reads the table of texts. A text in several styles is put together; how it is read aloud
// in Japanese is left out.
func (w *workbook) readStrings() error {
	name, err := w.partOf("sharedStrings")
	if err != nil || name == "" {
		return err
	}
	in, err := w.part(name)
	if err != nil {
		return err
	}
	x := newTags(in)
	var text []byte
	whole, phonetic := true, 0
	for {
		begins, err := x.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return broken(err)
		}
		name := x.name()
		if x.keep {
			text, whole = x.appendText(text)
		}
		x.keep = begins && name == "t" && phonetic == 0
		switch {
		case begins && name == "si":
			text = text[:0]
		case begins && name == "rPh":
			phonetic++
		case name == "rPh":
			phonetic--
		case !begins && name == "si":
			if err := w.strings.add(text); err != nil {
				return err
			}
		}
		if !whole || len(text) > maxText {
			return broken(errTextTooLong)
		}
	}
}
