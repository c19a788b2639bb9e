package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"paylink/bench/baseline"
)

// madeLink is what we need of the answer to a create.
type madeLink struct {
	ID        string    `json:"id"`
	Code      string    `json:"code"`
	URL       string    `json:"url"`
	CreatedAt time.Time `json:"created_at"`
	Customer  struct {
		ID    string `json:"id"`
		Phone string `json:"phone"`
		Email string `json:"email"`
	} `json:"customer"`
}

// collected gathers the links that a load made.
type collected struct {
	mu    sync.Mutex
	links []madeLink
}

func (c *collected) add(body []byte) {
	var made madeLink
	_ = json.Unmarshal(body, &made) // a link that cannot be read is missed by whoever looks for it
	c.mu.Lock()
	defer c.mu.Unlock()
	c.links = append(c.links, made)
}

// create makes one link, outside any measurement.
func (b *bench) create(ctx context.Context, p *program) (made madeLink, err error) {
	body := fmt.Sprintf(order, baseline.FirstSerial+b.serial.Add(1), 123456, "[]")
	return made, p.post(ctx, "/v1/payment_links", body, http.StatusCreated, &made)
}

// postHead is the head of a ready-made POST.
func (p *program) postHead(path string, length int) string {
	return "POST " + path + " HTTP/1.1\r\nHost: " + p.listen + "\r\nAuthorization: Bearer " + p.key +
		"\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(length) + "\r\n\r\n"
}

func (p *program) post(ctx context.Context, path, body string, want int, answer any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+p.listen+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	return p.ask(r, want, answer)
}

func (p *program) patch(ctx context.Context, path, body string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPatch, "http://"+p.listen+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	return p.ask(r, http.StatusOK, new(any))
}

func (p *program) get(ctx context.Context, path string, answer any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.listen+path, nil)
	if err != nil {
		return err
	}
	return p.ask(r, http.StatusOK, answer)
}

func (p *program) ask(r *http.Request, want int, answer any) error {
	r.Header.Set("Authorization", "Bearer "+p.key)
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(got.Body)
	if err = errors.Join(err, got.Body.Close()); err != nil {
		return err
	}
	if got.StatusCode != want {
		return fmt.Errorf("%s %s: %s: %.300s", r.Method, r.URL.Path, got.Status, body)
	}
	return json.Unmarshal(body, answer)
}

func (p *program) pageURL(code string) string { return "http://" + p.listen + "/" + code }

// fetched is a page or a part of one as it came over the wire.
type fetched struct {
	header http.Header
	body   []byte
}

// fetch gets a page as a browser without cookies does. Headers come as name and value in turn.
func fetch(ctx context.Context, url string, headers ...string) (fetched, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fetched{}, err
	}
	r.Header.Set("Accept-Encoding", "identity")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return fetched{}, err
	}
	body, err := io.ReadAll(answer.Body)
	err = errors.Join(err, answer.Body.Close())
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s", r.URL.Host, answer.Status)
	}
	return fetched{answer.Header, body}, err
}
