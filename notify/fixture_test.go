package notify

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/audit"
	"paylink/keyring"
	"paylink/outbound"
	"paylink/queue"
	"paylink/store"
)

// town is a Notify at work on a real store and queue, with receivers behind in-memory connections.
type town struct {
	t      *testing.T
	store  *store.Store
	ring   *keyring.Ring
	notify *Notify
	sealer *audit.Sealer
	queue  *queue.Queue
	shops  *shops
}

func newTown(t *testing.T, s *store.Store) *town {
	t.Helper()
	text, err := keyring.Generate(rand.Reader, time.Now())
	must(t, err)
	ring, err := keyring.Parse(text)
	must(t, err)
	quiet := slog.New(slog.DiscardHandler)
	shops := &shops{of: map[string]*receiver{}}
	client := outbound.New(outbound.Options{
		AllowHosts: []string{"a.example:80", "b.example:80", "c.example:80"}, UnguardedTransport: shops.transport(t), Now: time.Now,
	})
	t.Cleanup(client.Close)
	w := &town{
		t: t, store: s, ring: ring, shops: shops,
		notify: New(Deps{Store: s, Ring: ring, Client: client, Now: time.Now, Log: quiet}),
		sealer: audit.New(audit.Deps{Store: s, Now: time.Now, Log: quiet}),
	}
	// Few beats and polls, for days of virtual time have many: on SQLite every job rings.
	opt := queue.Options{Log: quiet, Lease: 24 * time.Hour}
	if s.Kind() == "sqlite" {
		opt.Poll = time.Hour
	}
	w.queue = queue.New(s, opt)
	w.notify.Register(w.queue)
	return w
}

// work runs the queue until the test ends.
func (w *town) work() {
	ctx, stop := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	wait.Go(func() { _ = w.queue.Work(ctx) })
	w.t.Cleanup(func() { stop(); wait.Wait() })
}

func (w *town) merchant() paylink.MerchantID {
	w.t.Helper()
	now := time.Now()
	m := paylink.Merchant{ID: paylink.NewMerchantID(now), Name: "Tea House", Country: "IN", Currency: "INR", TimeZone: "Asia/Kolkata", CreatedAt: now}
	w.write(func(tx *store.Tx) { tx.InsertMerchant(m) })
	return m.ID
}

// endpoint makes an endpoint of the receiver at host, which it makes too.
func (w *town) endpoint(m paylink.MerchantID, live bool, host string, types ...string) (*receiver, Made) {
	w.t.Helper()
	made, err := w.notify.CreateEndpoint(w.t.Context(), m, live, Draft{URL: "http://" + host + "/hooks?key=1", Events: types}, nil)
	must(w.t, err)
	return w.shops.receiver(host), made
}

// happen writes events of the types, one after the other, and seals them.
func (w *town) happen(m paylink.MerchantID, live bool, types ...paylink.EventType) []paylink.EventID {
	w.t.Helper()
	now := time.Now()
	var ids []paylink.EventID
	w.write(func(tx *store.Tx) {
		ids = nil
		for i, kind := range types {
			e := paylink.Event{ID: paylink.NewEventID(now), Merchant: m, Live: live, At: inOrder(now, i), Type: kind, Actor: "system"}
			tx.AppendEvent(e)
			ids = append(ids, e.ID)
		}
	})
	w.seal()
	return ids
}

func (w *town) seal() {
	w.t.Helper()
	for {
		n, err := w.sealer.Seal(w.t.Context())
		must(w.t, err)
		if n == 0 {
			return
		}
	}
}

func (w *town) write(fn func(tx *store.Tx)) {
	w.t.Helper()
	must(w.t, w.store.Write(w.t.Context(), func(tx *store.Tx) error { fn(tx); return nil }))
}

// deliveries lists those of an endpoint, oldest first.
func (w *town) deliveries(e paylink.Endpoint) []paylink.Delivery {
	w.t.Helper()
	all, err := w.store.Read(w.t.Context()).Deliveries(store.DeliveryFilter{Merchant: e.Merchant, Live: e.Live, Endpoint: e.ID, Limit: 101})
	must(w.t, err)
	slices.SortFunc(all, func(a, b paylink.Delivery) int { return int(a.Sequence - b.Sequence) })
	return all
}

func (w *town) endpointNow(e paylink.Endpoint) paylink.Endpoint {
	w.t.Helper()
	e, err := w.store.Read(w.t.Context()).Endpoint(e.Merchant, e.Live, e.ID)
	must(w.t, err)
	return e
}

// shops are receivers by host.
type shops struct {
	mu sync.Mutex
	of map[string]*receiver
}

func (s *shops) receiver(host string) *receiver {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[host] == nil {
		s.of[host] = &receiver{}
	}
	return s.of[host]
}

// ServeHTTP gives a call to the receiver that it is for.
func (s *shops) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	s.receiver(r.Host).ServeHTTP(rw, r)
}

// transport carries calls to the shops over connections in memory.
func (s *shops) transport(t *testing.T) http.RoundTripper {
	l := &memory{calls: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: s}
	var wait sync.WaitGroup
	wait.Go(func() { _ = server.Serve(l) })
	t.Cleanup(func() { _ = server.Close(); wait.Wait() })
	return &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		near, far := net.Pipe()
		select {
		case l.calls <- far:
			return near, nil
		case <-l.closed:
			return nil, net.ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}
}

// memory is a listener without a network.
type memory struct {
	calls  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *memory) Accept() (net.Conn, error) {
	select {
	case c := <-l.calls:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *memory) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *memory) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "memory"} }

// receiver is a merchant's program; it keeps what comes and answers as it is told.
type receiver struct {
	mu     sync.Mutex
	calls  []call
	answer func(call) answer // nil: 200
}

type call struct {
	at     time.Time
	header http.Header
	body   string
	told   struct {
		Type     paylink.EventType  `json:"type"`
		ID       paylink.EventID    `json:"id"`
		Merchant paylink.MerchantID `json:"merchant_id"`
		Live     bool               `json:"livemode"`
		Sequence int64              `json:"sequence"`
	}
}

type answer struct {
	status     int
	retryAfter string
	after      time.Duration
}

func (r *receiver) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	text, _ := io.ReadAll(req.Body)
	c := call{at: time.Now(), header: req.Header, body: string(text)}
	_ = json.Unmarshal(text, &c.told)
	r.mu.Lock()
	r.calls = append(r.calls, c)
	say := r.answer
	r.mu.Unlock()
	a := answer{status: 200}
	if say != nil {
		a = say(c)
	}
	select {
	case <-time.After(a.after):
	case <-req.Context().Done():
	}
	if a.retryAfter != "" {
		rw.Header().Set("Retry-After", a.retryAfter)
	}
	rw.WriteHeader(a.status)
}

func (r *receiver) says(f func(call) answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = f
}

// always answers every call with one status.
func (r *receiver) always(status int) { r.says(func(call) answer { return answer{status: status} }) }

func (r *receiver) got() []call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.calls)
}

func (r *receiver) events() []paylink.EventID {
	var ids []paylink.EventID
	for _, c := range r.got() {
		ids = append(ids, c.told.ID)
	}
	return ids
}

// until waits for something to become true, in virtual or in real time.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 2000 {
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("it did not come to this in ten seconds: %s", what)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
