package main

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"paylink/cmd/paylink/node"
	"paylink/connect"
	"paylink/gateway"
	"paylink/outbound"
)

//go:generate go test -run TestGatewaysPageIsFresh . -args -write

const gatewaysPage = "../../docs/gateways.md"

// A merchant chooses a gateway by a table that says what the program does not do.
func TestGatewaysPageIsFresh(t *testing.T) {
	kept, err := os.ReadFile(gatewaysPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(kept), producedFrom)
	_, after, ended := strings.Cut(rest, producedUntil)
	if !found || !ended {
		t.Fatal("docs/gateways.md has lost the lines between which it is produced")
	}
	page := before + producedFrom + gatewayTable() + producedUntil + after
	if *write {
		if err := os.WriteFile(gatewaysPage, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if page != string(kept) {
		t.Error("docs/gateways.md is stale: go generate ./cmd/paylink")
	}
}

func gateways() []gateway.Gateway {
	client := outbound.New(outbound.Options{})
	all := slices.DeleteFunc(node.Gateways(client, client), func(g gateway.Gateway) bool { return g.Capabilities().Name == connect.Sandbox })
	slices.SortFunc(all, func(a, b gateway.Gateway) int {
		return cmp.Compare(strings.ToLower(a.Capabilities().Title), strings.ToLower(b.Capabilities().Title))
	})
	return all
}

func gatewayTable() string {
	var b strings.Builder
	b.WriteString("\n| gateway | name | methods | currencies | same order twice is harmless |")
	rule := "\n| --- | --- | --- | --- | --- |"
	for _, a := range gateway.Abilities {
		b.WriteString(" " + abilityWords[a] + " |")
		rule += " --- |"
	}
	b.WriteString(" judged by |" + rule + " --- |\n")
	for _, g := range gateways() {
		c, able := g.Capabilities(), gateway.AbilitiesOf(g)
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s | %s |", c.Title, c.Name, joined(c.Methods), cmp.Or(joined(c.Currencies), "any"), said(c.Idempotent))
		for _, a := range gateway.Abilities {
			b.WriteString(" " + cmp.Or(c.Lacks[a], said(slices.Contains(able, a))) + " |")
		}
		fmt.Fprintf(&b, " %s |\n", cmp.Or(c.Judge, "*unverified*"))
	}
	for _, g := range gateways() {
		fmt.Fprintf(&b, "\n### %s\n\n| field | what | needed | secret |\n| --- | --- | --- | --- |\n", g.Capabilities().Title)
		for _, f := range g.Capabilities().Fields {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.Name, described(f), said(f.Required), said(f.Secret))
		}
	}
	b.WriteString("\n### Every gateway\n\n| field | what |\n| --- | --- |\n")
	for _, f := range gateway.Usual() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", f.Name, described(f))
	}
	return b.String() + "\n"
}

var abilityWords = map[gateway.Ability]string{
	gateway.CanTest: "test", gateway.CanCancel: "close an order", gateway.CanCapture: "capture later", gateway.CanVoid: "void", gateway.CanRefund: "refund", gateway.CanDispute: "disputes",
	gateway.CanContest: "contest", gateway.CanSettle: "settlements", gateway.CanForm: "page by a form",
}

func joined[T ~string](all []T) string {
	words := make([]string, len(all))
	for i, one := range all {
		words[i] = string(one)
	}
	return strings.Join(words, ", ")
}

// A field without a label is asked for by a blank, one whose example it refuses itself teaches a mistake, and an
// ability without words is a column without a name.
func TestGatewaysCanBeAskedFor(t *testing.T) {
	for _, a := range gateway.Abilities {
		if abilityWords[a] == "" {
			t.Errorf("%s has no words", a)
		}
	}
	for _, g := range gateways() {
		c, able := g.Capabilities(), gateway.AbilitiesOf(g)
		for _, a := range gateway.Abilities {
			if !slices.Contains(able, a) && a != gateway.CanForm && c.Lacks[a] == "" {
				t.Errorf("%s: it cannot do %s, and the table does not say why", c.Name, a)
			}
		}
		if c.Title == "" || len(c.Fields) == 0 {
			t.Errorf("%s: no title or field", c.Name)
		}
		seen := map[string]bool{}
		for _, f := range append(slices.Clone(c.Fields), gateway.Usual()...) {
			at := c.Name + "." + f.Name
			if !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(f.Name) || seen[f.Name] || f.Label == "" {
				t.Errorf("%s: a name that is none, or comes twice, or no label", at)
			}
			seen[f.Name] = true
			if f.Help != "" && !strings.ContainsAny(f.Help[len(f.Help)-1:], ".!?") {
				t.Errorf("%s: the help is no sentence: %s", at, f.Help)
			}
			if f.Example != "" && f.Pattern != "" && !regexp.MustCompile(`\A(?:`+f.Pattern+`)\z`).MatchString(f.Example) {
				t.Errorf("%s: the example %q is refused", at, f.Example)
			}
		}
	}
}
