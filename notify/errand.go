package notify

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/queue"
)

// The errands for an endpoint.
const (
	verbProbe   = "probe"    // call a parked endpoint now and then, until it answers
	verbCatchUp = "catch_up" // send what waited and what failed while it was down
	verbReplay  = "replay"   // send a stretch of the past again, as the merchant asked
	verbDrop    = "drop"     // end what waits for an endpoint that was deleted
)

const (
	errandBatch = 25                     // deliveries in one transaction, two rows for each
	errandPause = 500 * time.Millisecond // between batches: an endpoint that has just come back is not flooded
	// A sealer that read the endpoint's status just before it changed may still plan a delivery by it.
	errandLinger = time.Minute
)

// errand is work for an endpoint as a whole. It is a job of its own beside those of the deliveries,
// without a delivery, and its terms are the job's key; so it outlives a crash, and one and the same
// errand is not run twice at once.
type errand struct {
	endpoint     paylink.EndpointID
	verb         string
	since, until time.Time
	onlyFailed   bool
	cursor       string // the last event that was looked at
}

func (er errand) key() string {
	return strings.Join([]string{
		string(er.endpoint), er.verb, strconv.FormatInt(microsOrZero(er.since), 10), strconv.FormatInt(microsOrZero(er.until), 10),
		strconv.FormatBool(er.onlyFailed), er.cursor,
	}, "/")
}

func parseErrand(key string) (errand, error) {
	parts := strings.Split(key, "/")
	if len(parts) != 6 {
		return errand{}, fmt.Errorf("an errand with %d terms", len(parts))
	}
	since, err1 := strconv.ParseInt(parts[2], 10, 64)
	until, err2 := strconv.ParseInt(parts[3], 10, 64)
	onlyFailed, err3 := strconv.ParseBool(parts[4])
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			return errand{}, fmt.Errorf("an errand's terms: %w", err)
		}
	}
	return errand{paylink.EndpointID(parts[0]), parts[1], timeOrZero(since), timeOrZero(until), onlyFailed, parts[5]}, nil
}

func (er errand) job(e paylink.Endpoint, at, now time.Time) paylink.Job {
	return paylink.Job{
		ID: paylink.NewJobID(now), Kind: paylink.JobDeliver, Key: er.key(), Merchant: e.Merchant, Live: e.Live, RunAt: at,
	}
}

// run carries out one step of an errand.
func (n *Notify) run(ctx context.Context, r *queue.Run) error {
	er, err := parseErrand(r.Job.Key)
	if err != nil {
		return err
	}
	e, err := n.Store.Read(ctx).Endpoint(r.Job.Merchant, r.Job.Live, er.endpoint)
	switch {
	case paylink.IsNotFound(err) && er.verb == verbDrop:
		return n.drop(ctx, r, er)
	case paylink.IsNotFound(err):
		return r.Finish(ctx, nil) // the drop sees to the rest
	case err != nil:
		return err
	}
	switch er.verb {
	case verbProbe:
		return n.probe(ctx, r, e)
	case verbCatchUp:
		return n.catchUp(ctx, r, er, e)
	case verbReplay:
		return n.replay(ctx, r, er, e)
	}
	return fmt.Errorf("an errand %s for an endpoint that stands", er.verb)
}

// probe tries the oldest delivery that waits for a parked endpoint.
func (n *Notify) probe(ctx context.Context, r *queue.Run, e paylink.Endpoint) error {
	if e.Status != paylink.EndpointParked {
		return r.Finish(ctx, nil)
	}
	next := n.Now().Add(jitter(probeEvery))
	read := n.Store.Read(ctx)
	waiting, err := read.UnplannedDeliveries(e.Merchant, e.ID, 1)
	if err != nil {
		return err
	}
	if len(waiting) == 0 {
		return r.Again(ctx, next, nil)
	}
	a, err := n.attempt(ctx, read, e, waiting[0])
	if err != nil {
		return err
	}
	if a.problem == "" {
		return r.Finish(ctx, n.delivered(waiting[0], e, a))
	}
	return r.Again(ctx, next, n.record(waiting[0], a, func(*paylink.Delivery) {}))
}

func microsOrZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func timeOrZero(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
