package whatsapp

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"paylink/channel"
	"paylink/outbound"
	"paylink/provider"
)

// baseURL is where the Graph API stands.
const baseURL = "https://graph.facebook.com"

// request is one call. path begins behind the API's version; body is written as JSON, nil sends none.
type request struct {
	method, path string
	query        url.Values
	body         any
}

// errLong says that an answer was longer than what is read of one.
var errLong = errors.New("the answer is too long")

// call makes one call for the account and reads a 2xx answer into answer. Its errors are those of Send.
func (s *Sender) call(ctx context.Context, a channel.Account, c request, answer any) error {
	req, err := c.http(a)
	if err != nil {
		return &channel.Broken{When: channel.NotSent, Err: err}
	}
	res, err := s.client.Do(ctx, req)
	if err != nil {
		return err
	}
	var said struct {
		Error *graphError `json:"error"`
	}
	parsed := !res.Cut && json.Unmarshal(res.Body, &said) == nil
	well := res.Status >= 200 && res.Status < 300
	switch {
	case parsed && said.Error != nil:
		return said.Error.ending(res) // also below a 200
	case well && res.Cut:
		return &channel.Broken{When: channel.Unknown, Err: errLong}
	case well && (!parsed || json.Unmarshal(res.Body, answer) != nil):
		return unknown("the answer is not JSON of the expected form")
	case well:
		return nil
	}
	return bare(res)
}

func (c request) http(a channel.Account) (*http.Request, error) {
	var body []byte
	if c.body != nil {
		var err error
		if body, err = json.Marshal(c.body); err != nil {
			return nil, fmt.Errorf("write the body: %w", err)
		}
	}
	address := a.Base(baseURL) + "/" + url.PathEscape(cmp.Or(a.Fields[apiVersion], defaultVersion)) + c.path
	if len(c.query) > 0 {
		address += "?" + c.query.Encode()
	}
	req, err := http.NewRequest(c.method, address, bytes.NewReader(body))
	if err != nil {
		// The error of net/url repeats the address, which may hold what a log must not.
		return nil, errors.New("the account's base URL cannot be read")
	}
	req.Header.Set("Authorization", "Bearer "+a.Fields[accessToken])
	req.Header.Set("Accept", "application/json")
	// The schema asks for a name with a version of three numbers. This is the adapter's.
	req.Header.Set("User-Agent", "paylink/1.0.0")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// bare judges an answer without an error of the API in it by its status alone.
func bare(res outbound.Response) error {
	if res.Status < 400 || res.Status > 499 {
		return unknown(fmt.Sprintf("status %d", res.Status))
	}
	r := &channel.Rejected{Code: fmt.Sprintf("http_%d", res.Status), After: provider.RetryAfter(res.Header), Reason: provider.BadRequest}
	switch res.Status {
	case http.StatusTooManyRequests:
		r.Temporary, r.Reason = true, provider.Throttled
	case http.StatusRequestTimeout:
		r.Temporary, r.Reason = true, provider.ProviderDown
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		r.Reason = provider.BadCredentials // a phone number's id that is not there is a mistake in the account
	}
	return r
}

func unknown(what string) error {
	return &channel.Broken{When: channel.Unknown, Err: errors.New(what)}
}
