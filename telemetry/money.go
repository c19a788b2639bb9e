package telemetry

import "time"

func (m *Metrics) money() {
	m.payments = m.counters("paylink_payments_total", "Moves of payments, by where they came to (captured, failed, unknown, …).", "method", "outcome", "mode")
	m.calls = m.counters("paylink_provider_calls_total",
		"Calls to gateways and carriers: ok, rejected, rejected_for_now, not_found, not_sent, unknown (sent, no answer). About is the payment method or the channel.",
		"provider", "operation", "about", "outcome")
	m.callTime = m.histograms("paylink_provider_call_duration_seconds", "How long gateways and carriers took.", quick, "provider", "operation")
	m.breakers = m.counters("paylink_provider_breaker_total",
		"How often accounts with a provider were left alone (open), because calls failed again and again, and used again (closed).", "provider", "to")
	m.whenever("once an account was left alone")
	m.gateways = m.counters("paylink_gateway_payments_total",
		"Payments that ended, by their gateway: taken, declined (by the customer or the customer's bank), down (the gateway, or a bank behind it, could not).",
		"gateway", "method", "outcome")
	m.handOff = m.histograms("paylink_message_handoff_seconds", "From when a message was asked for, with its link, to when a carrier took it.", slow, "channel")
}

// Payment counts a payment's move.
func (m *Metrics) Payment(method, outcome string, live bool) {
	m.payments.WithLabelValues(method, outcome, mode(live)).Inc()
}

// Call is one call to a gateway or a carrier.
type Call struct {
	Provider, Operation string // "sandbox", "send"
	About               string // the method or channel; empty: none in particular
	Outcome             string
	Took                time.Duration
}

// Called counts a call to a provider.
func (m *Metrics) Called(c Call) {
	m.calls.WithLabelValues(c.Provider, c.Operation, c.About, c.Outcome).Inc()
	m.callTime.WithLabelValues(c.Provider, c.Operation).Observe(c.Took.Seconds())
}

// Ended counts a payment that ended at a gateway.
func (m *Metrics) Ended(gateway, method, outcome string) {
	m.gateways.WithLabelValues(gateway, method, outcome).Inc()
}

// Turned counts an account with a provider that is left alone, or used again.
func (m *Metrics) Turned(provider, to string) { m.breakers.WithLabelValues(provider, to).Inc() }

// HandedOff counts a message that a carrier took.
func (m *Metrics) HandedOff(channel string, since time.Duration) {
	m.handOff.WithLabelValues(channel).Observe(max(0, since).Seconds())
}

func (m *Metrics) storing() {
	m.writes = m.counters("paylink_store_writes_total",
		"Transactions: committed, refused (by a rule), locked (waited two seconds for a row), unavailable, gave_up (the caller left), failed.", "outcome")
	m.writeWait = m.histogram("paylink_store_write_wait_seconds", "From asking for a transaction to its first statement: the queue in front of the database.", tiny)
	m.writeTime = m.histograms("paylink_store_write_duration_seconds", "From asking for a transaction to its certain end.", tiny, "outcome")
	m.tracesLost = m.counter("paylink_trace_exports_failed_total", "Batches of spans that the collector did not take.")
	m.whenever("with PAYLINK_OTLP_ENDPOINT")
}

// Wrote counts a transaction. waited is negative when it never began.
func (m *Metrics) Wrote(outcome string, waited, took time.Duration) {
	m.writes.WithLabelValues(outcome).Inc()
	m.writeTime.WithLabelValues(outcome).Observe(took.Seconds())
	if waited >= 0 {
		m.writeWait.Observe(waited.Seconds())
	}
}

// TraceLost counts a batch of spans that the collector did not take.
func (m *Metrics) TraceLost() { m.tracesLost.Inc() }

func (m *Metrics) build(b Build) {
	g := m.gaugesOnce("paylink_build_info", "1, with what runs.", "version", "revision", "goversion", "database")
	g(b.Version, b.Revision, b.Go, b.Database)
	role := m.gaugesOnce("paylink_role", "1 for each role of this node.", "role")
	for _, r := range b.Roles {
		role(r)
	}
}
