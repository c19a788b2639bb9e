package telemetry

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Look gives what stands, besides what was counted. Both are asked when somebody scrapes.
type Look struct {
	Process  func() Process                          // cheap: asked at every scrape
	Database func(context.Context) (Database, error) // asked at most every Every, for at most Within
	Now      func() time.Time
	Every    time.Duration // 0: 5 s
	Within   time.Duration // 0: 3 s
}

// Process is what stands in this process.
type Process struct {
	Streams           int   // open event streams
	Commits, LogBytes int64 // of the store, and of SQLite's log
	Pool              Pool
	CertificateEnds   time.Time // of the one that is served now; zero: none is
}

// Pool is the store's connections.
type Pool struct {
	Most, InUse, Idle, Waits int64
	Waited                   time.Duration
}

// Database is what stands in the database, and beside it.
type Database struct {
	Jobs            map[JobState]int64
	OldestDue       map[string]time.Duration // by kind
	Unsealed        int64
	OldestUnsealed  time.Duration
	UnknownPayments int64
	Bytes           int64
	DiskFree        int64     // of the database's file system; -1: it is elsewhere
	LastBackup      time.Time // zero: not known of any
}

// JobState is where jobs of a kind are: waiting (due), put_off (due, behind others), scheduled (for later), running, parked.
type JobState struct{ Kind, State string }

// scrape hands what stands to Prometheus.
type scrape struct {
	look Look

	mu    sync.Mutex
	at    time.Time
	known bool // what was seen at that time
	seen  Database

	up, streams, commits, logBytes, poolConns, poolMost, poolWaits, poolWaited, certificate *prometheus.Desc
	jobs, oldestDue, unsealed, oldestUnsealed, unknown, bytes, diskFree, backup             *prometheus.Desc
}

func (s *scrape) describe(m *Metrics) {
	desc := func(name, kind, help, when string, labels ...string) *prometheus.Desc {
		m.note(name, kind, help, when, labels)
		return prometheus.NewDesc(name, help, labels, nil)
	}
	s.streams = desc("paylink_streams_open", "gauge", "Pages and programs that listen to live events on this node.", "")
	s.commits = desc("paylink_store_commits_total", "counter", "Commits. Writes divided by commits is the size of a group on SQLite.", "")
	s.logBytes = desc("paylink_store_wal_bytes", "gauge", "Size of SQLite's write-ahead log.", "on SQLite")
	s.poolConns = desc("paylink_store_pool_connections", "gauge", "Connections to the database by state: in_use, idle. On SQLite, those that read.", "", "state")
	s.poolMost = desc("paylink_store_pool_connections_max", "gauge", "How many there may be.", "")
	s.poolWaits = desc("paylink_store_pool_waits_total", "counter", "How often somebody had to wait for a connection.", "")
	s.poolWaited = desc("paylink_store_pool_wait_seconds_total", "counter", "How long, summed up.", "")
	s.certificate = desc("paylink_tls_certificate_expiry_timestamp_seconds", "gauge", "Until when the certificate that is served now is good.", "when this node ends TLS")

	s.up = desc("paylink_database_up", "gauge", "1 when the database answered the questions below, which it is asked at most every five seconds; 0 when it did not, and then they are missing.", "")
	s.jobs = desc("paylink_jobs", "gauge", "Jobs in the whole cell by state: waiting (due), put_off (due, behind others), scheduled (for later), running, parked. Counted up to 10,000.", "", "kind", "state")
	s.oldestDue = desc("paylink_job_oldest_due_seconds", "gauge", "How long the first job in line of a kind has been due.", "while one is due", "kind")
	s.unsealed = desc("paylink_events_unsealed", "gauge", "Events that wait for their place. Counted up to 10,000.", "")
	s.oldestUnsealed = desc("paylink_event_oldest_unsealed_seconds", "gauge", "How long the oldest of them waits; 0 when none does.", "")
	s.unknown = desc("paylink_payments_unknown", "gauge", "Payments of which nobody knows the end yet. Counted up to 10,000.", "")
	s.bytes = desc("paylink_database_size_bytes", "gauge", "Size of the database.", "")
	s.diskFree = desc("paylink_disk_free_bytes", "gauge", "Free space on the file system of the database.", "on SQLite")
	s.backup = desc("paylink_backup_last_success_timestamp_seconds", "gauge", "When the last backup was completed.", "once there was one")
}

// Describe sends nothing: the registry then takes what Collect gives as it comes.
func (s *scrape) Describe(chan<- *prometheus.Desc) {}

// Collect looks and tells. It is called by several scrapes at once, who then wait for one look.
func (s *scrape) Collect(out chan<- prometheus.Metric) {
	s.process(out, s.look.Process())
	d, ok := s.database()
	gauge(out, s.up, map[bool]float64{true: 1}[ok])
	if !ok {
		return
	}
	for j, n := range d.Jobs {
		gauge(out, s.jobs, float64(n), j.Kind, j.State)
	}
	for kind, age := range d.OldestDue {
		gauge(out, s.oldestDue, age.Seconds(), kind)
	}
	gauge(out, s.unsealed, float64(d.Unsealed))
	gauge(out, s.oldestUnsealed, d.OldestUnsealed.Seconds())
	gauge(out, s.unknown, float64(d.UnknownPayments))
	gauge(out, s.bytes, float64(d.Bytes))
	if d.DiskFree >= 0 {
		gauge(out, s.diskFree, float64(d.DiskFree))
	}
	if !d.LastBackup.IsZero() {
		gauge(out, s.backup, float64(d.LastBackup.Unix()))
	}
}

func (s *scrape) process(out chan<- prometheus.Metric, p Process) {
	gauge(out, s.streams, float64(p.Streams))
	count(out, s.commits, float64(p.Commits))
	if p.LogBytes >= 0 {
		gauge(out, s.logBytes, float64(p.LogBytes))
	}
	gauge(out, s.poolConns, float64(p.Pool.InUse), "in_use")
	gauge(out, s.poolConns, float64(p.Pool.Idle), "idle")
	gauge(out, s.poolMost, float64(p.Pool.Most))
	count(out, s.poolWaits, float64(p.Pool.Waits))
	count(out, s.poolWaited, p.Pool.Waited.Seconds())
	if !p.CertificateEnds.IsZero() {
		gauge(out, s.certificate, float64(p.CertificateEnds.Unix()))
	}
}

// database gives what was seen a moment ago, or looks again. A database that is away is not asked more
// often than one that answers.
func (s *scrape) database() (Database, bool) {
	every, within := s.look.Every, s.look.Within
	if every == 0 {
		every = 5 * time.Second
	}
	if within == 0 {
		within = 3 * time.Second
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.look.Now()
	if age := now.Sub(s.at); !s.at.IsZero() && age >= 0 && age < every {
		return s.seen, s.known
	}
	ctx, stop := context.WithTimeout(context.Background(), within)
	defer stop()
	seen, err := s.look.Database(ctx)
	s.at, s.seen, s.known = now, seen, err == nil
	return s.seen, s.known
}

func gauge(out chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func count(out chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
}
