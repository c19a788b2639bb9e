package telemetry

import (
	"time"
)

func (m *Metrics) traffic() {
	m.requests = m.counters("http_requests_total", "Requests answered by the public server.", "route", "method", "status")
	m.requestTime = m.histograms("http_request_duration_seconds", "Time to answer a request; streams are left out.", quick, "route", "method")
	m.inFlight = m.gauge("http_requests_in_flight", "Requests being answered now, open streams included.")
	m.shed = m.counters("paylink_http_requests_shed_total",
		"Requests turned away because there were too many (429) or because it did not work at the moment (503), by the problem's code.", "reason")
	m.whenever("when one was turned away")
}

// RequestBegan counts a request that is under way.
func (m *Metrics) RequestBegan() { m.inFlight.Inc() }

// Request counts an answered one. route is a pattern, shed the code of a problem that turned the request
// away, and empty otherwise.
func (m *Metrics) Request(route, method string, status int, stream bool, shed string, took time.Duration) {
	m.inFlight.Dec()
	m.requests.WithLabelValues(route, method, statusClass(status)).Inc()
	if !stream {
		m.requestTime.WithLabelValues(route, method).Observe(took.Seconds())
	}
	if shed != "" {
		m.shed.WithLabelValues(shed).Inc()
	}
}

// statusClass is the first digit of a status, as in 2xx.
func statusClass(status int) string {
	if status < 100 || status > 599 {
		return "none"
	}
	return [...]string{"1xx", "2xx", "3xx", "4xx", "5xx"}[status/100-1]
}

func (m *Metrics) work() {
	m.jobs = m.counters("paylink_job_runs_total", "Finished runs of jobs: done, again (on purpose), failed (tried again), parked, stopped (with the node), lost (another takes the job).", "kind", "outcome")
	m.running = m.gauges("paylink_jobs_running_here", "Jobs being run by this node.", "kind")
	m.jobWait = m.histograms("paylink_job_wait_seconds", "From when a job was due to when a worker began it.", slow, "kind")
	m.jobTime = m.histograms("paylink_job_run_seconds", "How long the worker took.", quick, "kind")
	m.events = m.counters("paylink_events_total", "Events that this node sealed: summed over all nodes, everything that happened, once.", "type", "mode")
	m.sealLag = m.histogram("paylink_event_seal_lag_seconds", "From an event to its place in the merchant's sequence.", tiny)
	m.webhooks = m.counters("paylink_webhook_attempts_total", "Calls to merchants' endpoints: delivered, 3xx, 4xx, 5xx, no_answer, not_allowed.", "outcome")
	m.whenever("once an endpoint was called")
	m.webhookTime = m.histograms("paylink_webhook_first_attempt_seconds", "From an event to the first call about it; event is payment.captured or other.", slow, "event")
	m.whenever("once an endpoint was called")
}

// JobBegan counts a job as being run here, until what it gives is called.
func (m *Metrics) JobBegan(kind string) (ended func()) {
	g := m.running.WithLabelValues(kind)
	g.Inc()
	return g.Dec
}

// Job counts a finished run.
func (m *Metrics) Job(kind, outcome string, waited, took time.Duration) {
	m.jobs.WithLabelValues(kind, outcome).Inc()
	m.jobWait.WithLabelValues(kind).Observe(waited.Seconds())
	m.jobTime.WithLabelValues(kind).Observe(took.Seconds())
}

// Sealed counts an event that got its place.
func (m *Metrics) Sealed(kind string, live bool, lag time.Duration) {
	m.events.WithLabelValues(kind, mode(live)).Inc()
	m.sealLag.Observe(max(0, lag).Seconds())
}

func mode(live bool) string {
	if live {
		return "live"
	}
	return "test"
}

// Webhook counts a call to an endpoint. since is how long ago the event was, for the first call about
// it, and negative for a later one.
func (m *Metrics) Webhook(outcome, event string, since time.Duration) {
	m.webhooks.WithLabelValues(outcome).Inc()
	if since < 0 {
		return
	}
	if event != "payment.captured" {
		event = "other"
	}
	m.webhookTime.WithLabelValues(event).Observe(since.Seconds())
}
