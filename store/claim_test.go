package store_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// crowd is how many jobs a merchant has queued who must not keep the others waiting.
const crowd = 20_000

// addCrowd queues that many messages of mer_a at once, in the bounds of a transaction.
func addCrowd(t *testing.T, s *store.Store, change func(*paylink.Job)) {
	t.Helper()
	for from := 0; from < crowd; from += 2_000 {
		write(t, s, func(tx *store.Tx) {
			for i := range 2_000 {
				tx.Enqueue(job(paylink.JobID(fmt.Sprintf("a%05d", from+i)), change), noon)
			}
		})
	}
}

// claimed counts a claim by merchant.
func claimed(t *testing.T, s *store.Store, room store.Room, at time.Time, limit int) (by map[paylink.MerchantID]int) {
	t.Helper()
	write(t, s, func(tx *store.Tx) {
		by = map[paylink.MerchantID]int{}
		got, err := tx.ClaimJobs("w", []store.Room{room}, at, at.Add(time.Minute), limit)
		if err != nil {
			t.Error(err)
		}
		for _, j := range got {
			by[j.Merchant]++
		}
	})
	return by
}

// A merchant queues 20,000 messages and a second later another queues one: it must not wait for the
// 20,000. Alone, the first is not slowed by his turns being put off.
func TestWhoQueuesOneStandsBeforeTheRestOfALongQueue(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		addCrowd(t, s, nil)
		room := store.Room{Kind: paylink.JobSend, Jobs: 50}
		same(t, "alone", map[paylink.MerchantID]int{"mer_a": 50}, claimed(t, s, room, noon, 50), nil)
		later := noon.Add(time.Second)
		write(t, s, func(tx *store.Tx) {
			tx.Enqueue(job("b", func(j *paylink.Job) { j.Merchant, j.RunAt = "mer_b", later }), later)
		})
		// By then 150 of the first merchant's turns have come and were not worked off.
		var claims int
		for found := false; !found && claims < 10; claims++ {
			found = claimed(t, s, room, later, 50)["mer_b"] == 1
		}
		if claims != 4 {
			t.Errorf("the other's job came in claim %d, behind more or less than the turns that had come", claims)
		}
	})
}

// Nobody worked for an hour and the turns of all 20,000 have come: a merchant who holds his share of the
// workers lets others go first, whether they stand at the end of the queue or among those put off.
func TestCrowdLetsOthersGoFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b", "mer_c")
		addCrowd(t, s, nil)
		later := noon.Add(time.Hour)
		write(t, s, func(tx *store.Tx) {
			tx.Enqueue(job("b", func(j *paylink.Job) { j.Merchant, j.RunAt = "mer_b", later }), later)
			tx.Enqueue(job("c", func(j *paylink.Job) { j.Merchant, j.RunAt, j.Priority = "mer_c", later, paylink.JobBulk }), later)
		})
		room := store.Room{Kind: paylink.JobSend, Jobs: 10, Crowd: "mer_a"}
		same(t, "first", map[paylink.MerchantID]int{"mer_a": 8, "mer_b": 1, "mer_c": 1}, claimed(t, s, room, later, 50), nil)
		same(t, "then", map[paylink.MerchantID]int{"mer_a": 10}, claimed(t, s, room, later, 50), nil)
		room.Crowd = ""
		same(t, "then, without a crowd", map[paylink.MerchantID]int{"mer_a": 5}, claimed(t, s, room, later, 5), nil)
	})
}

// Bulk work lets what comes within ten minutes go first, urgent work lets nobody go first, and neither
// is done before it is due.
func TestPrioritiesMoveTheTurnAndNotTheDueTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		add := func(id paylink.JobID, p paylink.JobPriority, at time.Time) {
			addJobs(t, s, job(id, func(j *paylink.Job) { j.Priority, j.RunAt = p, at }))
		}
		add("bulk", paylink.JobBulk, noon)
		add("first", paylink.JobNormal, noon)
		add("second", paylink.JobNormal, noon)
		add("urgent", paylink.JobUrgent, noon)
		add("later", paylink.JobUrgent, noon.Add(time.Millisecond))
		add("bulk later", paylink.JobBulk, noon.Add(20*time.Millisecond))
		order := func(at time.Time) (ids string) {
			for {
				var got []paylink.Job
				write(t, s, func(tx *store.Tx) {
					var err error
					if got, err = tx.ClaimJobs("w", rooms(1, paylink.JobSend), at, at.Add(time.Minute), 50); err != nil {
						t.Error(err)
					}
				})
				if len(got) == 0 {
					return ids
				}
				ids += string(got[0].ID) + " "
			}
		}
		same(t, "at noon", "first urgent second bulk ", order(noon), nil)
		same(t, "a second later", "later bulk later ", order(noon.Add(time.Second)), nil)
	})
}

// An older build beside this one, in a rolling upgrade, knows no turns: its jobs are done when they are
// due, and those for later do not look as if they were due now.
func TestJobsOfAnOlderBuildAreDoneInTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		addJobs(t, s, job("due", nil), job("later", func(j *paylink.Job) { j.RunAt = noon.Add(time.Hour) }))
		write(t, s, func(tx *store.Tx) {
			if _, err := tx.Exec(`UPDATE jobs SET turn = 0`); err != nil {
				t.Error(err)
			}
		})
		turnless, err := s.Read(t.Context()).TurnlessJobs(noon)
		same(t, "before", true, turnless, err)
		if got := claimJobs(t, s, noon); len(got) != 1 || got[0].ID != "due" {
			t.Errorf("claimed %v", got)
		}
		write(t, s, func(tx *store.Tx) {
			n, err := tx.GiveTurns(noon, 50)
			same(t, "given", 1, n, err)
		})
		turnless, err = s.Read(t.Context()).TurnlessJobs(noon)
		same(t, "after", false, turnless, err)
		due, err := s.Read(t.Context()).NextJobs([]string{paylink.JobSend})
		same(t, "next", []time.Time{noon.Add(time.Hour)}, due, err)
	})
}

// A claim that reads what waits costs more the more waits, and the queue that is behind stays behind.
func TestClaimReadsOnlyWhatItTakes(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	addMerchants(t, s, "mer_a")
	asked := s.ListenIn(t, func(tx *store.Tx) error {
		all := rooms(9, paylink.JobKinds...)
		all[2].Crowd = "mer_a"
		_, err := tx.ClaimJobs("w", all, noon, noon.Add(time.Minute), 9)
		return err
	})
	allowed := regexp.MustCompile(`^SEARCH jobs USING INDEX (jobs_by_turn \(kind=\? AND turn<\?\)|jobs_put_off \(kind=\? AND turn>\?\)|sqlite_autoindex_jobs_1 \(id=\?\))$`)
	searches := 0
	for _, step := range s.Plan(t, asked[0]) {
		if strings.Contains(step, "jobs") {
			searches++
			if !allowed.MatchString(step) {
				t.Errorf("%q", step)
			}
		}
	}
	// Two for each kind, four more for the one that is crowded, and the change itself.
	if want := 2*len(paylink.JobKinds) + 4 + 1; searches != want {
		t.Errorf("%d searches, want %d", searches, want)
	}
}

// On PostgreSQL too, with the figures of a table that has long waited to be looked at: a million expiries
// of later links stand in the same table.
func TestClaimUsesItsIndexesOnPostgres(t *testing.T) {
	s := storetest.Open(t, "postgres")
	addMerchants(t, s, "mer_a")
	write(t, s, func(tx *store.Tx) {
		_, err := tx.Exec(`
			INSERT INTO jobs (id, kind, merchant_id, livemode, world, world_offset, payload, state, run_at, attempts, fence, worker, last_error, created_at, turn)
			SELECT 'j' || n, CASE WHEN n % 10 = 0 THEN 'dispatch.send' ELSE 'issue.expire' END, 'mer_a', 0, 0, 0, '{}', 'waiting', n, 0, 0, '', '', n, n
			FROM generate_series(1, 50000) AS n`)
		if err != nil {
			t.Error(err)
		}
	})
	if err := s.Read(t.Context()).Rows(`ANALYZE jobs`, nil, func(func(...any) error) error { return nil }); err != nil {
		t.Fatal(err)
	}
	for name, room := range map[string]store.Room{
		"plain": {Kind: paylink.JobSend, Jobs: 50}, "crowded": {Kind: paylink.JobSend, Jobs: 50, Crowd: "mer_a"}, "later": {Kind: paylink.JobExpire, Jobs: 16},
	} {
		asked := s.ListenIn(t, func(tx *store.Tx) error {
			_, err := tx.ClaimJobs("w", []store.Room{room}, noon, noon.Add(time.Minute), 50)
			return err
		})
		plan := s.PlanOnPostgres(t, asked[0])
		if strings.Contains(plan, "Seq Scan on jobs") || !strings.Contains(plan, "jobs_by_turn") || !strings.Contains(plan, "jobs_put_off") {
			t.Errorf("%s:\n%s", name, plan)
		}
	}
}
