package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// job makes one that is due at noon; change makes it another.
func job(id paylink.JobID, change func(*paylink.Job)) paylink.Job {
	j := paylink.Job{ID: id, Kind: paylink.JobSend, Merchant: "mer_a", RunAt: noon}
	if change != nil {
		change(&j)
	}
	return j
}

func addJobs(t *testing.T, s *store.Store, all ...paylink.Job) {
	t.Helper()
	write(t, s, func(tx *store.Tx) {
		for _, j := range all {
			tx.Enqueue(j, noon)
		}
	})
}

// rooms is room for as many jobs of each kind.
func rooms(jobs int, kinds ...string) (list []store.Room) {
	for _, kind := range kinds {
		list = append(list, store.Room{Kind: kind, Jobs: jobs})
	}
	return list
}

// claimJobs claims what is due at the time, for a minute, in the order of their due times: messages to
// send, and the kinds of these tests.
func claimJobs(t *testing.T, s *store.Store, at time.Time) (got []paylink.Job) {
	t.Helper()
	write(t, s, func(tx *store.Tx) {
		var err error
		if got, err = tx.ClaimJobs("worker", rooms(50, paylink.JobSend, "a", "b", odd), at, at.Add(time.Minute), 50); err != nil {
			t.Error(err)
		}
	})
	slices.SortFunc(got, func(a, b paylink.Job) int { return a.RunAt.Compare(b.RunAt) })
	return got
}

// A job that forgets what it is about cannot be done; one that is claimed carries its fence.
func TestJobComesBackWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		said := job("job_1", func(j *paylink.Job) {
			j.Kind, j.Key, j.Live, j.RunAt = odd, odd, true, noon.Add(-time.Microsecond)
			j.Payload = paylink.JobPayload{Link: "plink_1", Message: "msg_1", Payment: "pay_1", Notice: "ntc_1", Delivery: "whd_1", Tries: 1 << 62, Once: true}
		})
		bare := job("job_2", nil)
		addJobs(t, s, said, bare, job("job_3", func(j *paylink.Job) { j.RunAt = noon.Add(time.Microsecond) }))
		said.Attempts, said.Fence, bare.Attempts, bare.Fence = 1, 1, 1, 1
		same(t, "due at noon", []paylink.Job{said, bare}, claimJobs(t, s, noon), nil)
		same(t, "due again", nil, claimJobs(t, s, noon), nil)
		counts, err := s.Read(t.Context()).Jobs()
		same(t, "counts", map[string]int64{"running": 2, "waiting": 1}, counts, err)
	})
}

// A worker whose webhooks are full still sends messages; the oldest due job of a kind comes first, no more
// than there is room for, and the urgent kinds first when not everything can be taken.
func TestClaimTakesTheOldestDueOfEachKindWithRoom(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		for i, kind := range []string{"b", "a", "c", "a", "b"} {
			addJobs(t, s, job(paylink.JobID(rune('v'+i)), func(j *paylink.Job) { j.Kind, j.RunAt = kind, noon.Add(time.Duration(i-4)*time.Second) }))
		}
		claim := func(limit int, rooms ...store.Room) (ids []string) {
			write(t, s, func(tx *store.Tx) {
				ids = nil
				got, err := tx.ClaimJobs("w", rooms, noon, noon.Add(time.Minute), limit)
				if err != nil {
					t.Error(err)
				}
				for _, j := range got {
					ids = append(ids, string(j.ID))
				}
			})
			slices.Sort(ids)
			return ids
		}
		same(t, "no room", nil, claim(9), nil)
		same(t, "room for others", nil, claim(9, rooms(9, "d")...), nil)
		same(t, "one of each", []string{"v", "x"}, claim(9, rooms(1, "b", "c")...), nil)
		same(t, "one", []string{"w"}, claim(1, rooms(9, "a", "b")...), nil)
		same(t, "the rest", []string{"y", "z"}, claim(9, rooms(9, "c", "a", "b")...), nil)
	})
}

// A second job with a key that waits or runs would do the same work twice; another kind's key is its
// own, and no key is no tie.
func TestKeyIsUniqueAmongAKindsUnfinishedJobs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		keyed := func(id paylink.JobID, kind, key string) paylink.Job {
			return job(id, func(j *paylink.Job) { j.Kind, j.Key = kind, key })
		}
		addJobs(t, s, keyed("1", "a", "k"), keyed("2", "a", "k"), keyed("3", "b", "k"), keyed("4", "a", ""), keyed("5", "a", ""))
		var first paylink.Job
		var got []string
		for _, j := range claimJobs(t, s, noon) {
			if got = append(got, string(j.ID)); j.ID == "1" {
				first = j
			}
		}
		slices.Sort(got)
		same(t, "claimed", []string{"1", "3", "4", "5"}, got, nil)
		addJobs(t, s, keyed("6", "a", "k"))
		same(t, "while it runs", nil, claimJobs(t, s, noon), nil)
		write(t, s, func(tx *store.Tx) { tx.FinishJob(first, noon) })
		addJobs(t, s, keyed("7", "a", "k"))
		if again := claimJobs(t, s, noon); len(again) != 1 || again[0].ID != "7" {
			t.Errorf("after it is done: %v", again)
		}
	})
}

// A schedule in a test world follows its sandbox clock, and only there: a live job that did would send
// a reminder a day early.
func TestEnqueueTranslatesWorldTimeOfTheTestWorldOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		write(t, s, func(tx *store.Tx) { tx.AdvanceClock("mer_a", time.Hour) })
		for _, c := range []struct {
			live, world bool
			due         time.Time
		}{{false, true, noon.Add(-time.Hour)}, {true, true, noon}, {false, false, noon}, {true, false, noon}} {
			addJobs(t, s, job("job_1", func(j *paylink.Job) { j.Live, j.World = c.live, c.world }))
			due, err := s.Read(t.Context()).NextJobs([]string{"other", paylink.JobSend})
			same(t, fmt.Sprintf("live %t, world %t: due", c.live, c.world), []time.Time{{}, c.due}, due, err)
			for _, j := range claimJobs(t, s, noon) {
				if j.World != (c.world && !c.live) {
					t.Errorf("live %t, world %t: came back as world %t", c.live, c.world, j.World)
				}
				write(t, s, func(tx *store.Tx) { tx.FinishJob(j, noon) })
			}
		}
		due, err := s.Read(t.Context()).NextJobs([]string{paylink.JobSend})
		same(t, "due when nothing waits", []time.Time{{}}, due, err)
	})
}

// A large test world is moved bit by bit; each job moves by what the clock moved since, once, whether
// the clock was moved once or twice in between, and a running job stays where it is.
func TestWorldJobsMoveInBatchesAndOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		later := func(id paylink.JobID, in time.Duration, change func(*paylink.Job)) paylink.Job {
			return job(id, func(j *paylink.Job) {
				j.World, j.RunAt = true, noon.Add(in)
				if change != nil {
					change(j)
				}
			})
		}
		addJobs(t, s, later("running", 0, nil))
		running := claimJobs(t, s, noon)[0]
		for i := range 7 {
			addJobs(t, s, later(paylink.JobID(rune('a'+i)), time.Duration(i+1)*time.Hour, nil))
		}
		addJobs(t, s, later("other", 2*time.Hour, func(j *paylink.Job) { j.Merchant = "mer_b" }), later("live", 3*time.Hour, func(j *paylink.Job) { j.Live = true }),
			later("real", 4*time.Hour, func(j *paylink.Job) { j.World = false }))
		move := func() (moved int64) {
			write(t, s, func(tx *store.Tx) {
				var err error
				if moved, err = tx.MoveWorldJobs("mer_a", 3); err != nil {
					t.Error(err)
				}
			})
			return moved
		}
		write(t, s, func(tx *store.Tx) { tx.AdvanceClock("mer_a", time.Hour) })
		moved := []int64{move()}
		write(t, s, func(tx *store.Tx) { tx.AdvanceClock("mer_a", 2*time.Hour) })
		moved = append(moved, move(), move(), move(), move())
		same(t, "moved", []int64{3, 3, 3, 1, 0}, moved, nil)

		// Put back, the running job waits for a real time, at the clock's present offset.
		write(t, s, func(tx *store.Tx) { tx.PostponeJob(running, noon.Add(time.Minute), 1, "") })
		same(t, "moved after a postponement", 0, move(), nil)
		due := map[paylink.JobID]time.Duration{}
		for _, j := range claimJobs(t, s, noon.Add(24*time.Hour)) {
			due[j.ID] = j.RunAt.Sub(noon)
		}
		want := map[paylink.JobID]time.Duration{"running": time.Minute, "other": 2 * time.Hour, "live": 3 * time.Hour, "real": 4 * time.Hour}
		for i := range 7 {
			want[paylink.JobID(rune('a'+i))] = time.Duration(i-2) * time.Hour
		}
		same(t, "due", want, due, nil)
	})
}

// What a worker learned goes back with the job, and only the worker that holds it may put it back,
// end it, or give it up; a late one leaves nothing behind.
func TestOnlyTheHolderOfAJobEndsIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		addJobs(t, s, job("job_1", nil))
		slow := claimJobs(t, s, noon)[0]
		reclaim := func(at time.Time) (n int64) {
			write(t, s, func(tx *store.Tx) {
				var err error
				if n, err = tx.ReclaimJobs(at, 50); err != nil {
					t.Error(err)
				}
			})
			return n
		}
		out := noon.Add(time.Minute)
		same(t, "reclaimed while the lease lasts", 0, reclaim(out), nil)
		beat := func(held store.Lease, until time.Time) {
			write(t, s, func(tx *store.Tx) { tx.BeatJobs([]store.Lease{held}, until) })
		}
		beat(store.Lease{Job: slow.ID, Fence: slow.Fence - 1}, out.Add(time.Hour)) // of whom it was lost to
		beat(store.Lease{Job: slow.ID, Fence: slow.Fence}, out.Add(time.Second))
		same(t, "reclaimed after a beat", 0, reclaim(out.Add(time.Second)), nil)
		same(t, "reclaimed after the lease", 1, reclaim(out.Add(time.Second+1000)), nil)
		late := func(when string) {
			t.Helper()
			for name, end := range map[string]func(*store.Tx){
				"finish":   func(tx *store.Tx) { tx.FinishJob(slow, noon) },
				"postpone": func(tx *store.Tx) { tx.PostponeJob(slow, noon, 1, "") },
				"park":     func(tx *store.Tx) { tx.ParkJob(slow, "gave_up", "late", noon) },
			} {
				err := s.Write(t.Context(), func(tx *store.Tx) error { tx.AdvanceClock("mer_a", 1000); end(tx); return nil })
				if err != store.ErrLeaseLost {
					t.Errorf("%s, %s: %v", when, name, err)
				}
			}
		}
		late("while it waits")
		quick := claimJobs(t, s, noon)[0]
		late("while another runs it")
		want := job("job_1", func(j *paylink.Job) { j.Attempts, j.Fence = 2, 2 })
		same(t, "claimed again", want, quick, nil)

		quick.Payload.Tries = 3
		write(t, s, func(tx *store.Tx) { tx.PostponeJob(quick, noon.Add(time.Hour), 0, "the gateway is down") })
		want = job("job_1", func(j *paylink.Job) {
			j.Attempts, j.Fence, j.Payload.Tries, j.RunAt, j.LastError = 1, 3, 3, noon.Add(time.Hour), "the gateway is down"
		})
		last := claimJobs(t, s, noon.Add(time.Hour))[0]
		same(t, "after it was put back", want, last, nil)

		write(t, s, func(tx *store.Tx) { tx.ParkJob(last, "gave_up", odd, noon.Add(2*time.Hour)) })
		late("after it was parked")
		counts, err := s.Read(t.Context()).Jobs()
		same(t, "left", map[string]int64{}, counts, err)
		m, err := s.Read(t.Context()).Merchant("mer_a")
		same(t, "what travelled with the late", 0, m.ClockOffset, err)
	})
}
