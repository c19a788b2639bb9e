package bulk_test

import (
	"context"
	"syscall"
	"testing"
	"time"

	"paylink"
	"paylink/audit"
	"paylink/queue"
	"paylink/store/storetest"
)

// benchRows is how many rows the file has. The measure on a machine that does other things beside is the
// processor's time for a row; on PostgreSQL the server's own comes on top.
const benchRows = 20_000

// A file becomes links: validated and made, with the sealing of their events beside it.
func BenchmarkFileBecomesLinks(b *testing.B) {
	for _, kind := range storetest.Kinds {
		b.Run(kind, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				w := newWorld(b, storetest.Open(b, kind))
				ctx, stop := context.WithCancel(b.Context())
				ended := make(chan error, 2)
				q := queue.New(w.store, queue.Options{Now: time.Now})
				w.uploads.Now = time.Now
				w.uploads.Register(q)
				go func() { ended <- q.Work(ctx) }()
				go func() { ended <- audit.New(audit.Deps{Store: w.store, Now: time.Now, Log: w.uploads.Log}).Work(ctx) }()
				file := many(benchRows)
				b.StartTimer()
				began, used := time.Now(), processor(b)
				id := w.send(file, nil).Bulk.ID
				validated := time.Duration(0)
				for w.bulk(id).Open() {
					if validated == 0 && w.bulk(id).Status == paylink.BulkCreating {
						validated = time.Since(began)
					}
					time.Sleep(20 * time.Millisecond)
				}
				took := time.Since(began)
				b.ReportMetric(benchRows/took.Seconds(), "rows/s")
				b.ReportMetric(float64((processor(b)-used).Microseconds())/benchRows, "cpu-µs/row")
				b.ReportMetric(float64(validated.Microseconds())/benchRows, "validating-µs/row")
				if got := w.bulk(id); got.Made != benchRows {
					b.Errorf("%s", got.Summary())
				}
				stop()
				for range 2 {
					if err := <-ended; err != nil {
						b.Error(err)
					}
				}
			}
		})
	}
}

// processor is the processor time that this process has used.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
