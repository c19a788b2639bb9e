package loss

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const clients = 64

// made is what a merchant keeps of a link that was acknowledged to him.
type made struct {
	ID        string `json:"id"`
	URL       string `json:"url"`
	Reference string `json:"reference"`
}

// load is a crowd of merchants' programs that create links, and of customers who pay some. It notes
// what was answered; what is noted as acknowledged must never be missed again.
type load struct {
	t *testing.T
	s *server
	// again lets a client send a request again, under the same Idempotency-Key, until it is
	// acknowledged, as it should. Otherwise each is sent once.
	again bool
	// patient lets a client that was refused wait as long as Retry-After says.
	patient bool
	pay     int // one link in so many is paid; 0: none

	serial   atomic.Int64
	stop     chan struct{}
	clients  sync.WaitGroup
	statuses [600]atomic.Int64 // how often each was answered; 0: no answer

	mu       sync.Mutex
	links    map[string]made // acknowledged, by reference
	refused  map[string]bool // references that were answered 503, and not acknowledged later
	unsure   map[string]bool // references without an answer
	paid     map[string]bool // ids that the page called paid
	took     []time.Duration // of creates that were acknowledged
	captured map[string]bool // ids that the bank captured
}

func newLoad(t *testing.T, s *server) *load {
	return &load{
		t: t, s: s, links: map[string]made{}, refused: map[string]bool{}, unsure: map[string]bool{},
		paid: map[string]bool{}, captured: map[string]bool{},
	}
}

// begin lets the clients come. They go with end.
func (l *load) begin(n int) {
	l.stop = make(chan struct{})
	for range n {
		l.clients.Go(l.client)
	}
}

// end lets the clients go. Those that wait for a connection get one of those that nobody uses any more.
func (l *load) end() {
	close(l.stop)
	gone := make(chan struct{})
	go func() {
		l.clients.Wait()
		close(gone)
	}()
	for {
		caller.CloseIdleConnections()
		select {
		case <-gone:
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (l *load) stopped() bool {
	select {
	case <-l.stop:
		return true
	default:
		return false
	}
}

func (l *load) acknowledged() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.links)
}

// reach waits until n more links were acknowledged, for as long as there is any progress.
func (l *load) reach(n int) {
	l.t.Helper()
	goal := l.acknowledged() + n
	for now := l.acknowledged(); now < goal; now = l.acknowledged() {
		await(l.t, fmt.Sprintf("the next acknowledged link after %d, of %d", now, goal), func() bool { return l.acknowledged() > now })
	}
}

func (l *load) client() {
	for !l.stopped() {
		n := l.serial.Add(1)
		link, ok := l.create(n)
		if ok && l.pay > 0 && n%int64(l.pay) == 0 && !l.stopped() {
			l.payFor(link)
		}
	}
}

// create makes one link, and notes what became of it.
func (l *load) create(n int64) (made, bool) {
	reference := fmt.Sprintf("loss-%d", n)
	for tries := 0; ; tries++ {
		from := time.Now()
		status, body := l.call(http.MethodPost, l.s.url()+"/v1/payment_links", reference, map[string]any{
			"amount": 245000, "currency": "INR", "reference": reference, "description": "Order", "channels": []string{},
			"customer": map[string]string{"name": "Asha", "phone": fmt.Sprintf("+9198%08d", n)},
		})
		var link made
		l.mu.Lock()
		switch {
		case status == http.StatusCreated && json.Unmarshal(body, &link) == nil && link.ID != "":
			l.links[reference] = link
			l.took = append(l.took, time.Since(from))
			delete(l.refused, reference)
			delete(l.unsure, reference)
			l.mu.Unlock()
			return link, true
		case status == http.StatusServiceUnavailable:
			l.refused[reference] = true
		case status == 0:
			l.unsure[reference] = true
		case status == http.StatusConflict && l.again: // the first try is still being worked on
		default:
			l.t.Errorf("a create is answered %d: %.300s", status, body)
		}
		l.mu.Unlock()
		if !l.again || tries > 20 && l.stopped() {
			pause := 20 * time.Millisecond
			if l.patient {
				pause = time.Second // as Retry-After says, at least
			}
			l.rest(pause)
			return made{}, false
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// rest waits, until the load ends at the latest.
func (l *load) rest(pause time.Duration) {
	select {
	case <-l.stop:
	case <-time.After(pause):
	}
}

// payFor is a customer who pays. What the walk came to is noted only when it came to an end.
func (l *load) payFor(link made) {
	status, body := l.call(http.MethodPost, "http://"+l.s.bank+"/sandbox/pay", "", map[string]string{"url": link.URL, "method": "card", "outcome": "success"})
	var walk struct {
		Status     string `json:"status"`
		LinkStatus string `json:"link_status"`
	}
	if status != http.StatusOK || json.Unmarshal(body, &walk) != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if walk.Status == "captured" {
		l.captured[link.ID] = true
	}
	if walk.LinkStatus == "paid" {
		l.paid[link.ID] = true
	}
}

// call gives the status and the body; 0 when there was no whole answer.
func (l *load) call(method, to, once string, body any) (int, []byte) {
	status, answer := call(l.s, method, to, once, body)
	l.statuses[status].Add(1)
	return status, answer
}

func call(s *server, method, to, once string, body any) (int, []byte) {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // the drill's own body
	}
	r, err := http.NewRequest(method, to, bytes.NewReader(text))
	if err != nil {
		panic(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.key)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if once != "" {
		r.Header.Set("Idempotency-Key", once)
	}
	answer, err := caller.Do(r)
	if err != nil {
		return 0, nil
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, nil
	}
	return answer.StatusCode, got
}

// percentile gives the time that all but so many in a hundred took at most.
func percentile(all []time.Duration, percent int) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}

// tell logs what the load came to.
func (l *load) tell(what string) {
	l.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.t.Logf("%s: %d links acknowledged, %d paid, %d captured, %d refused for good, %d without an answer; p50 %v, p99 %v",
		what, len(l.links), len(l.paid), len(l.captured), len(l.refused), len(l.unsure), percentile(l.took, 50), percentile(l.took, 99))
}
