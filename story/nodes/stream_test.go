package nodes

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// follower is a merchant's program on the event stream. It comes back as the stream tells it to, with
// Last-Event-ID, and holds every event to the one before.
type follower struct {
	c    *cluster
	base string

	mu       sync.Mutex
	last     int64
	events   int
	visits   int
	failures []string
	heard    chan string // types of events, as they come; who does not read loses them

	stop context.CancelFunc
	work sync.WaitGroup
}

func (c *cluster) follow(base string) *follower {
	f := &follower{c: c, base: base, heard: make(chan string, 1000)}
	ctx, stop := context.WithCancel(context.Background())
	f.stop = stop
	f.work.Go(func() {
		for ctx.Err() == nil {
			pause, err := f.visit(ctx)
			if err != nil && ctx.Err() == nil {
				f.mu.Lock()
				f.failures = append(f.failures, err.Error())
				f.mu.Unlock()
			}
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
	})
	c.t.Cleanup(f.end)
	return f
}

func (f *follower) end() {
	f.stop()
	f.work.Wait()
}

// state gives the last sequence, how many events came in how many visits, and what went wrong.
func (f *follower) state() (last int64, events, visits int, failures []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last, f.events, f.visits, f.failures
}

// visit reads one stream to its end, and answers the pause that the server asked for. Only a stream
// that cannot be opened is an error: every stream ends some time.
func (f *follower) visit(ctx context.Context) (pause time.Duration, err error) {
	pause = time.Second
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.base+"/v1/events/stream", nil)
	if err != nil {
		return pause, err
	}
	req.Header.Set("Authorization", "Bearer "+f.c.key)
	f.mu.Lock()
	req.Header.Set("Last-Event-ID", strconv.FormatInt(f.last, 10))
	f.visits++
	f.mu.Unlock()
	res, err := (&http.Client{}).Do(req)
	if err != nil {
		return pause, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return pause, fmt.Errorf("the stream answered %d", res.StatusCode)
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "retry":
			if ms, err := strconv.Atoi(value); err == nil {
				pause = time.Duration(ms) * time.Millisecond
			}
		case "id":
			f.hear(value)
		case "event":
			select {
			case f.heard <- value:
			default:
			}
		}
	}
	return pause, nil
}

func (f *follower) hear(id string) {
	n, err := strconv.ParseInt(id, 10, 64)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil || n != f.last+1 {
		f.failures = append(f.failures, fmt.Sprintf("event %s came after %d", id, f.last))
	}
	f.last = n
	f.events++
}
