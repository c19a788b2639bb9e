package nodes

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// client is everybody outside. It never follows a redirect and tries nothing again by itself.
var client = &http.Client{
	Timeout:       10 * time.Second,
	Transport:     &http.Transport{MaxIdleConnsPerHost: 100},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// link is one that the API has acknowledged.
type link struct {
	ID, URL, Phone string
	At             time.Time // of the acknowledgement
}

// load is merchants who make links and customers who open them, about fifty of each a second.
type load struct {
	c     *cluster
	again bool // a create that failed is asked again under the same Idempotency-Key, until it is answered

	mu       sync.Mutex
	made     int
	links    []link
	requests int
	failures []string
	statuses map[int]int // of what was answered, 0 for nothing at all

	stop chan struct{}
	work sync.WaitGroup
}

const (
	makers   = 5
	makeEach = 100 * time.Millisecond
)

func (c *cluster) startLoad(again bool) *load {
	l := &load{c: c, again: again, statuses: map[int]int{}, stop: make(chan struct{})}
	for range makers {
		l.work.Go(func() { l.every(makeEach, l.create) })
		l.work.Go(func() { l.every(makeEach, l.openPage) })
	}
	return l
}

// end stops asking and waits for the last answers.
func (l *load) end() {
	close(l.stop)
	l.work.Wait()
}

func (l *load) every(pause time.Duration, do func()) {
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-ticker.C:
			do()
		}
	}
}

func (l *load) create() {
	l.mu.Lock()
	n := l.made
	l.made++
	l.mu.Unlock()
	phone := fmt.Sprintf("+919%07d42", n) // what the sandbox delivers
	body := fmt.Sprintf(`{"amount":245000,"currency":"INR","description":"Order","reference":"order-%d","customer":{"phone":%q},"channels":["sms"]}`, n, phone)
	for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		made := link{Phone: phone}
		if l.ask(http.MethodPost, l.c.front.server.URL+"/v1/payment_links", body, fmt.Sprintf("order-%d", n), &made) {
			made.At = time.Now()
			l.mu.Lock()
			l.links = append(l.links, made)
			l.mu.Unlock()
			return
		}
		if !l.again || time.Now().After(deadline) {
			return
		}
	}
}

func (l *load) openPage() {
	if all := l.all(); len(all) > 0 {
		l.ask(http.MethodGet, all[(len(all)*7)/11].URL, "", "", nil)
	}
}

// all gives the links that are acknowledged by now.
func (l *load) all() []link {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.links[:len(l.links):len(l.links)]
}

func (l *load) failed() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failures[:len(l.failures):len(l.failures)]
}

// ask makes one request, counts it, and reports whether it was answered well.
func (l *load) ask(method, url, body, idempotency string, into any) bool {
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Authorization", "Bearer "+l.c.key)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", idempotency)
	}
	begun, status := time.Now(), 0
	res, err := client.Do(req)
	var text []byte
	if err == nil {
		status = res.StatusCode
		text, err = io.ReadAll(io.LimitReader(res.Body, 1<<20))
		res.Body.Close()
	}
	if err == nil && status < 300 && into != nil {
		err = json.Unmarshal(text, into)
	}
	ok := err == nil && status < 300
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests++
	l.statuses[status]++
	if !ok {
		text = text[:min(len(text), 300)]
		l.failures = append(l.failures, fmt.Sprintf("%s after %v: %d %v %s", method, time.Since(begun), status, err, text))
		if status == http.StatusServiceUnavailable && res.Header.Get("Retry-After") == "" {
			l.failures = append(l.failures, "a 503 without Retry-After")
		}
	}
	return ok
}
