package sandbox

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"paylink"
)

// readJSON reads a body into a value. ok is false when an answer has been written already: a body
// that is too long, of another type, or no JSON.
func (s *Sandbox) readJSON(w http.ResponseWriter, r *http.Request, into any) (ok bool) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		problem(w, http.StatusUnsupportedMediaType, "unsupported_media_type", "Send application/json.", nil)
		return false
	}
	dec := json.NewDecoder(r.Body)
	err := dec.Decode(into)
	if err == nil {
		_, err = dec.Token() // a second value is no JSON document
		if err == io.EOF {
			return true
		}
	}
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		problem(w, http.StatusRequestEntityTooLarge, "too_large", "The body is larger than 256 KB.", nil)
		return false
	}
	problem(w, http.StatusBadRequest, "malformed", "The body is not the JSON that this call takes.", nil)
	return false
}

// answer writes a value as JSON.
func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) // the caller may have hung up; there is nobody left to tell
}

// refuse turns an error into problem+json by its kind. What has no kind is ours: it is logged, and
// the caller learns no more than that.
func (s *Sandbox) refuse(w http.ResponseWriter, err error) {
	var (
		invalid  *paylink.Invalid
		missing  *paylink.NotFound
		conflict *paylink.Conflict
		refused  *paylink.Refused
		expired  *paylink.Expired
	)
	switch {
	case errors.As(err, &invalid):
		problem(w, http.StatusUnprocessableEntity, "invalid", "Some values cannot be.", invalid.Fields)
	case errors.As(err, &missing):
		problem(w, http.StatusNotFound, "not_found", "There is no such "+missing.Kind+" here.", nil)
	case errors.As(err, &conflict):
		problem(w, http.StatusConflict, conflict.Code, conflict.Detail, nil)
	case errors.As(err, &refused):
		problem(w, http.StatusTooManyRequests, refused.Code, refused.Detail, nil)
	case errors.As(err, &expired):
		problem(w, http.StatusGone, expired.Code, expired.Detail, nil)
	default:
		s.log.Error("sandbox.failed", "error", err)
		problem(w, http.StatusBadGateway, "unreachable", "Paylink's page did not answer as expected.", nil)
	}
}

// problem writes an RFC 9457 answer.
func problem(w http.ResponseWriter, status int, code, detail string, fields []paylink.Field) {
	type field struct {
		Pointer string `json:"pointer"`
		Detail  string `json:"detail"`
		Code    string `json:"code"`
	}
	body := struct {
		Type   string  `json:"type"`
		Title  string  `json:"title"`
		Status int     `json:"status"`
		Detail string  `json:"detail"`
		Code   string  `json:"code"`
		Errors []field `json:"errors,omitempty"`
	}{Type: "urn:paylink:problem:" + code, Title: http.StatusText(status), Status: status, Detail: detail, Code: code}
	for _, f := range fields {
		body.Errors = append(body.Errors, field{f.Pointer, f.Detail, f.Code})
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

// wantsPage tells whether a browser's form asked, rather than a program.
func wantsPage(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }
