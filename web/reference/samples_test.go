package reference_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// A sample that does not run as it is copied costs its reader more than none.
func TestSamplesAreWhole(t *testing.T) {
	markdown := ask(made(t).Markdown, "GET", "").Body.String()
	blocks := regexp.MustCompile("(?s)```(sh|go|js)\n(.*?)\n```").FindAllStringSubmatch(markdown, -1)
	counts := map[string]int{}
	files := token.NewFileSet()
	standard := importer.ForCompiler(files, "source", nil) // one, so that net/http is read once
	for _, block := range blocks {
		language, code := block[1], block[2]
		counts[language]++
		switch language {
		case "sh":
			check(t, code, "bash", "-n")
		case "js":
			check(t, code, "node", "--input-type=module", "--check", "-")
		case "go":
			file, err := parser.ParseFile(files, "sample.go", code, parser.AllErrors)
			if err == nil {
				_, err = (&types.Config{Importer: standard}).Check("main", files, []*ast.File{file}, nil)
			}
			if err != nil {
				t.Errorf("%v in\n%s", err, code)
			}
		}
	}
	if counts["go"] < 25 || counts["sh"] != counts["go"]+3 || counts["js"] != counts["go"]+1 {
		t.Errorf("samples: %v", counts)
	}
}

// check gives a program to a tool that reads it and does not run it.
func check(t *testing.T, code string, command ...string) {
	t.Helper()
	tool := exec.Command(command[0], command[1:]...)
	tool.Stdin = strings.NewReader(code)
	if out, err := tool.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s\n%s", command[0], err, out, code)
	}
}
