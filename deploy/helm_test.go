package deploy

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// object is what a cluster is given, as far as these tests look into it.
type object struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   struct{ Name string }
	Data       map[string]string
	Spec       struct {
		Replicas    int
		Selector    map[string]any
		ServiceName string `yaml:"serviceName"`
		Ports       []struct {
			TargetPort string `yaml:"targetPort"`
		}
		Template struct {
			Metadata struct{ Labels map[string]string }
			Spec     pod
		}
		MaxUnavailable any `yaml:"maxUnavailable"`
	}
}

type pod struct {
	Grace           int            `yaml:"terminationGracePeriodSeconds"`
	Token           *bool          `yaml:"automountServiceAccountToken"`
	SecurityContext map[string]any `yaml:"securityContext"`
	Containers      []struct {
		Image           string
		Args            []string
		SecurityContext map[string]any `yaml:"securityContext"`
		Env             []struct{ Name string }
		Ports           []struct {
			Name string
			Port int `yaml:"containerPort"`
		}
		StartupProbe   probe `yaml:"startupProbe"`
		LivenessProbe  probe `yaml:"livenessProbe"`
		ReadinessProbe probe `yaml:"readinessProbe"`
		Mounts         []struct {
			Name string
			Path string `yaml:"mountPath"`
		} `yaml:"volumeMounts"`
	}
	Volumes []struct{ Name string }
}

type probe struct {
	HTTP struct{ Path, Port string } `yaml:"httpGet"`
}

// rendered reads what deploy/helm/check.sh made of the chart.
func rendered(t *testing.T, name string) (all []object) {
	t.Helper()
	file, err := os.Open("helm/rendered/" + name)
	must(t, err)
	defer file.Close()
	for in := yaml.NewDecoder(file); ; {
		var o object
		err := in.Decode(&o)
		if errors.Is(err, io.EOF) {
			return all
		}
		must(t, err)
		if o.Kind != "" {
			all = append(all, o)
		}
	}
}

func kinds(all []object) (names []string) {
	for _, o := range all {
		names = append(names, o.Kind+" "+o.Metadata.Name)
	}
	slices.Sort(names)
	return names
}

// Each set of values makes just what it should: on SQLite never two pods, split by roles two
// deployments behind one service.
func TestChartMakesWhatItShould(t *testing.T) {
	for name, want := range map[string][]string{
		"postgres.yaml": {"ConfigMap pay", "Deployment pay-node", "NetworkPolicy pay", "PodDisruptionBudget pay-node", "Service pay", "Service pay-admin"},
		"sqlite.yaml":   {"ConfigMap pay", "NetworkPolicy pay", "Service pay", "Service pay-admin", "StatefulSet pay-node"},
		"split.yaml": {
			"ConfigMap pay", "Deployment pay-web", "Deployment pay-worker", "Ingress pay", "NetworkPolicy pay",
			"PodDisruptionBudget pay-web", "PodDisruptionBudget pay-worker", "Service pay", "Service pay-admin", "ServiceMonitor pay",
		},
	} {
		if got := kinds(rendered(t, name)); !slices.Equal(got, want) {
			t.Errorf("%s:\n%q, want\n%q", name, got, want)
		}
	}
}

// A cluster that enforces the restricted profile refuses a pod that leaves any of this out; one that
// does not would run it with more rights than it needs.
func TestPodsAreRestricted(t *testing.T) {
	pods := 0
	for _, name := range []string{"postgres.yaml", "sqlite.yaml", "split.yaml"} {
		for _, o := range rendered(t, name) {
			p := o.Spec.Template.Spec
			if len(p.Containers) == 0 {
				continue
			}
			pods++
			about := name + " " + o.Metadata.Name
			if p.Token == nil || *p.Token || p.SecurityContext["runAsNonRoot"] != true || p.SecurityContext["runAsUser"] != 65532 {
				t.Errorf("%s: token %v, %v", about, p.Token, p.SecurityContext)
			}
			if profile, _ := p.SecurityContext["seccompProfile"].(map[string]any); profile["type"] != "RuntimeDefault" {
				t.Errorf("%s: seccomp %v", about, profile)
			}
			c := p.Containers[0]
			drop, _ := c.SecurityContext["capabilities"].(map[string]any)
			if c.SecurityContext["allowPrivilegeEscalation"] != false || c.SecurityContext["readOnlyRootFilesystem"] != true || len(drop) != 1 {
				t.Errorf("%s: %v", about, c.SecurityContext)
			}
			if p.Grace < 10+35 { // the chart's drain, and what docs/nodes.md reckons for requests and jobs under way
				t.Errorf("%s: killed after %d s, requests and jobs under way may take longer", about, p.Grace)
			}
			for _, probe := range []probe{c.StartupProbe, c.LivenessProbe, c.ReadinessProbe} {
				if probe.HTTP.Port != "admin" || probe.HTTP.Path != "/livez" && probe.HTTP.Path != "/readyz" {
					t.Errorf("%s: probe %+v", about, probe)
				}
			}
			for _, m := range c.Mounts { // the volume of a StatefulSet comes from its claim
				if !slices.ContainsFunc(p.Volumes, func(v struct{ Name string }) bool { return v.Name == m.Name }) && (o.Kind != "StatefulSet" || m.Name != "data") {
					t.Errorf("%s: %s is mounted and is no volume", about, m.Name)
				}
			}
		}
	}
	if pods != 4 {
		t.Errorf("%d pods looked at, want 4", pods)
	}
}

// A name in the chart that is no setting is passed over at the start, and the operator's wish with it.
func TestChartSetsSettings(t *testing.T) {
	known := read(t, "../docs/config.md")
	for _, name := range []string{"postgres.yaml", "sqlite.yaml", "split.yaml"} {
		var names []string
		for _, o := range rendered(t, name) {
			for key := range o.Data {
				names = append(names, key)
			}
			for _, c := range o.Spec.Template.Spec.Containers {
				for _, e := range c.Env {
					names = append(names, e.Name)
				}
			}
		}
		for _, setting := range names {
			if !strings.Contains(known, "`"+setting+"`") {
				t.Errorf("%s sets %s, which is no setting", name, setting)
			}
		}
	}
}

// The service must lead to pods that answer, and only to those: a worker behind it answers 421.
func TestServiceLeadsToPodsThatAnswer(t *testing.T) {
	all := rendered(t, "split.yaml")
	for _, service := range all {
		if service.Kind != "Service" {
			continue
		}
		var found []string
		for _, o := range all {
			labels := o.Spec.Template.Metadata.Labels
			if len(labels) == 0 {
				continue
			}
			fits := true
			for key, value := range service.Spec.Selector {
				fits = fits && labels[key] == value
			}
			if fits {
				found = append(found, o.Metadata.Name)
			}
		}
		want := map[string][]string{"pay": {"pay-web"}, "pay-admin": {"pay-web", "pay-worker"}}[service.Metadata.Name]
		if !slices.Equal(found, want) {
			t.Errorf("service %s leads to %v, want %v", service.Metadata.Name, found, want)
		}
	}
}

// A pod on PostgreSQL has a small folder that goes with it: a snapshot would have it evicted in the
// middle of an upgrade, and a file of checkpoints would prove nothing the day after.
func TestPodsOnPostgresKeepNothingOfTheirOwn(t *testing.T) {
	for name, kept := range map[string]bool{"postgres.yaml": false, "split.yaml": false, "sqlite.yaml": true} {
		for _, o := range rendered(t, name) {
			if o.Kind != "ConfigMap" {
				continue
			}
			snapshots, checkpoints := o.Data["PAYLINK_SNAPSHOT_DIR"], o.Data["PAYLINK_CHECKPOINT_FILE"]
			_, named := o.Data["PAYLINK_CHECKPOINT_FILE"]
			if off := snapshots == "none" && named && checkpoints == ""; off == kept {
				t.Errorf("%s: snapshots go to %q, checkpoints to %q (named: %t)", name, snapshots, checkpoints, named)
			}
		}
	}
}
