package main

import (
	"bufio"
	"strings"
	"testing"
	"time"
)

// An answer that is read short or long puts every later one on the connection out of step, and the
// rate is of something else than answers.
func TestAnswersAreReadToTheirEnd(t *testing.T) {
	in := bufio.NewReader(strings.NewReader(
		"HTTP/1.1 201 Created\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello" +
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n" +
			"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))
	type answer struct {
		status int
		body   string
	}
	for _, want := range []answer{{201, "hello"}, {200, "abc0123456789"}, {404, ""}} {
		status, body, err := readAnswer(in, nil)
		if got := (answer{status, string(body)}); err != nil || got != want {
			t.Errorf("got %v, %v; want %v", got, err, want)
		}
	}
	if _, _, err := readAnswer(in, nil); err == nil {
		t.Error("the end of the connection was taken for an answer")
	}
}

// A p99 that is off by one place is the slowest answer, or none.
func TestQuantileTakesTheValueAtItsPlace(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i)
	}
	for _, c := range []struct {
		of      []time.Duration
		percent int
		want    time.Duration
	}{{nil, 50, 0}, {hundred, 50, 50}, {hundred, 99, 99}, {hundred[:3], 50, 1}, {hundred[:1], 99, 0}} {
		if got := quantile(c.of, c.percent); got != c.want {
			t.Errorf("p%d of %d values is %d, not %d", c.percent, len(c.of), got, c.want)
		}
	}
}
