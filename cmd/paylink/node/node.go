// Package node wires the rooms together into one running paylink: the only place that knows them all.
//
// It is for the program's commands and for the simulation, which runs the same wiring in virtual time
// over connections in memory. It decides nothing about payments; it gives each room what it needs,
// starts what works by itself, and stops everything in order.
package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"sync/atomic"
	"time"

	"paylink"
	"paylink/access"
	"paylink/gateway"
	"paylink/keyring"
	"paylink/outbound"
	"paylink/sandbox"
	"paylink/store"
	"paylink/web/respond"
)

// Settings is a judged configuration.
type Settings struct {
	DatabaseURL   string
	PublicURL     string // without a slash at the end
	KeyFile       string
	Checkpoints   string // file of signed heads outside the database; empty: none
	SnapshotDir   string // for a backup before each upgrade; empty: the operator has his own
	Journal       string // of the sandbox inside; empty: it forgets at a restart
	SandboxURL    string // of a sandbox in a process of its own; empty: inside
	SandboxKey    []byte // what both sides share; of the key ring for the one inside
	Proxies       respond.Proxies
	CountryHeader string   // in which the proxies say where a visitor is; empty: they do not
	ProviderHosts []string // "host:port" that accounts with carriers may name although they are private
	LogLevel      slog.Level
	RateLimit     float64 // requests a second of one API key; 0: none
	BulkRate      int64   // rows a second of one uploaded file that send messages; 0: no bound
	Attachments   int64   // bytes that one merchant's may have together; 0: 512 MB
	MaxRequests   int     // API changes under way at once; 0: by the processors
	Demo          bool    // webhooks and carriers may be on loopback, /sandbox needs no key

	ListenURL string        // of PostgreSQL itself, where a pooler is in between; off: nodes hear of each other by polling
	Roles     Roles         // what this node does; zero: everything
	Drain     time.Duration // how long it goes on answering after it was told to stop

	TraceEndpoint string  // of an OTLP collector; empty: no traces
	TraceRatio    float64 // of the traces that begin here, 0 to 1
}

// rate is what one API key may do on this node: so many requests a second, and twice as many at once.
func (s Settings) rate() (perSecond float64, burst int) {
	if s.RateLimit == 0 {
		return math.MaxInt32, math.MaxInt32
	}
	return s.RateLimit, max(1, int(2*s.RateLimit))
}

// maxRequests is how many API changes are worked on at once when nobody has said. On SQLite it is about
// what one commit gathers; on PostgreSQL less than the store has connections, so that pages find one.
func (s Settings) maxRequests(database string) int {
	switch {
	case s.MaxRequests > 0:
		return s.MaxRequests
	case database == "sqlite":
		return 64 * runtime.GOMAXPROCS(0)
	}
	return 24
}

// Dial connects to "host:port".
type Dial = func(ctx context.Context, network, address string) (net.Conn, error)

// World is what a node takes from outside its own code.
type World struct {
	Now       func() time.Time
	Log       *slog.Logger
	Transport http.RoundTripper                        // nil: the network; the simulation's connections in memory otherwise
	Dial      Dial                                     // the same for carriers that speak no HTTP
	Sandbox   func(*sandbox.Config)                    // nil, or changes how fast the pretend world turns
	Gateways  func(*outbound.Client) []gateway.Gateway // nil, or adapters beside those that the program has
	Poll      time.Duration                            // how often workers look for what other nodes left; 0: as it suits the database

	CertificateEnds func() time.Time // of the certificate that is served; nil: somebody else ends TLS

	Free func(folder string) (bytes int64, err error) // on the disk before an upgrade; nil: what the file system says
}

// Node is one paylink on one database.
type Node struct {
	settings Settings
	world    World
	store    *store.Store
	ring     *keyring.Ring
	access   *access.Access
	load     *respond.Load // what is under way, by class
	see      *seeing
	rooms    rooms              // made by Serve
	demo     paylink.MerchantID // for whom /sandbox acts without a key; empty outside the demo
	draining atomic.Bool        // the load balancer is to notice: answers close their connections
	prepared bool               // the database is up to date, and this node may serve it
	data     []dataStep         // of the upgrade
	standing standing           // what /readyz says
	stop     chan struct{}      // closed when the node stops answering: streams end
}

// Open opens the key ring and the database, and changes nothing in it. It refuses a database that a
// newer version has used, or that is half restored.
func Open(ctx context.Context, s Settings, w World) (*Node, error) {
	now := w.Now()
	ring, err := keyring.Open(s.KeyFile, now)
	if err != nil {
		return nil, err
	}
	see, err := newSeeing(ctx, s, w)
	if err != nil {
		return nil, err
	}
	w.Log = see.log(w.Log)
	db, err := store.Open(ctx, s.DatabaseURL, store.Options{Log: w.Log, Listen: s.ListenURL, Watch: see.writes})
	if err != nil {
		return nil, errors.Join(err, see.tracer.Close())
	}
	see.store.Store(db)
	n := &Node{settings: s, world: w, store: db, ring: ring, see: see, load: respond.NewLoad(s.maxRequests(db.Kind())), stop: make(chan struct{})}
	n.data = dataSteps(db, w)
	if _, _, err := db.Pending(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return n, nil
}

// Prepare brings the database up to date. It refuses one whose links hang on keys that the ring does
// not have. Serve calls it; whoever needs the database before that calls it first.
func (n *Node) Prepare(ctx context.Context) error {
	if n.prepared {
		return nil
	}
	log := everySoOften(n.world.Now, logEvery, func(text string) { n.world.Log.Info("upgrade.state", "state", text) })
	up := upgrade{settings: n.settings, world: n.world, store: n.store, data: n.data, tell: func(text string) {
		n.standing.become(text)
		log(text)
	}}
	if err := up.run(ctx); err != nil {
		return err
	}
	if err := n.checkKeys(ctx); err != nil {
		return err
	}
	if len(n.settings.SandboxKey) == 0 {
		key, err := n.ring.Key("sandbox", n.ring.Slots()[0])
		if err != nil {
			return err
		}
		n.settings.SandboxKey = key
	}
	n.access = access.New(access.Deps{Store: n.store, Now: n.world.Now, Log: n.world.Log})
	if err := n.moveSandbox(ctx); err != nil {
		return err
	}
	n.prepared = true
	return nil
}

// checkKeys compares the ring with the database: the same slots must hold the same keys as ever, and
// no payable link may hang on a slot that is missing.
func (n *Node) checkKeys(ctx context.Context) error {
	for _, slot := range n.ring.Slots() {
		print, err := n.ring.Fingerprint(slot)
		if err != nil {
			return err
		}
		var known string
		err = n.store.Write(ctx, func(tx *store.Tx) (err error) {
			known, err = tx.RememberKey(slot, print)
			return err
		})
		if err != nil {
			return err
		}
		if known != print {
			return fmt.Errorf("slot %d of %s is not the key that this database was made with: put the old key file back", slot, n.settings.KeyFile)
		}
	}
	used, err := n.store.Read(ctx).CodeSlotsInUse()
	if err != nil {
		return err
	}
	for _, slot := range used {
		if _, err := n.ring.Fingerprint(slot); err != nil {
			return fmt.Errorf("payable links hang on slot %d, which %s does not hold: %w", slot, n.settings.KeyFile, err)
		}
	}
	return nil
}

// sandboxURL is where the pretend world is, inside or outside.
func (n *Node) sandboxURL() string {
	if n.settings.SandboxURL != "" {
		return n.settings.SandboxURL
	}
	return n.settings.PublicURL + "/sandbox"
}

func (n *Node) sandboxHost() string {
	u, err := url.Parse(n.sandboxURL())
	if err != nil {
		return ""
	}
	if u.Port() == "" {
		return u.Host + map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
	}
	return u.Host
}

// Close lets go of the database. It is for a node that was opened and not served.
func (n *Node) Close() error {
	return errors.Join(n.rooms.close(), n.store.Close(), n.see.tracer.Close())
}
