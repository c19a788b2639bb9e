package paylink_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// longFiles are above the limit, each with the reason why it is one subject. It may only shrink.
var longFiles = map[string]string{}

// Past three hundred lines a file usually has two subjects; past six hundred nobody reads it. A file
// of tests has tables in it, which read quickly: it may have a hundred more.
func TestFilesStayReadable(t *testing.T) {
	goFiles(t, func(name string) {
		if strings.HasSuffix(name, "_templ.go") {
			return // generated
		}
		lines := bytes.Count(readFile(t, name), []byte("\n"))
		limit, listed := 300, longFiles[name] != ""
		if strings.HasSuffix(name, "_test.go") {
			limit = 400
		}
		switch {
		case lines > 600:
			t.Errorf("%s has %d lines", name, lines)
		case lines > limit && !listed:
			t.Errorf("%s has %d lines; are there two subjects in it?", name, lines)
		case lines <= limit && listed:
			t.Errorf("%s has %d lines; take it off the list of long files", name, lines)
		}
	})
	for name := range longFiles {
		if _, err := os.Stat(name); err != nil {
			t.Errorf("%s is on the list of long files: %v", name, err)
		}
	}
}

// clocks may look at the time themselves; everyone else is given it, or has a now field, which may
// begin as time.Now. A trailing slash names a room.
var clocks = map[string]string{
	"cmd/":   "the wiring hands the clock to everyone else",
	"bench/": "measuring is looking at the clock",

	"web/respond/deadline.go": "a connection's deadline is the machine's own time",
	"store/sqlite_group.go":   "how long a group gathers, and since when somebody gives way, is the queue's own time; no row ever sees it",
	"store/sqlite_writer.go":  "how long a commit takes is the disk's own time; no row ever sees it",

	"story/":               "stories wait for a real program",
	"store/storetest/":     "it waits for a real database server",
	"gateway/gatewaytest/": "the suite speaks to a real server",
	"channel/channeltest/": "the suite speaks to a real server",

	"channel/carrierwire/carriertest/": "a letter is written when the test runs",
}

// A function that looks at the clock itself cannot be tested at midnight, replayed, or moved by the
// sandbox clock.
func TestTimeIsGiven(t *testing.T) {
	eachProductionFile(t, func(name string, file *ast.File, at func(ast.Node) string) {
		for room := range clocks {
			if name == room || strings.HasSuffix(room, "/") && strings.HasPrefix(name, room) {
				return
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			for _, word := range []string{"Now", "Since", "Until"} {
				if ok && isSelector(call.Fun, "time", word) {
					t.Errorf("%s: time.%s(); take the time as a parameter or from a now field", at(n), word)
				}
			}
			return true
		})
	})
}

// plainComparisons compare something that is named like a secret but is none, each with its reason.
var plainComparisons = map[string]string{
	"cmd/paylink/node/merchant.go Secret": "both sides are ours, read from the settings and the database at the start",
}

var secretName = regexp.MustCompile(`(?i)(^|_|[a-z])(sig|signature|mac|hmac|token|secret|password|passwd|apikey|api_key)$`)

// An ordinary comparison ends at the first wrong byte, and its duration tells a forger how far he
// has come. The check goes by names: what is called a signature, a MAC, a token, a secret or a
// password is compared with hmac.Equal or subtle, never with ==, bytes.Equal or their like.
func TestSecretsAreComparedInConstantTime(t *testing.T) {
	used := map[string]bool{}
	eachProductionFile(t, func(name string, file *ast.File, at func(ast.Node) string) {
		ast.Inspect(file, func(n ast.Node) bool {
			var sides []ast.Expr
			switch n := n.(type) {
			case *ast.BinaryExpr:
				if n.Op == token.EQL || n.Op == token.NEQ {
					sides = []ast.Expr{n.X, n.Y}
				}
			case *ast.CallExpr:
				for _, f := range [][2]string{{"bytes", "Equal"}, {"bytes", "Compare"}, {"strings", "Compare"}, {"strings", "EqualFold"}, {"slices", "Equal"}, {"slices", "Contains"}} {
					if isSelector(n.Fun, f[0], f[1]) {
						sides = n.Args
					}
				}
			}
			if slices.ContainsFunc(sides, isConstant) {
				return true // against nothing or a fixed word: no secret is on the other side
			}
			for _, side := range sides {
				word := lastName(side)
				if used[name+" "+word] = true; secretName.MatchString(word) && plainComparisons[name+" "+word] == "" {
					t.Errorf("%s: %s is compared in a time that depends on it; use hmac.Equal or subtle.ConstantTimeCompare", at(n), word)
				}
			}
			return true
		})
	})
	for exception := range plainComparisons {
		if !used[exception] {
			t.Errorf("%s is compared no more; take it off the list", exception)
		}
	}
}

// callers may make HTTP calls without the guarded client, each with its reason.
var callers = map[string]string{
	"outbound/": "it is the guarded client",
	"sandbox/":  "the pretend world stands outside; it calls as a bank and a carrier would",
	"client/":   "it is the merchant's; the caller says where the server is",
	"cli/":      "it is the merchant's, and hands events to the address that he gives",
	"cmd/":      "it asks its own process for its health",
	"bench/":    "it is the load",
	"story/":    "it is the customer and the merchant",

	"channel/carrierwire/carriertest/": "it is the carrier",
	"gateway/gatewaytest/":             "it is the customer, whose browser posts a form",
}

// A call that goes around the guard reaches private addresses, follows redirects and reads without
// end.
func TestCallingOutGoesThroughTheGuard(t *testing.T) {
	eachProductionFile(t, func(name string, file *ast.File, at func(ast.Node) string) {
		for room := range callers {
			if strings.HasPrefix(name, room) {
				return
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			for _, word := range []string{"Client", "DefaultClient", "DefaultTransport", "Get", "Post", "PostForm", "Head"} {
				if isSelector(n, "http", word) {
					t.Errorf("%s: http.%s; call out through outbound", at(n), word)
				}
			}
			return true
		})
	})
}

// A test without its reason is deleted by the first person whom it annoys; a skipped one is a hole
// that looks like a wall.
func TestTestsSayWhyAndAlwaysRun(t *testing.T) {
	goFiles(t, func(name string) {
		if !strings.HasSuffix(name, "_test.go") {
			return
		}
		file := parse(t, name)
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if ok && f.Recv == nil && testName.MatchString(f.Name.Name) && f.Doc == nil {
				t.Errorf("%s: %s has no comment that says what would go wrong", position(f), f.Name.Name)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, s.Sel.Name) {
				t.Errorf("%s: a test that skips", position(n))
			}
			return true
		})
	})
}

var testName = regexp.MustCompile(`^(Test|Fuzz)[A-Z]`)

// What was true on one machine, on one network or for one linter's mood has no place in the tree.
func TestTreeNamesNoMachine(t *testing.T) {
	lockFile := "package-" + "lock.json"
	banned := []string{"/ro" + "ot/", "/wo" + "rk/", "registry." + "npmjs", "proxy." + "golang.org", "sum." + "golang.org", "//no" + "lint"}
	home := regexp.MustCompile(`/ho` + `me/[a-z]`)
	treeFiles(t, func(name string) {
		body := readFile(t, name)
		if bytes.IndexByte(body, 0) >= 0 {
			return // pictures
		}
		for _, word := range banned {
			if bytes.Contains(body, []byte(word)) {
				t.Errorf("%s holds %q", name, word)
			}
		}
		if found := home.Find(body); found != nil {
			t.Errorf("%s holds %q", name, found)
		}
		if path.Base(name) == lockFile && bytes.Contains(body, []byte(`"resolved"`)) {
			t.Errorf("%s records where packages came from; install with the .npmrc beside it", name)
		}
	})
}

func eachProductionFile(t *testing.T, each func(name string, file *ast.File, at func(ast.Node) string)) {
	t.Helper()
	goFiles(t, func(name string) {
		if strings.HasSuffix(name, "_test.go") {
			return
		}
		each(name, parse(t, name), func(n ast.Node) string { return position(n) })
	})
}

// parsed keeps every file that a rule has read, for the next rule.
var parsed = struct {
	sync.Mutex
	fset  *token.FileSet
	files map[string]*ast.File
}{fset: token.NewFileSet(), files: map[string]*ast.File{}}

func parse(t *testing.T, name string) *ast.File {
	t.Helper()
	parsed.Lock()
	defer parsed.Unlock()
	file := parsed.files[name]
	if file == nil {
		var err error
		if file, err = parser.ParseFile(parsed.fset, name, nil, parser.ParseComments|parser.SkipObjectResolution); err != nil {
			t.Fatal(err)
		}
		parsed.files[name] = file
	}
	return file
}

func position(n ast.Node) string { return parsed.fset.Position(n.Pos()).String() }

func isSelector(n ast.Node, from, name string) bool {
	s, ok := n.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != name {
		return false
	}
	x, ok := s.X.(*ast.Ident)
	return ok && x.Name == from
}

// isConstant tells whether the expression is a literal, nil, or a length.
func isConstant(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return e.Name == "nil" || e.Name == "true" || e.Name == "false"
	case *ast.CallExpr:
		f, ok := e.Fun.(*ast.Ident)
		return ok && f.Name == "len"
	}
	return false
}

// lastName is the name by which an operand is called: the field of a selector, the function of a
// call, the array of an index.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.CallExpr:
		if len(e.Args) == 1 {
			return lastName(e.Args[0]) // a conversion
		}
		return lastName(e.Fun)
	case *ast.IndexExpr:
		return lastName(e.X)
	case *ast.SliceExpr:
		return lastName(e.X)
	case *ast.ParenExpr:
		return lastName(e.X)
	case *ast.StarExpr:
		return lastName(e.X)
	}
	return ""
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
