// Package static serves the style sheets and modules of the web doors under names that change with
// their content, so that browsers keep them for good and a release never mixes old with new.
//
// Each door makes a [Set] of its own embedded files and writes [Set.Path] into its pages; the route
// list mounts one [Handler] for them all. Files are small and few: they are held in memory, plain
// and compressed. Pages themselves are left to the doors.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// Prefix is where [Handler] must be mounted.
const Prefix = "/static/"

// Set is the files of one door.
type Set struct{ files map[string]file } // by the name in the source

type file struct {
	path       string // where it is served, content hash included
	kind       string // media type
	plain, zip []byte
}

// kinds are the media types that a set may hold.
var kinds = map[string]string{
	".css":         "text/css; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".svg":         "image/svg+xml",
	".png":         "image/png",
	".webmanifest": "application/manifest+json",
}

// NewSet takes every file in the top folder of fsys, which is an embedded one: a file that cannot be
// read or whose kind is unknown is a broken build, and panics.
func NewSet(fsys fs.FS) *Set {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		panic("static files: " + err.Error())
	}
	s := &Set{files: map[string]file{}}
	for _, entry := range entries {
		name := entry.Name()
		content, err := fs.ReadFile(fsys, name)
		if err != nil {
			panic("static file " + name + ": " + err.Error())
		}
		kind, known := kinds[path.Ext(name)]
		if !known {
			panic("static file " + name + ": unknown kind")
		}
		s.files[name] = file{path: Prefix + hashed(name, content), kind: kind, plain: content, zip: compressed(content)}
	}
	return s
}

// Path gives the address of a file by its name in the source, and panics for a name that the set
// does not have.
func (s *Set) Path(name string) string {
	f, ok := s.files[name]
	if !ok {
		panic("no static file " + name)
	}
	return f.path
}

// Handler serves the sets below [Prefix]. The current content is kept by browsers for a year. An
// address with an old hash gets the current content, not to be kept: while a new release rolls out,
// a page from one node may ask another for its files.
func Handler(sets ...*Set) http.Handler {
	byName := map[string]file{}
	for _, s := range sets {
		for name, f := range s.files {
			if _, twice := byName[name]; twice {
				panic("two static files named " + name)
			}
			byName[name] = f
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		f, ok := byName[unhashed(strings.TrimPrefix(r.URL.Path, Prefix))]
		if !ok {
			http.NotFound(w, r)
			return
		}
		f.serve(w, r)
	})
}

func (f file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if r.URL.Path == f.path {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body := f.plain
	if f.zip != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.zip
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // a browser that has gone away is told nothing
	}
}

// hashed puts 40 bits of the content's hash before the name's ending: page.css → page-1f0c3b7a92.css.
func hashed(name string, content []byte) string {
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:5]) + ext
}

// unhashed gives the source's name back; a name without a hash is no address of ours.
func unhashed(name string) string {
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	i := strings.LastIndexByte(stem, '-')
	if i < 0 || len(stem)-i-1 != 10 {
		return ""
	}
	return stem[:i] + ext
}

// compressed is nil where compressing saves nothing.
func compressed(content []byte) []byte {
	var b bytes.Buffer
	zw, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic("gzip: " + err.Error()) // the level is a constant
	}
	_, _ = zw.Write(content) // writing to memory does not fail
	_ = zw.Close()
	if b.Len() >= len(content) {
		return nil
	}
	return b.Bytes()
}
