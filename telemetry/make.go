package telemetry

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// Every metric is made by one of these, which also puts it on the list that the page is produced from.

func (m *Metrics) note(name, kind, help, when string, labels []string) {
	m.list = append(m.list, Metric{Name: name, Type: kind, Labels: strings.Join(labels, ", "), Help: help, When: when})
}

func (m *Metrics) counters(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	m.registry.MustRegister(c)
	m.note(name, "counter", help, "", labels)
	return c
}

func (m *Metrics) counter(name, help string) prometheus.Counter {
	return m.counters(name, help).WithLabelValues()
}

func (m *Metrics) histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	m.registry.MustRegister(h)
	m.note(name, "histogram", help, "", labels)
	return h
}

func (m *Metrics) histogram(name, help string, buckets []float64) prometheus.Histogram {
	return m.histograms(name, help, buckets).WithLabelValues().(prometheus.Histogram)
}

func (m *Metrics) gauges(name, help string, labels ...string) *prometheus.GaugeVec {
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	m.registry.MustRegister(g)
	m.note(name, "gauge", help, "", labels)
	return g
}

func (m *Metrics) gauge(name, help string) prometheus.Gauge {
	return m.gauges(name, help).WithLabelValues()
}

// whenever says of the latest metric when it is there.
func (m *Metrics) whenever(when string) { m.list[len(m.list)-1].When = when }

// gaugesOnce makes gauges that are 1 for what they name and never change.
func (m *Metrics) gaugesOnce(name, help string, labels ...string) func(values ...string) {
	g := m.gauges(name, help, labels...)
	return func(values ...string) { g.WithLabelValues(values...).Set(1) }
}
