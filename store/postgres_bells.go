package store

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	channelPrefix = "paylink_"
	// gatherFor is how long a bell waits for others that travel with it: NOTIFY takes a lock that all
	// nodes share, so a busy node sends a few hundred a second at most, whatever it commits.
	gatherFor = 3 * time.Millisecond
	// sendWithin bounds one sending. What it loses, the others' polls find.
	sendWithin = 2 * time.Second
	// listenFirst and listenMost bound the pause before the next attempt to listen.
	listenFirst, listenMost = 100 * time.Millisecond, 5 * time.Second
	// listenCheck is how long a silent listener goes without asking whether the server is still there.
	listenCheck = 15 * time.Second
)

// reach says who must hear a bell.
type reach int

const (
	everyNode reach = iota + 1 // all who wait: pages, streams, copies
	oneWorker                  // some worker: ours, where we have one, and other nodes otherwise
)

// reaches lists the bells that other nodes hear. A worker of ours that has its hands full is no loss:
// the others poll, and then go on until nothing is left.
var reaches = map[string]reach{
	BellSealed: everyNode, BellPayments: everyNode, BellMerchants: everyNode,
	BellJobs: oneWorker, BellEvents: oneWorker,
}

// herald carries bells between the nodes on one PostgreSQL: after commits it sends one NOTIFY for all
// that rang meanwhile, and on a connection of its own it LISTENs for those of others. It hears its own
// too, which only wakes somebody who then finds nothing. The notifications carry no data, and whoever
// needs the change polls as well: without a herald everything comes a little later.
type herald struct {
	store  *Store
	pool   *pgxpool.Pool
	listen *pgx.ConnConfig
	log    *slog.Logger

	mu      sync.Mutex
	waiting map[string]bool
	wake    chan struct{}

	ctx  context.Context // ends with close
	stop context.CancelFunc
	work sync.WaitGroup
}

func startHerald(s *Store, pool *pgxpool.Pool, listen *pgx.ConnConfig, log *slog.Logger) *herald {
	h := &herald{store: s, pool: pool, listen: listen, log: log, waiting: map[string]bool{}, wake: make(chan struct{}, 1)}
	h.ctx, h.stop = context.WithCancel(context.Background())
	h.work.Go(h.sendAll)
	h.work.Go(h.hearAll)
	return h
}

func (h *herald) close() {
	if h == nil {
		return
	}
	h.stop()
	h.work.Wait()
}

// announce lets the topics of a commit travel to the other nodes. It does not wait.
func (h *herald) announce(topics []string) {
	if h == nil || len(topics) == 0 {
		return
	}
	h.mu.Lock()
	for _, topic := range topics {
		if to := reaches[topic]; to == everyNode || to == oneWorker && !h.store.bells.listened(topic) {
			h.waiting[topic] = true
		}
	}
	any := len(h.waiting) > 0
	h.mu.Unlock()
	if any {
		select {
		case h.wake <- struct{}{}:
		default:
		}
	}
}

// sendAll sends what gathers, one sending after the other.
func (h *herald) sendAll() {
	for {
		select {
		case <-h.ctx.Done():
			return
		case <-h.wake:
		}
		if !h.pause(gatherFor) {
			return
		}
		h.mu.Lock()
		topics := h.waiting
		h.waiting = map[string]bool{}
		h.mu.Unlock()
		if len(topics) == 0 {
			continue // they left with the sending before
		}
		if err := h.send(topics); err != nil && h.ctx.Err() == nil {
			h.log.Warn("bells.not_sent", "error", err)
		}
	}
}

// send is one round trip. A bell is no fact: it need not reach the disk, here or on a standby.
func (h *herald) send(topics map[string]bool) error {
	ctx, cancel := context.WithTimeout(h.ctx, sendWithin)
	defer cancel()
	conn, err := h.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	var text strings.Builder
	text.WriteString("BEGIN; SET LOCAL synchronous_commit = off;")
	for topic := range topics {
		fmt.Fprintf(&text, " NOTIFY %s;", channel(topic))
	}
	text.WriteString(" COMMIT")
	// A connection that this leaves inside a transaction is not kept: the pool closes it.
	_, err = conn.Conn().PgConn().Exec(ctx, text.String()).ReadAll()
	return err
}

// hearAll listens, and again when the connection is lost, until close.
func (h *herald) hearAll() {
	pause := listenFirst
	for {
		began, err := h.hear()
		if h.ctx.Err() != nil {
			return
		}
		if began {
			pause = listenFirst
		}
		h.log.Warn("bells.not_heard", "error", err, "again", pause)
		if !h.pause(pause/2 + rand.N(pause)) {
			return
		}
		pause = min(2*pause, listenMost)
	}
}

// hear listens on one connection until it breaks, and tells whether it heard anything at all.
func (h *herald) hear() (began bool, err error) {
	conn, err := pgx.ConnectConfig(h.ctx, h.listen)
	if err != nil {
		return false, err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = conn.Close(ctx) // it is broken, or we are leaving
	}()
	var text strings.Builder
	for topic := range reaches {
		fmt.Fprintf(&text, "LISTEN %s;", channel(topic))
	}
	if _, err := conn.PgConn().Exec(h.ctx, text.String()).ReadAll(); err != nil {
		return false, err
	}
	for topic := range reaches { // whatever rang while nobody listened
		h.heard(topic)
	}
	for {
		ctx, cancel := context.WithTimeout(h.ctx, listenCheck)
		n, err := conn.WaitForNotification(ctx)
		cancel()
		switch {
		case err == nil:
			h.heard(strings.TrimPrefix(n.Channel, channelPrefix))
		case h.ctx.Err() != nil || !pgconn.Timeout(err):
			return true, err
		default:
			if err := h.ask(conn); err != nil {
				return true, err
			}
		}
	}
}

// ask finds out whether the server of a silent connection is still there.
func (h *herald) ask(conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(h.ctx, sendWithin)
	defer cancel()
	return conn.Ping(ctx)
}

func (h *herald) heard(topic string) {
	h.store.kept.changed([]string{topic})
	h.store.bells.ring([]string{topic})
}

// pause reports false when the herald ends meanwhile.
func (h *herald) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-h.ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

func channel(topic string) string { return pgx.Identifier{channelPrefix + topic}.Sanitize() }
