package web

import (
	"net/http"
	"strings"

	"paylink/web/respond"
)

// classOf tells which room a request belongs in, by its address and method alone: it is asked before
// anything else is done for the request.
func classOf(r *http.Request) respond.Class {
	path := r.URL.Path
	reading := r.Method == http.MethodGet || r.Method == http.MethodHead
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch first {
	case "static", "robots.txt", "openapi.json", "openapi.yaml", "docs", "docs.md", "llms.txt":
		return respond.Free
	case "sandbox":
		return respond.Sandbox
	case "inbound":
		return respond.Notices
	case "u":
		if reading {
			return respond.Reads
		}
		return respond.Writes
	case "v1":
		switch {
		case rest == "events/stream", rest == "inbox/stream", strings.HasPrefix(rest, "bulk/") && strings.HasSuffix(rest, "/stream"):
			return respond.Streams
		case rest == "payment_links/bulk", rest == "attachments" && !reading, strings.HasSuffix(rest, ".csv"):
			return respond.Uploads
		case reading:
			return respond.Reads
		}
		return respond.Writes
	case "dashboard":
		switch {
		case strings.HasSuffix(rest, "/feed"):
			return respond.Streams
		case (strings.HasSuffix(rest, "/bulk") || strings.HasSuffix(rest, "/settings/files")) && !reading, strings.HasSuffix(rest, ".csv"):
			return respond.Uploads
		case reading:
			return respond.Reads
		}
		return respond.Writes
	}
	switch {
	case strings.HasSuffix(path, "/stream") && reading:
		return respond.Streams
	case reading:
		return respond.Reads
	}
	return respond.Payments
}

// refuse turns a request away in the way of its door: people get a page, programs a problem.
func (d Doors) refuse(w http.ResponseWriter, r *http.Request, err error) {
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch first {
	case "v1", "inbound", "sandbox":
		respond.APIHeaders(w.Header())
		respond.Fail(w, r, err)
	case "dashboard":
		d.Dashboard.Refuse(w, r, err)
	default:
		d.Pages.Refuse(w, r, err)
	}
}
