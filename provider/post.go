package provider

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// Post is one request of a provider to our door: a receipt, or a notice about a payment. URL is the address as the provider called
// it, with our public origin.
type Post struct {
	URL    *url.URL
	Header http.Header
	Body   []byte
}

// ContentType is the media type of the body, in lower case and without parameters.
func (p Post) ContentType() string {
	kind, _, _ := strings.Cut(p.Header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

// Kept is the post as a notice keeps it, sealed: what Read needs, which is the query, the content type
// and the body. Two posts that say the same have the same.
func (p Post) Kept() []byte {
	var b bytes.Buffer
	b.WriteString("?" + p.URL.RawQuery + "\n" + p.ContentType() + "\n")
	b.Write(p.Body)
	return b.Bytes()
}

// ParseKept reads what Kept wrote. What was kept before there was more than a body is taken as that.
func ParseKept(kept []byte) (Post, error) {
	if !bytes.HasPrefix(kept, []byte("?")) {
		return Post{URL: &url.URL{}, Header: http.Header{}, Body: kept}, nil
	}
	query, rest, first := bytes.Cut(kept[1:], []byte("\n"))
	kind, body, second := bytes.Cut(rest, []byte("\n"))
	if !first || !second {
		return Post{}, errors.New("read a kept post: it has no body")
	}
	return Post{URL: &url.URL{RawQuery: string(query)}, Header: http.Header{"Content-Type": {string(kind)}}, Body: body}, nil
}
