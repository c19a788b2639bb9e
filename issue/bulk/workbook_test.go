package bulk_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"testing"

	"paylink/issue/bulk"
	"paylink/sheet"
)

// A workbook is read from its sealed parts, back and forth: its directory stands at the end. A part that
// is opened wrongly would show as a damaged file, or as somebody else's amount.
func TestWorkbookIsReadFromItsParts(t *testing.T) {
	const kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	var rows bytes.Buffer
	rows.WriteString(`<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>amount_major</t></is></c><c r="B1" t="inlineStr"><is><t>reference</t></is></c></row>`)
	for n := 2; n <= 301; n++ {
		fmt.Fprintf(&rows, `<row r="%d"><c r="A%d"><v>%d.5</v></c><c r="B%d" t="inlineStr"><is><t>wb-%d</t></is></c><c r="C%d"/></row><!--%02000d-->`, n, n, n, n, n, n, n)
	}
	rows.WriteString(`</sheetData></worksheet>`)
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	for _, part := range [][2]string{
		{"_rels/.rels", `<Relationships><Relationship Id="a" Type="` + kind + `officeDocument" Target="book.xml"/></Relationships>`},
		{"sheet.xml", rows.String()},
		{"_rels/book.xml.rels", `<Relationships><Relationship Id="b" Type="` + kind + `worksheet" Target="sheet.xml"/></Relationships>`},
		{"book.xml", `<workbook xmlns:r="r"><sheets><sheet name="x" r:id="b"/></sheets></workbook>`},
	} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: part[0], Method: zip.Store})
		if err == nil {
			_, err = io.WriteString(w, part[1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if file.Len() < 2*256<<10 {
		t.Fatalf("%d bytes are no three parts", file.Len())
	}
	each(t, func(w *world) {
		got := w.send(file.String(), func(up *bulk.Upload) { up.Format = sheet.XLSX })
		w.ends(got.Bulk.ID, "finished: 300 created, 0 failed, 0 skipped as duplicates")
		if l := w.links()["wb-301"]; len(l) != 1 || l[0].Amount.Minor != 30150 {
			w.Errorf("the last row became %+v", l)
		}
	})
}
