// Package respond is how every web door speaks HTTP: one set of problems, request ids, log lines,
// strict JSON, cursors, limits and headers.
// It is the only place that turns kinds of errors into statuses (RFC 9457, application/problem+json).
// It leaves routes to web, the meaning of a request to the doors, and how a page looks to the pages.
package respond

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"

	"paylink"
	"paylink/store"
)

// Problem is an answer that says what is wrong, in the shape of RFC 9457. It never repeats a value
// that the caller sent.
type Problem struct {
	Type     string  `json:"type" doc:"urn:paylink:problem: and the code; stable" example:"urn:paylink:problem:invalid_values"`
	Title    string  `json:"title" doc:"the kind of problem, in words" example:"Some values cannot be"`
	Status   int     `json:"status" doc:"the HTTP status" example:"422"`
	Detail   string  `json:"detail" doc:"a sentence for people"`
	Code     string  `json:"code" doc:"stable, for programs" example:"invalid_values"`
	Instance string  `json:"instance" doc:"urn:paylink:request: and the request's id, for support"`
	Errors   []Fault `json:"errors,omitempty" doc:"every field that is wrong, at once"`
	Other    string  `json:"other,omitempty" doc:"id of the object in the way, for a conflict"`

	cause error // for the log, never for the caller
}

// Fault is one wrong field. Pointer is a JSON pointer into the body, or "/name" for a query parameter.
type Fault struct {
	Pointer string `json:"pointer" doc:"JSON pointer into the body; /name for a query parameter" example:"/amount"`
	Detail  string `json:"detail" doc:"a sentence for people"`
	Code    string `json:"code" doc:"stable, for programs" example:"too_small"`
}

func (p *Problem) Error() string { return p.Code }
func (p *Problem) Unwrap() error { return p.cause }

// GetStatus and ContentType let Huma write the problem as it is.
func (p *Problem) GetStatus() int            { return p.Status }
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// NewProblem makes a problem that no kind of error stands for: one of HTTP itself.
func NewProblem(status int, code, detail string, faults ...Fault) *Problem {
	return &Problem{Type: "urn:paylink:problem:" + code, Title: titles[status], Status: status, Detail: detail, Code: code, Errors: faults}
}

var titles = map[int]string{
	http.StatusBadRequest:            "The request is not well formed",
	http.StatusUnauthorized:          "Who is asking is not known",
	http.StatusForbidden:             "This is not allowed",
	http.StatusNotFound:              "There is no such thing",
	http.StatusMethodNotAllowed:      "The method is not allowed here",
	http.StatusConflict:              "The present state does not allow it",
	http.StatusGone:                  "This was good once",
	http.StatusPreconditionFailed:    "It has changed meanwhile",
	http.StatusRequestEntityTooLarge: "The body is too large",
	http.StatusUnsupportedMediaType:  "The content type is not supported",
	http.StatusUnprocessableEntity:   "Some values cannot be",
	http.StatusMisdirectedRequest:    "Another node serves this",
	http.StatusTooManyRequests:       "Too many requests",
	http.StatusInternalServerError:   "Something went wrong",
	http.StatusServiceUnavailable:    "Not at the moment",
}

// ProblemOf turns an error into the problem that a caller may see. The five kinds of the nouns have
// their statuses; everything else is internal, and says nothing but that.
func ProblemOf(err error) *Problem {
	var problem *Problem
	var invalid *paylink.Invalid
	var notFound *paylink.NotFound
	var conflict *paylink.Conflict
	var refused *paylink.Refused
	var expired *paylink.Expired
	switch {
	case errors.As(err, &problem):
		copied := *problem
		problem = &copied
	case errors.As(err, &invalid):
		problem = fromInvalid(invalid)
	case errors.As(err, &notFound):
		problem = NewProblem(http.StatusNotFound, "not_found", "There is no such "+words(notFound.Kind)+".")
	case errors.As(err, &conflict):
		problem = NewProblem(http.StatusConflict, conflict.Code, conflict.Detail)
		problem.Other = conflict.Other
	case errors.As(err, &refused):
		problem = NewProblem(refusedStatus(refused.Code), refused.Code, refused.Detail)
	case errors.As(err, &expired):
		problem = NewProblem(expiredStatus(expired.Code), expired.Code, expired.Detail)
	case errors.Is(err, store.ErrLocked):
		problem = NewProblem(http.StatusServiceUnavailable, "busy", "Another request holds the same object. Nothing happened; try again in a moment.")
	case errors.Is(err, store.ErrUnavailable):
		problem = NewProblem(http.StatusServiceUnavailable, "unavailable", "The database does not take this at the moment. Nothing is known to have happened; ask again with the same Idempotency-Key.")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		problem = NewProblem(http.StatusServiceUnavailable, "timeout", "It took too long. Nothing is known to have happened; ask again with the same Idempotency-Key.")
	default:
		problem = NewProblem(http.StatusInternalServerError, "internal", "Something went wrong on our side. It is logged under this request's id.")
	}
	problem.cause = err
	return problem
}

// fromInvalid keeps every field. A fault of the request as a whole gives its code to the problem.
func fromInvalid(e *paylink.Invalid) *Problem {
	if len(e.Fields) == 1 && e.Fields[0].Pointer == "" {
		return NewProblem(http.StatusUnprocessableEntity, e.Fields[0].Code, e.Fields[0].Detail)
	}
	p := NewProblem(http.StatusUnprocessableEntity, "invalid_values", "Some values cannot be. Each is listed with its reason.")
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, Fault{Pointer: f.Pointer, Detail: f.Detail, Code: f.Code})
	}
	return p
}

func refusedStatus(code string) int {
	switch code {
	case "unauthenticated", "bad_credentials", "no_session", "bad_signature", "inbox_token_expired":
		return http.StatusUnauthorized
	case "too_many_attempts", "rate_limited":
		return http.StatusTooManyRequests
	}
	return http.StatusForbidden
}

func expiredStatus(code string) int {
	if code == "session_expired" {
		return http.StatusUnauthorized
	}
	return http.StatusGone
}

// words makes a noun out of an object's name: "payment link" for "payment_link".
func words(kind string) string {
	if kind == "" {
		return "object"
	}
	return strings.ReplaceAll(kind, "_", " ")
}

// Prepare completes a problem for the request and notes it for the log line: its instance, and the
// headers that belong to its status. Whoever writes a problem by other means than Fail calls it.
func Prepare(h http.Header, ctx context.Context, p *Problem) {
	line := LineOf(ctx)
	p.Instance = "urn:paylink:request:" + line.ID
	line.Code, line.Cause = p.Code, p.cause
	switch p.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="paylink"`)
	case http.StatusServiceUnavailable:
		// What was turned away together should not come back together.
		h.Set("Retry-After", strconv.Itoa(1+rand.IntN(3)))
	}
}

// Fail answers with the problem that err is.
func Fail(w http.ResponseWriter, r *http.Request, err error) {
	p := ProblemOf(err)
	Prepare(w.Header(), r.Context(), p)
	write(w, p.Status, "application/problem+json", p)
}

// JSON answers with a value of ours.
func JSON(w http.ResponseWriter, status int, v any) { write(w, status, "application/json", v) }

func write(w http.ResponseWriter, status int, contentType string, v any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // the caller has gone, which nobody can be told
}
