package sheet_test

import (
	"bytes"
	"testing"
	"unicode/utf8"

	"paylink/sheet"
)

// goesThrough holds a file to what every reader of rows relies on: reading ends, cells are texts, and every row
// has as many of them as there are columns.
func goesThrough(t *testing.T, f sheet.Format, file []byte) {
	r, err := sheet.Open(bytes.NewReader(file), int64(len(file)), f)
	last := 0
	for err == nil {
		var row sheet.Row
		if row, err = r.Next(); err != nil {
			return
		}
		if row.Number <= last || len(row.Cells) != len(r.Columns()) || len(row.Cells) > sheet.MaxColumns {
			t.Fatalf("row %d after %d has %d cells for %d columns", row.Number, last, len(row.Cells), len(r.Columns()))
		}
		last = row.Number
		for _, c := range row.Cells {
			if !utf8.ValidString(c) || bytes.IndexByte([]byte(c), 0) >= 0 || len(c) > sheet.MaxCell {
				t.Fatalf("row %d has a cell that is no text", row.Number)
			}
		}
	}
}

// Anybody who has a merchant's key can send a text; one that hangs or breaks the reader stops the server.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "\ufeffa;b\r\n\"x\"\"\ny\";2", "sep=|\na|b\n", "a\x00\n\x00b\x00", "\xff\xfea\x00,\x00b\x00\n\x00", "\"", "a,a\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) { goesThrough(t, sheet.CSV, file) })
}

// JSON nests, repeats itself and lies about its types, and a stranger writes it.
func FuzzNDJSON(f *testing.F) {
	for _, seed := range []string{`{"a":1}`, "{\"a\":{\"b\":[\"x\"]}}\n{}\nnull\n", `{"a":"\u0000\ud800"}`, `{"":{"":{"":1}}}`, "{}{}", "[[["} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) { goesThrough(t, sheet.NDJSON, file) })
}

// Our own reader of XML meets what no spreadsheet has written.
func FuzzWorkbookSheet(f *testing.F) {
	for _, seed := range []string{
		inline(1, "a", "b") + inline(2, "1", "2"),
		`<row><c><v>1</v></c></row><row r="9"><c r="ZZ9" t="e"/></row>`,
		`<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" s="1"><v>1e9</v></c><c r="A1"/></row>`,
		`</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/>`, "<row><c><is><t>x", "<row></row></row></c>",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, rows string) {
		goesThrough(t, sheet.XLSX, book{rows: rows, strings: `<si><t>a</t></si>`, formats: `<xf numFmtId="14"/>`}.file(t))
	})
}

// A zip that was made by hand points anywhere.
func FuzzWorkbookFile(f *testing.F) {
	f.Add(book{rows: inline(1, "a") + inline(2, "b")}.file(f))
	f.Fuzz(func(t *testing.T, file []byte) { goesThrough(t, sheet.XLSX, file) })
}
