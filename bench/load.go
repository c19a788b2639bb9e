package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// load sends requests over connections that stay open, each waiting for its answer before it sends
// the next. Requests are written ready-made and answers are read no further than they must be,
// because the load and what it measures share the machine's processors.
type load struct {
	addr    string
	beside  []string // further servers: the clients are shared out among all
	clients int
	want    int                              // the status that every answer must have
	request func(buf []byte, n int64) []byte // writes request n into buf; n counts from 1
	keep    func(body []byte)                // takes every body; nil: they are passed over
	pace    time.Duration                    // between the starts of two requests of one client; 0: none
	apart   time.Duration                    // between the first requests of two clients
	shed    int                              // another status that an answer may have, of a server that is busy; 0: none
}

// tally is what a load came to.
type tally struct {
	done     int64
	took     time.Duration
	p50, p99 time.Duration
	cpu      time.Duration // of the server, user and system, for one answer
}

func (t tally) rate() float64 { return float64(t.done) / t.took.Seconds() }

// slack is how far behind its pace a load may end; the rest of its requests is left out.
const slack = 3 * time.Second

// run keeps the load up for the window. Any answer of another status ends it with an error that
// shows it, since a server that refuses is quick and proves nothing.
func (l load) run(ctx context.Context, window time.Duration, serial *atomic.Int64) (tally, error) {
	ctx, stop := context.WithTimeout(ctx, window+10*time.Second)
	defer stop()
	conns := make([]net.Conn, l.clients)
	for i := range conns {
		conn, err := net.Dial("tcp", append([]string{l.addr}, l.beside...)[i%(1+len(l.beside))])
		if err != nil {
			return tally{}, err
		}
		defer func() { _ = conn.Close() }()
		conns[i] = conn
	}
	defer context.AfterFunc(ctx, func() { // whoever waits for an answer waits no longer
		for _, conn := range conns {
			_ = conn.Close()
		}
	})()
	took := make([][]time.Duration, l.clients)
	errs := make([]error, l.clients)
	var clients sync.WaitGroup
	start := time.Now()
	for i, conn := range conns {
		clients.Go(func() {
			time.Sleep(time.Duration(i) * l.apart)
			took[i], errs[i] = l.client(conn, start.Add(window), serial)
		})
	}
	clients.Wait()
	total := tally{took: time.Since(start)}
	all := slices.Concat(took...)
	slices.Sort(all)
	total.done, total.p50, total.p99 = int64(len(all)), quantile(all, 50), quantile(all, 99)
	return total, errors.Join(errs...)
}

func (l load) client(conn net.Conn, until time.Time, serial *atomic.Int64) (took []time.Duration, err error) {
	in := bufio.NewReaderSize(conn, 32<<10)
	var request, body []byte
	next := time.Now()
	// A server that cannot keep the pace is not waited for: the rate then says so.
	for ; next.Before(until) && time.Now().Before(until.Add(slack)); next = l.next(next) {
		request = l.request(request[:0], serial.Add(1))
		sent := time.Now()
		if _, err := conn.Write(request); err != nil {
			return took, err
		}
		var status int
		if status, body, err = readAnswer(in, body[:0]); err != nil {
			return took, err
		}
		if status != l.want && (l.shed == 0 || status != l.shed) {
			return took, fmt.Errorf("the answer is %d, not %d: %.300s", status, l.want, body)
		}
		took = append(took, time.Since(sent))
		if l.keep != nil {
			l.keep(body)
		}
	}
	return took, nil
}

// next is when the next request of a client is due.
func (l load) next(last time.Time) time.Time {
	if l.pace == 0 {
		return time.Now()
	}
	due := last.Add(l.pace)
	time.Sleep(time.Until(due))
	return due
}

// quantile gives the value below which percent of the sorted ones lie.
func quantile[T any](sorted []T, percent int) T {
	if len(sorted) == 0 {
		var none T
		return none
	}
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}
