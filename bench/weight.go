package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// part of a page that a browser fetches with it.
var part = regexp.MustCompile(`<(?:link|script|img)\b[^>]*\b(?:href|src)="(/[^"]+)"`)

// weight is what a customer's browser loads before any gateway's script: the page and all that it
// names, compressed where the server compresses. The page itself is compressed here, as a proxy in
// front would do it.
func (b *bench) weight(ctx context.Context, p *program) ([]fact, error) {
	made, err := b.create(ctx, p)
	if err != nil {
		return nil, err
	}
	page, err := fetch(ctx, p.pageURL(made.Code))
	if err != nil {
		return nil, err
	}
	html, err := gzipped(page.body)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, found := range part.FindAllSubmatch(page.body, -1) {
		if name := strings.ReplaceAll(string(found[1]), "&amp;", "&"); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	total, each := html, []string{fmt.Sprintf("HTML %d bytes, %d gzip", len(page.body), html)}
	for _, name := range names {
		loaded, err := fetch(ctx, "http://"+p.listen+name, "Accept-Encoding", "gzip")
		if err != nil {
			return nil, err
		}
		total += len(loaded.body)
		kind, _, _ := strings.Cut(loaded.header.Get("Content-Type"), ";")
		each = append(each, fmt.Sprintf("%s %d", kind, len(loaded.body)))
	}
	return []fact{
		{"payment page, HTML compressed", "≤ 14 KB", fmt.Sprintf("%.1f KB", float64(html)/1024)},
		{"payment page with all that it loads", "≤ 50 KB, ≤ 5 requests", fmt.Sprintf("%.1f KB, %d requests (%s)", float64(total)/1024, 1+len(names), strings.Join(each, "; "))},
	}, nil
}

func gzipped(body []byte) (int, error) {
	var small bytes.Buffer
	w := gzip.NewWriter(&small)
	if _, err := w.Write(body); err != nil {
		return 0, err
	}
	err := w.Close()
	return small.Len(), err
}
