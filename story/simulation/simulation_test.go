// Package simulation_test runs the whole of paylink, wired as it ships, in virtual time over a network
// in memory that loses, repeats, reorders and holds up what companies say to each other, and kills its
// nodes. Each seed is a history of its own; after every step the books must be right.
package simulation_test

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"paylink"
	"paylink/cmd/paylink/node"
	"paylink/store"
)

var (
	seeds         = flag.Int("seeds", 4, "how many histories to run on SQLite; script/test asks for 200")
	postgresSeeds = flag.Int("postgres-seeds", 1, "how many histories to run on PostgreSQL; script/test asks for 20")
	loud          = flag.Bool("loud", false, "show the log")
	firstSeed     = flag.Uint64("seed", 1, "the first history's seed; a failed one is run again with -seed N -seeds 1 -postgres-seeds 1")
)

const (
	payHost   = "pay.example.com"
	hooksHost = "hooks.example.com"
)

// Whatever the network does to notices, receipts, gateway calls and webhooks, and wherever a node dies:
// one success is counted once, a paid link never expires, and every event reaches each endpoint under
// exactly one id.
func TestBooksAreRightWhateverHappens(t *testing.T) {
	runSeeds(t, *seeds, plan{
		kind: "sqlite", nodes: 1, told: []string{"/one", "/two"}, steps: 14, pause: 5 * time.Minute, open: 2 * time.Hour,
		look: time.Hour, points: 800,
	})
}

// On PostgreSQL two nodes share the work by polling, and one of them dies: the other takes over what it
// had begun, and the first comes back beside it.
func TestBooksAreRightOnTwoNodes(t *testing.T) {
	runSeeds(t, *postgresSeeds, plan{
		kind: "postgres", nodes: 2, told: []string{"/one"}, steps: 7, pause: time.Minute, open: 10 * time.Minute,
		look: 10 * time.Minute, points: 60, poll: 5 * time.Second,
	})
}

func runSeeds(t *testing.T, many int, p plan) {
	t.Logf("seeds %d to %d", *firstSeed, *firstSeed+uint64(many)-1)
	for seed := *firstSeed; seed < *firstSeed+uint64(many); seed++ {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			p := p
			p.seed = seed
			d := openDatabase(t, p.kind)
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, dir, d, p)
				w.live()
				w.settle()
				w.stop()
				w.inspect()
			})
		})
	}
}

// plan is the shape of a history.
type plan struct {
	kind   string // of the database
	nodes  int
	seed   uint64
	told   []string // the merchant's endpoints
	steps  int
	pause  time.Duration // between two steps, at most
	open   time.Duration // how long links live beyond ten minutes, at most
	look   time.Duration // between two looks when all is done
	poll   time.Duration // how often a node looks for the others' work; zero: as it comes
	points int           // the first node dies at one of so many, by the dice; zero: at the point named
	at     point
	calm   bool // the network is never in trouble
}

// world is one history.
type world struct {
	t        *testing.T
	plan     plan
	dice     *mathrand.Rand
	network  *network
	chaos    *chaos
	outside  *outside
	merchant *merchant
	database *database
	doomed   *fate // of the first node's first life
	id       paylink.MerchantID
	keys     string // file of the key ring
	stop     func()

	links []link
	paid  map[paylink.LinkID]bool // links that were ever seen paid
}

type link struct {
	paylink.LinkSnapshot
	URL string `json:"url"`
}

func newWorld(t *testing.T, dir string, d *database, p plan) *world {
	t.Helper()
	ended := make(chan struct{})
	n := newNetwork()
	w := &world{
		t: t, plan: p, dice: mathrand.New(mathrand.NewPCG(p.seed, 1)), network: n, database: d, keys: filepath.Join(dir, "keys"), paid: map[paylink.LinkID]bool{},
		chaos:  &chaos{network: n, dice: mathrand.New(mathrand.NewPCG(p.seed, 2)), done: ended, calm: p.calm},
		doomed: &fate{at: p.at},
	}
	fates := mathrand.New(mathrand.NewPCG(p.seed, 4))
	if p.points > 0 {
		w.doomed.after = 1 + fates.IntN(p.points)
	}
	log := slog.New(slog.DiscardHandler)
	if *loud {
		log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	key := make([]byte, 32)
	rand.Read(key)
	settings := node.Settings{
		DatabaseURL: d.url, KeyFile: filepath.Join(dir, "keys"), PublicURL: "http://" + payHost, SandboxURL: sandboxURL, SandboxKey: key, ListenURL: store.ListenOff,
	}
	surroundings := node.World{Now: time.Now, Log: log, Transport: w.chaos, Poll: p.poll}
	t.Cleanup(w.tellHowToRepeat)
	w.newMerchant(settings, surroundings)
	w.outside = newOutside(t, n, w.chaos, filepath.Join(dir, "journal"), key)

	ctx, cancel := context.WithCancel(context.Background())
	hooks := &http.Server{Handler: w.merchant}
	var running sync.WaitGroup
	running.Go(func() { _ = hooks.Serve(n.listen(hooksHost, &fate{})) }) // it ends by Close
	w.outside.serve(ctx)
	for i := range p.nodes {
		m := &mortal{
			t: t, network: n, database: d, settings: settings, world: surroundings, first: &fate{},
			away: time.Second + time.Duration(fates.Int64N(int64(time.Minute))),
		}
		if i == 0 {
			m.first = w.doomed
		}
		ready := make(chan struct{})
		running.Go(func() { m.live(ctx, ready) })
		<-ready
	}
	w.stop = func() {
		close(ended)
		w.chaos.late.Wait()
		n.plain.CloseIdleConnections()
		cancel()
		_ = hooks.Close()
		running.Wait()
		w.outside.running.Wait()
		n.plain.CloseIdleConnections()
	}
	return w
}

// newMerchant makes the database and the merchant in it, before anything can die.
func (w *world) newMerchant(settings node.Settings, surroundings node.World) {
	w.t.Helper()
	w.database.guard(&fate{})
	n, err := node.Open(w.t.Context(), settings, surroundings)
	if err != nil {
		w.t.Fatal(err)
	}
	made, err := n.CreateMerchant(w.t.Context(), node.NewMerchant{
		Name: "Acme", Email: "owner@acme.example", Country: "IN", Currency: "INR", TimeZone: "Asia/Kolkata",
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.id = made.MerchantID
	moods := mathrand.New(mathrand.NewPCG(w.plan.seed, 3))
	w.merchant = &merchant{
		t: w.t, network: w.network, key: made.TestKey, received: map[string]map[paylink.EventID]map[string]int{},
		moody: func() bool { return !w.chaos.isCalm() && moods.IntN(4) == 0 },
	}
}

// follow has the merchant told of events at an endpoint.
func (w *world) follow(path string, events ...string) {
	w.t.Helper()
	w.merchant.follows = append(w.merchant.follows, endpoint{path, events})
	w.merchant.must(http.MethodPost, "/v1/webhook_endpoints", map[string]any{"url": "https://" + hooksHost + path, "events": events}, nil)
}

// live runs through a history: steps that a merchant and customers would take, at odd times.
func (w *world) live() {
	for _, path := range w.plan.told {
		w.follow(path, "*")
	}
	for step := range w.plan.steps {
		switch throw := w.dice.IntN(10); {
		case step < 2 || throw < 3:
			w.create(step)
		case throw < 8:
			w.pay()
		case throw < 9:
			w.cancel()
		default:
			w.merchant.must(http.MethodPost, "/sandbox/clock", map[string]string{"advance": "20m"}, nil)
		}
		time.Sleep(time.Duration(w.dice.Int64N(int64(w.plan.pause))))
		w.check()
		if w.t.Failed() {
			return
		}
	}
}

func (w *world) create(step int) {
	in := map[string]any{
		"amount": 100 + w.dice.Int64N(500000), "currency": "INR", "reference": fmt.Sprintf("order-%d", step),
		"expires_in": 600 + w.dice.Int64N(int64(w.plan.open/time.Second)), "channels": []string{"sms", "email"},
		"customer": map[string]string{"phone": fmt.Sprintf("+9198123456%02d", 1+w.dice.IntN(5)), "email": "payer@example.com"},
	}
	if w.dice.IntN(3) == 0 {
		in["usage"] = map[string]any{"mode": "multi", "max_payments": 2}
	}
	var made link
	w.merchant.must(http.MethodPost, "/v1/payment_links", in, &made)
	w.links = append(w.links, made)
}

// pay sends up to three customers to one link at once, each in a mood of their own.
func (w *world) pay() {
	l := w.links[w.dice.IntN(len(w.links))]
	var together sync.WaitGroup
	for range 1 + w.dice.IntN(3) {
		in := map[string]string{
			"url":     l.URL,
			"method":  []string{"card", "upi", "netbanking"}[w.dice.IntN(3)],
			"outcome": []string{"success", "success", "success", "decline", "pending", "late", "unknown", "duplicate"}[w.dice.IntN(8)],
		}
		together.Go(func() { w.merchant.call(http.MethodPost, sandboxURL+"/pay", in, nil) })
	}
	together.Wait()
}

func (w *world) cancel() {
	l := w.links[w.dice.IntN(len(w.links))]
	w.merchant.call(http.MethodPost, "/v1/payment_links/"+string(l.ID)+"/cancel", nil, nil)
}

// settle lets the network heal and time pass, and then everything must come right: within the two days
// that the longest retries take. A bank that has been silent speaks in the end.
func (w *world) settle() {
	w.chaos.quieten()
	var open error
	for passed := time.Duration(0); passed < 48*time.Hour && !w.t.Failed(); passed += w.plan.look {
		time.Sleep(w.plan.look)
		w.outside.speak(func() string { return []string{"success", "decline"}[w.dice.IntN(2)] })
		time.Sleep(time.Minute)
		if open = w.unsettled(w.check()); open == nil {
			return
		}
	}
	w.t.Errorf("two days later: %v", open)
}

// tellHowToRepeat names the command that runs a failed history again: its dice fall the same way.
func (w *world) tellHowToRepeat() {
	if !w.t.Failed() {
		return
	}
	again := fmt.Sprintf("-run 'TestBooksAreRight' -args -seed %d -seeds 1 -postgres-seeds 1", w.plan.seed)
	if w.plan.points == 0 {
		again = fmt.Sprintf("-run 'TestNodeMayDie.*/%s' -args -kill %q", w.plan.kind, w.plan.at.String())
	}
	w.t.Logf("again: go test -count=1 ./story/simulation %s (%s)", again, w.death())
}

// death tells where the first node died.
func (w *world) death() string {
	if !w.doomed.isDead() {
		return "no node died"
	}
	return "a node died: " + w.doomed.lastPoint().String()
}
