package dashboard

import (
	"context"
	"net/http"

	"paylink"
	"paylink/store"
)

// How much of each list the page of jobs shows.
const (
	shownParked  = 50
	shownRetried = 20
	shownPast    = 25
)

// jobs is the page of the work that is done behind the scenes.
type jobs struct {
	frame
	Note    *remark
	Parked  []parkedJob
	Full    bool // more are parked than are shown
	Stands  []stand
	More    bool // so much waits on this server that not everything was counted
	PutOff  bool // some of it waits behind others
	Quiet   bool // nothing waits, runs or is parked
	Retried []retriedJob
	Past    []pastJob
}

// parkedJob is one that waits for a person.
type parkedJob struct {
	ID     paylink.JobID
	Name   string
	Reason label
	Why    string
	Error  string
	Tries  string
	Since  when
	About  paylink.LinkID // the link it belongs to; empty when that is not known
}

// stand is how many jobs of a kind are where.
type stand struct {
	Name                                    string
	Waiting, Running, PutOff, Again, Parked int64
}

type retriedJob struct {
	Name, Error, Tries string
	Next               when
}

type pastJob struct {
	Name, Error, Tries string
	Outcome            label
	Ended              when
}

// Jobs shows what waits, runs and needs somebody: GET /dashboard/{mode}/jobs.
func (d *Dashboard) Jobs(w http.ResponseWriter, r *http.Request) { d.enter(w, r, d.showJobs) }

func (d *Dashboard) showJobs(w http.ResponseWriter, r *http.Request, s scene) error {
	v := jobs{frame: d.frame(s, "Jobs", "jobs"), Note: remarks[r.URL.Query().Get("note")]}
	var err error
	if v.After, err = d.newest(r, s); err != nil {
		return err
	}
	read := d.Store.Read(r.Context())
	if err := v.stand(read, s); err != nil {
		return err
	}
	if err := v.lists(read, s); err != nil {
		return err
	}
	return d.render(w, r, http.StatusOK, jobsPage(v))
}

func (v *jobs) stand(read store.Reader, s scene) error {
	stands, err := read.JobStands(s.Merchant.ID, s.Live, paylink.JobKinds, s.Now)
	if err != nil {
		return err
	}
	v.Quiet = true
	for _, of := range stands {
		row := stand{word(jobsWords, of.Kind), of.Waiting, of.Running, of.PutOff, of.Again, of.Parked}
		v.Stands = append(v.Stands, row)
		v.More, v.PutOff = v.More || of.More, v.PutOff || of.PutOff > 0
		v.Quiet = v.Quiet && of.Waiting+of.Running+of.PutOff+of.Again+of.Parked == 0
	}
	return nil
}

func (v *jobs) lists(read store.Reader, s scene) error {
	parked, err := read.ParkedJobs(s.Merchant.ID, s.Live, shownParked+1)
	if err != nil {
		return err
	}
	if v.Full = len(parked) > shownParked; v.Full {
		parked = parked[:shownParked]
	}
	for _, p := range parked {
		row, err := s.parkedJob(read, p)
		if err != nil {
			return err
		}
		v.Parked = append(v.Parked, row)
	}
	retried, err := read.RetriedJobs(s.Merchant.ID, s.Live, s.Now, shownRetried)
	if err != nil {
		return err
	}
	for _, j := range retried {
		v.Retried = append(v.Retried, retriedJob{word(jobWords, j.Kind), j.LastError, tries(j.Attempts), s.when(j.RunAt, s.Now)})
	}
	past, err := read.PastJobs(s.Merchant.ID, s.Live, shownPast)
	if err != nil {
		return err
	}
	for _, j := range past {
		v.Past = append(v.Past, pastJob{word(jobWords, j.Kind), j.LastError, tries(j.Attempts), labelOf(pastLabels, j.Outcome), s.when(j.FinishedAt, s.Now)})
	}
	return nil
}

// parkedJob makes the row of a parked job. What belongs to a payment leads to the payment's link.
func (s scene) parkedJob(read store.Reader, p store.ParkedJob) (parkedJob, error) {
	row := parkedJob{
		ID: p.ID, Name: word(jobWords, p.Kind), Reason: labelOf(reasonLabels, p.Reason), Why: reasonSentences[p.Reason],
		Error: p.LastError, Tries: tries(p.Attempts), Since: s.when(p.ParkedAt, s.Now), About: p.Payload.Link,
	}
	if row.About != "" || p.Payload.Payment == "" {
		return row, nil
	}
	payment, err := read.Payment(s.Merchant.ID, s.Live, p.Payload.Payment)
	if err != nil && !paylink.IsNotFound(err) {
		return row, err
	}
	row.About = payment.Link
	return row, nil
}

func tries(n int64) string {
	if n == 1 {
		return "1 try"
	}
	return decimal(n) + " tries"
}

// RetryJob has a parked job done now: POST /dashboard/{mode}/jobs/{id}/retry.
func (d *Dashboard) RetryJob(w http.ResponseWriter, r *http.Request) {
	d.settleJob(w, r, func(ctx context.Context, s scene, id paylink.JobID) (note string, err error) {
		replaced, err := d.Queue.Retry(ctx, s.Merchant.ID, s.Live, id, string(s.Staff))
		if replaced {
			return "job_replaced", err
		}
		return "job_retried", err
	})
}

// DiscardJob gives a parked job up for good: POST /dashboard/{mode}/jobs/{id}/discard.
func (d *Dashboard) DiscardJob(w http.ResponseWriter, r *http.Request) {
	d.settleJob(w, r, func(ctx context.Context, s scene, id paylink.JobID) (note string, err error) {
		return "job_discarded", d.Queue.Discard(ctx, s.Merchant.ID, s.Live, id, string(s.Staff))
	})
}

// settleJob does one thing to a parked job and shows the page again. A job that is not parked, not any
// more, or another merchant's, is answered in the same words.
func (d *Dashboard) settleJob(w http.ResponseWriter, r *http.Request, do func(context.Context, scene, paylink.JobID) (string, error)) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		note, err := do(r.Context(), s, paylink.JobID(r.PathValue("id")))
		if paylink.IsNotFound(err) {
			note, err = "job_gone", nil
		}
		if err != nil {
			return err
		}
		d.goToJobs(w, r, s, note)
		return nil
	})
}

// ConfirmDiscardJob asks once more: GET /dashboard/{mode}/jobs/{id}/discard.
func (d *Dashboard) ConfirmDiscardJob(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		read := d.Store.Read(r.Context())
		p, err := read.ParkedJob(s.Merchant.ID, s.Live, paylink.JobID(r.PathValue("id")))
		if paylink.IsNotFound(err) {
			d.goToJobs(w, r, s, "job_gone")
			return nil
		}
		if err != nil {
			return err
		}
		row, err := s.parkedJob(read, p)
		if err != nil {
			return err
		}
		return d.render(w, r, http.StatusOK, discardPage(discard{d.frame(s, "Discard a job", "jobs"), row, word(discardSentences, p.Kind)}))
	})
}

// discard is the question whether a job is to be given up.
type discard struct {
	frame
	Job  parkedJob
	Then string // what does not happen then
}

func (d *Dashboard) goToJobs(w http.ResponseWriter, r *http.Request, s scene, note string) {
	http.Redirect(w, r, s.path("jobs")+"?note="+note, http.StatusSeeOther)
}
