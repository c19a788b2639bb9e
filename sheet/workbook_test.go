package sheet_test

import (
	"fmt"
	"strings"
	"testing"

	"paylink/sheet"
)

func xlsx(t *testing.T, b book) told { t.Helper(); return read(t, sheet.XLSX, b.file(t)) }

// A workbook keeps texts in a table, numbers as binary fractions and dates as numbers in a style; what a
// person sees in it is what has to be read.
func TestWorkbookIsReadAsAPersonSeesIt(t *testing.T) {
	b := book{
		strings: `<si><t>phone</t></si><si><r><t>an</t></r><r><t>y</t></r><rPh><t>x</t></rPh></si>`,
		formats: `<xf numFmtId="14"/><xf numFmtId="165"/><xf numFmtId="166"/>`,
		own:     `<numFmt numFmtId="165" formatCode="[$-409]yyyy\-mm\-dd hh:mm"/><numFmt numFmtId="166" formatCode="&quot;day&quot; [Red]0.00"/>`,
		rows: `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>` +
			`<row r="3"><c r="A3"><v>9.1981234564199997E11</v></c><c r="B3"><v>0.30000000000000004</v></c></row>` +
			`<row r="4"><c r="A4"><v>1E6</v></c><c r="B4" s="1"><v>46357</v></c></row>` +
			`<row r="5"><c r="A5" t="b"><v>1</v></c><c r="B5" s="2"><v>46357.4375</v></c></row>` +
			`<row r="6"><c r="A6" s="3"><v>2450.5</v></c><c r="B6" t="str"><f>A1&amp;"x"</f><v> shown </v></c></row>` +
			`<row r="7"><c r="B7" t="inlineStr"><is><t xml:space="preserve"> in place </t></is></c></row><row r="8"/>` +
			`<row><c t="s"><v>0</v></c><c><v>-12.5</v></c></row>`,
	}
	holds(t, xlsx(t, b), "3|919812345642|0.3", "4|1000000|2026-12-01", "5|true|2026-12-01T10:30:00", "6|2450.5|shown", "7||in place", "9|phone|-12.5")
	b.properties, b.rows = `date1904="1"`, inline(1, "due")+`<row r="2"><c r="A2" s="1"><v>44895</v></c></row>`
	holds(t, xlsx(t, b), "2|2026-12-01")
}

// What a spreadsheet has spoiled is told, and the rows beside it are read.
func TestWorkbookFaultsStayInTheirRows(t *testing.T) {
	b := book{
		formats: `<xf numFmtId="14"/>`,
		rows: inline(1, "a", "b") +
			`<row r="2"><c r="A2"><v>4111111111111111</v></c><c r="B2"><v>1</v></c></row>` +
			`<row r="3"><c r="A3"><f>SUM(B1)</f></c><c r="B3" t="e"><v>#REF!</v></c></row>` +
			`<row r="4"><c r="A4" t="s"><v>7</v></c><c r="B4"><v>x</v></c><c r="C4"><v>9</v></c></row>` +
			`<row r="5"><c r="A5" s="1"><v>60</v></c><c r="B5" s="1"><v>-3</v></c></row>` + inline(6, "p", "q") + inline(7, "", "r"),
		after: `<mergeCells count="2"><mergeCell ref="A6:A7"/><mergeCell ref='A1:B1'/></mergeCells>`,
	}
	holds(t, xlsx(t, b), "2||1!a:imprecise_number", "3||!a:formula_without_value!b:error_value",
		"4||!a:error_value!b:bad_number!:extra_cell", "5||!a:bad_date!b:bad_date", "6|p|q", "7||r!a:merged_cell")
}

// A few bytes of a zip can stand for more than the memory holds.
func TestWorkbookThatUnpacksTooLargeIsRefused(t *testing.T) {
	parts := book{rows: inline(1, "a")}.parts()
	parts["xl/styles.xml"] = "<styleSheet>" + strings.Repeat(" ", 5<<20) + "</styleSheet>"
	refuses(t, read(t, sheet.XLSX, zipped(t, parts)), "0 unpacks_too_large")
	parts = book{rows: inline(1, "a")}.parts()
	parts["xl/sharedStrings.xml"] = "<sst>" + strings.Repeat("<si><t>"+strings.Repeat("x", 30<<10)+"</t></si>", 5<<10) + "</sst>"
	refuses(t, read(t, sheet.XLSX, zipped(t, parts)), "0 too_much_text")
	parts = book{rows: inline(1, "a") + strings.Repeat(inline(2, strings.Repeat("x", 100<<10)), 1)}.parts()
	refuses(t, read(t, sheet.XLSX, zipped(t, parts)), "2 cell_too_long")
	for i := range 60_000 {
		parts[fmt.Sprint("xl/media/", strings.Repeat("x", 40), i)] = ""
	}
	refuses(t, read(t, sheet.XLSX, zipped(t, parts)), "0 unpacks_too_large")
}

// A workbook that is none, or that was cut off, ends with a sentence and not with a panic.
func TestDamagedWorkbookIsRefused(t *testing.T) {
	whole := book{rows: inline(1, "a", "b") + inline(2, "1", "2")}
	file := whole.file(t)
	refuses(t, read(t, sheet.XLSX, file[:len(file)-30]), "0 damaged_workbook")
	for name, part := range map[string]string{
		"xl/workbook.xml":          `<workbook ` + main + `><sheets></sheets></workbook>`,
		"xl/worksheets/sheet1.xml": `<worksheet><sheetData>` + inline(1, "a") + `<row r="2"><c r="A2">`,
	} {
		parts := whole.parts()
		parts[name] = part
		if got := read(t, sheet.XLSX, zipped(t, parts)); got.refused == "" {
			t.Errorf("%s: not refused", name)
		}
	}
	parts := whole.parts()
	delete(parts, "xl/worksheets/sheet1.xml")
	refuses(t, read(t, sheet.XLSX, zipped(t, parts)), "0 damaged_workbook")
	refuses(t, xlsx(t, book{rows: inline(1, "a") + inline(3, "b") + inline(2, "c")}), "4 damaged_workbook")
	refuses(t, xlsx(t, book{}), "0 empty_file")
}

// A file is what its type says or, where a browser knows none, what its name says.
func TestFormatsAreToldApart(t *testing.T) {
	for given, want := range map[[2]string]sheet.Format{
		{"text/csv; charset=utf-8", ""}: sheet.CSV, {"", "Links.XLSX"}: sheet.XLSX, {"application/x-ndjson", "x.csv"}: sheet.NDJSON,
		{"application/octet-stream", "a.tsv"}: sheet.CSV, {"", "a.jsonl"}: sheet.NDJSON, {"", "a.pdf"}: "", {"", ""}: "",
	} {
		if got, _ := sheet.FormatOf(given[0], given[1]); got != want {
			t.Errorf("%q is %q, want %q", given, got, want)
		}
	}
}
