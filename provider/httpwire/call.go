// Package httpwire is what all providers with an HTTP API have in common: a call whose end is judged, and a JSON
// body and a posted form that are read strictly.
//
// It is for the adapters of gateways and of carriers. What a provider's addresses, fields and codes are stands in its
// own adapter, as data; calling is outbound's.
package httpwire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"

	"paylink/outbound"
	"paylink/provider"
)

// API is how one provider refuses, as data.
type API struct {
	Name    string                 // begins its codes in our logs: "twilio_21211"
	Read    func([]byte) Complaint // what an answer's body says of a refusal; nil: nothing
	Refused map[string]Refused     // by its own codes; one that is not here is judged by the HTTP status
	Status  map[int]Refused        // HTTP statuses that mean something else there than they do elsewhere
}

// Refused is what one of a provider's codes means.
type Refused struct {
	Reason    provider.Reason
	Temporary bool // the same call may succeed later
}

// Complaint is what a provider says of a call that it refused. Both may be empty.
type Complaint struct{ Code, Words string }

// Call is one request to a provider. The header is sent as it is; a body without a Content-Type goes as JSON.
type Call struct {
	Method, URL string
	Header      http.Header
	Body        []byte
}

// Do makes the call and gives an answer that says yes. One that refuses (4xx) is given as well, beside its
// *Rejected, because only its own adapter can tell "no such order" from a wrong address. All else is a
// *Broken: an answer of no clear meaning leaves it unknown what the provider did.
func (a API) Do(ctx context.Context, client *outbound.Client, call Call) (outbound.Response, error) {
	req, err := http.NewRequestWithContext(ctx, call.Method, call.URL, bytes.NewReader(call.Body))
	if err != nil {
		return outbound.Response{}, &provider.Broken{When: provider.NotSent, Err: errors.New("the account's address is not a URL")}
	}
	for name, values := range call.Header {
		req.Header[name] = values
	}
	req.Header.Set("Accept", "application/json")
	if len(call.Body) > 0 && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := client.Do(ctx, req)
	if err != nil {
		return outbound.Response{}, err
	}
	switch {
	case res.Status >= 200 && res.Status < 300 && !res.Cut:
		return res, nil
	case res.Status >= 200 && res.Status < 300:
		return outbound.Response{}, Unclear("the answer is longer than %d bytes", len(res.Body))
	case res.Status >= 400 && res.Status < 500 && res.Status != http.StatusRequestTimeout:
		return res, a.refusal(res)
	}
	return outbound.Response{}, Unclear("the answer has the status %d", res.Status)
}

func (a API) refusal(res outbound.Response) *provider.Rejected {
	var said Complaint
	if a.Read != nil && !res.Cut {
		said = a.Read(res.Body)
	}
	rejected := a.Reject(said, res.Status)
	rejected.After = provider.RetryAfter(res.Header)
	return rejected
}

// Reject puts a provider's complaint into our words. status is the answer's, by which a complaint without a
// code that we know is judged; 200 for one that came in an answer of success.
func (a API) Reject(said Complaint, status int) *provider.Rejected {
	rejected := &provider.Rejected{Code: a.Code(said.Code, fmt.Sprintf("http_%d", status)), Words: provider.SafeWords(said.Words)}
	meaning, known := a.Refused[said.Code]
	if !known {
		meaning, known = a.Status[status]
	}
	if !known {
		meaning = byStatus(status)
	}
	rejected.Reason, rejected.Temporary = meaning.Reason, meaning.Temporary
	return rejected
}

// Code is a provider's code as logs may hold it; fallback when there is none or it is no plain word.
func (a API) Code(code, fallback string) string {
	if code == "" {
		return fallback
	}
	return provider.SafeCode(a.Name+"_"+code, fallback)
}

// byStatus is what an HTTP status alone tells of a refusal.
func byStatus(status int) Refused {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return Refused{Reason: provider.BadCredentials}
	case http.StatusPaymentRequired:
		return Refused{Reason: provider.NoBalance}
	case http.StatusTooManyRequests:
		return Refused{Reason: provider.Throttled, Temporary: true}
	}
	return Refused{Reason: provider.BadRequest}
}

// Unclear is the end of a call of which nobody knows what the provider did.
func Unclear(format string, args ...any) *provider.Broken {
	return &provider.Broken{When: provider.Unknown, Err: fmt.Errorf(format, args...)}
}
