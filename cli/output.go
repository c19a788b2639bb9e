package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"paylink/client"
)

// table aligns columns. Cells are cleaned; an empty one is a dash, so that columns can be told apart.
type table struct{ w *tabwriter.Writer }

func newTable(out io.Writer, head ...string) table {
	t := table{tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)}
	if len(head) > 0 {
		t.row(head...)
	}
	return t
}

func (t table) row(cells ...string) {
	for i, c := range cells {
		if cells[i] = clean(c); cells[i] == "" {
			cells[i] = "-"
		}
	}
	fmt.Fprintln(t.w, strings.Join(cells, "\t"))
}

// fact is a row of a single thing; what is not known is left out.
func (t table) fact(name, value string) {
	if value != "" {
		t.row(name, value)
	}
}

func (t table) flush() error { return t.w.Flush() }

// clean takes out what would move a terminal's cursor or end a cell: others wrote these texts.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, text)
}

// cleanLines is clean for a text of several lines, which is shown as it stands.
func cleanLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = clean(line)
	}
	return strings.Join(lines, "\n")
}

// money is an amount for people: "2,450.00 INR".
func money(minor int64, currency string) string {
	return client.Decimal(minor, currency) + " " + currency
}

// local is a time for people, where they are.
func local(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04")
}

// line writes the API's JSON as it is, on one line.
func line(out io.Writer, text json.RawMessage) error {
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		return err
	}
	b.WriteByte('\n')
	_, err := out.Write(b.Bytes())
	return err
}
