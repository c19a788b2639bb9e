package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"paylink"
)

// Config says where a sandbox stands and how fast its world turns.
type Config struct {
	Master    []byte            // 32 secret bytes that both sides hold; every account's password follows from it
	URL       string            // where the customer's browser reaches the sandbox: http://127.0.0.1:8080/sandbox
	Paylink   string            // base URL of paylink: its links are walked, its clock is moved; "" refuses both
	Now       func() time.Time  // what time it is, here and for everybody
	Transport http.RoundTripper // for calling paylink; nil: plain HTTP without a proxy
	Journal   string            // file that outlives a restart; "" keeps nothing
	Log       *slog.Logger      // nil: no log

	LateAfter    time.Duration // from a "late" decline to its success; zero: 3 s
	SlowAfter    time.Duration // from accepting a message for a slow phone to its delivery; zero: 5 s
	ReserveFor   time.Duration // how long reserved money waits for its capture; zero: seven days
	AnswerWithin time.Duration // how long the merchant may answer a dispute; zero: seven days
	ReceiptAfter time.Duration // from accepting a message to its receipt; zero: 50 ms
}

// Sandbox is one pretend world. Its methods may be called from many goroutines; Run sends what it
// has to tell, and without Run it stays silent.
type Sandbox struct {
	cfg     Config
	base    string // the path of Config.URL, without a slash at the end
	own     *url.URL
	paylink *url.URL // nil when there is none
	log     *slog.Logger
	client  *http.Client // notices, receipts and the clock: never follows a redirect
	handler http.Handler
	wake    chan struct{} // one token: Run looks at its agenda again
	walks   chan struct{} // one token for each walk under way
	ended   chan struct{} // closed when Run returns: open streams end

	mu       sync.Mutex
	world    world
	acts     agenda // changes of the world that wait for their time
	outbox   agenda // letters that wait for theirs
	sending  int
	watchers map[*watcher]struct{}
	file     *os.File
	lines    int // written since the journal was compacted
}

// maxBody bounds every request, as paylink's own API does.
const maxBody = 256 << 10

// New makes a sandbox and, if there is a journal, gives it back its memory. The error names every
// wrong setting.
func New(cfg Config) (*Sandbox, error) {
	if err := cfg.complete(); err != nil {
		return nil, fmt.Errorf("make sandbox: %w", err)
	}
	s := &Sandbox{
		cfg: cfg, log: cfg.Log, world: newWorld(),
		wake: make(chan struct{}, 1), walks: make(chan struct{}, maxWalks), ended: make(chan struct{}),
		watchers: map[*watcher]struct{}{},
		client:   &http.Client{Transport: cfg.Transport, Timeout: sendWithin, CheckRedirect: stay},
	}
	s.own, _ = url.Parse(cfg.URL)
	s.base = strings.TrimRight(s.own.Path, "/")
	if cfg.Paylink != "" {
		s.paylink, _ = url.Parse(cfg.Paylink)
	}
	if err := s.openJournal(); err != nil {
		return nil, fmt.Errorf("make sandbox: %w", err)
	}
	s.handler = s.routes()
	return s, nil
}

// Close gives the journal back; call it after Run has returned. What happens later is not kept.
func (s *Sandbox) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	s.file = nil
	return err
}

// complete fills in what was left out and judges the rest.
func (c *Config) complete() error {
	var wrong []error
	if len(c.Master) != 32 {
		wrong = append(wrong, errors.New("the master secret is not 32 bytes"))
	}
	if !isWeb(c.URL) {
		wrong = append(wrong, errors.New("its own URL is not an absolute http or https URL"))
	}
	if c.Paylink != "" && !isWeb(c.Paylink) {
		wrong = append(wrong, errors.New("paylink's URL is not an absolute http or https URL"))
	}
	if c.Now == nil {
		wrong = append(wrong, errors.New("there is no clock"))
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Transport == nil {
		// No proxy: what the sandbox says is for the machine that it runs beside.
		c.Transport = &http.Transport{MaxIdleConnsPerHost: maxSending, IdleConnTimeout: time.Minute}
	}
	for wait, usual := range map[*time.Duration]time.Duration{
		&c.ReserveFor: 7 * 24 * time.Hour, &c.AnswerWithin: 7 * 24 * time.Hour,
		&c.LateAfter: 3 * time.Second, &c.SlowAfter: 5 * time.Second, &c.ReceiptAfter: 50 * time.Millisecond,
	} {
		if *wait == 0 {
			*wait = usual
		}
	}
	return errors.Join(wrong...)
}

// ServeHTTP answers everything under the path of Config.URL.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Run sends notices and receipts and lets time pass in the pretend world until ctx ends; then it
// waits for what is under way. What was not taken stays in the journal. It may be called once.
func (s *Sandbox) Run(ctx context.Context) error {
	defer close(s.ended)
	var sending sync.WaitGroup
	defer sending.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		timer.Reset(s.step(ctx, &sending))
		select {
		case <-ctx.Done():
			return nil
		case <-s.wake:
		case <-timer.C:
		}
	}
}

func (s *Sandbox) now() time.Time { return s.cfg.Now().UTC() }

// merchantOf tells whose world a request may see: the main server says so after it has checked who
// asks. Empty means everybody's: a sandbox that stands alone.
func merchantOf(r *http.Request) paylink.MerchantID {
	return paylink.MerchantID(r.Header.Get("Sandbox-Merchant"))
}

// isWeb tells whether a text is an absolute http or https URL.
func isWeb(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && len(text) <= 2048
}

// stay answers a redirect as it came.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
