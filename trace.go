package paylink

import "context"

// traceKey is where a context keeps its trace.
type traceKey struct{}

// WithTrace gives a context whose work belongs to a trace, named as a W3C traceparent:
// "00-", 32 hexadecimal digits of the trace, "-", 16 of the span, "-", two of flags.
// A job that is enqueued under it carries the name, so that what it makes necessary is seen as its work.
func WithTrace(ctx context.Context, traceparent string) context.Context {
	return context.WithValue(ctx, traceKey{}, traceparent)
}

// TraceOf gives the traceparent of a context; empty when nobody traces.
func TraceOf(ctx context.Context) string {
	traceparent, _ := ctx.Value(traceKey{}).(string)
	return traceparent
}
