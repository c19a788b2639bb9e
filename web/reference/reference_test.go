package reference_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/net/html"

	"paylink/web/api"
	"paylink/web/reference"
)

const base = "https://pay.example"

// made is the reference of the real document.
func made(t *testing.T) *reference.Reference {
	t.Helper()
	return reference.New(api.New(api.Deps{}).DocumentJSON, base, base+"/sandbox")
}

func ask(h http.HandlerFunc, method, encoding string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/docs", nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	h(w, r)
	return w
}

// A call that the reference leaves out is one that nobody finds.
func TestEveryCallHasItsPlace(t *testing.T) {
	r := made(t)
	document, err := api.New(api.Deps{}).DocumentJSON()
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Paths      map[string]map[string]struct{ OperationID, Summary string }
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	if err := json.Unmarshal(document, &d); err != nil {
		t.Fatal(err)
	}
	page, markdown, llms := ask(r.Page, "GET", "").Body.String(), ask(r.Markdown, "GET", "").Body.String(), ask(r.LLMs, "GET", "").Body.String()
	for path, methods := range d.Paths {
		for method, op := range methods {
			if !strings.Contains(page, `id="`+op.OperationID+`"`) {
				t.Errorf("%s is not on the page", op.OperationID)
			}
			if !strings.Contains(markdown, "`"+strings.ToUpper(method)+" "+path+"`") {
				t.Errorf("%s is not in the Markdown", op.OperationID)
			}
			if !strings.Contains(llms, "#"+op.OperationID+")") {
				t.Errorf("%s is not in llms.txt", op.OperationID)
			}
		}
	}
	for name, s := range d.Components.Schemas {
		for field := range s.Properties {
			if !strings.Contains(page, ">"+field+"<") && !strings.Contains(page, "."+field+"<") {
				t.Errorf("%s.%s is not on the page", name, field)
			}
		}
	}
}

// The page must work behind its own policy, and lead nowhere but to itself and its own server.
func TestPageKeepsToItself(t *testing.T) {
	tree, err := html.Parse(ask(made(t).Page, "GET", "").Body)
	if err != nil {
		t.Fatal(err)
	}
	ids, leads := map[string]bool{}, []string{}
	for n := range tree.Descendants() {
		for _, a := range n.Attr {
			switch a.Key {
			case "id":
				if ids[a.Val] {
					t.Errorf("two elements have the id %s", a.Val)
				}
				ids[a.Val] = true
			case "href", "src":
				leads = append(leads, a.Val)
			case "style", "onclick":
				t.Errorf("%s has a %s of its own, which the policy forbids", n.Data, a.Key)
			}
		}
		if n.Data == "script" && n.FirstChild != nil || n.Type == html.ElementNode && n.Data == "style" {
			t.Errorf("there is an inline %s, which the policy forbids", n.Data)
		}
	}
	for _, to := range leads {
		anchor, inside := strings.CutPrefix(to, "#")
		if inside && !ids[anchor] {
			t.Errorf("nothing on the page has the id %s", anchor)
		}
		own := slices.Contains([]string{"/docs", "/docs.md", "/openapi.json", "/dashboard"}, to) || strings.HasPrefix(to, "/static/")
		if !inside && !own {
			t.Errorf("the page leads to %s", to)
		}
	}
	if len(ids) < 60 || len(leads) < 100 {
		t.Errorf("only %d ids and %d leads", len(ids), len(leads))
	}
}

// A page that can be put into a frame, or that loads from strangers, shows more than we wrote.
func TestTextsAreHandedOutSafely(t *testing.T) {
	r := made(t)
	for kind, h := range map[string]http.HandlerFunc{"text/html": r.Page, "text/markdown": r.Markdown, "text/plain": r.LLMs} {
		plain, zipped, head := ask(h, "GET", ""), ask(h, "GET", "br, gzip"), ask(h, "HEAD", "")
		if !strings.HasPrefix(plain.Header().Get("Content-Type"), kind) || plain.Header().Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s: %v", kind, plain.Header())
		}
		if policy := plain.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: %s", kind, policy)
		}
		zr, err := gzip.NewReader(zipped.Body)
		if err != nil {
			t.Fatal(err)
		}
		unzipped, err := io.ReadAll(zr)
		if err != nil || !bytes.Equal(unzipped, plain.Body.Bytes()) {
			t.Errorf("%s: the compressed text is another one: %v", kind, err)
		}
		if head.Body.Len() != 0 || head.Header().Get("Content-Length") != plain.Header().Get("Content-Length") {
			t.Errorf("%s: HEAD answers %v", kind, head.Header())
		}
	}
}

// The document is written when the first one asks, and not by everybody anew: a start that waits for it is
// slow, and many readers at once would each take twenty megabytes.
func TestReferenceIsWrittenOnceAndOnDemand(t *testing.T) {
	var asked atomic.Int64
	contract := api.New(api.Deps{})
	r := reference.New(func() ([]byte, error) { asked.Add(1); return contract.DocumentJSON() }, base, "")
	if asked.Load() != 0 {
		t.Error("the document is asked for before anybody reads it")
	}
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			for _, h := range []http.HandlerFunc{r.Page, r.Markdown, r.LLMs} {
				if w := ask(h, "GET", "gzip"); w.Code != 200 || w.Body.Len() < 1000 {
					t.Errorf("%d, %d bytes", w.Code, w.Body.Len())
				}
			}
		})
	}
	readers.Wait()
	if asked.Load() != 1 {
		t.Errorf("the document was asked for %d times", asked.Load())
	}
}

// Half a reference would be believed: a document that cannot be shown is a problem.
func TestBrokenDocumentIsRefused(t *testing.T) {
	for _, document := range []string{"", "[]", `{"paths":{"/v1/x":{"get":{"operationId":"x","tags":["Unknown"],"responses":{}}}}}`} {
		r := reference.New(func() ([]byte, error) { return []byte(document), nil }, base, "")
		if w := ask(r.Page, "GET", ""); w.Code != 500 || strings.Contains(w.Body.String(), "Unknown") {
			t.Errorf("%q: %d %s", document, w.Code, w.Body)
		}
	}
}

// What a text in the document says is text, whatever it holds.
func TestWordsAreEscaped(t *testing.T) {
	document := `{"tags":[{"name":"T"}],"paths":{"/v1/x":{"get":{"operationId":"x","summary":"<script>1</script>","description":"<b>","tags":["T"],
		"responses":{"200":{"content":{"application/json":{"schema":{"type":"object"},"example":{"a":"</code><script>2</script>"}}}}}}}}}`
	r := reference.New(func() ([]byte, error) { return []byte(document), nil }, base, "")
	if got := ask(r.Page, "GET", "").Body.String(); regexp.MustCompile(`<script>|<b>`).MatchString(got) {
		t.Error("the page takes words for HTML")
	}
}
