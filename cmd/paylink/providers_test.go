package main

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"paylink"
	"paylink/channel"
	"paylink/cmd/paylink/node"
	"paylink/connect"
	"paylink/outbound"
	"paylink/provider"
)

//go:generate go test -run TestProvidersPageIsFresh . -args -write

const providersPage = "../../docs/providers.md"

// The lines between which the page is produced; what is around them is written by hand.
const (
	producedFrom  = "<!-- Produced from the adapters by go generate ./cmd/paylink, from here -->\n"
	producedUntil = "<!-- to here -->\n"
)

// A merchant chooses a provider by a table that says what the program does not do.
func TestProvidersPageIsFresh(t *testing.T) {
	kept, err := os.ReadFile(providersPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(kept), producedFrom)
	_, after, ended := strings.Cut(rest, producedUntil)
	if !found || !ended {
		t.Fatal("docs/providers.md has lost the lines between which it is produced")
	}
	page := before + producedFrom + capabilityTable() + producedUntil + after
	if *write {
		if err := os.WriteFile(providersPage, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if page != string(kept) {
		t.Error("docs/providers.md is stale: go generate ./cmd/paylink")
	}
}

func carriers() []channel.Capabilities {
	client := outbound.New(outbound.Options{})
	var all []channel.Capabilities
	for _, s := range node.Carriers(client, client) {
		if c := s.Capabilities(); c.Name != connect.Sandbox {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b channel.Capabilities) int {
		return cmp.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title))
	})
	return all
}

func capabilityTable() string {
	var b strings.Builder
	b.WriteString("\n| provider | name | carries | tells delivery | tells reading | sends once what is asked twice | templates only | judged by |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, c := range carriers() {
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s | %s | %s | %s | %s |\n", c.Title, c.Name, listed(c.Channels), said(!c.Silent), cmp.Or(listed(c.Reads), "no"),
			said(c.Idempotent), said(c.Templates), cmp.Or(c.Judge, "*unverified*"))
	}
	for _, c := range carriers() {
		fmt.Fprintf(&b, "\n### %s\n\n| field | what | needed | secret |\n| --- | --- | --- | --- |\n", c.Title)
		if len(c.Schemes) > 0 {
			fmt.Fprintf(&b, "| `base_url` | Address of the server: %s. | yes | no |\n", schemes(c))
		}
		for _, f := range c.Fields {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.Name, described(f), said(f.Required), said(f.Secret))
		}
	}
	return b.String() + "\n"
}

func schemes(c channel.Capabilities) string {
	var all []string
	for scheme, port := range c.Schemes {
		all = append(all, "`"+scheme+"://host:"+port+"`")
	}
	slices.Sort(all)
	return strings.Join(all, " or ")
}

func described(f provider.Field) string {
	text := f.Label + "."
	if f.Help != "" {
		text += " " + f.Help
	}
	if len(f.Options) > 0 {
		text += " One of `" + strings.Join(f.Options, "`, `") + "`."
	}
	if f.Example != "" {
		text += " Such as `" + f.Example + "`."
	}
	return strings.NewReplacer("|", "\\|", "\n", "` and `").Replace(text)
}

func listed(channels []paylink.Channel) string {
	words := make([]string, len(channels))
	for i, c := range channels {
		words[i] = string(c)
	}
	return strings.Join(words, ", ")
}

func said(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// A field without a label is asked for by a blank; one whose example it refuses itself teaches a mistake.
func TestFieldsOfProvidersCanBeAskedFor(t *testing.T) {
	for _, c := range carriers() {
		if c.Title == "" || len(c.Channels) == 0 || len(c.Fields) == 0 {
			t.Errorf("%s: no title, channel or field", c.Name)
		}
		seen := map[string]bool{}
		for _, f := range c.Fields {
			at := c.Name + "." + f.Name
			if !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(f.Name) || seen[f.Name] || f.Label == "" {
				t.Errorf("%s: a name that is none, or comes twice, or no label", at)
			}
			seen[f.Name] = true
			if f.Help != "" && !strings.ContainsAny(f.Help[len(f.Help)-1:], ".!?") {
				t.Errorf("%s: the help is no sentence: %s", at, f.Help)
			}
			example := f.Example == "" || f.Pattern == "" || regexp.MustCompile(`\A(?:`+f.Pattern+`)\z`).MatchString(f.Example) && len(f.Example) <= connect.Most(f)
			if !example || f.Secret && f.Example != "" && !connect.Long(f) {
				t.Errorf("%s: the example %q is refused, or shows a secret", at, f.Example)
			}
		}
	}
}
