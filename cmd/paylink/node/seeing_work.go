package node

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"paylink"
	"paylink/notify"
	"paylink/outbound"
	"paylink/queue"
	"paylink/store"
	"paylink/telemetry"
)

// writes watches the store.
func (see *seeing) writes(ctx context.Context) (begun func(), ended func(error)) {
	asked := see.now()
	var waited atomic.Int64
	waited.Store(-1)
	_, span := see.tracer.Within(ctx, telemetry.Start{Name: "store.write"})
	begun = func() { waited.CompareAndSwap(-1, int64(max(0, see.now().Sub(asked)))) }
	ended = func(err error) {
		outcome := writeOutcome(err)
		see.metrics.Wrote(outcome, time.Duration(waited.Load()), see.now().Sub(asked))
		span.End(outcome, outcome == "failed" || outcome == "locked")
	}
	return begun, ended
}

// writeOutcome is what became of a transaction, in one word. What a rule refused is nobody's fault.
func writeOutcome(err error) string {
	var invalid *paylink.Invalid
	var notFound *paylink.NotFound
	var conflict *paylink.Conflict
	var refused *paylink.Refused
	var expired *paylink.Expired
	switch {
	case err == nil:
		return "committed"
	case errors.Is(err, store.ErrLocked):
		return "locked"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "gave_up"
	case errors.Is(err, store.ErrClosed), errors.Is(err, store.ErrUnavailable):
		return "unavailable"
	case errors.Is(err, store.ErrLeaseLost), errors.Is(err, store.ErrSealedMeanwhile), errors.As(err, &invalid), errors.As(err, &notFound),
		errors.As(err, &conflict), errors.As(err, &refused), errors.As(err, &expired):
		return "refused"
	}
	return "failed"
}

// aroundJob counts what runs, and makes a span of each run. It stands in the trace in which the link was made that the job is
// about, so that a link's whole way is one trace; what led to the job, such as the customer's press of
// a button, stands beside it.
func (see *seeing) aroundJob(next queue.Handler) queue.Handler {
	return func(ctx context.Context, r *queue.Run) error {
		defer see.metrics.JobBegan(r.Job.Kind)()
		if see.tracer == nil {
			return next(ctx, r)
		}
		p := r.Job.Payload
		parent, err := see.store.Load().Read(ctx).TraceOfJob(r.Job)
		if err != nil || parent == "" {
			parent = p.Trace // a job does not fail because its trace cannot be found
		}
		about := []telemetry.Attribute{
			telemetry.Text("paylink.job", string(r.Job.ID)), telemetry.Text("paylink.job.kind", r.Job.Kind),
			telemetry.Number("paylink.job.attempt", r.Job.Attempts), telemetry.Text("paylink.merchant", string(r.Job.Merchant)),
		}
		for key, id := range map[string]string{
			"paylink.link": string(p.Link), "paylink.message": string(p.Message), "paylink.payment": string(p.Payment),
			"paylink.notice": string(p.Notice), "paylink.delivery": string(p.Delivery),
		} {
			if id != "" {
				about = append(about, telemetry.Text(key, id))
			}
		}
		ctx, span := see.tracer.Begin(ctx, telemetry.Start{Name: r.Job.Kind, Parent: parent, Beside: p.Trace, Kind: telemetry.Work, About: about})
		err = errUnfinished
		defer func() { // also when the handler panics
			outcome := map[bool]string{true: "ok", false: "error"}[err == nil]
			span.End(outcome, err != nil)
		}()
		err = next(ctx, r)
		return err
	}
}

var errUnfinished = errors.New("the handler did not return")

// jobEnded counts a finished run.
func (see *seeing) jobEnded(o queue.Outcome) {
	see.metrics.Job(o.Kind, o.Result, o.Waited, o.Took)
}

// calls watches one of the two clients by which we call out. What is called is not named: a merchant
// chose it.
func (see *seeing) calls(name string) func(context.Context) (context.Context, func(outbound.Response, error)) {
	if see.tracer == nil {
		return nil
	}
	return func(ctx context.Context) (context.Context, func(outbound.Response, error)) {
		ctx, span := see.tracer.Within(ctx, telemetry.Start{Name: "call." + name, Kind: telemetry.Client})
		return ctx, func(res outbound.Response, err error) {
			outcome := "answered"
			var broken *outbound.Error
			if errors.As(err, &broken) {
				outcome = string(broken.When)
			}
			span.End(outcome, err != nil, telemetry.Number("http.response.status_code", int64(res.Status)))
		}
	}
}

// attempted counts a call to a merchant's endpoint.
func (see *seeing) attempted(a notify.Attempt) {
	since := time.Duration(-1)
	if happened := paylink.MadeAt(a.Delivery.Event); a.Delivery.Attempts == 0 && !happened.IsZero() {
		since = max(0, a.Began.Sub(happened))
	}
	see.metrics.Webhook(webhookOutcome(a), string(a.Delivery.EventType), since)
}

func webhookOutcome(a notify.Attempt) string {
	switch {
	case a.Problem == "":
		return "delivered"
	case a.Status >= 300 && a.Status < 600:
		return string(rune('0'+a.Status/100)) + "xx"
	case a.Status == 0 && strings.HasPrefix(a.Problem, "not allowed"):
		return "not_allowed"
	}
	return "no_answer"
}

// sealed counts events. The sealer goes on at once; which method a payment has is read by count.
func (see *seeing) sealed(events []store.Entry, at time.Time) {
	for _, e := range events {
		see.metrics.Sealed(string(e.Type), e.Live, at.Sub(time.UnixMicro(e.At)))
		if !strings.HasPrefix(string(e.Type), "payment.") {
			continue
		}
		select {
		case see.moved <- e:
		default: // counted all the same, only without its method
			see.metrics.Payment("unread", paymentOutcome(e), e.Live)
		}
	}
}

func paymentOutcome(e store.Entry) string { return strings.TrimPrefix(string(e.Type), "payment.") }

// endedAt counts a payment that ended by the gateway that took it. Money that was taken outside has none.
func (see *seeing) endedAt(e store.Entry, p *paylink.PaymentSnapshot) {
	outcome := map[paylink.EventType]string{paylink.EventPaymentCaptured: "taken", paylink.EventPaymentFailed: "declined"}[e.Type]
	if outcome == "" || p.AccountID == "" {
		return
	}
	if p.Decline != nil && p.Decline.Group == "provider_down" {
		outcome = "down"
	}
	see.metrics.Ended(p.Gateway, string(p.Method), outcome)
	if health := see.health.Load(); health != nil {
		health.Ended(e.Merchant, p, time.UnixMicro(e.At))
	}
}

// count counts payments by method, until ctx is done.
func (see *seeing) count(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-see.moved:
			method := "unread"
			var told paylink.EventData
			if err := json.Unmarshal([]byte(e.Data), &told); err == nil && told.Payment != nil {
				method = string(told.Payment.Method)
				see.endedAt(e, told.Payment)
			}
			see.metrics.Payment(method, paymentOutcome(e), e.Live)
		}
	}
}
