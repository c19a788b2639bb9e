package static

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func twoSets() (*Set, http.Handler) {
	page := NewSet(fstest.MapFS{"page.css": {Data: []byte(strings.Repeat("body{margin:0}", 20))}, "page.js": {Data: []byte("let a")}})
	board := NewSet(fstest.MapFS{"board.css": {Data: []byte("b{}")}})
	return page, Handler(page, board)
}

// A browser keeps a file for a year: only the very content that the name was made from may say so.
func TestOnlyTheCurrentContentIsKeptForGood(t *testing.T) {
	page, handler := twoSets()
	for _, c := range []struct {
		path, cache string
		status      int
	}{
		{page.Path("page.css"), "public, max-age=31536000, immutable", 200},
		{"/static/page-0000000000.css", "no-cache", 200},
		{"/static/page.css", "", 404},
		{"/static/other-0000000000.css", "", 404},
		{"/static/", "", 404},
		{"/static/../go.mod", "", 404},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.Path = c.path
		handler.ServeHTTP(w, r)
		if w.Code != c.status || w.Header().Get("Cache-Control") != c.cache {
			t.Errorf("%s: %d %q, want %d %q", c.path, w.Code, w.Header().Get("Cache-Control"), c.status, c.cache)
		}
	}
}

// A browser that takes gzip must get the same bytes as one that does not.
func TestCompressedAndPlainAreTheSame(t *testing.T) {
	page, handler := twoSets()
	get := func(encoding string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, page.Path("page.css"), nil)
		r.Header.Set("Accept-Encoding", encoding)
		handler.ServeHTTP(w, r)
		return w
	}
	plain, zipped := get(""), get("br, gzip")
	if zipped.Header().Get("Content-Encoding") != "gzip" || plain.Header().Get("Content-Encoding") != "" {
		t.Fatalf("encodings %q and %q", plain.Header().Get("Content-Encoding"), zipped.Header().Get("Content-Encoding"))
	}
	zr, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	unzipped, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	if string(unzipped) != plain.Body.String() {
		t.Error("the compressed file differs from the plain one")
	}
}

// Two doors with one name would serve each other's styles.
func TestTwoFilesOfOneNameAreRefusedAtTheStart(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("two files named page.css were taken")
		}
	}()
	one := NewSet(fstest.MapFS{"page.css": {Data: []byte("a")}})
	Handler(one, NewSet(fstest.MapFS{"page.css": {Data: []byte("b")}}))
}

// A form sent to a style sheet is a mistake that must change nothing.
func TestOnlyReadingIsAllowed(t *testing.T) {
	page, handler := twoSets()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, page.Path("page.js"), nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST answered %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}
