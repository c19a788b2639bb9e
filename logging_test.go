package paylink_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

//go:generate go test -run TestLogPageNamesEveryLine . -args -write

var writeLogPage = flag.Bool("write", false, "write docs/logging.md anew; what a line means is written there by hand and kept")

const logPage = "docs/logging.md"

var logMessage = regexp.MustCompile(`^[a-z_]+\.[a-z_]+$`)

// logLine is one message that the source can write.
type logLine struct {
	level  string
	fields map[string]bool
	rooms  map[string]bool
}

// logMethods tells where a method of slog has its message and its first field.
var logMethods = map[string]int{
	"Debug": 0, "Info": 0, "Warn": 0, "Error": 0, "DebugContext": 1, "InfoContext": 1, "WarnContext": 1, "ErrorContext": 1, "LogAttrs": 2, "Log": 2,
}

// Whoever looks for a line in the middle of the night finds it on the page, with its fields; and the page
// holds none that was renamed long ago. Messages are a room's word and a verb, joined by a dot.
func TestLogPageNamesEveryLine(t *testing.T) {
	lines := logLines(t)
	kept, err := os.ReadFile(logPage)
	if err != nil && !*writeLogPage {
		t.Fatal(err)
	}
	introduction, _, _ := strings.Cut(string(kept), "| line |")
	means := map[string]string{}
	for row := range strings.Lines(string(kept)) {
		if cells := strings.Split(row, " | "); len(cells) == 5 && strings.HasPrefix(row, "| `") {
			means[strings.Trim(cells[0], "| `")] = strings.TrimSuffix(strings.TrimSpace(cells[4]), " |")
		}
	}
	var page strings.Builder
	page.WriteString(introduction + "| line | level | room | fields | what has ended, or gone wrong |\n| --- | --- | --- | --- | --- |\n")
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		line := lines[name]
		fmt.Fprintf(&page, "| `%s` | %s | %s | %s | %s |\n", name, line.level, strings.Join(slices.Sorted(maps.Keys(line.rooms)), ", "),
			strings.Join(slices.Sorted(maps.Keys(line.fields)), ", "), means[name])
		if !logMessage.MatchString(name) {
			t.Errorf("the line %q is not a word, a dot and a verb", name)
		}
		if means[name] == "" && !*writeLogPage {
			t.Errorf("docs/logging.md does not say what %s means: write it into its row (after: go generate .)", name)
		}
	}
	if *writeLogPage {
		if err := os.WriteFile(logPage, []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(kept) != page.String() {
		t.Error("docs/logging.md is stale: go generate . and say what is new")
	}
}

// logLines finds every message in the source with the fields it is written with.
func logLines(t *testing.T) map[string]*logLine {
	lines := map[string]*logLine{}
	eachProductionFile(t, func(name string, file *ast.File, at func(ast.Node) string) {
		for _, d := range file.Decls {
			ast.Inspect(d, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				method, ok := call.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				place, ok := logMethods[method.Sel.Name]
				if !ok || len(call.Args) <= place {
					return true
				}
				message, ok := literal(call.Args[place])
				// A logger goes by few names; by whatever name, it says messages of this form.
				if !slices.Contains([]string{"log", "Log", "l"}, lastName(method.X)) && !logMessage.MatchString(message) {
					return true
				}
				if !ok {
					t.Errorf("%s: a log line whose message is not written here", at(n))
					return true
				}
				line := lines[message]
				if line == nil {
					line = &logLine{level: levelOf(call, method.Sel.Name), fields: map[string]bool{}, rooms: map[string]bool{}}
					lines[message] = line
				}
				line.rooms[path.Dir(name)] = true
				line.add(call, place+1, d)
				return true
			})
		}
	})
	if len(lines) < 20 {
		t.Fatalf("only %d lines were found in the source", len(lines))
	}
	return lines
}

// add notes the fields of one call: pairs of name and value, or attributes, which may have been gathered
// earlier in the same function.
func (l *logLine) add(call *ast.CallExpr, first int, within ast.Decl) {
	if call.Ellipsis.IsValid() {
		attributes(within, l.fields)
		return
	}
	for i := first; i < len(call.Args); {
		if name, ok := literal(call.Args[i]); ok {
			l.fields[name] = true
			i += 2
			continue
		}
		attributes(call.Args[i], l.fields)
		i++
	}
}

func attributes(n ast.Node, into map[string]bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && len(call.Args) > 0 {
			for _, kind := range []string{"String", "Int", "Int64", "Duration", "Bool", "Any", "Time"} {
				if name, ok := literal(call.Args[0]); ok && isSelector(call.Fun, "slog", kind) {
					into[name] = true
				}
			}
		}
		return true
	})
}

// levelOf is the level of a line: the method's, or that of a call which names it.
func levelOf(call *ast.CallExpr, method string) string {
	if method != "Log" && method != "LogAttrs" {
		return strings.ToLower(strings.TrimSuffix(method, "Context"))
	}
	if s, ok := call.Args[1].(*ast.SelectorExpr); ok {
		return strings.ToLower(strings.TrimPrefix(s.Sel.Name, "Level"))
	}
	return "by outcome"
}

func literal(e ast.Expr) (string, bool) {
	b, ok := e.(*ast.BasicLit)
	if !ok || b.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(b.Value)
	return text, err == nil
}
