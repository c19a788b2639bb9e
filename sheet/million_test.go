package sheet_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"testing"

	"paylink/sheet"
)

// A reader that kept rows would grow with the file, and one large upload would end the server. The bound
// is of the memory that is still held half-way, not of how fast it comes and goes.
func TestRowsAreNotKept(t *testing.T) {
	const rows = 60_000
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	for name, text := range (book{}).parts() {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if name != "xl/worksheets/sheet1.xml" {
			fmt.Fprint(w, text)
			continue
		}
		fmt.Fprint(w, `<worksheet><sheetData>`, inline(1, "reference", "amount", "phone", "name", "description"))
		for n := 2; n <= rows+1; n++ {
			fmt.Fprint(w, inline(n, fmt.Sprint("order-", n), fmt.Sprint(n), "+919812345642", "Asha Rao", "the monthly instalment"))
		}
		fmt.Fprint(w, `</sheetData></worksheet>`)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	before := held()
	r, err := sheet.Open(bytes.NewReader(file.Bytes()), int64(file.Len()), sheet.XLSX)
	if err != nil {
		t.Fatal(err)
	}
	for n := range rows {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		if n == rows/2 {
			if grown := int64(held()) - int64(before); grown > 4<<20 {
				t.Errorf("half-way %d bytes are held", grown)
			}
		}
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
}

func held() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
