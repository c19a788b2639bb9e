package dashboard

import (
	"net/http"
	"slices"
	"strings"

	"paylink"
)

// shownFaulty is how many rows without a link the page shows; errors.csv has all of them.
const shownFaulty = 20

// bulkDetail is the page of one uploaded file.
type bulkDetail struct {
	frame
	Note    *remark
	ID      paylink.BulkID
	Name    string
	Status  paylink.BulkStatus
	Label   label
	Says    string // what the status means
	DryRun  bool
	Columns []bulkColumn
	Rows    int64
	Good    int64
	Made    int64
	Failed  int64
	Skipped int64
	Left    int64
	Totals  string
	Done    int64 // rows that came to an end
	Faults  []bulkFault
	Mine    bool   // whoever looks on uploaded it
	Problem string // why it cannot be read
	Begun   when
	By      string
	Starter string
}

type bulkColumn struct {
	Name   string
	Fields []choice
}

type bulkFault struct{ Row, Column, Detail, Code string }

// BulkDetail shows one uploaded file: GET /dashboard/{mode}/bulk/{id}.
func (d *Dashboard) BulkDetail(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		b, err := d.Store.Read(r.Context()).Bulk(s.Merchant.ID, s.Live, paylink.BulkID(r.PathValue("id")))
		if err == nil {
			b, err = d.Bulk.Progress(r.Context(), b)
		}
		if err != nil {
			return err
		}
		v, err := d.bulkDetail(r, s, b)
		if err != nil {
			return err
		}
		switch b.Status {
		case paylink.BulkValidating, paylink.BulkCreating, paylink.BulkCancelling:
			// The page is live without a script. It shows the same page without the note.
			w.Header().Set("Refresh", "2; url="+s.path("bulk", string(b.ID)))
		}
		return d.render(w, r, http.StatusOK, bulkPage(v))
	})
}

func (d *Dashboard) bulkDetail(r *http.Request, s scene, b paylink.Bulk) (bulkDetail, error) {
	v := bulkDetail{
		frame: d.frame(s, "Bulk upload", "bulk"), Note: remarks[r.URL.Query().Get("note")], ID: b.ID, Status: b.Status, Label: bulkLabel(b),
		Says: paylink.BulkMachine.Says[b.Status], DryRun: b.DryRun, Rows: b.Rows, Good: b.Good, Made: b.Made, Failed: b.Bad + b.Failed, Skipped: b.Skipped,
		Left: b.Left(), Done: b.Made + b.Failed + b.Skipped + b.Bad, Mine: b.CreatedBy == string(s.Staff), Begun: s.when(b.CreatedAt, s.Now),
		By: strings.TrimPrefix(actorWord(b.CreatedBy), "by "), Starter: strings.TrimPrefix(actorWord(b.ApprovedBy), "by "),
	}
	var err error
	if v.After, err = d.newest(r, s); err != nil {
		return v, err
	}
	shape, err := d.Bulk.Shape(b)
	if err != nil {
		return v, err
	}
	v.Name = nameOfFile(shape.Name)
	for _, c := range shape.Columns {
		v.Columns = append(v.Columns, bulkColumn{c.Name, bulkFields(c.Field, c.Name)})
	}
	var totals []string
	for currency, minor := range b.Totals {
		totals = append(totals, s.money(minor, currency))
	}
	slices.Sort(totals)
	v.Totals = strings.Join(totals, ", ")
	if b.Problem != "" {
		v.Problem = "It cannot be read beyond row " + decimal(b.ProblemRow) + " (" + b.Problem + "). Nothing of it was made."
	}
	faults, err := d.Bulk.Faults(r.Context(), b, 0, shownFaulty)
	for _, f := range faults {
		v.Faults = append(v.Faults, bulkFault{decimal(f.Row), f.Column, f.Detail, f.Code})
	}
	return v, err
}
