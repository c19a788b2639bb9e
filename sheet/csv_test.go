package sheet_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"paylink/sheet"
)

func csv(t *testing.T, text string) told { t.Helper(); return read(t, sheet.CSV, []byte(text)) }

// Excel writes a mark before the text, semicolons in half of Europe, tabs when it is asked for text, and
// both kinds of line ends: a column that is called "\ufeffamount" or one column "amount;phone" would be
// the merchant's puzzle.
func TestCSVIsReadAsSpreadsheetsWriteIt(t *testing.T) {
	for name, text := range map[string]string{
		"plain":            "amount,phone\n100,42\n200,43\n",
		"mark":             "\ufeffamount,phone\r\n100,42\r\n200,43",
		"semicolons":       "amount;phone\r100;42\r200;43\r",
		"tabs":             "amount\tphone\n100\t42\n200\t43\n",
		"bars":             "amount|phone\n100|42\n200|43\n",
		"says which":       "sep=;\namount;phone\n100;42\n200;43\n",
		"quotes":           "\"amount\",\"phone\"\n\"100\",\"42\"\n200,\"43\"\n",
		"blanks around":    " amount ,phone\u00a0\n 100\t, 42 \n200 ,\u200b43\n",
		"blank at the end": "amount,phone,,\n100,42,,\n200,43,,\n,,,\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, first := csv(t, text), 2
			if name == "says which" {
				first = 3
			}
			holds(t, got, fmt.Sprint(first, "|100|42"), fmt.Sprint(first+1, "|200|43"))
			if fmt.Sprint(got.columns) != "[amount phone]" {
				t.Errorf("columns %q", got.columns)
			}
		})
	}
}

// Excel's "Unicode text" is UTF-16, with or without a mark.
func TestUTF16IsRead(t *testing.T) {
	const text = "amount\tname\n100\tऋतु\n"
	for _, order := range []string{"little", "big"} {
		for _, mark := range []string{"", "\ufeff"} {
			var file []byte
			for _, unit := range utf16.Encode([]rune(mark + text)) {
				low, high := byte(unit), byte(unit>>8)
				if order == "big" {
					low, high = high, low
				}
				file = append(file, low, high)
			}
			holds(t, read(t, sheet.CSV, file), "2|100|ऋतु")
		}
	}
}

// Whoever looks up row 7 in his spreadsheet must find what we mean by row 7.
func TestRowsAreNumberedAsASpreadsheetShowsThem(t *testing.T) {
	holds(t, csv(t, "\n\nname,note\n\na,\"two\nlines, and \"\"quotes\"\"\"\n,\nb,x\n"),
		"5|a|two\nlines, and \"quotes\"", "7|b|x")
}

// What a row says beyond its columns must not vanish, and what it does not say is blank.
func TestRaggedRowsAreFilledOrFaulty(t *testing.T) {
	holds(t, csv(t, "a,b\n1\n1,2,3\n1,2,,\nx\"y,\"p\"q\n"), "2|1|", "3|1|2!:extra_cell", "4|1|2", `5|x"y|pq`)
	holds(t, csv(t, "a,,c\n1,2,3\n"), "2|1|2|3")
}

// Each refusal names the row, so that somebody can mend the file.
func TestCSVIsRefusedWithRowAndCode(t *testing.T) {
	many := strings.Repeat("x,", sheet.MaxColumns)
	for want, text := range map[string]string{
		"0 empty_file":       "",
		"3 unclosed_quote":   "a,b\n1,2\n3,\"4\n5,6\n",
		"2 not_utf8":         "name\nM\xfcller\n",
		"2 too_many_columns": "a,b\n" + many + "\n",
		"1 too_many_columns": many + "\n",
		"2 cell_too_long":    "a\n\"" + strings.Repeat("x\n", sheet.MaxCell) + "\n",
		"1 duplicate_column": "a,b,a\n1,2,3\n",
		"0 wrong_format":     "PK\x03\x04 and more",
		"0 old_workbook":     "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more",
	} {
		refuses(t, csv(t, text), want)
	}
	refuses(t, csv(t, " \n,,\n\n"), "0 empty_file")
	holds(t, csv(t, "a,b\nx\x00y,1\n"), "2||1!a:bad_characters")
}

// 300 columns is what a large shop's export has.
func TestThreeHundredColumnsAreRead(t *testing.T) {
	var names, cells []string
	for i := range sheet.MaxColumns {
		names, cells = append(names, fmt.Sprint("c", i)), append(cells, fmt.Sprint(i))
	}
	got := csv(t, strings.Join(names, ",")+"\n"+strings.Join(cells, ",")+"\n")
	holds(t, got, "2|"+strings.Join(cells, "|"))
}

// A line of NDJSON is a link as the API takes it.
func TestNDJSONIsReadByItsFields(t *testing.T) {
	got := read(t, sheet.NDJSON, []byte(`{"amount":100,"customer":{"phone":"+4242","name":"a"},"channels":["sms","email"]}`+"\n\n"+
		`{"reference":"r","amount":1e6,"notes":null,"ok":true}`+"\r\n[1]\n{\"amount\":1\n"+`{"amount":1,"amount":2}`+"\n"+`{"a":{"b":{"c":{"d":1}}}}`+"\n"+`{"reference":"x\u0000y"}`))
	holds(t, got, "1|100|+4242|a|sms,email", "3|1e6||||r||true", "4|||||||!:not_an_object", "5|1||||||!:not_an_object",
		"6|1||||||!:duplicate_field", "7|||||||!:not_an_object", "8|||||||!reference:bad_characters")
	refuses(t, read(t, sheet.NDJSON, []byte("{\"a\":\"\xff\"}")), "1 not_utf8")
	refuses(t, read(t, sheet.NDJSON, []byte(`{"a":"`+strings.Repeat("x", 2<<20)+`"}`)), "1 cell_too_long")
}
