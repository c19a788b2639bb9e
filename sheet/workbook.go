package sheet

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"strings"
)

// Namespaces of a workbook's parts, as Excel writes them and as ISO 29500 Strict does.
const relationships = "/relationships/"

// smallPart bounds what is read whole: the list of sheets, the styles.
const smallPart = 4 << 20

// workbook is an XLSX file: a zip of XML parts. The first sheet is the table.
type workbook struct {
	zip     *zip.Reader
	parts   map[string]*zip.File
	main    string // path of the part that lists the sheets
	strings texts
	styles  styles
	merged  []merge
	sheet   *sheetRows
	left    int64 // bytes that may still be unpacked
}

func openWorkbook(r io.ReaderAt, size int64) (source, error) {
	watched := &watchedAt{r: r, left: maxDirectory}
	z, err := zip.NewReader(watched, size)
	if err != nil {
		return nil, broken(err)
	}
	watched.left = math.MaxInt64
	w := &workbook{zip: z, parts: map[string]*zip.File{}, left: MaxUnpacked}
	for _, f := range z.File {
		w.parts[strings.ToLower(strings.TrimPrefix(f.Name, "/"))] = f
	}
	name, err := w.find()
	if err != nil {
		return nil, err
	}
	if err := w.readStrings(); err != nil {
		return nil, err
	}
	if err := w.readStyles(); err != nil {
		return nil, err
	}
	if w.merged, err = w.merges(name); err != nil {
		return nil, err
	}
	in, err := w.part(name)
	if err != nil {
		return nil, err
	}
	w.sheet = newSheetRows(w, in)
	return w, nil
}

func (w *workbook) next() (Row, error) {
	row, err := w.sheet.next()
	if err != nil {
		if errors.Is(err, io.EOF) {
			return Row{}, err
		}
		return Row{}, broken(err)
	}
	return row, nil
}

// broken keeps what is known of an error, and takes any other for a damaged file, except where it is the
// reader under it that failed.
func broken(err error) error {
	var known *Unreadable
	var source *sourceError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &source):
		return fmt.Errorf("read a workbook: %w", source.error)
	}
	return unreadable(0, "damaged_workbook", "The workbook is damaged, or no workbook.")
}

// sourceError is an error of the reader under the zip, where it is not the file's fault.
type sourceError struct{ error }

// maxDirectory bounds what is read to find the parts: a list of millions of empty parts would fill the
// memory before one of them is looked at.
const maxDirectory = 4 << 20

// watchedAt tells a failing reader from a damaged file, and reads so much and no more.
type watchedAt struct {
	r    io.ReaderAt
	left int64
}

func (w *watchedAt) ReadAt(p []byte, at int64) (int, error) {
	n, err := w.r.ReadAt(p, at)
	if w.left -= int64(n); w.left < 0 {
		return 0, unreadable(0, "unpacks_too_large", "The workbook has more parts than any real one.")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = &sourceError{err}
	}
	return n, err
}

// part opens one part for reading. What all parts unpack to has an end: a few bytes of a zip can stand
// for more than any memory.
func (w *workbook) part(name string) (io.Reader, error) {
	f := w.parts[strings.ToLower(strings.TrimPrefix(name, "/"))]
	if f == nil {
		return nil, unreadable(0, "damaged_workbook", "A part of the workbook is missing.")
	}
	in, err := f.Open()
	if err != nil {
		return nil, broken(err)
	}
	return &unpacking{workbook: w, in: in}, nil
}

// unpacking counts what comes out of a part.
type unpacking struct {
	workbook *workbook
	in       io.ReadCloser
}

func (u *unpacking) Read(p []byte) (int, error) {
	n, err := u.in.Read(p)
	if u.workbook.left -= int64(n); u.workbook.left < 0 {
		return 0, unreadable(0, "unpacks_too_large", fmt.Sprintf("The workbook unpacks to more than %d bytes.", int64(MaxUnpacked)))
	}
	return n, err
}

// small reads a part whole into a shape of XML.
func (w *workbook) small(name string, into any) error {
	in, err := w.part(name)
	if err != nil {
		return err
	}
	limited := &io.LimitedReader{R: in, N: smallPart}
	if err := xml.NewDecoder(limited).Decode(into); err != nil {
		if limited.N == 0 {
			return unreadable(0, "unpacks_too_large", "A part of the workbook is larger than any real one.")
		}
		return broken(err)
	}
	return nil
}

type relation struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
}

// related lists what a part leads to, by its relationships.
func (w *workbook) related(part string) ([]relation, error) {
	var list struct {
		All []relation `xml:"Relationship"`
	}
	name := path.Join(path.Dir(part), "_rels", path.Base(part)+".rels")
	if part == "" {
		name = "_rels/.rels"
	}
	if err := w.small(name, &list); err != nil {
		return nil, err
	}
	for i, r := range list.All {
		if !strings.HasPrefix(r.Target, "/") {
			list.All[i].Target = path.Join(path.Dir(part), r.Target)
		}
	}
	return list.All, nil
}

// find gives the path of the first sheet, and notes by which dates the workbook counts.
func (w *workbook) find() (string, error) {
	roots, err := w.related("")
	if err != nil {
		return "", err
	}
	for _, r := range roots {
		if strings.HasSuffix(r.Type, relationships+"officeDocument") {
			w.main = strings.TrimPrefix(r.Target, "/")
		}
	}
	var book struct {
		Properties struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			ID []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := w.small(w.main, &book); err != nil {
		return "", err
	}
	w.styles.since1904 = book.Properties.Date1904 == "1" || book.Properties.Date1904 == "true"
	relations, err := w.related(w.main)
	if err != nil {
		return "", err
	}
	if len(book.Sheets) == 0 {
		return "", unreadable(0, "empty_file", "The workbook has no sheet.")
	}
	for _, attr := range book.Sheets[0].ID {
		if attr.Name.Local != "id" {
			continue
		}
		for _, r := range relations {
			if r.ID == attr.Value && strings.HasSuffix(r.Type, relationships+"worksheet") {
				return r.Target, nil
			}
		}
	}
	return "", unreadable(0, "damaged_workbook", "The workbook's first sheet is missing, or is no table.")
}

// partOf finds a part by the kind of its relationship to the workbook; empty: there is none.
func (w *workbook) partOf(kind string) (string, error) {
	relations, err := w.related(w.main)
	if err != nil {
		return "", err
	}
	for _, r := range relations {
		if strings.HasSuffix(r.Type, relationships+kind) {
			return r.Target, nil
		}
	}
	return "", nil
}
