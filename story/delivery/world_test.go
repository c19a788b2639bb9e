package delivery_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"path"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/nyaruka/phonenumbers"

	"paylink"
	"paylink/cmd/paylink/node"
	"paylink/store"
)

const payHost = "pay.example.com"

// plan is the shape of a history.
type plan struct {
	database string        // its URL
	dir      string        // for the keys
	seed     uint64        // of everything that happens
	links    int           // how many are made, each for a customer of its own
	over     time.Duration // in which they are made
	poll     time.Duration // how often a node looks for work; zero: as it comes
}

// world is one history: a node, its merchant, two providers for each channel, and the customers' handsets.
type world struct {
	t        *testing.T
	plan     plan
	dice     *rand.Rand
	network  *network
	origin   string // of paylink, as customers and merchants reach it
	handsets *handsets
	fars     []*far
	running  sync.WaitGroup // servers
	events   sync.WaitGroup // what is on its way
	closers  []io.Closer
	stop     func()

	merchant paylink.MerchantID
	key      string
	phones   []string
	phone    map[string]int
	links    []made

	mu    sync.Mutex
	first map[int]time.Time // when a provider first took a message for a customer
}

// made is a link with what the merchant heard of it.
type made struct {
	ID       paylink.LinkID
	URL      string
	accepted time.Time
}

func (m made) code() string { return path.Base(m.URL) }

var coded = regexp.MustCompile(`http://[a-z0-9.:]+/([0-9A-Za-z]{22})\b`)

// codeIn is the code of the link in a text.
func codeIn(text string) string {
	if found := coded.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}

func newWorld(t *testing.T, p plan) *world {
	t.Helper()
	w := &world{
		t: t, plan: p, dice: rand.New(rand.NewPCG(p.seed, 1)), network: newNetwork(), origin: "http://" + payHost, handsets: newHandsets(), phone: map[string]int{},
		links: make([]made, p.links), first: map[int]time.Time{},
	}
	w.meet(p.links)
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = sync.OnceFunc(func() {
		w.events.Wait()
		cancel()
		w.network.CloseIdleConnections()
		for _, c := range w.closers {
			_ = c.Close()
		}
		w.running.Wait()
	})
	t.Cleanup(w.stop)
	w.open(ctx)
	w.connect()
	return w
}

// meet gives each customer a phone number in Britain, no two of one range after each other.
func (w *world) meet(customers int) {
	for n := 0; len(w.phones) < customers; n++ {
		number := fmt.Sprintf("+44%d", 7400000000+n*7919%60000000)
		if parsed, err := phonenumbers.Parse(number, ""); err == nil && phonenumbers.GetRegionCodeForNumber(parsed) == "GB" {
			w.phone[number] = len(w.phones)
			w.phones = append(w.phones, number)
		}
	}
}

// open starts the node, on connections in memory.
func (w *world) open(ctx context.Context) {
	w.t.Helper()
	w.serve(ctx, node.Settings{
		DatabaseURL: w.plan.database, KeyFile: filepath.Join(w.plan.dir, "keys"), PublicURL: w.origin, ListenURL: store.ListenOff,
	}, node.World{Now: time.Now, Transport: w.network, Dial: w.network.dial, Poll: w.plan.poll}, w.network.listen(payHost, nil), w.network.listen("admin.example.com", nil))
}

// serve starts a node and makes the merchant in it.
func (w *world) serve(ctx context.Context, s node.Settings, surroundings node.World, public, admin net.Listener) {
	w.t.Helper()
	log := slog.New(slog.DiscardHandler)
	if *loud {
		log = slog.New(slog.NewTextHandler(w.t.Output(), nil))
	}
	surroundings.Log = log
	n, err := node.Open(ctx, s, surroundings)
	if err != nil {
		w.t.Fatal(err)
	}
	made, err := n.CreateMerchant(ctx, node.NewMerchant{Name: "Acme", Email: "owner@acme.example", Country: "GB", Currency: "GBP", TimeZone: "Europe/London"})
	if err != nil {
		w.t.Fatal(err)
	}
	w.merchant, w.key = made.MerchantID, made.LiveKey
	ready := make(chan struct{})
	w.running.Go(func() {
		say := func() error { close(ready); return nil }
		if err := n.Serve(ctx, public, admin, say); err != nil {
			w.t.Errorf("serve: %v", err)
		}
	})
	<-ready
}

// web serves one that speaks HTTP.
func (w *world) web(host string, f *far, h http.Handler) {
	server := &http.Server{Handler: h}
	l := w.network.listen(host, func() bool { return !f.trouble.unreachable(time.Now()) })
	w.running.Go(func() { _ = server.Serve(l) }) // it ends by Close
	w.closers = append(w.closers, server)
}

// later does something after a time, unless the history has ended.
func (w *world) later(after time.Duration, do func()) {
	w.events.Go(func() {
		time.Sleep(after)
		do()
	})
}

// handed notes that a provider has taken a message for a customer.
func (w *world) handed(customer int, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, known := w.first[customer]; !known {
		w.first[customer] = at
	}
}

func (w *world) byPhone(number string) int {
	n, known := w.phone[number]
	if !known {
		w.t.Errorf("a message goes to %s, whom nobody knows", number)
	}
	return n
}

func mailOf(customer int) string { return fmt.Sprintf("c%d@mailbox.example.org", customer) }

func (w *world) byMail(address string) (n int) {
	if _, err := fmt.Sscanf(address, "c%d@mailbox.example.org", &n); err != nil || n < 0 || n >= len(w.phones) {
		w.t.Errorf("a letter goes to %s, whom nobody knows", address)
	}
	return n
}

// must makes a call of the merchant's and reads its answer.
func (w *world) must(method, to string, in, out any) {
	w.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := http.NewRequest(method, w.origin+to, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+w.key)
	r.Header.Set("Content-Type", "application/json")
	res, err := w.network.RoundTrip(r)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, to, err)
	}
	text, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil || res.StatusCode > 299 {
		w.t.Fatalf("%s %s answered %d: %s (%v)", method, to, res.StatusCode, text, err)
	}
	if err := json.Unmarshal(text, out); out != nil && err != nil {
		w.t.Fatalf("%s %s: %v in %s", method, to, err, text)
	}
}

// identity is what the mail servers prove themselves by.
var identity tls.Certificate
