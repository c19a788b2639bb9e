package node_test

import (
	"bufio"
	"context"
	"go/parser"
	"go/token"
	"os"
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

// A kind of job that the gauges do not ask for piles up unseen.
func TestEveryKindOfJobIsWatched(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../../../job.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	seeing, err := os.ReadFile("seeing.go")
	if err != nil {
		t.Fatal(err)
	}
	kinds := 0
	for name := range file.Scope.Objects {
		if kind := regexp.MustCompile(`^Job[A-Z]\w+$`); kind.MatchString(name) && name != "JobPayload" {
			if kinds++; !strings.Contains(string(seeing), "paylink."+name+",") && !strings.Contains(string(seeing), "paylink."+name+"}") {
				t.Errorf("seeing.go does not watch %s", name)
			}
		}
	}
	if kinds < 7 {
		t.Errorf("only %d kinds were found", kinds)
	}
}
