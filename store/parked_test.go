package store_test

import (
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// parkOne queues a job, claims it and parks it.
func parkOne(t *testing.T, s *store.Store, j paylink.Job, reason string) paylink.Job {
	t.Helper()
	addJobs(t, s, j)
	got := claimJobs(t, s, noon)
	if len(got) != 1 {
		t.Fatalf("claimed %d jobs", len(got))
	}
	got[0].Payload.Tries = 7
	write(t, s, func(tx *store.Tx) { tx.ParkJob(got[0], reason, odd, noon.Add(time.Minute)) })
	return got[0]
}

// What is set aside for a person must come back as it was, or it cannot be judged and not be retried.
func TestParkedJobComesBackWholeAndIsRetried(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		said := job("job_1", func(j *paylink.Job) {
			j.Key, j.World, j.Priority, j.Payload.Message = odd, true, paylink.JobBulk, "msg_1"
		})
		parkOne(t, s, said, "gave_up")
		want := store.ParkedJob{Job: said, Reason: "gave_up", CreatedAt: noon, ParkedAt: noon.Add(time.Minute)}
		want.Job.Payload.Tries, want.Job.Attempts, want.Job.LastError, want.Job.RunAt = 7, 1, odd, time.Time{}
		read := s.Read(t.Context())
		got, err := read.ParkedJobs("mer_a", false, 9)
		same(t, "list", []store.ParkedJob{want}, got, err)
		one, err := read.ParkedJob("mer_a", false, "job_1")
		same(t, "one", want, one, err)

		// Another merchant, and the same one's other mode, have nothing to do with it.
		for _, c := range []struct {
			merchant paylink.MerchantID
			live     bool
		}{{"mer_b", false}, {"mer_a", true}} {
			got, err := read.ParkedJobs(c.merchant, c.live, 9)
			same(t, "another's list", nil, got, err)
			_, err = read.ParkedJob(c.merchant, c.live, "job_1")
			missing(t, "job", "job_1", err)
			err = s.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.RetryJob(c.merchant, c.live, "job_1", noon); return err })
			missing(t, "job", "job_1", err)
			err = s.Write(t.Context(), func(tx *store.Tx) error { return tx.DiscardJob(c.merchant, c.live, "job_1", noon) })
			missing(t, "job", "job_1", err)
		}

		again := noon.Add(time.Hour)
		write(t, s, func(tx *store.Tx) {
			replaced, err := tx.RetryJob("mer_a", false, "job_1", again)
			same(t, "replaced", false, replaced, err)
		})
		back := want.Job
		back.RunAt, back.Fence = again, 1
		jobs := claimJobs(t, s, again)
		same(t, "retried", []paylink.Job{back}, jobs, nil)

		// It is done at the first try, and stands in the history because a person had to help.
		write(t, s, func(tx *store.Tx) { tx.FinishJob(jobs[0], again.Add(time.Second)) })
		past, err := read.PastJobs("mer_a", false, 9)
		same(t, "history", []store.PastJob{{
			ID: "job_1", Kind: paylink.JobSend, Merchant: "mer_a", Outcome: store.JobDone, Attempts: 1, LastError: odd,
			CreatedAt: noon, FinishedAt: again.Add(time.Second),
		}}, past, err)
	})
}

// Two people press Retry at once, or one presses it twice: the message goes out once.
func TestTwoRetriesMakeOneJob(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		parkOne(t, s, job("job_1", nil), "gave_up")
		var mu sync.Mutex
		var retried, none int
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				err := s.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.RetryJob("mer_a", false, "job_1", noon); return err })
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					retried++
				case paylink.IsNotFound(err):
					none++
				default:
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if retried != 1 || none != 7 {
			t.Errorf("%d retried it and %d found nothing", retried, none)
		}
		if got := claimJobs(t, s, noon); len(got) != 1 {
			t.Errorf("%d jobs wait", len(got))
		}
	})
}

// While a job was parked another was made for the same work: that one does it, and the parked one must
// not do it once more.
func TestRetryLeavesTheWorkToAnotherOfTheSameKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		keyed := func(id paylink.JobID) paylink.Job { return job(id, func(j *paylink.Job) { j.Key = "msg_1" }) }
		parkOne(t, s, keyed("old"), "lost")
		addJobs(t, s, keyed("new"))
		write(t, s, func(tx *store.Tx) {
			replaced, err := tx.RetryJob("mer_a", false, "old", noon)
			same(t, "replaced", true, replaced, err)
		})
		if got := claimJobs(t, s, noon); len(got) != 1 || got[0].ID != "new" {
			t.Errorf("claimed %v", got)
		}
		past, err := s.Read(t.Context()).PastJobs("mer_a", false, 9)
		if err != nil || len(past) != 1 || past[0].ID != "old" || past[0].Outcome != store.JobReplaced {
			t.Errorf("history %+v, %v", past, err)
		}
	})
}

// The history holds what needed a second try, tells how it ended, and is forgotten in time.
func TestHistoryHoldsWhatWasNotDoneAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		addJobs(t, s, job("at once", nil), job("twice", nil))
		for _, j := range claimJobs(t, s, noon) {
			write(t, s, func(tx *store.Tx) {
				if j.ID == "twice" {
					tx.PostponeJob(j, noon, 1, "the carrier is down")
					return
				}
				tx.FinishJob(j, noon)
			})
		}
		for _, j := range claimJobs(t, s, noon) {
			write(t, s, func(tx *store.Tx) { tx.FinishJob(j, noon.Add(time.Second)) })
		}
		parkOne(t, s, job("thrown away", nil), "panic")
		write(t, s, func(tx *store.Tx) {
			if err := tx.DiscardJob("mer_a", false, "thrown away", noon.Add(2*time.Second)); err != nil {
				t.Error(err)
			}
		})
		ended := func() (list []string) {
			past, err := s.Read(t.Context()).PastJobs("mer_a", false, 9)
			if err != nil {
				t.Error(err)
			}
			for _, p := range past {
				list = append(list, string(p.ID)+": "+p.Outcome+", "+p.LastError)
			}
			return list
		}
		same(t, "history", []string{"thrown away: discarded, " + odd, "twice: done, the carrier is down"}, ended(), nil)
		write(t, s, func(tx *store.Tx) {
			n, err := tx.ForgetJobs(noon.Add(2*time.Second), 50)
			same(t, "forgotten", 1, n, err)
		})
		same(t, "what is left", []string{"thrown away: discarded, " + odd}, ended(), nil)
	})
}

// A merchant asks what became of his messages, and the operator whether the node keeps up: both must
// see each job in its one state, and the merchant only his own.
func TestJobsAreCountedByKindAndState(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		of := func(id paylink.JobID, change func(*paylink.Job)) paylink.Job {
			return job(id, func(j *paylink.Job) {
				j.Merchant = "mer_b"
				if change != nil {
					change(j)
				}
			})
		}
		parkOne(t, s, job("parked", nil), "gave_up")
		addJobs(t, s, job("again", nil), of("runs", nil))
		for _, j := range claimJobs(t, s, noon) {
			if j.ID == "again" {
				write(t, s, func(tx *store.Tx) { tx.PostponeJob(j, noon.Add(time.Hour), 3, "the carrier is down") })
			}
		}
		addJobs(t, s, job("waits", func(j *paylink.Job) { j.RunAt = noon.Add(-time.Second); j.Priority = paylink.JobUrgent }), of("waits too", nil),
			of("put off", func(j *paylink.Job) { j.Priority = paylink.JobBulk }), of("live", func(j *paylink.Job) { j.Live = true; j.Priority = paylink.JobUrgent }),
			job("later", func(j *paylink.Job) { j.Kind, j.RunAt = paylink.JobExpire, noon.Add(time.Hour) }))
		read, kinds := s.Read(t.Context()), []string{paylink.JobSend, paylink.JobExpire}
		at := noon.Add(10 * time.Millisecond)
		figures, err := read.JobFigures(kinds, at, 100)
		same(t, "figures", []store.JobFigure{
			{Kind: paylink.JobSend, Waiting: 3, PutOff: 1, Later: 1, Running: 1, Parked: 1, Oldest: noon.Add(-time.Second)},
			{Kind: paylink.JobExpire, Later: 1},
		}, figures, err)
		stands, err := read.JobStands("mer_a", false, kinds, at)
		same(t, "the first merchant's", []store.JobStand{{Kind: paylink.JobSend, Waiting: 1, Again: 1, Parked: 1}, {Kind: paylink.JobExpire}}, stands, err)
		stands, err = read.JobStands("mer_b", false, kinds, at)
		same(t, "the second's", []store.JobStand{{Kind: paylink.JobSend, Waiting: 1, PutOff: 1, Running: 1}, {Kind: paylink.JobExpire}}, stands, err)
		retried, err := read.RetriedJobs("mer_a", false, at, 9)
		same(t, "to be tried again", []store.RetriedJob{{
			ID: "again", Kind: paylink.JobSend, Attempts: 3, LastError: "the carrier is down", RunAt: noon.Add(time.Hour),
		}}, retried, err)
		retried, err = read.RetriedJobs("mer_b", false, at, 9)
		same(t, "the second's to be tried again", nil, retried, err)
	})
}
