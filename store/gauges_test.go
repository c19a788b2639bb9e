package store_test

import (
	"context"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// turn gives jobs a turn, as the queue does.
func turn(t *testing.T, s *store.Store, id paylink.JobID, at time.Time) {
	t.Helper()
	write(t, s, func(tx *store.Tx) {
		if n, err := tx.Exec(`UPDATE jobs SET turn = $2 WHERE id = $1`, string(id), store.Micros(at)); err != nil || n != 1 {
			t.Errorf("%d jobs got a turn: %v", n, err)
		}
	})
}

// A gauge that counts scheduled work as a backlog wakes somebody every night, and one that misses put-off
// work never does.
func TestJobsAreCountedWhereTheyAre(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		kinds := []string{paylink.JobSend, paylink.JobAsk}
		read := s.Read(t.Context())
		figures, err := read.JobFigures(kinds, noon, store.CountedMost)
		same(t, "figures of nothing", []store.JobFigure{{Kind: paylink.JobSend}, {Kind: paylink.JobAsk}}, figures, err)

		later := noon.Add(time.Hour)
		addJobs(t, s,
			job("job_1", nil), job("job_2", nil), job("job_3", nil),
			job("job_4", func(j *paylink.Job) { j.RunAt = later }),
			job("job_5", func(j *paylink.Job) { j.Kind = paylink.JobAsk }))
		for id, at := range map[paylink.JobID]time.Time{"job_1": noon, "job_2": noon, "job_3": later, "job_4": later, "job_5": noon} {
			turn(t, s, id, at)
		}
		write(t, s, func(tx *store.Tx) {
			const lease = `UPDATE jobs SET state = 'running', lease_until = $1, worker = 'w' WHERE id = 'job_5'`
			const park = `
				INSERT INTO jobs_parked (merchant_id, id, livemode, kind, key, world, priority, payload, attempts, reason, last_error, created_at, parked_at)
				VALUES ('mer_a', 'job_6', 0, $1, NULL, 0, 0, '{}', 20, 'gave_up', '', $2, $2)`
			tx.Put(lease, store.Micros(later))
			tx.Put(park, paylink.JobAsk, store.Micros(noon))
		})
		figures, err = read.JobFigures(kinds, noon, store.CountedMost)
		same(t, "figures", []store.JobFigure{
			{Kind: paylink.JobSend, Waiting: 2, PutOff: 1, Later: 1, Oldest: noon}, {Kind: paylink.JobAsk, Running: 1, Parked: 1},
		}, figures, err)
	})
}

// What is told of events, payments and endpoints is asked of every scrape; it must be right on both
// databases, and nothing where there is nothing.
func TestGaugesCountWhatStands(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		read := s.Read(t.Context())
		n, oldest, err := read.UnsealedEvents()
		same(t, "unsealed events", 0, n, err)
		same(t, "the oldest of none", time.Time{}, oldest, nil)
		unknown, err := read.UnknownPayments()
		same(t, "unknown payments", 0, unknown, err)
		parked, err := read.ParkedEndpoints()
		same(t, "parked endpoints", 0, parked, err)
		live, err := read.LiveAccounts()
		same(t, "live accounts", false, live, err)
		if size, err := s.Size(t.Context()); err != nil || size < 10_000 {
			t.Errorf("a database of %d bytes, %v", size, err)
		}

		addMerchants(t, s, "mer_a")
		addLinks(t, s, link("mer_a", "plink_1", nil))
		addPayments(t, s, payment("pay_1", func(p *paylink.Payment) { p.Status = paylink.PaymentUnknown }), payment("pay_2", nil))
		write(t, s, func(tx *store.Tx) {
			tx.AppendEvent(event("evt_1", noon.Add(time.Second), nil))
			tx.AppendEvent(event("evt_2", noon, nil))
		})
		n, oldest, err = read.UnsealedEvents()
		same(t, "unsealed events", 2, n, err)
		same(t, "the oldest", noon, oldest, nil)
		unknown, err = read.UnknownPayments()
		same(t, "unknown payments", 1, unknown, err)
	})
}

// A scrape must cost the same beside a million jobs: each count begins at its place in an index.
func TestGaugesUseTheirIndexes(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	for name, fn := range map[string]func(store.Reader) error{
		"JobFigures": func(r store.Reader) error {
			_, err := r.JobFigures([]string{paylink.JobSend}, noon, store.CountedMost)
			return err
		},
		"UnsealedEvents":  func(r store.Reader) error { _, _, err := r.UnsealedEvents(); return err },
		"UnknownPayments": func(r store.Reader) error { _, err := r.UnknownPayments(); return err },
		"TraceOfJob": func(r store.Reader) error {
			_, err := r.TraceOfJob(paylink.Job{Merchant: "mer_a", Payload: paylink.JobPayload{Delivery: "whd_1"}})
			return err
		},
	} {
		wantIndexed(t, s, name, s.Listen(t, fn))
	}
}

// A job that cannot find under which trace its link was made stands alone, and a link's way falls apart;
// a link that nobody traced must find nothing.
func TestJobsFindTheTraceOfTheirLink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
		addMerchants(t, s, "mer_a", "mer_b")
		ctx := paylink.WithTrace(context.Background(), trace)
		err := s.Write(ctx, func(tx *store.Tx) error {
			tx.InsertLink(link("mer_a", "plink_1", nil))
			tx.Enqueue(job("job_1", nil), noon)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		addLinks(t, s, link("mer_a", "plink_2", nil))
		addPayments(t, s, payment("pay_1", nil))
		addJobs(t, s, job("job_2", nil))
		for _, c := range []struct {
			merchant paylink.MerchantID
			about    paylink.JobPayload
			want     string
		}{
			{"mer_a", paylink.JobPayload{Link: "plink_1"}, trace},
			{"mer_a", paylink.JobPayload{Payment: "pay_1"}, trace},
			{"mer_a", paylink.JobPayload{Link: "plink_2"}, ""},
			{"mer_a", paylink.JobPayload{Link: "plink_3"}, ""},
			{"mer_b", paylink.JobPayload{Link: "plink_1"}, ""},
			{"mer_a", paylink.JobPayload{Delivery: "whd_none"}, ""},
			{"mer_a", paylink.JobPayload{Notice: "ntc_1"}, ""},
		} {
			got, err := s.Read(t.Context()).TraceOfJob(paylink.Job{Merchant: c.merchant, Payload: c.about})
			same(t, "the trace", c.want, got, err)
		}
		carried := map[paylink.JobID]string{}
		for _, j := range claimJobs(t, s, noon) {
			carried[j.ID] = j.Payload.Trace
		}
		same(t, "what the jobs carry", map[paylink.JobID]string{"job_1": trace, "job_2": ""}, carried, nil)
	})
}
