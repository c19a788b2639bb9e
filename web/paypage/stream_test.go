package paypage

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"

	"paylink"
)

// A page that waits must hear of the change at once, and hear the whole state first.
func TestTheStreamTellsTheStateAtOnceAndEndsWithThePayment(t *testing.T) {
	w := openWorld(t)
	l, code := w.link(nil)
	b := w.browser()
	b.press(code, paylink.MethodCard)
	lines := w.listen(b, code)
	for _, want := range []string{"retry: 3000", `"page":"redirect"`} {
		if got := <-lines; !strings.Contains(got, want) {
			t.Fatalf("the stream says %q, want %q", got, want)
		}
	}
	w.capture(l)
	var id, last string
	for line := range lines {
		if strings.HasPrefix(line, "id: ") {
			id = line
		}
		last = line
	}
	if !strings.Contains(last, `"status":"paid"`) || !strings.Contains(last, `"page":"paid"`) || id == "" {
		t.Errorf("the stream ended with %q under %q", last, id)
	}
}

// A server that stops must not wait five minutes for every open page.
func TestStreamsEndWhenTheServerStops(t *testing.T) {
	w := openWorld(t)
	_, code := w.link(nil)
	lines := w.listen(w.browser(), code)
	<-lines
	close(w.stop)
	deadline := time.After(5 * time.Second)
	for {
		select {
		case _, open := <-lines:
			if !open {
				return
			}
		case <-deadline:
			t.Fatal("the stream goes on")
		}
	}
}

// listen gives the lines of a page's stream until it ends.
func (w *world) listen(b *browser, code string) <-chan string {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.page.URL+"/"+code+"/stream", nil)
	must(w.t, err)
	res, err := b.client.Do(r)
	must(w.t, err)
	if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
		w.t.Fatalf("the stream is %q", got)
	}
	lines := make(chan string)
	go func() {
		defer close(lines)
		defer res.Body.Close()
		for scanner := bufio.NewScanner(res.Body); scanner.Scan(); {
			if line := scanner.Text(); line != "" {
				select {
				case lines <- line:
				case <-w.t.Context().Done():
					return
				}
			}
		}
	}()
	return lines
}
