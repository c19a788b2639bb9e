package sheet

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// styles tells which cells show a number as a date.
type styles struct {
	dates     []bool // by the number of the style
	since1904 bool
}

// readStyles reads which styles are those of dates.
func (w *workbook) readStyles() error {
	name, err := w.partOf("styles")
	if err != nil || name == "" {
		return err
	}
	var sheet struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := w.small(name, &sheet); err != nil {
		return err
	}
	own := map[int]bool{}
	for _, f := range sheet.Formats {
		own[f.ID] = showsDate(f.Code)
	}
	for _, c := range sheet.Cells {
		date, known := own[c.Format]
		if !known {
			// ECMA-376 part 1, 18.8.30: the formats that every program knows.
			date = c.Format >= 14 && c.Format <= 22 || c.Format >= 27 && c.Format <= 36 || c.Format >= 45 && c.Format <= 47 || c.Format >= 50 && c.Format <= 58
		}
		w.styles.dates = append(w.styles.dates, date)
	}
	return nil
}

// showsDate tells whether a format has a place for a day, a month or an hour outside of quotes and of
// brackets, which hold colours and currencies.
func showsDate(code string) bool {
	for i := 0; i < len(code); i++ {
		switch code[i] {
		case '"':
			if end := strings.IndexByte(code[i+1:], '"'); end >= 0 {
				i += end + 1
			}
		case '[':
			if end := strings.IndexByte(code[i:], ']'); end >= 0 {
				i += end
			}
		case '\\', '_', '*':
			i++
		case 'd', 'D', 'm', 'M', 'y', 'Y', 'h', 'H', 's', 'S':
			return true
		case ';':
			return false
		}
	}
	return false
}

// mostDigits is how many digits of a number a spreadsheet keeps. A longer one was changed when it was
// typed, and nobody can tell into what.
const mostDigits = 15

// number writes a cell's number as a person would: 919812345642, not 9.19812345642E11. A spreadsheet
// keeps numbers as binary fractions, whose shortest decimal is the one that was typed.
func (s styles) number(text string, style int) (cell string, f *Fault) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return "", &Fault{"", "bad_number", "The cell's number cannot be read."}
	}
	if style < len(s.dates) && style >= 0 && s.dates[style] {
		return s.date(v)
	}
	if math.Abs(v) >= 1e15 {
		return "", &Fault{"", "imprecise_number", "A spreadsheet keeps 15 digits of a number; this one was longer and has been changed. Format the column as text and type it again."}
	}
	return strconv.FormatFloat(settled(v), 'f', -1, 64), nil
}

// settled takes off what binary fractions add: 0.1+0.2 is shown as 0.3.
func settled(v float64) float64 {
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', mostDigits, 64), 64)
	if err != nil {
		return v
	}
	return short
}

// date writes a day as 2026-12-01, or with a time as 2026-12-01T10:30:00, in no zone: a spreadsheet
// knows none.
func (s styles) date(v float64) (string, *Fault) {
	begin := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC) // so that the 29 February 1900 of Excel, which never was, does no harm after it
	if s.since1904 {
		begin = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	const lastDay = 2_958_465 // 9999-12-31
	if v < 61 && !s.since1904 || v < 0 || v > lastDay {
		return "", &Fault{"", "bad_date", "The cell's date cannot be."}
	}
	day, part := math.Modf(v)
	at := begin.AddDate(0, 0, int(day)).Add(time.Duration(math.Round(part*24*60*60)) * time.Second)
	if part == 0 {
		return at.Format(time.DateOnly), nil
	}
	return at.Format("2006-01-02T15:04:05"), nil
}

// boolean writes yes and no as JSON does.
func boolean(text string) string {
	if slices.Contains([]string{"1", "true"}, text) {
		return "true"
	}
	return "false"
}
