package gsm_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/fiorix/go-smpp/smpp/encoding"
	"pgregory.net/rapid"

	"paylink/gsm"
)

// A text costs twice what it should, or is cut: the numbers are those of the standard and of every
// operator's price list.
func TestTextsAreCountedAsOperatorsCharge(t *testing.T) {
	a, hindi, euro, tea := strings.Repeat("a", 1000), strings.Repeat("न", 1000), "€", "🍵"
	for _, c := range []struct {
		name, text string
		want       gsm.Size
	}{
		{"nothing", "", gsm.Size{Encoding: gsm.GSM7, Segments: 1, Room: 160}},
		{"a full message", a[:160], gsm.Size{Encoding: gsm.GSM7, Segments: 1, Units: 160}},
		{"one more", a[:161], gsm.Size{Encoding: gsm.GSM7, Segments: 2, Units: 161, Room: 2*153 - 161}},
		{"two full", a[:306], gsm.Size{Encoding: gsm.GSM7, Segments: 2, Units: 306}},
		{"three", a[:307], gsm.Size{Encoding: gsm.GSM7, Segments: 3, Units: 307, Room: 152}},
		{"an euro at the end", a[:158] + euro, gsm.Size{Encoding: gsm.GSM7, Segments: 1, Units: 160}},
		{"an euro too much", a[:159] + euro, gsm.Size{Encoding: gsm.GSM7, Segments: 2, Units: 161, Room: 153 - 8}},
		{"an euro on the seam", a[:152] + euro + a[:152], gsm.Size{Encoding: gsm.GSM7, Segments: 3, Units: 306, Room: 152}},
		{"every extension", "\f^{}\\[~]|€", gsm.Size{Encoding: gsm.GSM7, Segments: 1, Units: 20, Room: 140}},
		{"a rupee sign", "₹100", gsm.Size{Encoding: gsm.UCS2, Segments: 1, Units: 4, Room: 66}},
		{"a cedilla that GSM-7 has not", "ç", gsm.Size{Encoding: gsm.UCS2, Segments: 1, Units: 1, Room: 69}},
		{"a full message in Hindi", hindi[:3*70], gsm.Size{Encoding: gsm.UCS2, Segments: 1, Units: 70}},
		{"one more in Hindi", hindi[:3*71], gsm.Size{Encoding: gsm.UCS2, Segments: 2, Units: 71, Room: 2*67 - 71}},
		{"two full in Hindi", hindi[:3*134], gsm.Size{Encoding: gsm.UCS2, Segments: 2, Units: 134}},
		{"an emoji", tea, gsm.Size{Encoding: gsm.UCS2, Segments: 1, Units: 2, Room: 68}},
		{"an emoji on the seam", hindi[:3*66] + tea + hindi[:3*66], gsm.Size{Encoding: gsm.UCS2, Segments: 3, Units: 134, Room: 66}},
		{"bytes that are no text", "\xff\xfe", gsm.Size{Encoding: gsm.UCS2, Segments: 1, Units: 2, Room: 68}},
		{"an escape by itself", "\x1b", gsm.Size{Encoding: gsm.UCS2, Segments: 1, Units: 1, Room: 69}},
	} {
		if got := gsm.Count(c.text); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
		if parts := gsm.Split(c.text); len(parts) != c.want.Segments || strings.Join(parts, "") != c.text {
			t.Errorf("%s: split into %d parts, or not the same text", c.name, len(parts))
		}
	}
}

// One wrong code in the table, and every customer reads another letter. An alphabet that others typed
// judges ours, character by character.
func TestAlphabetIsTheOneThatOthersHave(t *testing.T) {
	theirs := encoding.GSM7(false)
	in7 := 0
	for r := rune(0); r < 0x3000; r++ {
		if r == 0x1b || r >= 0xd800 && r < 0xe000 {
			continue
		}
		want, err := theirs.NewEncoder().Bytes([]byte(string(r)))
		if ours := gsm.Of(string(r)) == gsm.GSM7; ours != (err == nil) {
			t.Errorf("U+%04X is in our alphabet: %t, in theirs: %t", r, ours, err == nil)
			continue
		}
		if err != nil {
			continue
		}
		in7++
		got := gsm.Encode(gsm.GSM7, string(r))
		if !bytes.Equal(got, want) {
			t.Errorf("U+%04X is %x, to others %x", r, got, want)
		}
		if back := gsm.Decode(gsm.GSM7, got); back != string(r) {
			t.Errorf("U+%04X comes back as %q", r, back)
		}
	}
	if in7 != 127+10 {
		t.Errorf("%d characters are in both, want 137", in7)
	}
}

// The octets as the standards print them.
func TestSegmentsAreTheOctetsOfTheStandard(t *testing.T) {
	for _, c := range []struct {
		text string
		e    gsm.Encoding
		want []string
	}{
		{"@£€ Ω{", gsm.GSM7, []string{"\x00\x01\x1b\x65\x20\x15\x1b\x28"}},
		{"₹🍵", gsm.UCS2, []string{"\x20\xb9\xd8\x3c\xdf\x75"}},
		{strings.Repeat("a", 161), gsm.GSM7, []string{
			"\x05\x00\x03\x7b\x02\x01" + strings.Repeat("a", 153), "\x05\x00\x03\x7b\x02\x02" + strings.Repeat("a", 8)}},
		{strings.Repeat("न", 71), gsm.UCS2, []string{
			"\x05\x00\x03\x7b\x02\x01" + strings.Repeat("\x09\x28", 67), "\x05\x00\x03\x7b\x02\x02" + strings.Repeat("\x09\x28", 4)}},
	} {
		e, segments, err := gsm.Segments(c.text, 0x7b)
		if err != nil || e != c.e || len(segments) != len(c.want) {
			t.Fatalf("%q: %s, %d segments, %v", c.text, e, len(segments), err)
		}
		for i, s := range segments {
			if string(s) != c.want[i] {
				t.Errorf("segment %d of %.8q is %x, want %x", i+1, c.text, s, c.want[i])
			}
		}
	}
	if _, _, err := gsm.Segments(strings.Repeat("a", 153*255+1), 1); err == nil {
		t.Error("256 segments are joined by a header that counts to 255")
	}
	if _, segments, err := gsm.Segments(strings.Repeat("a", 153*255), 1); err != nil || len(segments) != 255 {
		t.Errorf("255 segments: %d, %v", len(segments), err)
	}
}

// Whatever a merchant writes, the phone shows it whole: no segment is too long or ends in half a
// character, and together they are the text.
func TestSegmentsJoinToTheText(t *testing.T) {
	letters := []rune("abc £€[]{}\n\r@Ωéà^")
	wide := []rune("aन₹🍵👍🏽e\u0301€")
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.SampledFrom([][]rune{letters, wide}).Draw(t, "alphabet")
		text := string(rapid.SliceOfN(rapid.SampledFrom(from), 0, 700).Draw(t, "text"))
		reference := rapid.Byte().Draw(t, "reference")
		size := gsm.Count(text)
		e, segments, err := gsm.Segments(text, reference)
		if err != nil || e != size.Encoding || len(segments) != size.Segments {
			t.Fatalf("%d segments in %s, counted %+v: %v", len(segments), e, size, err)
		}
		joined := ""
		for i, s := range segments {
			if len(segments) > 1 {
				if want := []byte{5, 0, 3, reference, byte(len(segments)), byte(i + 1)}; !bytes.Equal(s[:6], want) {
					t.Fatalf("segment %d begins with %x, want %x", i+1, s[:6], want)
				}
				s = s[6:]
			}
			room := map[bool]int{true: 160, false: 153}[len(segments) == 1]
			if e == gsm.UCS2 {
				room = map[bool]int{true: 140, false: 134}[len(segments) == 1]
			}
			if len(s) > room || len(s) == 0 && text != "" {
				t.Fatalf("segment %d has %d octets, room is for %d", i+1, len(s), room)
			}
			if e == gsm.GSM7 && len(s) > 0 && s[len(s)-1] == 0x1b {
				t.Fatalf("segment %d ends in half a character", i+1)
			}
			part := gsm.Decode(e, s)
			if e == gsm.UCS2 && utf16.IsSurrogate(firstUnit(s)) && strings.HasPrefix(part, "\uFFFD") {
				t.Fatalf("segment %d begins with half a character", i+1)
			}
			joined += part
		}
		if joined != text {
			t.Fatalf("joined %q, sent %q", joined, text)
		}
	})
}

func firstUnit(octets []byte) rune {
	if len(octets) < 2 {
		return 0
	}
	return rune(octets[0])<<8 | rune(octets[1])
}

// A text that a stranger wrote back is decoded; whatever its octets, that must not panic.
func FuzzDecode(f *testing.F) {
	f.Add([]byte("\x1b"), false)
	f.Add([]byte("\xd8\x3c\x00"), true)
	f.Fuzz(func(t *testing.T, octets []byte, wide bool) {
		e := gsm.GSM7
		if wide {
			e = gsm.UCS2
		}
		text := gsm.Decode(e, octets)
		if gsm.Of(text) == e && !strings.Contains(text, "\uFFFD") {
			if again := gsm.Decode(e, gsm.Encode(e, text)); again != text {
				t.Errorf("%q comes back as %q", text, again)
			}
		}
	})
}
