// Package gsm is how a text becomes text messages: in which of two alphabets, how many of them, and
// which octets each one carries.
//
// It is for whoever shows what a text will cost, shortens it, or hands it to an operator as octets. What
// to write and whom to send it to is for others, and so is what a message costs.
package gsm

import (
	"fmt"
	"unicode/utf16"
)

// Encoding is the alphabet in which a whole text is sent: one character outside GSM-7 makes all of it
// UCS-2, which leaves less than half of the room.
type Encoding string

const (
	GSM7 Encoding = "gsm7" // 3GPP TS 23.038, default alphabet with its extension table
	UCS2 Encoding = "ucs2" // UTF-16; what phones have made of UCS-2
)

// Size is what a text takes as text messages.
type Size struct {
	Encoding Encoding
	Segments int // messages that are charged; 1 for an empty text
	Units    int // places of the alphabet that the text takes: a € two in GSM-7, an emoji two in UCS-2
	Room     int // places that are left in the last segment
}

// MaxSegments is how many segments one text can have: their header counts them in one octet.
const MaxSegments = 255

// limit is the room of a message that stands alone, and of one of several, whose header takes seven
// septets or three UTF-16 units away.
func (e Encoding) limit(alone bool) int {
	switch {
	case e == GSM7 && alone:
		return 160
	case e == GSM7:
		return 153
	case alone:
		return 70
	}
	return 67
}

// Of tells the alphabet of a text.
func Of(text string) Encoding {
	for _, r := range text {
		if width(r) == 0 {
			return UCS2
		}
	}
	return GSM7
}

// units is how many places a character takes.
func (e Encoding) units(r rune) int {
	if e == GSM7 {
		return width(r)
	}
	if r > 0xffff {
		return 2
	}
	return 1
}

// Count tells what a text takes. Bytes that are not UTF-8 count as U+FFFD, as which they are sent.
func Count(text string) Size {
	e := Of(text)
	size := Size{Encoding: e, Segments: 1}
	for _, r := range text {
		size.Units += e.units(r)
	}
	if size.Room = e.limit(true) - size.Units; size.Room >= 0 {
		return size
	}
	room := e.limit(false)
	size.Room = room
	for _, r := range text {
		n := e.units(r)
		if n > size.Room { // its two halves must not part
			size.Segments, size.Room = size.Segments+1, room
		}
		size.Room -= n
	}
	return size
}

// Split parts a text into those of its segments. Put together they are the text. An empty text is one
// empty segment.
func Split(text string) []string {
	e := Of(text)
	units := 0
	for _, r := range text {
		units += e.units(r)
	}
	if units <= e.limit(true) {
		return []string{text}
	}
	var parts []string
	from, left := 0, e.limit(false)
	for at, r := range text {
		n := e.units(r)
		if n > left {
			parts = append(parts, text[from:at])
			from, left = at, e.limit(false)
		}
		left -= n
	}
	return append(parts, text[from:])
}

// Segments encodes a text as the octets of its messages. Of several, each begins with the user data
// header that joins them on the phone again: reference tells texts to one phone apart. More than
// MaxSegments are an error.
func Segments(text string, reference byte) (Encoding, [][]byte, error) {
	e, parts := Of(text), Split(text)
	if len(parts) > MaxSegments {
		return e, nil, fmt.Errorf("encode a text message: %d segments, at most %d can be joined", len(parts), MaxSegments)
	}
	segments := make([][]byte, len(parts))
	for i, part := range parts {
		if len(parts) > 1 {
			// 3GPP TS 23.040, 9.2.3.24.1: header length, element 0 of 3 octets, reference, total, place.
			segments[i] = append(segments[i], 5, 0, 3, reference, byte(len(parts)), byte(i+1))
		}
		segments[i] = append(segments[i], Encode(e, part)...)
	}
	return e, segments, nil
}

// Encode gives the octets of a text: for GSM-7 one septet in each, as SMPP carries them, for UCS-2 units
// in big-endian order. What GSM-7 lacks becomes a question mark.
func Encode(e Encoding, text string) []byte {
	var out []byte
	for _, r := range text {
		switch {
		case e == UCS2:
			for _, unit := range utf16.AppendRune(nil, r) {
				out = append(out, byte(unit>>8), byte(unit))
			}
		case width(r) == 0:
			out = append(out, '?')
		case width(r) == 2:
			out = append(out, escape, byte(septets[r]))
		default:
			out = append(out, byte(septets[r]))
		}
	}
	return out
}

// Decode reads the octets of a text, without a header. A phone that meets an unknown character shows
// something all the same: so does this, U+FFFD.
func Decode(e Encoding, octets []byte) string {
	var out []rune
	if e == UCS2 {
		units := make([]uint16, 0, len(octets)/2)
		for i := 0; i+1 < len(octets); i += 2 {
			units = append(units, uint16(octets[i])<<8|uint16(octets[i+1]))
		}
		return string(utf16.Decode(units))
	}
	for i := 0; i < len(octets); i++ {
		at := int(octets[i])
		if at == escape && i+1 < len(octets) {
			i++
			at = extended | int(octets[i])
		}
		r, known := characters[at]
		if !known {
			r = '\uFFFD'
		}
		out = append(out, r)
	}
	return string(out)
}
