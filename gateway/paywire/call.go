// Package paywire is what the adapters of gateways with an HTTP API have in common: a call whose end is
// judged, a JSON body and a posted form that are read strictly, decimal amounts, and what a text may hold.
//
// It is for the adapters in the folders beside it. What a gateway's addresses, fields and codes are stands in
// its own adapter; calling is outbound's.
package paywire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"

	"paylink/gateway"
	"paylink/outbound"
	"paylink/provider"
)

// Wire is how one gateway refuses, as data.
type Wire struct {
	Name    string                 // begins its codes in our logs: "razorpay_BAD_REQUEST_ERROR"
	Read    func([]byte) Complaint // what an answer's body says of a refusal; nil: nothing
	Refused map[string]Refused     // by its own codes; one that is not here is judged by the HTTP status
}

// Refused is what one of a gateway's codes means.
type Refused struct {
	Reason    provider.Reason
	Temporary bool // the same call may succeed later
}

// Complaint is what a gateway says of a call that it refused. Both may be empty.
type Complaint struct{ Code, Words string }

// Call is one request to a gateway. The header is sent as it is; a body without a Content-Type goes as JSON.
type Call struct {
	Method, URL string
	Header      http.Header
	Body        []byte
}

// Do makes the call and gives an answer that says yes. One that refuses (4xx) is given as well, beside its
// *Rejected, because only its gateway's adapter can tell "no such order" from a wrong address. All else is a
// *Broken: an answer of no clear meaning leaves it unknown what the gateway did.
func (w Wire) Do(ctx context.Context, client *outbound.Client, call Call) (outbound.Response, error) {
	req, err := http.NewRequestWithContext(ctx, call.Method, call.URL, bytes.NewReader(call.Body))
	if err != nil {
		return outbound.Response{}, &gateway.Broken{When: gateway.NotSent, Err: errors.New("the account's address is not a URL")}
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
		return res, w.refusal(res)
	}
	return outbound.Response{}, Unclear("the answer has the status %d", res.Status)
}

func (w Wire) refusal(res outbound.Response) *gateway.Rejected {
	var said Complaint
	if w.Read != nil && !res.Cut {
		said = w.Read(res.Body)
	}
	rejected := w.Reject(said, res.Status)
	rejected.After = provider.RetryAfter(res.Header)
	return rejected
}

// Reject puts a gateway's complaint into our words. status is the answer's, by which a complaint without a
// code that we know is judged; 200 for one that came in an answer of success.
func (w Wire) Reject(said Complaint, status int) *gateway.Rejected {
	rejected := &gateway.Rejected{Code: fmt.Sprintf("http_%d", status), Words: provider.SafeWords(said.Words)}
	if said.Code != "" {
		rejected.Code = provider.SafeCode(w.Name+"_"+said.Code, rejected.Code)
	}
	meaning, known := w.Refused[said.Code]
	if !known {
		meaning = byStatus(status)
	}
	rejected.Reason, rejected.Temporary = meaning.Reason, meaning.Temporary
	return rejected
}

// byStatus is what an HTTP status alone tells of a refusal.
func byStatus(status int) Refused {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return Refused{Reason: provider.BadCredentials}
	case http.StatusTooManyRequests:
		return Refused{Reason: provider.Throttled, Temporary: true}
	}
	return Refused{Reason: provider.BadRequest}
}

// Unclear is the end of a call of which nobody knows what the gateway did.
func Unclear(format string, args ...any) *gateway.Broken {
	return &gateway.Broken{When: gateway.Unknown, Err: fmt.Errorf(format, args...)}
}
