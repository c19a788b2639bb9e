package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"paylink"
	"paylink/notify"
	"paylink/routing"
	"paylink/store"
	"paylink/telemetry"
	"paylink/web/respond"
)

// seeing hears from the rooms what happens and tells it to metrics and traces. It is the only place
// that knows both sides.
type seeing struct {
	settings Settings
	now      func() time.Time
	ends     func() time.Time // of the certificate; nil: none
	metrics  *telemetry.Metrics
	tracer   *telemetry.Tracer // nil: off
	moved    chan store.Entry

	// A scrape may come before the database is open and before the rooms are wired.
	store atomic.Pointer[store.Store]
	feed  atomic.Pointer[notify.Feed]

	health atomic.Pointer[routing.Health]
}

// movedMost is how many payments' moves may wait to be counted with their method.
const movedMost = 1024

func newSeeing(ctx context.Context, s Settings, w World) (*seeing, error) {
	see := &seeing{settings: s, now: w.Now, ends: w.CertificateEnds, moved: make(chan store.Entry, movedMost)}
	build := buildInfo()
	build.Database, _, _ = strings.Cut(s.DatabaseURL, "://")
	if build.Database == "postgresql" {
		build.Database = "postgres"
	}
	build.Roles = s.Roles.orAll().names()
	see.metrics = telemetry.NewMetrics(build, telemetry.Look{Process: see.process, Database: see.database, Now: w.Now})
	if s.TraceEndpoint == "" {
		return see, nil
	}
	var told atomic.Int64
	var err error
	see.tracer, err = telemetry.NewTracer(ctx, telemetry.Tracing{
		Endpoint: s.TraceEndpoint, Ratio: s.TraceRatio, Version: build.Version,
		Failed: func(err error) {
			see.metrics.TraceLost()
			if n := told.Add(1); n == 1 || n%100 == 0 { // it repeats every few seconds
				w.Log.Warn("trace.not_sent", "batches", n, "error", err)
			}
		},
	})
	return see, err
}

func buildInfo() telemetry.Build {
	b := telemetry.Build{Version: "devel", Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			b.Revision = s.Value
		}
	}
	return b
}

// process is what stands in this process.
func (see *seeing) process() telemetry.Process {
	p := telemetry.Process{LogBytes: -1}
	if see.ends != nil {
		p.CertificateEnds = see.ends()
	}
	db := see.store.Load()
	if db == nil {
		return p
	}
	stats := db.Stats()
	p.Commits = stats.Commits
	p.Pool = telemetry.Pool{
		Most: stats.Pool.Most, InUse: stats.Pool.InUse, Idle: stats.Pool.Idle, Waits: stats.Pool.Waits, Waited: stats.Pool.Waited,
	}
	if db.Kind() == "sqlite" {
		p.LogBytes = stats.LogBytes
	}
	if feed := see.feed.Load(); feed != nil {
		p.Streams = feed.Watches()
	}
	return p
}

// database is what stands in the database.
func (see *seeing) database(ctx context.Context) (d telemetry.Database, err error) {
	db := see.store.Load()
	if db == nil {
		return d, errors.New("the database is not open yet")
	}
	read, now := db.Read(ctx), see.now()
	d.Jobs, d.OldestDue, d.DiskFree = map[telemetry.JobState]int64{}, map[string]time.Duration{}, -1
	figures, err := read.JobFigures(paylink.JobKinds, now, store.CountedMost)
	if err != nil {
		return d, err
	}
	for _, f := range figures {
		for state, n := range map[string]int64{
			"waiting": f.Waiting, "put_off": f.PutOff, "scheduled": f.Later, "running": f.Running, "parked": f.Parked,
		} {
			d.Jobs[telemetry.JobState{Kind: f.Kind, State: state}] = n
		}
		if !f.Oldest.IsZero() && f.Oldest.Before(now) {
			d.OldestDue[f.Kind] = now.Sub(f.Oldest)
		}
	}
	var oldest time.Time
	if d.Unsealed, oldest, err = read.UnsealedEvents(); err != nil {
		return d, err
	}
	if !oldest.IsZero() {
		d.OldestUnsealed = max(0, now.Sub(oldest))
	}
	if d.UnknownPayments, err = read.UnknownPayments(); err != nil {
		return d, err
	}
	if d.LastBackup, err = db.LastBackup(ctx); err != nil {
		return d, err
	}
	if file, ok := strings.CutPrefix(see.settings.DatabaseURL, "sqlite://"); ok {
		if d.DiskFree, err = freeDisk(filepath.Dir(file)); err != nil {
			return d, err
		}
	}
	d.Bytes, err = db.Size(ctx)
	return d, err
}

// freeDisk is what an ordinary account may still write in a folder's file system.
func freeDisk(folder string) (int64, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(folder, &fs); err != nil {
		return 0, fmt.Errorf("ask for free space in %s: %w", folder, err)
	}
	return int64(fs.Bavail) * int64(fs.Bsize), nil
}

// requests watches the public server. A caller's traceparent counts only when one of our own proxies
// handed it over: a stranger neither joins our traces nor decides what is kept.
func (see *seeing) requests() respond.Watch {
	return respond.Watch{
		Began: func(ctx context.Context, r *http.Request) context.Context {
			see.metrics.RequestBegan()
			if see.tracer == nil {
				return ctx
			}
			parent := ""
			if see.settings.Proxies.Trusts(r) {
				parent = r.Header.Get("Traceparent")
			}
			ctx, _ = see.tracer.Begin(ctx, telemetry.Start{Name: "http.request", Parent: parent, Kind: telemetry.Server})
			return ctx
		},
		Ended: func(ctx context.Context, a respond.Answered) {
			shed := ""
			if a.Status == http.StatusServiceUnavailable || a.Status == http.StatusTooManyRequests {
				shed = a.Code
			}
			see.metrics.Request(a.Route, a.Method, a.Status, a.Stream, shed, a.Took)
			if see.tracer == nil {
				return
			}
			span := telemetry.SpanOf(ctx)
			span.Name(a.Method + " " + a.Route)
			span.End(fmt.Sprint(a.Status), a.Status >= 500, telemetry.Text("http.request.method", a.Method),
				telemetry.Text("http.route", a.Route), telemetry.Number("http.response.status_code", int64(a.Status)))
		},
	}
}

// log adds the trace to the lines, where there are traces.
func (see *seeing) log(l *slog.Logger) *slog.Logger {
	if see.tracer == nil {
		return l
	}
	return slog.New(traced{l.Handler()})
}

// traced adds the trace to every line that is written for a piece of work.
type traced struct{ slog.Handler }

func (t traced) Handle(ctx context.Context, r slog.Record) error {
	if parts := strings.Split(paylink.TraceOf(ctx), "-"); len(parts) == 4 {
		r.AddAttrs(slog.String("trace", parts[1]))
	}
	return t.Handler.Handle(ctx, r)
}

func (t traced) WithAttrs(a []slog.Attr) slog.Handler { return traced{t.Handler.WithAttrs(a)} }
func (t traced) WithGroup(name string) slog.Handler   { return traced{t.Handler.WithGroup(name)} }
