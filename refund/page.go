package refund

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A sheet of A4 in points, and how much text fits on it in the small type of a typewriter.
const (
	pageWidth, pageHeight = 595, 842
	pageLines             = 60
	pageColumns           = 90
)

// page writes lines of text as a PDF, for banks that take papers and no text. Characters beyond Latin are shown as
// a question mark: the text itself is handed over as well.
func page(lines []string) []byte {
	var sheets [][]string
	for _, line := range wrap(lines) {
		if len(sheets) == 0 || len(sheets[len(sheets)-1]) == pageLines {
			sheets = append(sheets, nil)
		}
		sheets[len(sheets)-1] = append(sheets[len(sheets)-1], line)
	}
	var objects []string
	var kids []string
	for i := range sheets {
		kids = append(kids, fmt.Sprintf("%d 0 R", 4+2*i))
	}
	objects = append(objects, "<< /Type /Catalog /Pages 2 0 R >>",
		fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", strings.Join(kids, " "), len(kids)),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>")
	for i, sheet := range sheets {
		text := ink(sheet)
		objects = append(objects,
			fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Resources << /Font << /F 3 0 R >> >> /Contents %d 0 R >>", pageWidth, pageHeight, 5+2*i),
			fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(text), text))
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	places := make([]int, len(objects))
	for i, object := range objects {
		places[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, at := range places {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table)
	return b.Bytes()
}

// ink is the drawing of one sheet.
func ink(lines []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "BT /F 9 Tf 12 TL 50 %d Td\n", pageHeight-60)
	for _, line := range lines {
		b.WriteString("(")
		for _, r := range line {
			switch {
			case r == '(' || r == ')' || r == '\\':
				b.WriteByte('\\')
				b.WriteByte(byte(r))
			case r >= ' ' && r < 0x7f:
				b.WriteByte(byte(r))
			case r >= 0xa0 && r <= 0xff:
				fmt.Fprintf(&b, "\\%03o", r)
			default:
				b.WriteByte('?')
			}
		}
		b.WriteString(") Tj T*\n")
	}
	b.WriteString("ET")
	return b.String()
}

// wrap cuts lines that are too long for the sheet.
func wrap(lines []string) (all []string) {
	for _, line := range lines {
		for utf8.RuneCountInString(line) > pageColumns {
			runes := []rune(line)
			all, line = append(all, string(runes[:pageColumns])), string(runes[pageColumns:])
		}
		all = append(all, line)
	}
	return all
}
