package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxAnswer bounds what is read of one answer, in bytes: a page of a hundred links has about a twentieth.
const maxAnswer = 8 << 20

// longestUpload bounds the sending of a file.
const longestUpload = 15 * time.Minute

// Option changes one call.
type Option func(*call)

// IdempotencyKey names a change yourself, so that another process can repeat it: 1 to 255 visible ASCII
// characters, remembered for 30 days. With an empty key the change is not repeated when a connection breaks.
func IdempotencyKey(key string) Option { return func(c *call) { c.key = key } }

// Verbatim keeps the JSON exactly as the server wrote it: of an object its answer; of a list or a stream
// the item that was yielded last.
func Verbatim(into *json.RawMessage) Option { return func(c *call) { c.verbatim = into } }

// OnTrouble is told of every failure that a call or a stream goes on after, and may be nil.
func OnTrouble(tell func(error)) Option { return func(c *call) { c.trouble = tell } }

// call is one request, however often it is made.
type call struct {
	method      string
	at          *url.URL
	query       url.Values
	body        []byte        // JSON; nil: none
	file        io.ReadSeeker // in the place of body; nil: none
	contentType string        // of file
	to          io.Writer     // takes the answer as it comes; nil: it is read whole
	key         string        // Idempotency-Key; empty: none
	ifMatch     string        // the revision that is to be changed; empty: any
	foreign     bool          // goes to somebody whom the key is none of the business of
	verbatim    *json.RawMessage
	trouble     func(error)
	wrong       error        // it cannot be made
	place       func(string) // hears the ids of a stream's messages; nil: nobody asks
}

func (c *Client) call(method string, path []string, options []Option) *call {
	made := &call{method: method, at: c.server}
	for _, segment := range path {
		if segment == "" || strings.Trim(segment, ".") == "" {
			made.wrong = errors.New("an id is empty")
		}
		made.at = made.at.JoinPath(url.PathEscape(segment))
	}
	if method == http.MethodPost {
		made.key = rand.Text()
	}
	for _, o := range options {
		o(made)
	}
	return made
}

// path is the segments of an operation's path; an id is one of them.
func path(segments ...string) []string { return append([]string{"v1"}, segments...) }

// get reads an object.
func get[T any](ctx context.Context, c *Client, path []string, query any, options []Option) (T, error) {
	k := c.call(http.MethodGet, path, options)
	k.query = values(query)
	return answered[T](ctx, c, k)
}

// post makes a change. A nil body is none.
func post[T any](ctx context.Context, c *Client, path []string, body any, options []Option) (T, error) {
	k := c.call(http.MethodPost, path, options)
	if body != nil && k.wrong == nil {
		k.body, k.wrong = json.Marshal(body)
	}
	return answered[T](ctx, c, k)
}

// download makes a call whose answer is a file, of any size.
func (c *Client) download(ctx context.Context, k *call, to io.Writer) error {
	k.to = to
	_, err := c.do(ctx, k)
	return err
}

func answered[T any](ctx context.Context, c *Client, k *call) (answer T, err error) {
	text, err := c.do(ctx, k)
	if err != nil {
		return answer, err
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return answer, fmt.Errorf("read the answer to %s %s: %w", k.method, k.at.Path, err)
	}
	if k.verbatim != nil {
		*k.verbatim = bytes.TrimSpace(text)
	}
	return answer, nil
}

// request makes the request of one attempt.
func (c *Client) request(ctx context.Context, k *call) (*http.Request, error) {
	at := *k.at
	at.RawQuery = k.query.Encode()
	var body io.Reader
	if k.body != nil {
		body = bytes.NewReader(k.body)
	}
	r, err := http.NewRequestWithContext(ctx, k.method, at.String(), body)
	if err != nil {
		return nil, err
	}
	if k.file != nil {
		if r.ContentLength, err = k.file.Seek(0, io.SeekEnd); err == nil {
			_, err = k.file.Seek(0, io.SeekStart)
		}
		if err != nil {
			return nil, fmt.Errorf("read the file again from its beginning: %w", err)
		}
		r.Body = io.NopCloser(k.file)
		r.Header.Set("Content-Type", k.contentType)
	}
	r.Header.Set("User-Agent", c.agent)
	r.Header.Set("Accept", "application/json")
	if k.body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if k.foreign {
		return r, nil
	}
	r.Header.Set("Authorization", "Bearer "+c.key)
	r.Header.Set("Paylink-Version", Version)
	if k.key != "" {
		r.Header.Set("Idempotency-Key", k.key)
	}
	if k.ifMatch != "" {
		r.Header.Set("If-Match", k.ifMatch)
	}
	return r, nil
}

// attempt makes a call once and reads what comes back.
func (c *Client) attempt(ctx context.Context, k *call) ([]byte, error) {
	within := c.within
	if k.file != nil || k.to != nil {
		within = max(within, longestUpload)
	}
	ctx, stop := context.WithTimeout(ctx, within)
	defer stop()
	r, err := c.request(ctx, k)
	if err != nil {
		return nil, err
	}
	res, err := c.http.Do(r)
	if err != nil {
		return nil, broken(k, err)
	}
	defer res.Body.Close()
	if k.to != nil && res.StatusCode == http.StatusOK {
		n, err := io.Copy(k.to, res.Body)
		if err != nil && n > 0 { // what was written cannot be taken back, so nothing is tried again
			return nil, fmt.Errorf("%s %s broke off after %d bytes: %w", k.method, k.at.Path, n, err)
		}
		if err != nil {
			return nil, broken(k, err)
		}
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, broken(k, err)
	case res.StatusCode < 200 || res.StatusCode > 299:
		return nil, c.problemOf(res, body)
	case len(body) > maxAnswer:
		return nil, fmt.Errorf("%s %s: the answer is larger than %d bytes", k.method, k.at.Path, maxAnswer)
	}
	return body, nil
}

// brokenError is an attempt without an answer. Its text names the server and the path, and no query: a
// filter may hold a customer's address.
type brokenError struct {
	call  *call
	cause error
}

func broken(k *call, err error) error {
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	return &brokenError{k, err}
}

func (b *brokenError) Error() string {
	return fmt.Sprintf("%s %s://%s%s: %v", b.call.method, b.call.at.Scheme, b.call.at.Host, b.call.at.Path, b.cause)
}

func (b *brokenError) Unwrap() error { return b.cause }
