package telemetry

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"paylink"
)

// Tracing is where spans go, and of how many beginnings.
type Tracing struct {
	Endpoint string  // of a collector that speaks OTLP over HTTP: http://127.0.0.1:4318
	Ratio    float64 // of the traces that begin here; what came with a parent follows its parent
	Version  string
	Failed   func(error) // told when the collector did not take a batch
}

// Tracer makes spans. The nil Tracer is off and costs nothing.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// NewTracer makes a tracer, which sends what it has every few seconds and forgets what the collector
// does not take: a trace is never worth a payment's time.
func NewTracer(ctx context.Context, t Tracing) (*Tracer, error) {
	exporter, err := otlptracehttp.New(ctx,
		otlptracehttp.WithEndpointURL(t.Endpoint+"/v1/traces"), otlptracehttp.WithTimeout(5*time.Second),
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{Enabled: false}),
		otlptracehttp.WithProxy(func(*http.Request) (*url.URL, error) { return nil, nil })) // the operator named where it goes
	if err != nil {
		return nil, fmt.Errorf("send traces to a collector: %w", err)
	}
	provider := sdk.NewTracerProvider(
		sdk.WithBatcher(forgiving{exporter, t.Failed}, sdk.WithBatchTimeout(2*time.Second)),
		sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(t.Ratio))),
		sdk.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "paylink"), attribute.String("service.version", t.Version))))
	return &Tracer{provider: provider, tracer: provider.Tracer("paylink")}, nil
}

// forgiving tells of batches that were not taken, once each, and goes on.
type forgiving struct {
	sdk.SpanExporter
	failed func(error)
}

func (f forgiving) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	if err := f.SpanExporter.ExportSpans(ctx, spans); err != nil && f.failed != nil {
		f.failed(err)
	}
	return nil
}

// Close sends what is left, for at most ten seconds.
func (t *Tracer) Close() error {
	if t == nil {
		return nil
	}
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	return t.provider.Shutdown(ctx)
}

// Attribute is one fact about a span: an id, a pattern, a kind, an outcome; never what a person is
// called, where he is reached, or a code.
type Attribute = attribute.KeyValue

// Text and Number make attributes.
func Text(key, value string) Attribute         { return attribute.String(key, value) }
func Number(key string, value int64) Attribute { return attribute.Int64(key, value) }

// Start says what a span is.
type Start struct {
	Name   string
	Parent string // traceparent of the span that it is part of; empty: what ctx carries, or a new trace
	Beside string // traceparent of other work that led to it; empty: none
	Kind   Kind
	About  []Attribute
}

// Kind is the part that a span plays between two programs.
type Kind int

// The kinds: inside this program, an answer to a request, a call to somebody else, work out of a queue.
const (
	Inside Kind = iota
	Server
	Client
	Work
)

var kinds = map[Kind]trace.SpanKind{Inside: trace.SpanKindInternal, Server: trace.SpanKindServer, Client: trace.SpanKindClient, Work: trace.SpanKindConsumer}

// Span is one piece of work in a trace. The zero Span is none, and may be used like any other.
type Span struct{ span trace.Span }

// Begin starts a span. The context that it gives carries the span, also as paylink.TraceOf.
func (t *Tracer) Begin(ctx context.Context, s Start) (context.Context, Span) {
	if t == nil {
		return ctx, Span{}
	}
	if parent := inParts(s.Parent); parent.IsValid() {
		ctx = trace.ContextWithRemoteSpanContext(ctx, parent)
	}
	options := []trace.SpanStartOption{trace.WithSpanKind(kinds[s.Kind]), trace.WithAttributes(s.About...)}
	if beside := inParts(s.Beside); beside.IsValid() && beside.TraceID() != trace.SpanContextFromContext(ctx).TraceID() {
		options = append(options, trace.WithLinks(trace.Link{SpanContext: beside}))
	}
	ctx, span := t.tracer.Start(ctx, s.Name, options...)
	return paylink.WithTrace(ctx, inWords(span.SpanContext())), Span{span}
}

// Within starts a span only where ctx carries one that is kept: what nobody follows begins no trace.
func (t *Tracer) Within(ctx context.Context, s Start) (context.Context, Span) {
	if t == nil || !trace.SpanContextFromContext(ctx).IsSampled() {
		return ctx, Span{}
	}
	return t.Begin(ctx, s)
}

// SpanOf gives the span that ctx carries.
func SpanOf(ctx context.Context) Span { return Span{trace.SpanFromContext(ctx)} }

// End ends the span with what it came to; bad marks it as an error.
func (s Span) End(outcome string, bad bool, about ...Attribute) {
	if s.span == nil {
		return
	}
	s.span.SetAttributes(append(about, attribute.String("paylink.outcome", outcome))...)
	if bad {
		s.span.SetStatus(codes.Error, outcome)
	}
	s.span.End()
}

// Name gives the span a better name than it began with.
func (s Span) Name(name string) {
	if s.span != nil {
		s.span.SetName(name)
	}
}

// inParts and inWords turn a span's place into a W3C traceparent and back.
func inParts(traceparent string) trace.SpanContext {
	if traceparent == "" {
		return trace.SpanContext{}
	}
	ctx := propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{"traceparent": traceparent})
	return trace.SpanContextFromContext(ctx)
}

func inWords(c trace.SpanContext) string {
	return fmt.Sprintf("00-%s-%s-%s", c.TraceID(), c.SpanID(), c.TraceFlags()&trace.FlagsSampled)
}
