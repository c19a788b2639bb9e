package baseline

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var placeholder = regexp.MustCompile(`\$(\d+)`)

// Script writes the change for pgbench, which is to be called with --define=base=N, another N for
// each run. With a pipeline the whole transaction travels at once; without, each statement waits for
// the one before.
func Script(change Change, pipeline bool) string {
	var b strings.Builder
	// A variable lives as long as its client, so each client counts its own changes.
	b.WriteString("\\set base :base + 64\n\\set serial :base + :client_id\n\\set key random(1, 9223372036854775806)\n")
	if pipeline {
		b.WriteString("\\startpipeline\n")
	}
	b.WriteString("BEGIN ISOLATION LEVEL READ COMMITTED;\n")
	for _, s := range change {
		b.WriteString(placeholder.ReplaceAllStringFunc(s.Text, func(p string) string {
			n, _ := strconv.Atoi(p[1:]) // the expression takes digits only
			return literal(s.Values[n-1])
		}) + ";\n")
	}
	b.WriteString("COMMIT;\n")
	if pipeline {
		b.WriteString("\\endpipeline\n")
	}
	return b.String()
}

func literal(v Value) string {
	switch fixed := v.Fixed.(type) {
	case int64:
		return strconv.FormatInt(fixed, 10)
	case string:
		return quote(fixed)
	}
	switch {
	case v.Key:
		return ":key"
	case len(v.Parts) == 0:
		return "NULL"
	}
	quoted := make([]string, len(v.Parts))
	for i, part := range v.Parts {
		quoted[i] = quote(part)
	}
	return fmt.Sprintf("(%s)", strings.Join(quoted, " || :serial::text || "))
}

// quote hides colons: pgbench replaces any :word, even inside a string.
func quote(s string) string {
	return `E'` + strings.NewReplacer(`\`, `\\`, `'`, `''`, ":", `\x3a`).Replace(s) + `'`
}
