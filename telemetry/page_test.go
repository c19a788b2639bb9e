package telemetry

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

//go:generate go test -run TestMetricsPageIsFresh . -args -write

var write = flag.Bool("write", false, "write docs/metrics.md anew instead of comparing")

const metricsPage = "../docs/metrics.md"

func someMetrics() *Metrics {
	return NewMetrics(Build{Roles: []string{"worker"}}, Look{
		Process: func() Process { return Process{} }, Now: time.Now,
		Database: func(context.Context) (Database, error) { return Database{}, nil },
	})
}

const introduction = `# Metrics

Produced from the code by ` + "`go generate ./telemetry`" + `. Every node answers ` + "`GET /metrics`" + ` on its admin address
(PAYLINK_ADMIN_LISTEN) in Prometheus' text format:

` + "```yaml" + `
scrape_configs:
  - job_name: paylink            # the alerts and the board go by this name
    static_configs: [{targets: ["127.0.0.1:8081"]}]
` + "```" + `

deploy/prometheus/alerts.yaml holds the alerts, deploy/grafana/paylink.json the board, docs/playbooks a page for
each alert. A counter with labels is there from its first count on. A label has few values, and never an id, a merchant, a code or anything a stranger wrote. Counters are
of one node: sum them. What stands in the database (paylink_jobs and its like) is told alike by every node: take
the maximum. It is asked at most every five seconds. With these come Go's own metrics, ` + "`go_*` and `process_*`" + `.

| metric | type | labels | what | there |
| --- | --- | --- | --- | --- |
`

// An operator reads of a metric that is not there, or does not learn of one that is.
func TestMetricsPageIsFresh(t *testing.T) {
	var page strings.Builder
	page.WriteString(introduction)
	for _, m := range someMetrics().List() {
		when := m.When
		if when == "" {
			when = "always"
		}
		fmt.Fprintf(&page, "| `%s` | %s | %s | %s | %s |\n", m.Name, m.Type, m.Labels, m.Help, when)
	}
	if *write {
		if err := os.WriteFile(metricsPage, []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(metricsPage)
	if err != nil || string(kept) != page.String() {
		t.Errorf("docs/metrics.md is stale (%v): go generate ./telemetry", err)
	}
}

// known tells whether a name in a query is one of ours, or of the two collectors.
func known(name string, list []Metric) bool {
	if name == "up" || strings.HasPrefix(name, "go_") || strings.HasPrefix(name, "process_") {
		return true
	}
	return slices.ContainsFunc(list, func(m Metric) bool {
		if m.Type == "histogram" {
			return slices.Contains([]string{m.Name + "_bucket", m.Name + "_sum", m.Name + "_count"}, name)
		}
		return m.Name == name
	})
}

var metricName = regexp.MustCompile(`\b(?:paylink|http|go|process)_[a-z_]+`)

// names finds the metrics in a query: not its label values, and not what it groups by.
func names(query string) []string {
	bare := regexp.MustCompile(`"[^"]*"`).ReplaceAllString(query, `""`)
	return metricName.FindAllString(bare, -1)
}

// A panel or an alert on a name that nobody tells is silent for ever, which looks like all being well.
func TestBoardAndAlertsNameMetricsThatExist(t *testing.T) {
	list, used := someMetrics().List(), map[string]bool{}
	check := func(where, query string) {
		found := names(query)
		if len(found) == 0 && !strings.Contains(query, "up{") {
			t.Errorf("%s asks for no metric: %s", where, query)
		}
		for _, name := range found {
			if used[name] = true; !known(name, list) {
				t.Errorf("%s names %s, which is no metric", where, name)
			}
		}
	}
	for _, p := range readBoard(t).Panels {
		for _, target := range p.Targets {
			check("the panel "+p.Title, target.Expr)
		}
	}
	for _, r := range readRules(t) {
		check("the alert "+r.Alert, r.Expr)
	}
	for _, m := range list {
		shown := used[m.Name] || used[m.Name+"_bucket"]
		if !shown && !slices.Contains([]string{"paylink_role", "paylink_jobs_running_here", "paylink_events_unsealed", "paylink_trace_exports_failed_total", "paylink_store_pool_wait_seconds_total"}, m.Name) {
			t.Errorf("%s stands neither on the board nor in an alert; show it, or say here that it is for looking things up", m.Name)
		}
	}
}

// board is what Grafana reads of deploy/grafana/paylink.json, as far as it can be wrong.
type board struct {
	UID    string
	Panels []struct {
		ID         int
		Type       string
		Title      string
		GridPos    struct{ X, Y, W, H int }
		Datasource struct{ UID string }
		Targets    []struct{ Expr, RefID string }
	}
	Templating struct{ List []struct{ Name, Type string } }
}

func readBoard(t *testing.T) (b board) {
	t.Helper()
	text, err := os.ReadFile("../deploy/grafana/paylink.json")
	if err == nil {
		err = json.Unmarshal(text, &b)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A board that hangs on one installation's data source, or whose panels lie on each other, is thrown away.
func TestBoardCanBeImported(t *testing.T) {
	b := readBoard(t)
	ids, taken := map[int]bool{}, map[[2]int]string{}
	for _, p := range b.Panels {
		if p.ID == 0 || ids[p.ID] || p.Title == "" {
			t.Errorf("panel %q has no id of its own", p.Title)
		}
		ids[p.ID] = true
		if p.Type != "row" && (p.Datasource.UID != "${datasource}" || len(p.Targets) == 0) {
			t.Errorf("panel %q hangs on the data source %q and asks %d questions", p.Title, p.Datasource.UID, len(p.Targets))
		}
		if p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %q leaves the page", p.Title)
		}
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" {
					t.Fatalf("panels %q and %q lie on each other", other, p.Title)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
	if len(b.Templating.List) == 0 || b.Templating.List[0].Name != "datasource" || b.Templating.List[0].Type != "datasource" {
		t.Error("the board does not ask for its data source")
	}
}

type rule struct {
	Alert, Expr, For    string
	Labels, Annotations map[string]string
}

func readRules(t *testing.T) (all []rule) {
	t.Helper()
	var file struct{ Groups []struct{ Rules []rule } }
	text, err := os.ReadFile("../deploy/prometheus/alerts.yaml")
	if err == nil {
		err = yaml.Unmarshal(text, &file)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	return all
}

// Who is woken at night by an alert without a page looks at the code first.
func TestEveryAlertHasAPlaybookAndTheOtherWayRound(t *testing.T) {
	pages, err := filepath.Glob("../docs/playbooks/*.md")
	if err != nil {
		t.Fatal(err)
	}
	var without []string
	for _, page := range pages {
		without = append(without, strings.TrimSuffix(filepath.Base(page), ".md"))
	}
	for _, r := range readRules(t) {
		severity := r.Labels["severity"]
		if severity != "critical" && severity != "warning" || r.For == "" || r.Annotations["summary"] == "" {
			t.Errorf("%s lacks a severity, a patience or a sentence", r.Alert)
		}
		if want := "docs/playbooks/" + r.Alert + ".md"; r.Annotations["runbook"] != want {
			t.Errorf("%s leads to %q, not to %s", r.Alert, r.Annotations["runbook"], want)
		}
		text, err := os.ReadFile("../docs/playbooks/" + r.Alert + ".md")
		if err != nil {
			t.Error(err)
		}
		for _, part := range []string{"# " + r.Alert + "\n", "**What it means.**", "## Look at", "## Do", "## It is over when"} {
			if !strings.Contains(string(text), part) {
				t.Errorf("the page of %s has no %q", r.Alert, part)
			}
		}
		without = slices.DeleteFunc(without, func(name string) bool { return name == r.Alert })
	}
	if len(without) > 0 {
		t.Errorf("pages without an alert: %v", without)
	}
	played, err := os.ReadFile("../deploy/prometheus/alerts_test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range readRules(t) {
		if r.Labels["severity"] == "critical" && !strings.Contains(string(played), "alertname: "+r.Alert) && r.Alert != "PaylinkQueueStuck" {
			t.Errorf("%s wakes people and is not played in alerts_test.yaml", r.Alert)
		}
	}
}

// The pages of alerts speak of metrics too.
func TestPlaybooksNameMetricsThatExist(t *testing.T) {
	pages, err := filepath.Glob("../docs/playbooks/*.md")
	if err != nil {
		t.Fatal(err)
	}
	list := someMetrics().List()
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range metricName.FindAllString(string(text), -1) {
			if !known(name, list) && !slices.ContainsFunc(list, func(m Metric) bool { return m.Name == name }) {
				t.Errorf("%s names %s, which is no metric", page, name)
			}
		}
	}
}
