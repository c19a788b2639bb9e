package loss

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink/store/storetest"
)

const (
	crowd     = 2000
	mostBytes = 300 << 20 // of memory, at any moment
)

// Two thousand merchants' programs come at once, several times what a node can do. Each is answered 201
// or 503, and what is answered 201 is stored; pages and lists open all the while; memory has a bound;
// and when they are gone the next create is as quick as ever.
func TestOverloadIsRefusedAndReadsGoOn(t *testing.T) {
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			dir := t.TempDir()
			s := newServer(t, databaseOf(t, kind, dir), filepath.Join(dir, "keys"))
			s.start()
			l := newLoad(t, s)
			l.patient = true
			first, ok := l.create(0)
			if !ok {
				t.Fatal("no first link")
			}
			l.begin(crowd)
			looked := lookOn(t, s, first, *flood)
			l.end()
			caller.CloseIdleConnections()
			l.tell("under the flood")
			refused, unanswered := l.statuses[http.StatusServiceUnavailable].Load(), l.statuses[0].Load()
			t.Logf("%d refused; %d pages opened, p50 %v, p99 %v; most memory %d MB", refused, len(looked),
				percentile(looked, 50), percentile(looked, 99), memory(t, s)>>20)
			if refused == 0 {
				t.Error("nobody was refused: this was no overload")
			}
			if unanswered > 0 {
				t.Errorf("%d requests have no answer", unanswered)
			}
			if p99 := percentile(looked, 99); *quiet && p99 > 3*time.Second {
				t.Errorf("one page in a hundred took %v", p99)
			}
			if used := memory(t, s); used > mostBytes {
				t.Errorf("%d MB of memory were used", used>>20)
			}
			from := time.Now()
			if _, ok := l.create(l.serial.Add(1)); !ok || *quiet && time.Since(from) > time.Second {
				t.Errorf("the first create afterwards: %t, after %v", ok, time.Since(from))
			}
			l.count(false)
			s.proc.stop(t)
		})
	}
}

// lookOn opens a link's page and the merchant's list for a time, and gives how long each took.
func lookOn(t *testing.T, s *server, link made, long time.Duration) []time.Duration {
	t.Helper()
	var mu sync.Mutex
	var took []time.Duration
	var lookers sync.WaitGroup
	end := time.Now().Add(long)
	for _, to := range []string{link.URL, s.url() + "/v1/payment_links?limit=5", link.URL, s.url() + "/v1/payment_links/" + link.ID} {
		lookers.Go(func() {
			for time.Now().Before(end) {
				from := time.Now()
				if status, body := call(s, http.MethodGet, to, "", nil); status != http.StatusOK {
					t.Errorf("GET %s is answered %d: %.200s", strings.TrimPrefix(to, s.url()), status, body)
				}
				mu.Lock()
				took = append(took, time.Since(from))
				mu.Unlock()
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	lookers.Wait()
	return took
}

// memory is the most that the program has used at any moment, as the kernel counts it.
func memory(t *testing.T, s *server) (bytes int64) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.proc.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "VmHWM:")
	if _, err := fmt.Sscan(rest, &bytes); err != nil || !ok {
		t.Fatalf("read the memory of the program: %v", err)
	}
	return bytes << 10
}
