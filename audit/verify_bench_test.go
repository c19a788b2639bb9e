package audit_test

import (
	"flag"
	"syscall"
	"testing"
	"time"

	"paylink/audit/audittest"
	"paylink/store"
	"paylink/store/storetest"
)

var benchLinks = flag.Int("links", 5000, "paid links in the database that BenchmarkVerify reads")

// How many events of one merchant are proven in a second: go test ./audit -bench Verify -run '^$' -links 100000
func BenchmarkVerify(b *testing.B) {
	for _, kind := range storetest.Kinds {
		b.Run(kind, func(b *testing.B) {
			url := storetest.URL(b, kind)
			s := storetest.OpenURL(b, url)
			if err := s.Migrate(b.Context(), noon); err != nil {
				b.Fatal(err)
			}
			if err := audittest.Merchant(b.Context(), s, "mer_a", noon); err != nil {
				b.Fatal(err)
			}
			if err := audittest.Fill(b.Context(), s, "mer_a", 0, *benchLinks, noon); err != nil {
				b.Fatal(err)
			}
			sealAll(b, s)
			reader, err := store.OpenReader(b.Context(), url, store.Options{}) // as the command does
			if err != nil {
				b.Fatal(err)
			}
			defer reader.Close()
			v := verifier(b, reader)
			before := spent(b)
			b.ResetTimer()
			events := int64(0)
			for b.Loop() {
				r, err := v.Verify(b.Context())
				if err != nil || r.Broken != nil {
					b.Fatal(r, err)
				}
				events += r.Events
			}
			b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(spent(b)-before)/float64(time.Microsecond)/float64(events), "cpu-µs/event")
		})
	}
}

// spent is the processor time of this process so far, which other processes on the machine do not change.
func spent(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
