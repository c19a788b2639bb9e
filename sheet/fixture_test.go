package sheet_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"paylink/sheet"
)

// told is a table as it was read: rows as "number|cell|cell!column:code".
type told struct {
	columns []string
	rows    []string
	refused string // "row code"
}

func read(t *testing.T, f sheet.Format, file []byte) told {
	t.Helper()
	var out told
	r, err := sheet.Open(bytes.NewReader(file), int64(len(file)), f)
	for err == nil {
		var row sheet.Row
		if row, err = r.Next(); err != nil {
			break
		}
		line := fmt.Sprint(row.Number, "|", strings.Join(row.Cells, "|"))
		for _, f := range row.Faults {
			line += "!" + f.Column + ":" + f.Code
		}
		out.rows = append(out.rows, line)
	}
	if r != nil {
		out.columns = r.Columns()
	}
	var stop *sheet.Unreadable
	switch {
	case errors.As(err, &stop):
		out.refused = fmt.Sprint(stop.Row, " ", stop.Code)
	case !errors.Is(err, io.EOF):
		t.Fatal(err)
	}
	return out
}

// holds compares the rows of a table with those that are wanted.
func holds(t *testing.T, got told, rows ...string) {
	t.Helper()
	if fmt.Sprint(got.rows) != fmt.Sprint(rows) || got.refused != "" {
		t.Errorf("refused %q\ngot  %q\nwant %q", got.refused, got.rows, rows)
	}
}

func refuses(t *testing.T, got told, want string) {
	t.Helper()
	if got.refused != want {
		t.Errorf("refused %q, want %q; rows %q", got.refused, want, got.rows)
	}
}

const (
	typePrefix = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	main       = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
)

// book is a workbook in the making: the XML of its rows, its texts, and what else a test wants in it.
type book struct {
	rows, strings, after, properties string
	formats                          string // of numbers, as elements of cellXfs
	own                              string // numFmt elements
}

func (b book) parts() map[string]string {
	return map[string]string{
		"_rels/.rels":     `<Relationships><Relationship Id="rId1" Type="` + typePrefix + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": `<workbook ` + main + `><workbookPr ` + b.properties + `/><sheets><sheet name="Links" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="` + typePrefix + `worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="` + typePrefix + `sharedStrings" Target="sharedStrings.xml"/>` +
			`<Relationship Id="rId3" Type="` + typePrefix + `styles" Target="/xl/styles.xml"/></Relationships>`,
		"xl/sharedStrings.xml":     `<sst ` + main + `>` + b.strings + `</sst>`,
		"xl/styles.xml":            `<styleSheet ` + main + `><numFmts>` + b.own + `</numFmts><cellXfs><xf numFmtId="0"/>` + b.formats + `</cellXfs></styleSheet>`,
		"xl/worksheets/sheet1.xml": `<worksheet ` + main + `><sheetData>` + b.rows + `</sheetData>` + b.after + `</worksheet>`,
	}
}

func (b book) file(t testing.TB) []byte { return zipped(t, b.parts()) }

func zipped(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, text := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// inline is a row of texts that stand in their cells.
func inline(number int, cells ...string) string {
	text := fmt.Sprintf(`<row r="%d">`, number)
	for i, c := range cells {
		text += fmt.Sprintf(`<c r="%c%d" t="inlineStr"><is><t>%s</t></is></c>`, 'A'+i, number, c)
	}
	return text + `</row>`
}
