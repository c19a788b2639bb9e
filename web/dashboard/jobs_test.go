package dashboard

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/queue"
	"paylink/store"
	"paylink/store/storetest"
)

// parked makes a parked job of a merchant in test mode, as the queue would.
func (o *office) parked(m paylink.Merchant, lastError string, change func(*paylink.Job)) paylink.JobID {
	o.t.Helper()
	now := o.clock()
	j := paylink.Job{ID: paylink.NewJobID(now), Kind: paylink.JobSend, Merchant: m.ID, RunAt: now}
	if change != nil {
		change(&j)
	}
	o.write(func(tx *store.Tx) { tx.Enqueue(j, now) })
	o.write(func(tx *store.Tx) {
		claimed, err := tx.ClaimJobs("test", []store.Room{{Kind: j.Kind, Jobs: 50}}, now, now.Add(time.Minute), 50)
		if err != nil || len(claimed) == 0 {
			o.t.Errorf("claimed %v, %v", claimed, err)
		}
		for _, c := range claimed {
			if c.ID == j.ID {
				tx.ParkJob(c, queue.ReasonGaveUp, lastError, now)
			}
		}
	})
	return j.ID
}

func (o *office) pressed(w *httptest.ResponseRecorder) string {
	o.t.Helper()
	_, note, ok := strings.Cut(w.Header().Get("Location"), "/dashboard/test/jobs?note=")
	if w.Code != http.StatusSeeOther || !ok {
		o.t.Errorf("pressed: %d to %s", w.Code, w.Header().Get("Location"))
	}
	return note
}

// Somebody of one merchant must not see, retry or discard another's job, nor learn that it exists.
func TestJobsOfAnotherMerchantAreNotThere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		other := o.addMerchant("Other")
		foreign := o.parked(other, "CANARY", nil)
		for _, path := range []string{"/dashboard/test/jobs", "/dashboard/live/jobs"} {
			w := o.get(path)
			if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "CANARY") || strings.Contains(w.Body.String(), string(foreign)) {
				t.Errorf("%s: %d, or it shows the other's job", path, w.Code)
			}
		}
		if note := o.pressed(o.get("/dashboard/test/jobs/" + string(foreign) + "/discard")); note != "job_gone" {
			t.Errorf("the question is answered with %s", note)
		}
		for _, id := range []string{string(foreign), "job_unknown"} {
			for _, what := range []string{"retry", "discard"} {
				if note := o.pressed(o.post("/dashboard/test/jobs/"+id+"/"+what, nil)); note != "job_gone" {
					t.Errorf("%s %s: %s", what, id, note)
				}
			}
		}
		if _, err := s.Read(t.Context()).ParkedJob(other.ID, false, foreign); err != nil {
			t.Errorf("the other's job is gone: %v", err)
		}
	})
}

// A merchant must be able to see what needs him and why, have it done, and not have it done twice by
// pressing twice.
func TestParkedJobIsShownAndRetriedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		id := o.parked(o.merchant, "the carrier said <b>no</b>", func(j *paylink.Job) { j.Payload.Link = "plink_about" })
		page := o.get("/dashboard/test/jobs").Body.String()
		for _, want := range []string{
			"Needs you", "Send a message", "Gave up", "about half a day", "the carrier said &lt;b&gt;no&lt;/b&gt;", "1 try, set aside <time", "22 Nov 2026, 17:30 IST",
			"/dashboard/test/links/plink_about", "Messages to send",
		} {
			if !strings.Contains(page, want) {
				t.Errorf("the page does not say %q", want)
			}
		}
		if live := o.get("/dashboard/live/jobs").Body.String(); strings.Contains(live, string(id)) {
			t.Error("live mode shows the job of the test world")
		}
		if note := o.pressed(o.post("/dashboard/test/jobs/"+string(id)+"/retry", nil)); note != "job_retried" {
			t.Errorf("first press: %s", note)
		}
		if note := o.pressed(o.post("/dashboard/test/jobs/"+string(id)+"/retry", nil)); note != "job_gone" {
			t.Errorf("second press: %s", note)
		}
		counts, err := s.Read(t.Context()).Jobs()
		if err != nil || counts["waiting"] != 1 {
			t.Errorf("%v wait, %v", counts, err)
		}
	})
}

// Work that is given up for good is asked about first, in words that say what does not happen; the
// question itself changes nothing.
func TestDiscardAsksFirstAndIsRemembered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		id := o.parked(o.merchant, "", nil)
		question := o.get("/dashboard/test/jobs/" + string(id) + "/discard").Body.String()
		if !strings.Contains(question, "The message is not sent.") || !strings.Contains(question, "Keep it") {
			t.Error("the question does not say what is at stake")
		}
		if _, err := s.Read(t.Context()).ParkedJob(o.merchant.ID, false, id); err != nil {
			t.Errorf("asking has discarded it: %v", err)
		}
		if note := o.pressed(o.post("/dashboard/test/jobs/"+string(id)+"/discard", nil)); note != "job_discarded" {
			t.Errorf("said %s", note)
		}
		page := o.get("/dashboard/test/jobs?note=job_discarded").Body.String()
		for _, want := range []string{"The job is discarded.", "Recently settled", "Discarded", "Everything is done"} {
			if !strings.Contains(page, want) {
				t.Errorf("the page does not say %q", want)
			}
		}
	})
}

// While another job does the same work a retry would do it twice.
func TestRetrySaysWhenAnotherDoesTheWork(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	keyed := func(j *paylink.Job) { j.Key = "msg_1" }
	id := o.parked(o.merchant, "", keyed)
	o.write(func(tx *store.Tx) {
		j := paylink.Job{ID: paylink.NewJobID(noon), Kind: paylink.JobSend, Merchant: o.merchant.ID, RunAt: noon}
		keyed(&j)
		tx.Enqueue(j, noon)
	})
	if note := o.pressed(o.post("/dashboard/test/jobs/"+string(id)+"/retry", nil)); note != "job_replaced" || remarks[note] == nil {
		t.Errorf("said %s", note)
	}
}

// A form of another site must not have a merchant's messages sent again.
func TestJobsRefuseFormsOfOtherSites(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	id := o.parked(o.merchant, "", nil)
	r := httptest.NewRequest(http.MethodPost, "/dashboard/test/jobs/"+string(id)+"/retry", strings.NewReader(url.Values{}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if w := o.do(r); w.Code != http.StatusForbidden && w.Code != http.StatusUnauthorized {
		t.Errorf("answered %d", w.Code)
	}
	if _, err := o.store.Read(t.Context()).ParkedJob(o.merchant.ID, false, id); err != nil {
		t.Errorf("it was retried: %v", err)
	}
}

// Every kind and reason has words; a merchant cannot read "notify.deliver".
func TestEveryKindOfJobHasWords(t *testing.T) {
	for _, kind := range paylink.JobKinds {
		if jobsWords[kind] == "" || jobWords[kind] == "" || discardSentences[kind] == "" {
			t.Errorf("%s has no words", kind)
		}
	}
	for reason := range reasonLabels {
		if reasonSentences[reason] == "" {
			t.Errorf("%s has no sentence", reason)
		}
	}
}

// A time alone could be that of the last try.
func TestRetriedJobSaysWhenItIsTriedNext(t *testing.T) {
	v := jobs{Retried: []retriedJob{{Name: "Send a message", Tries: "2 tries", Next: when{Machine: "2026-11-22T12:00:00Z", Text: "22 Nov 2026, 17:30 IST"}}}}
	var page strings.Builder
	if err := jobsPage(v).Render(t.Context(), &page); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(page.String(), "next <time") {
		t.Errorf("%s", &page)
	}
}

// A word that needs explaining is explained where it stands, and not where everything is nought.
func TestPutOffIsExplainedWhereSomethingIs(t *testing.T) {
	for _, putOff := range []int64{0, 3} {
		v := jobs{Stands: []stand{{Name: "Messages to send", PutOff: putOff}}, PutOff: putOff > 0}
		var page strings.Builder
		if err := standTable(v).Render(t.Context(), &page); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(page.String(), "others go first") != (putOff > 0) {
			t.Errorf("%d are put off:\n%s", putOff, &page)
		}
	}
}
