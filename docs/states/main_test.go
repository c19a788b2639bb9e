package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
)

// A page that differs from the tables tells readers of the API a state that never comes.
func TestStatesPageIsFresh(t *testing.T) {
	kept, err := os.ReadFile("../states.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, page()) {
		t.Error("docs/states.md is stale; run: go run ./docs/states")
	}
}

// A machine or a state that is added to the nouns and forgotten here would stay undocumented.
func TestEveryMachineAndStateIsDrawn(t *testing.T) {
	drawn := string(page())
	self, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	files, states := nouns(t), map[string]bool{}
	for _, decl := range declarations(files, token.VAR) {
		if name := decl.Names[0].Name; strings.HasSuffix(name, "Machine") {
			if !strings.Contains(string(self), "paylink."+name) {
				t.Errorf("paylink.%s is not drawn", name)
			}
			machine := decl.Values[0].(*ast.CompositeLit).Type.(*ast.IndexExpr)
			states[machine.Index.(*ast.Ident).Name] = true
		}
	}
	if len(states) == 0 {
		t.Fatal("found no machines in the root package")
	}
	for _, decl := range declarations(files, token.CONST) {
		kind, ok := decl.Type.(*ast.Ident)
		if !ok || !states[kind.Name] {
			continue
		}
		state, err := strconv.Unquote(decl.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(drawn, "| `"+state+"` |") {
			t.Errorf("%s %q has no row", kind.Name, state)
		}
	}
}

func nouns(t *testing.T) []*ast.File {
	entries, err := os.ReadDir("../..")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go") {
			file, err := parser.ParseFile(token.NewFileSet(), "../../"+e.Name(), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
	}
	return files
}

func declarations(files []*ast.File, kind token.Token) []*ast.ValueSpec {
	var found []*ast.ValueSpec
	for _, file := range files {
		for _, d := range file.Decls {
			if group, ok := d.(*ast.GenDecl); ok && group.Tok == kind {
				for _, spec := range group.Specs {
					found = append(found, spec.(*ast.ValueSpec))
				}
			}
		}
	}
	return found
}
