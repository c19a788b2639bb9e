package reference

import (
	"fmt"
	"strings"
)

// markdown is the whole reference as one Markdown text.
func (c *contents) markdown() []byte {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	say("# %s API reference\n\nVersion %s, at %s. Machine-readable: [%[3]s/openapi.json](%[3]s/openapi.json).\n\n## The first link in three commands\n", c.Title, c.Version, c.Base)
	chapters := func(all []chapter, level string) {
		for _, ch := range all {
			say("\n%s %s\n\n%s\n", level, ch.Title, strings.Join(ch.Words, "\n\n"))
			for _, s := range ch.Code {
				say("\n```%s\n%s\n```\n", fence(s.Language), s.Code)
			}
		}
	}
	chapters(c.quickstart(), "###")
	chapters(c.guide(), "##")
	say("\nCodes that nearly every call can have:\n\n%s", troubleTable(c.Troubles))
	for _, t := range c.Topics {
		say("\n## %s\n\n%s\n", t.Name, t.About)
		for _, call := range t.Calls {
			call.markdown(say)
		}
	}
	say("\n## Objects\n")
	for _, o := range c.Objects {
		say("\n### %s\n\n%s\n\n%s", o.Name, o.About, fieldTable(o.Fields, false))
	}
	return []byte(b.String())
}

func (c call) markdown(say func(string, ...any)) {
	say("\n### %s\n\n`%s %s`\n\n%s\n", c.Summary, c.Method, c.Path, c.About)
	if len(c.Parameters)+len(c.Headers) > 0 {
		say("\nParameters:\n\n%s", fieldTable(append(c.Parameters[:len(c.Parameters):len(c.Parameters)], c.Headers...), true))
	}
	if len(c.Body) > 0 {
		say("\nBody:\n\n%s", fieldTable(c.Body, true))
	}
	for _, s := range c.Samples {
		say("\n```%s\n%s\n```\n", fence(s.Language), s.Code)
	}
	switch {
	case c.Answer != "":
		say("\nAnswers %s with %s:\n\n```json\n%s\n```\n", c.Status, either(c.Object, "an object"), c.Answer)
	case c.Kind != "":
		say("\nAnswers %s with `%s`.\n", c.Status, c.Kind)
	default:
		say("\nAnswers %s without a body.\n", c.Status)
	}
	if len(c.Troubles) > 0 {
		say("\nCodes of its own:\n\n%s", troubleTable(c.Troubles))
	}
}

func fieldTable(fields []field, asked bool) string {
	var b strings.Builder
	b.WriteString("| name | type | |\n|---|---|---|\n")
	for _, f := range fields {
		words := f.About
		if len(f.Limits) > 0 {
			words += " (" + strings.Join(f.Limits, "; ") + ")"
		}
		if asked && f.Required {
			words = "**required** " + words
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Name, f.Type, strings.ReplaceAll(words, "|", `\|`))
	}
	return b.String()
}

func troubleTable(all []trouble) string {
	var b strings.Builder
	b.WriteString("| status | code | |\n|---|---|---|\n")
	for _, t := range all {
		fmt.Fprintf(&b, "| %s | `%s` | %s |\n", t.Status, t.Code, t.Means)
	}
	return b.String()
}

func fence(language string) string {
	if language == "curl" {
		return "sh"
	}
	return language
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// llms is what a language model is told first (llmstxt.org): what this is, and where the rest stands.
func (c *contents) llms() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n> Payment links over HTTP: make them, send them by SMS, WhatsApp, e-mail and in-app push, follow them to the money. JSON in and out, one API key, a test world with a pretend bank.\n\n", c.Title)
	b.WriteString("Money is an integer in minor units with an ISO 4217 currency. Times are RFC 3339 UTC. Every POST takes an Idempotency-Key. Errors are application/problem+json with a stable code and a JSON pointer to each wrong field. Unknown fields are refused.\n\n## Documents\n\n")
	fmt.Fprintf(&b, "- [Reference in Markdown](%[1]s/docs.md): every call with fields, limits, errors and samples\n- [OpenAPI 3.1](%[1]s/openapi.json): the contract itself\n- [Reference for people](%[1]s/docs)\n", c.Base)
	for _, t := range c.Topics {
		fmt.Fprintf(&b, "\n## %s\n\n", t.Name)
		for _, call := range t.Calls {
			fmt.Fprintf(&b, "- [%s %s](%s/docs#%s): %s\n", call.Method, call.Path, c.Base, call.ID, call.Summary)
		}
	}
	return []byte(b.String())
}
