// Package carrierwire is what the adapters of carriers with an HTTP API have in common: a call whose end
// is judged, a JSON body and a posted form that are read strictly, and receipts that are believed because
// their address holds a secret.
//
// It is for the adapters in the folders beside it. What a carrier's addresses, fields and codes are stands
// in its own adapter, as data; calling is outbound's.
package carrierwire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"paylink/channel"
	"paylink/outbound"
	"paylink/provider"
)

// Carrier is how one carrier refuses, as data.
type Carrier struct {
	Name    string                 // begins its codes in our logs: "twilio_21211"
	Refused map[string]Refused     // by its own codes; one that is not here is judged by the HTTP status
	Read    func([]byte) Complaint // what an answer's body says of a refusal; nil: nothing
}

// Refused is what one of a carrier's codes means.
type Refused struct {
	Reason    provider.Reason
	Temporary bool // the same call may succeed later
}

// Complaint is what a carrier says of a call that it refused. Both may be empty.
type Complaint struct{ Code, Words string }

// Call is one request to a carrier. The header is sent as it is; a body without a Content-Type goes as JSON.
type Call struct {
	Method, URL string
	Header      http.Header
	Body        []byte
}

// maxAnswer is the longest answer that is read to its end, in bytes; outbound cuts at the same.
const maxAnswer = 64 << 10

// Do makes the call and gives the body of an answer that says yes. The error is a *Rejected for an answer
// that refuses, else a *Broken: an answer of no clear meaning leaves it unknown what the carrier did.
func (c Carrier) Do(ctx context.Context, client *outbound.Client, call Call) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, call.Method, call.URL, bytes.NewReader(call.Body))
	if err != nil {
		return nil, &channel.Broken{When: channel.NotSent, Err: errors.New("the account's address is not a URL")}
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
		return nil, err
	}
	switch {
	case res.Status >= 200 && res.Status < 300 && !res.Cut:
		return res.Body, nil
	case res.Status >= 200 && res.Status < 300:
		return nil, Unclear("the answer is longer than %d bytes", maxAnswer)
	case res.Status >= 400 && res.Status < 500 && res.Status != http.StatusRequestTimeout:
		return nil, c.refusal(res)
	}
	return nil, Unclear("the answer has the status %d", res.Status)
}

func (c Carrier) refusal(res outbound.Response) *channel.Rejected {
	var said Complaint
	if c.Read != nil && !res.Cut {
		said = c.Read(res.Body)
	}
	rejected := c.Reject(said, res.Status)
	if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && seconds > 0 {
		rejected.After = min(time.Duration(min(seconds, 3600))*time.Second, time.Hour)
	}
	return rejected
}

// Reject puts a carrier's complaint into our words. status is the answer's, by which a complaint without a
// code that we know is judged; 200 for one that came in an answer of success.
func (c Carrier) Reject(said Complaint, status int) *channel.Rejected {
	rejected := &channel.Rejected{Code: c.Code(said.Code, fmt.Sprintf("http_%d", status)), Words: provider.SafeWords(said.Words)}
	meaning, known := c.Refused[said.Code]
	if !known {
		meaning = byStatus(status)
	}
	rejected.Reason, rejected.Temporary = meaning.Reason, meaning.Temporary
	return rejected
}

// Code is a carrier's code as logs may hold it; fallback when there is none or it is no plain word.
func (c Carrier) Code(code, fallback string) string {
	if code == "" {
		return fallback
	}
	return provider.SafeCode(c.Name+"_"+code, fallback)
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

// Unclear is the end of a call of which nobody knows what the carrier did.
func Unclear(format string, args ...any) *channel.Broken {
	return &channel.Broken{When: channel.Unknown, Err: fmt.Errorf(format, args...)}
}
