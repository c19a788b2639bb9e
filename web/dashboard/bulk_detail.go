package dashboard

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"paylink"
	"paylink/locale"
)

// shownFaulty is how many rows without a link the page shows; errors.csv has all of them.
const shownFaulty = 20

// bulkDetail is the page of one uploaded file.
type bulkDetail struct {
	frame
	Note     *remark
	ID       paylink.BulkID
	Name     string
	Status   paylink.BulkStatus
	Label    label
	Says     string // what the status means
	DryRun   bool
	Columns  []bulkColumn
	Rows     int64
	Good     int64
	Made     int64
	Failed   int64
	Skipped  int64
	Left     int64
	Unsent   int64
	Totals   string
	Done     int64 // rows that came to an end
	Faults   []bulkFault
	Mine     bool   // whoever looks on uploaded it
	Problem  string // why it cannot be read
	Begun    when
	By       string
	Starter  string
	Begins   when // of one that is scheduled, when it begins
	Bars     []bulkBar
	Counted  string // when the bars were counted, where that is not now
	Sending  string // how many messages the good rows ask for, by channel
	Sample   string // the first message; empty: none goes out, or it is not to be looked at any more
	Retry    bool   // some rows may be made by now
	Zone     string
	Earliest string
}

// bulkBar is one of the things that links come through.
type bulkBar struct {
	ID, Word string
	N, Of    int64
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
		case paylink.BulkValidating, paylink.BulkScheduled, paylink.BulkCreating, paylink.BulkSending, paylink.BulkCancelling:
			// The page is live without a script, too. It shows the same page without the note.
			v.Again, v.Own = s.path("bulk", string(b.ID)), s.path("bulk", string(b.ID), "feed")
		}
		return d.render(w, r, http.StatusOK, bulkPage(v))
	})
}

func (d *Dashboard) bulkDetail(r *http.Request, s scene, b paylink.Bulk) (bulkDetail, error) {
	v := bulkDetail{
		frame: d.frame(s, "Bulk upload", "bulk"), Note: remarks[r.URL.Query().Get("note")], ID: b.ID, Status: b.Status, Label: bulkLabel(b),
		Says: paylink.BulkMachine.Says[b.Status], DryRun: b.DryRun, Rows: b.Rows, Good: b.Good, Made: b.Made, Failed: b.Bad + b.Failed, Skipped: b.Skipped,
		Left: b.Left(), Unsent: b.Course.Unsent(), Done: b.Made + b.Failed + b.Skipped + b.Bad, Mine: b.CreatedBy == string(s.Staff), Begun: s.when(b.CreatedAt, s.Now),
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
	v.Name = nameOfFile(shape.Name, b.Format, v.Begun)
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
	d.bulkCourse(s, b, &v)
	if err := d.bulkPreview(r.Context(), s, b, &v); err != nil {
		return v, err
	}
	faults, err := d.Bulk.Faults(r.Context(), b, 0, shownFaulty)
	for _, f := range faults {
		v.Retry = v.Retry || f.MayPass() && (b.Status == paylink.BulkFinished || b.Status == paylink.BulkCancelled)
		v.Faults = append(v.Faults, bulkFault{decimal(f.Row), f.Column, f.Detail, f.Code})
	}
	return v, err
}

// bulkCourse fills in how far the links have come.
func (d *Dashboard) bulkCourse(s scene, b paylink.Bulk, v *bulkDetail) {
	c := b.Course
	if b.Status == paylink.BulkScheduled {
		v.Begins = s.when(b.Schedule.Begins, s.Now)
	}
	if b.Schedule.Begins.IsZero() || b.Good == 0 {
		return
	}
	v.Bars = []bulkBar{{"made", "Created", b.Made, b.Good}}
	if c.At.IsZero() {
		return
	}
	if c.Told > 0 {
		v.Bars = append(v.Bars, bulkBar{"sent", "Sent", c.Sent, c.Told}, bulkBar{"delivered", "Delivered", c.Delivered, c.Told})
	}
	v.Bars = append(v.Bars, bulkBar{"opened", "Opened", c.Opened, b.Made}, bulkBar{"paid", "Paid", c.Paid, b.Made})
	if s.Now.Sub(c.At) > time.Minute {
		v.Counted = s.Lang.Moment(c.At, s.Merchant.TimeZone)
	}
}

// bulkPreview fills in what would go out, while somebody may still take it back.
func (d *Dashboard) bulkPreview(ctx context.Context, s scene, b paylink.Bulk, v *bulkDetail) error {
	var counts []string
	for _, c := range paylink.Channels {
		if n := b.Messages[c]; n > 0 {
			counts = append(counts, decimal(n)+" by "+channelWords[c])
		}
	}
	v.Sending = strings.Join(counts, ", ")
	if minor, known := s.Merchant.Settings.Prices.Estimate(b.Messages); known {
		v.Sending += ", about " + s.money(minor, s.Merchant.Currency)
	}
	zone := locale.Zone(s.Merchant.TimeZone)
	v.Zone, v.Earliest = s.Now.In(zone).Format("MST"), s.Now.In(zone).Format(fieldTime)
	switch b.Status {
	case paylink.BulkReady, paylink.BulkApproval, paylink.BulkScheduled:
	default:
		return nil
	}
	l, customer, err := d.Bulk.Sample(ctx, b)
	if paylink.IsNotFound(err) || err == nil && len(l.Channels) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	address, err := d.address(l)
	if err != nil {
		return err
	}
	facts := locale.MessageFacts{
		Merchant: s.Merchant.Name, Amount: paylink.Money{Minor: l.AmountDue(), Currency: l.Amount.Currency}, Open: l.Terms.CustomerAmount != nil,
		Description: l.Description, Reference: l.Reference, URL: address, ExpiresAt: l.ExpiresAt, Zone: s.Merchant.TimeZone,
	}
	spoken := ""
	if customer != nil {
		facts.CustomerName, spoken = customer.Name, customer.Locale
	}
	v.Sample = locale.Pick(spoken, s.Merchant.Locale).Message(l.Channels[0], facts).Text
	return nil
}
