// Package reference shows the API's reference to the people who program against it: a page at /docs,
// the same as Markdown at /docs.md, and what a language model asks first at /llms.txt.
//
// All three are written from the OpenAPI document when the server starts, so that they say what the
// server does, and are only handed out afterwards. They need no script and nobody else's server. What
// the document says is left to api; where the addresses stand is left to web.
package reference

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Reference hands out the three texts.
type Reference struct{ page, markdown, llms text }

// New writes the reference of an OpenAPI document. base is the server's public address without a slash
// at the end, for the samples; sandbox is the address of the sandbox phone.
func New(document []byte, base, sandbox string) (*Reference, error) {
	c, err := read(document, base)
	if err != nil {
		return nil, fmt.Errorf("write the API reference: %w", err)
	}
	c.Sandbox = sandbox
	var html bytes.Buffer
	if err := page(c).Render(context.Background(), &html); err != nil {
		return nil, fmt.Errorf("write the API reference: %w", err)
	}
	return &Reference{
		page:     newText("text/html; charset=utf-8", html.Bytes()),
		markdown: newText("text/markdown; charset=utf-8", c.markdown()),
		llms:     newText("text/plain; charset=utf-8", c.llms()),
	}, nil
}

// Page is GET /docs.
func (x *Reference) Page(w http.ResponseWriter, r *http.Request) { x.page.serve(w, r) }

// Markdown is GET /docs.md.
func (x *Reference) Markdown(w http.ResponseWriter, r *http.Request) { x.markdown.serve(w, r) }

// LLMs is GET /llms.txt.
func (x *Reference) LLMs(w http.ResponseWriter, r *http.Request) { x.llms.serve(w, r) }

// text is one of the three, plain and compressed.
type text struct {
	kind       string
	plain, zip []byte
}

func newText(kind string, plain []byte) text {
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	_, _ = zw.Write(plain) // writing to memory does not fail
	_ = zw.Close()
	return text{kind, plain, b.Bytes()}
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
	body := t.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = t.zip
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a browser that has gone away is told nothing
	}
}
