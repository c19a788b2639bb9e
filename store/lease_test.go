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

// A node runs more jobs than one transaction may change: all their leases are prolonged, a batch at a
// time, and when it dies all its jobs fall free.
func TestLeasesAreProlongedAndFreedInBatches(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		for i := range 120 {
			addJobs(t, s, job(paylink.JobID(fmt.Sprintf("job_%03d", i)), nil))
		}
		for range 3 {
			claimJobs(t, s, noon)
		}
		repeat := func(some func(*store.Tx) (int64, error)) (batches []int64) {
			for {
				var n int64
				write(t, s, func(tx *store.Tx) {
					var err error
					if n, err = some(tx); err != nil {
						t.Error(err)
					}
				})
				if batches = append(batches, n); n < 50 {
					return batches
				}
			}
		}
		until := noon.Add(5 * time.Minute)
		held, err := s.Read(t.Context()).JobsOf("worker")
		same(t, "held", 120, len(held), err)
		for some := range slices.Chunk(held, 50) {
			write(t, s, func(tx *store.Tx) { tx.BeatJobs(some, until) })
		}
		silent, err := s.Read(t.Context()).SilentJobs(until)
		same(t, "silent while the lease lasts", false, silent, err)
		after := until.Add(time.Second)
		silent, err = s.Read(t.Context()).SilentJobs(after)
		same(t, "silent after it", true, silent, err)
		same(t, "freed", []int64{50, 50, 20}, repeat(func(tx *store.Tx) (int64, error) { return tx.ReclaimJobs(after, 50) }), nil)
		counts, err := s.Read(t.Context()).Jobs()
		same(t, "counts", map[string]int64{"waiting": 120}, counts, err)
	})
}
