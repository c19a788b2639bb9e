// Package notify tells merchants what happened: by signed webhooks to their endpoints, by the live
// feed behind dashboards, pages and event streams, and by notifications to the devices of their people.
//
// It is for web/api, which manages endpoints and deliveries through it, and for every page that
// changes by itself. It works from sealed events only, so webhooks, feed and event list agree. The
// sealer in audit plans a delivery and its first job with each event; notify carries it out: it
// signs, calls, retries by the schedule, parks an endpoint that is down, probes it, and sends what
// waited when it is back. A webhook is told at least once, always under the same id.
//
// Attempts on a healthy endpoint start in the order of the events' sequence, the next one when the
// one before it was answered or has been out for a moment. That is a courtesy: nothing waits long
// behind a slow answer, and a retry comes when it comes. A receiver that needs the order goes by
// "sequence".
package notify

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"math/rand/v2"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/keyring"
	"paylink/outbound"
	"paylink/queue"
	"paylink/store"
)

// APIVersion is the version of the bodies that endpoints made today are told in.
const APIVersion = "2026-11-22"

// Deps is what a Notify needs.
type Deps struct {
	Store  *store.Store
	Ring   *keyring.Ring
	Client *outbound.Client // of the strict profile: merchants choose the URLs
	Now    func() time.Time
	Log    *slog.Logger

	Push    channel.Sender                                                 // tells browsers of the merchant's people, by Web Push
	Say     func(m paylink.Merchant, l paylink.Link, e paylink.Event) News // what they show of an event
	Contact string                                                         // where the makers of browsers reach whoever runs the server: https:… or mailto:…

	// Attempted, if set, is told of every attempt, when the receiver has answered or has not.
	Attempted func(Attempt)
}

// Attempt is one call to an endpoint and how it ended.
type Attempt struct {
	Delivery paylink.Delivery // as before the attempt
	Began    time.Time
	Status   int    // HTTP; 0: no answer
	Problem  string // empty: it came through
}

// Notify delivers webhooks and manages their endpoints.
type Notify struct {
	Deps
	lanes lanes
}

// New makes a Notify.
func New(d Deps) *Notify {
	return &Notify{Deps: d, lanes: lanes{now: d.Now, of: map[paylink.EndpointID]*lane{}}}
}

// Register names the handlers of deliveries, and of what the merchant's people are told on their devices.
func (n *Notify) Register(q *queue.Queue) {
	q.Handle(paylink.JobDeliver, n.work)
	q.Handle(paylink.JobNews, n.news)
	q.Handle(paylink.JobTell, n.tell)
}

// work carries out one job: a delivery, or an errand for an endpoint.
func (n *Notify) work(ctx context.Context, r *queue.Run) error {
	if r.Job.Payload.Delivery == "" {
		return n.run(ctx, r)
	}
	return n.deliver(ctx, r)
}

// Snapshot is an endpoint as the API and events show it: without its secrets.
func Snapshot(e paylink.Endpoint) *paylink.EndpointSnapshot {
	return &paylink.EndpointSnapshot{
		ID: e.ID, Object: "webhook_endpoint", Livemode: e.Live, URL: e.URL, Events: e.Events, Description: e.Description,
		Status: e.Status, PublicKey: publicText(ed25519.PublicKey(e.PublicKey)), APIVersion: e.APIVersion,
		CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt,
	}
}

// jitter makes a pause up to a tenth shorter or longer, so that what failed together does not return
// together.
func jitter(pause time.Duration) time.Duration {
	return pause + time.Duration((rand.Float64()-0.5)*0.2*float64(pause))
}

// after dates a change of a row later than the one before it, even when the clock stood still.
func after(now, before time.Time) time.Time {
	now = now.UTC().Truncate(time.Microsecond)
	if !now.After(before) {
		return before.Add(time.Microsecond)
	}
	return now
}
