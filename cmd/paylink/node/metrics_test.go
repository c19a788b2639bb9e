package node_test

import (
	"bufio"
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"paylink/telemetry"
)

// A metric that is only on the page, or only on the node, is believed by nobody. After a paid link every
// one is there that the page promises always, and none that it does not name; and none holds an id or
// anything of the customer's.
func TestANodeTellsWhatThePageNames(t *testing.T) {
	w := newTown(t, nil)
	id, code := w.paidLink()
	var text string
	w.until("the payment's count", func() bool {
		text = w.get(w.admin + "/metrics")
		return strings.Contains(text, `paylink_payments_total{method="card",mode="test",outcome="captured"} 1`)
	})
	silent(t, "/metrics", text, code)
	if strings.Contains(text, id) || regexp.MustCompile(`(plink|pay|mer|job|evt|whd|we|msg|key)_[0-9a-z]{26}`).MatchString(text) {
		t.Error("/metrics holds an id")
	}
	told := map[string]bool{}
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		if name, found := strings.CutPrefix(lines.Text(), "# TYPE "); found {
			told[strings.Fields(name)[0]] = true
		}
	}
	list := telemetry.NewMetrics(telemetry.Build{}, telemetry.Look{
		Process: func() telemetry.Process { return telemetry.Process{} }, Now: time.Now,
		Database: func(context.Context) (telemetry.Database, error) { return telemetry.Database{}, nil },
	}).List()
	for _, m := range list {
		if m.When == "" && !told[m.Name] {
			t.Errorf("%s is on the page and not on the node", m.Name)
		}
		delete(told, m.Name)
	}
	for name := range told {
		if !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_") {
			t.Errorf("%s is on the node and not on the page", name)
		}
	}
	for _, want := range []string{
		`paylink_webhook_attempts_total{outcome="delivered"}`, `paylink_webhook_first_attempt_seconds_count{event="payment.captured"} 1`,
		`paylink_message_handoff_seconds_count{channel="sms"} 1`, `paylink_provider_calls_total{about="card",operation="start",outcome="ok",provider="sandbox"} 1`,
		`paylink_job_runs_total{kind="notify.deliver",outcome="done"}`, `paylink_events_total{mode="test",type="payment_link.paid"} 1`,
		`http_requests_total{method="GET",route="/",status="2xx"}`, `paylink_jobs{kind="dispatch.send",state="parked"} 0`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}
