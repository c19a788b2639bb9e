// Package reference shows the API's reference to the people who program against it: a page at /docs,
// the same as Markdown at /docs.md, and what a language model asks first at /llms.txt.
//
// All three are written from the server's own OpenAPI document when somebody first asks for one, so that
// they say what the server does and cost a server nothing that nobody reads them on; afterwards they are
// only handed out. They need no script and nobody else's server. What the document says is left to api;
// where the addresses stand is left to web.
package reference

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"

	"paylink/web/respond"
)

// Reference hands out the three texts.
type Reference struct{ written func() (texts, error) }

type texts struct{ page, markdown, llms text }

// New makes the reference of the OpenAPI document that document gives. base is the server's public address
// without a slash at the end, for the samples; sandbox is the address of the sandbox phone. A document that
// cannot be shown is a problem for whoever asks; half a reference would be believed.
func New(document func() ([]byte, error), base, sandbox string) *Reference {
	return &Reference{sync.OnceValues(func() (texts, error) {
		t, err := write(document, base, sandbox)
		if err != nil {
			return texts{}, fmt.Errorf("write the API reference: %w", err)
		}
		// Writing takes some twenty megabytes for a moment, which the heap would otherwise keep for good.
		debug.FreeOSMemory()
		return t, nil
	})}
}

func write(document func() ([]byte, error), base, sandbox string) (texts, error) {
	plain, err := document()
	if err != nil {
		return texts{}, err
	}
	c, err := read(plain, base)
	if err != nil {
		return texts{}, err
	}
	c.Sandbox = sandbox
	var html bytes.Buffer
	if err := page(c).Render(context.Background(), &html); err != nil {
		return texts{}, err
	}
	return texts{
		page:     newText("text/html; charset=utf-8", html.Bytes()),
		markdown: newText("text/markdown; charset=utf-8", c.markdown()),
		llms:     newText("text/plain; charset=utf-8", c.llms()),
	}, nil
}

// Page is GET /docs.
func (x *Reference) Page(w http.ResponseWriter, r *http.Request) {
	x.serve(w, r, func(t texts) text { return t.page })
}

// Markdown is GET /docs.md.
func (x *Reference) Markdown(w http.ResponseWriter, r *http.Request) {
	x.serve(w, r, func(t texts) text { return t.markdown })
}

// LLMs is GET /llms.txt.
func (x *Reference) LLMs(w http.ResponseWriter, r *http.Request) {
	x.serve(w, r, func(t texts) text { return t.llms })
}

func (x *Reference) serve(w http.ResponseWriter, r *http.Request, choose func(texts) text) {
	all, err := x.written()
	if err != nil {
		respond.Fail(w, r, err)
		return
	}
	choose(all).serve(w, r)
}

// text is one of the three. It is kept compressed, a tenth of its size, as nearly everybody takes it.
type text struct {
	kind string
	zip  []byte
	size int // of the plain text
}

func newText(kind string, plain []byte) text {
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	_, _ = zw.Write(plain) // writing to memory does not fail
	_ = zw.Close()
	return text{kind, bytes.Clone(b.Bytes()), len(plain)}
}

// The page loads its own style sheet, module and icon, and nothing else. It has no forms and asks for
// nothing.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"form-action 'none'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

func (t text) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", t.kind)
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("Vary", "Accept-Encoding")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	var body io.Reader = bytes.NewReader(t.zip)
	size := len(t.zip)
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
	} else {
		size = t.size
		body, _ = gzip.NewReader(body) // of what we compressed
	}
	h.Set("Content-Length", strconv.Itoa(size))
	if r.Method != http.MethodHead {
		_, _ = io.Copy(w, body) // a browser that has gone away is told nothing
	}
}
