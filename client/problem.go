package client

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Problem is the server's refusal, in the shape of RFC 9457. Programs look at Status and Code, people at
// Detail.
type Problem struct {
	Type     string  `json:"type"`             // urn:paylink:problem: and the code; stable
	Title    string  `json:"title"`            // the kind of problem, in words
	Status   int     `json:"status"`           // the HTTP status
	Detail   string  `json:"detail"`           // a sentence for people
	Code     string  `json:"code"`             // stable, for programs
	Instance string  `json:"instance"`         // urn:paylink:request: and the request's id
	Errors   []Fault `json:"errors,omitempty"` // every field that is wrong, at once
	Other    string  `json:"other,omitempty"`  // id of the object in the way, for a conflict

	RequestID  string        `json:"-"` // X-Request-Id, for support
	RetryAfter time.Duration `json:"-"` // how long the server asked to wait; 0: it did not say
}

// Fault is one field that is wrong.
type Fault struct {
	Pointer string `json:"pointer"` // JSON pointer into the body; /name for a query parameter
	Detail  string `json:"detail"`  // a sentence for people
	Code    string `json:"code"`    // stable, for programs
}

// Error is one sentence with every field that is wrong and the request's id.
func (p *Problem) Error() string {
	var b strings.Builder
	b.WriteString(strings.TrimSuffix(p.Detail, "."))
	if b.Len() == 0 {
		fmt.Fprintf(&b, "the server answered %d %s", p.Status, http.StatusText(p.Status))
	}
	before := ": "
	for _, f := range p.Errors {
		b.WriteString(before + strings.TrimPrefix(f.Pointer, "/") + ": " + strings.TrimSuffix(f.Detail, "."))
		before = "; "
	}
	if p.Other != "" {
		b.WriteString("; in the way: " + p.Other)
	}
	fmt.Fprintf(&b, " (%s", p.Code)
	if p.RequestID != "" {
		b.WriteString(", request " + p.RequestID)
	}
	return b.String() + ")"
}

// problemOf reads a refusal. What is not the API's own shape comes from something between, such as a load
// balancer, and keeps only its status.
func (c *Client) problemOf(res *http.Response, body []byte) *Problem {
	p := &Problem{}
	if !strings.HasPrefix(res.Header.Get("Content-Type"), "application/problem+json") || json.Unmarshal(body, p) != nil || p.Code == "" {
		p = &Problem{Code: fmt.Sprintf("http_%d", res.StatusCode), Title: http.StatusText(res.StatusCode)}
	}
	if res.StatusCode < 400 {
		p.Code, p.Detail = "redirected", "The server's address leads elsewhere; give the address that it leads to."
	}
	p.Status, p.RequestID, p.RetryAfter = res.StatusCode, res.Header.Get("X-Request-Id"), c.retryAfter(res.Header.Get("Retry-After"))
	return p
}

// retryAfter reads both forms of the header: seconds and a date.
func (c *Client) retryAfter(text string) time.Duration {
	if seconds, err := strconv.Atoi(text); err == nil && seconds > 0 && seconds < 1e9 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(c.now()))
	}
	return 0
}
