package telemetry

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"paylink"
)

func scrapeOf(m *Metrics) string {
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

func holds(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %q", line)
		}
	}
}

// What is told in the wrong series raises no alert.
func TestWhatIsToldIsCounted(t *testing.T) {
	m := someMetrics()
	m.RequestBegan()
	m.RequestBegan()
	m.Request("/", "GET", 200, false, "", 300*time.Millisecond)
	m.RequestBegan()
	m.Request("/v1/events/stream", "GET", 200, true, "", time.Hour)
	m.RequestBegan()
	m.Request("/v1/payment_links", "POST", 503, false, "busy", time.Second)
	m.JobBegan("confirm.ask")
	m.JobBegan("dispatch.send")()
	m.Job("dispatch.send", "done", time.Second, time.Second)
	m.Sealed("payment.captured", true, -time.Second) // a clock that went back
	m.Webhook("delivered", "payment.captured", time.Second)
	m.Webhook("5xx", "payment_link.created", -1)
	m.Payment("card", "captured", false)
	m.Called(Call{Provider: "sandbox", Operation: "send", About: "sms", Outcome: "ok"})
	m.Wrote("committed", -1, time.Second)
	holds(t, scrapeOf(m),
		`http_requests_total{method="GET",route="/",status="2xx"} 1`,
		`http_requests_total{method="POST",route="/v1/payment_links",status="5xx"} 1`,
		`http_request_duration_seconds_bucket{method="GET",route="/",le="0.25"} 0`,
		`http_request_duration_seconds_bucket{method="GET",route="/",le="0.5"} 1`,
		`http_requests_in_flight 1`,
		`paylink_http_requests_shed_total{reason="busy"} 1`,
		`paylink_job_runs_total{kind="dispatch.send",outcome="done"} 1`,
		`paylink_jobs_running_here{kind="confirm.ask"} 1`, `paylink_jobs_running_here{kind="dispatch.send"} 0`,
		`paylink_events_total{mode="live",type="payment.captured"} 1`,
		`paylink_event_seal_lag_seconds_sum 0`,
		`paylink_webhook_attempts_total{outcome="5xx"} 1`,
		`paylink_webhook_first_attempt_seconds_count{event="payment.captured"} 1`,
		`paylink_payments_total{method="card",mode="test",outcome="captured"} 1`,
		`paylink_store_write_wait_seconds_count 0`,
		`paylink_role{role="worker"} 1`)
	for _, unwanted := range []string{`http_request_duration_seconds_count{method="GET",route="/v1/events/stream"}`, `event="other"`} {
		if strings.Contains(scrapeOf(m), unwanted) {
			t.Errorf("%s is counted", unwanted)
		}
	}
}

// Two Prometheus servers and a curl must not make three times the work for the database, and one that is
// away must not be asked by every scrape.
func TestTheDatabaseIsLookedAtAtMostEveryFiveSeconds(t *testing.T) {
	now, looks := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC), 0
	away := false
	m := NewMetrics(Build{}, Look{
		Process: func() Process { return Process{} }, Now: func() time.Time { return now },
		Database: func(ctx context.Context) (Database, error) {
			looks++
			if _, bounded := ctx.Deadline(); !bounded {
				t.Error("a look without an end")
			}
			if away {
				return Database{}, errors.New("away")
			}
			return Database{UnknownPayments: int64(looks), DiskFree: -1}, nil
		},
	})
	holds(t, scrapeOf(m), `paylink_payments_unknown 1`, `paylink_database_up 1`)
	now = now.Add(4 * time.Second)
	holds(t, scrapeOf(m), `paylink_payments_unknown 1`)
	now, away = now.Add(2*time.Second), true
	for range 3 {
		text := scrapeOf(m)
		holds(t, text, `paylink_database_up 0`)
		if strings.Contains(text, "paylink_payments_unknown ") {
			t.Error("what nobody knows is told")
		}
	}
	if looks != 2 {
		t.Errorf("the database was looked at %d times, want 2", looks)
	}
}

// A tracer that is off stands in every request and every transaction.
func TestATracerThatIsOffCostsNothing(t *testing.T) {
	var off *Tracer
	ctx := t.Context()
	allocated := testing.AllocsPerRun(1000, func() {
		ctx, span := off.Begin(ctx, Start{Name: "http.request", Kind: Server})
		_, inner := off.Within(ctx, Start{Name: "store.write"})
		_ = paylink.TraceOf(ctx)
		inner.End("committed", false)
		span.End("200", false)
	})
	if allocated > 0 {
		t.Errorf("%v allocations", allocated)
	}
}

// BenchmarkOff is what a node without a collector pays for a request with one write.
func BenchmarkOff(b *testing.B) {
	var off *Tracer
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		ctx, span := off.Begin(ctx, Start{Name: "http.request", Kind: Server})
		_, inner := off.Within(ctx, Start{Name: "store.write"})
		_ = paylink.TraceOf(ctx)
		inner.End("committed", false)
		span.End("200", false)
	}
}

// BenchmarkRequest is what counting a request costs.
func BenchmarkRequest(b *testing.B) {
	m := someMetrics()
	b.ReportAllocs()
	for b.Loop() {
		m.RequestBegan()
		m.Request("/v1/payment_links", "POST", 201, false, "", time.Millisecond)
	}
}
