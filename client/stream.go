package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// FromNow begins a stream with what happens next.
const FromNow int64 = -1

const (
	// The server lets itself be heard every 15 s; a connection that is silent for three times as long leads
	// nowhere any more.
	silence      = 45 * time.Second
	longestLine  = 1 << 20 // bytes of one line of a stream; an event is a few thousand
	longestRetry = 30 * time.Second
)

// StreamEvents yields events in their order as they happen, after the one with the given sequence; 0 is the
// first there ever was, and [FromNow] skips the past. It outlives broken connections and restarts of the
// server without missing or repeating an event, and ends with an error: that of ctx, or the server's
// refusal. [OnTrouble] tells of what it outlives.
func (c *Client) StreamEvents(ctx context.Context, after int64, options ...Option) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		s := &stream{client: c, call: c.call(http.MethodGet, path("events", "stream"), options), last: after, retry: time.Second}
		if err := s.begin(ctx); err != nil {
			yield(Event{}, err)
			return
		}
		for failures := 1; ; failures++ {
			heard, on, err := s.connect(ctx, yield)
			if heard {
				failures = 1
			}
			if !on {
				return
			}
			if ctx.Err() != nil {
				yield(Event{}, ctx.Err())
				return
			}
			pause := s.retry
			if err != nil {
				asked, again := passing(err)
				if !again {
					yield(Event{}, err)
					return
				}
				pause = max(pause, asked)
				if s.call.trouble != nil {
					s.call.trouble(err)
				}
			}
			if !heard { // ever more slowly, whatever the server says
				pause = max(pause, backoff(failures))
			}
			if !wait(ctx, pause) {
				yield(Event{}, ctx.Err())
				return
			}
		}
	}
}

// passing tells whether a stream that ended so is asked for again, and how long the server asked to wait. An
// event that cannot be read would come again, and again could not be read.
func passing(err error) (asked time.Duration, again bool) {
	var p *Problem
	if errors.As(err, &p) {
		return p.RetryAfter, p.Status == http.StatusTooManyRequests || p.Status >= 500
	}
	var lost *brokenError
	return 0, errors.As(err, &lost)
}

type stream struct {
	client *Client
	call   *call
	last   int64         // sequence of the last event that was yielded
	retry  time.Duration // before the next connection, as the server said
}

// begin finds where now is. The server could begin there by itself; but a connection that breaks before
// the first event would then leave a gap.
func (s *stream) begin(ctx context.Context) error {
	if s.last != FromNow {
		return nil
	}
	s.last = 0
	for e, err := range s.client.ListEvents(ctx, Page{Limit: 1}, OnTrouble(s.call.trouble)) {
		if err != nil {
			return err
		}
		s.last = e.Sequence
		break
	}
	return nil
}

// connect reads one connection to its end. heard tells whether an event came, on whether the caller wants
// more of them; an error is why there was no connection, or why it broke.
func (s *stream) connect(ctx context.Context, yield func(Event, error) bool) (heard, on bool, err error) {
	on = true
	err = s.client.listen(ctx, s.call, strconv.FormatInt(s.last, 10), s.pause, func(data []byte) (bool, error) {
		var failed error
		on, failed = s.tell(data, yield)
		heard = heard || failed == nil && on
		return on, failed
	})
	if errors.Is(err, bufio.ErrTooLong) {
		err = fmt.Errorf("read an event after %d: %w", s.last, err)
	}
	return heard, on, err
}

// pause takes over how long the server wants us to stay away after a break, in milliseconds.
func (s *stream) pause(text string) {
	if ms, err := strconv.Atoi(text); err == nil && ms >= 0 {
		s.retry = min(time.Duration(ms)*time.Millisecond, longestRetry)
	}
}

// listen reads one connection of Server-Sent Events to its end, or until tell wants no more. last is the id
// after which it begins, empty: none; retry hears how long to stay away after a break. A connection on which
// not even the server's sign of life comes is given up.
func (c *Client) listen(ctx context.Context, k *call, last string, retry func(string), tell func(data []byte) (on bool, err error)) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	alarm := time.AfterFunc(c.within, stop)
	defer alarm.Stop()
	r, err := c.request(ctx, k)
	if err != nil {
		return err
	}
	r.Header.Set("Accept", "text/event-stream")
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	res, err := c.http.Do(r)
	if err != nil {
		return broken(k, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswer)) // what is missing of it is only words
		return c.problemOf(res, body)
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, longestLine)
	var data []byte
	for alarm.Reset(silence); lines.Scan(); alarm.Reset(silence) {
		field, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "data":
			data = append(append(data, value...), '\n')
		case "retry":
			retry(value)
		case "id":
			if k.place != nil {
				k.place(value)
			}
		case "": // the line is empty, or a comment by which the server lets itself be heard
			if len(data) == 0 || lines.Text() != "" {
				continue
			}
			if on, err := tell(data); !on || err != nil {
				return err
			}
			data = nil
		}
	}
	if err := lines.Err(); err != nil && !errors.Is(err, bufio.ErrTooLong) {
		return broken(k, err)
	}
	return lines.Err()
}

// tell yields one event, unless it was told before.
func (s *stream) tell(data []byte, yield func(Event, error) bool) (on bool, err error) {
	var e Event
	if err := json.Unmarshal(data, &e); err != nil {
		return true, fmt.Errorf("read an event after %d: %w", s.last, err)
	}
	if e.Sequence <= s.last {
		return true, nil
	}
	s.last = e.Sequence
	if s.call.verbatim != nil {
		*s.call.verbatim = bytes.TrimSpace(data)
	}
	return yield(e, nil), nil
}
