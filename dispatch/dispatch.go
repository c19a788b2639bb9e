// Package dispatch hands messages to carriers and takes their receipts.
//
// It is for the jobs that issue leaves behind and for the door through which carriers call. It decides
// whether a message still makes sense, writes it in the customer's language, sends it at most once
// (or as often as a carrier that deduplicates allows), and moves it along by what the carrier says.
// It leaves wording to locale, each carrier's wire to its channel adapter, and retries to queue.
package dispatch

import (
	"log/slog"
	"strings"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/keyring"
	"paylink/provider"
	"paylink/queue"
	"paylink/store"
)

// Deps is what a Dispatch works with.
type Deps struct {
	Store     *store.Store
	Ring      *keyring.Ring
	Senders   map[string]channel.Sender // by provider, as accounts name it
	PublicURL string                    // of the customer's pages and of the door for receipts, without a slash at the end
	Now       func() time.Time          // real time
	Log       *slog.Logger              // nil: slog.Default

	// Turned, if set, is told when an account of a provider is left alone, and when it is used again.
	Turned func(providerName string, to BreakerState)
}

// Dispatch sends and listens. Its methods may be called from many goroutines.
type Dispatch struct {
	store   *store.Store
	ring    *keyring.Ring
	senders map[string]channel.Sender
	public  string
	clock   func() time.Time
	log     *slog.Logger

	firsts   firsts
	healths  healths
	together together
	unsigned provider.Unsigned

	wordings wordings
}

// New makes a Dispatch.
func New(d Deps) *Dispatch {
	if d.Log == nil {
		d.Log = slog.Default()
	}
	return &Dispatch{
		store: d.Store, ring: d.Ring, senders: d.Senders, public: strings.TrimRight(d.PublicURL, "/"),
		clock: d.Now, log: d.Log, healths: healths{turned: d.Turned},
	}
}

// Register takes over the jobs of this step.
func (d *Dispatch) Register(q *queue.Queue) {
	q.Handle(paylink.JobSend, d.send)
	q.Handle(paylink.JobReceipt, d.receipt)
	q.Handle(paylink.JobInform, d.inform)
	q.Handle(paylink.JobStep, d.step)
	q.Handle(paylink.JobPush, d.push)
}

// now is real time as the database keeps it.
func (d *Dispatch) now() time.Time { return d.clock().UTC().Truncate(time.Microsecond) }
