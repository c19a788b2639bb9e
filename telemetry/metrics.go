// Package telemetry lets an operator see what a node does: counts and durations for Prometheus, and
// traces over OTLP where somebody collects them.
//
// It is for the wiring, which hears from the rooms what happened and tells it here; the rooms know
// nothing of metrics or traces. It is the only home of the modules for both. It leaves the log to
// log/slog, judging to the alert rules in deploy/, and looking into the database to the wiring.
//
// Whatever is told here has few values: routes as patterns, kinds, outcomes, names of providers. Never
// an id, a merchant, a code or anything that a stranger wrote, because each value is a series for ever.
package telemetry

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Build is what runs.
type Build struct {
	Version, Revision, Go string
	Roles                 []string // what this node does: api, pages, worker
	Database              string   // sqlite or postgres
}

// Metrics counts. Its methods may be called from any goroutine.
type Metrics struct {
	registry *prometheus.Registry
	list     []Metric // in the order of the page

	requests, shed, jobs, events, webhooks, calls, payments, writes *prometheus.CounterVec
	tracesLost                                                      prometheus.Counter
	inFlight                                                        prometheus.Gauge
	requestTime, jobWait, jobTime, webhookTime                      *prometheus.HistogramVec
	gateways, breakers                                              *prometheus.CounterVec
	callTime, handOff, writeTime                                    *prometheus.HistogramVec
	sealLag, writeWait                                              prometheus.Histogram
	running                                                         *prometheus.GaugeVec
}

// NewMetrics makes the metrics of one node in a registry of their own. look is asked for what stands in
// the process and in the database whenever somebody scrapes.
func NewMetrics(b Build, look Look) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.traffic()
	m.work()
	m.money()
	m.storing()
	m.build(b)
	s := &scrape{look: look}
	s.describe(m)
	m.registry.MustRegister(s, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler answers a scrape in Prometheus' text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}

// Metric is one line of docs/metrics.md.
type Metric struct {
	Name, Type, Labels, Help string
	When                     string // empty: always there; else what must have happened, or be set
}

// List gives every metric of ours, for the page that names them.
func (m *Metrics) List() []Metric { return m.list }

// quick tells a quarter of a second, which a create and a hand-off must hold, and two seconds, which
// users are promised; slow goes on for things that are tried again.
var (
	quick = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2, 5, 10}
	slow  = []float64{.01, .05, .1, .25, .5, 1, 2, 5, 30, 120, 600, 3600}
	tiny  = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1, 2, 5}
)
