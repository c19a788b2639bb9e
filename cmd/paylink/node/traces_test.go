package node_test

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	spans "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"paylink/cmd/paylink/node"
)

// collected is a collector of traces: what it was sent, as text and understood.
type collected struct {
	server *httptest.Server
	mu     sync.Mutex
	raw    strings.Builder
	spans  []*spans.Span
}

func collect(t *testing.T) *collected {
	t.Helper()
	c := &collected{}
	c.server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var sent collector.ExportTraceServiceRequest
		if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &sent) != nil {
			t.Errorf("a batch that cannot be read, at %s", r.URL.Path)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.raw.Write(body)
		for _, resource := range sent.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				c.spans = append(c.spans, scope.Spans...)
			}
		}
	}))
	t.Cleanup(c.server.Close)
	return c
}

// names gives how often a span of each name is in a trace, and all text that was collected.
func (c *collected) names(trace string) (map[string]int, string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	names := map[string]int{}
	for _, s := range c.spans {
		if hex.EncodeToString(s.TraceId) == trace {
			names[s.Name]++
		}
	}
	return names, c.raw.String()
}

// traceOf finds the trace of the first span with a name.
func (c *collected) traceOf(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if s.Name == name {
			return hex.EncodeToString(s.TraceId)
		}
	}
	return ""
}

// Somebody asks why a merchant was told late: the create, its messages, the start of the payment and
// the webhooks must be one trace, though four workers and a customer had a hand in it. And whoever
// collects traces is not the customer's friend: nothing of him may be in them.
func TestALinksWholeWayIsOneTraceWithoutTheCustomer(t *testing.T) {
	c := collect(t)
	w := newTown(t, func(s *node.Settings) { s.TraceEndpoint, s.TraceRatio = c.server.URL, 1 })
	_, code := w.paidLink()
	const create = "POST /v1/payment_links"
	want := []string{create, "store.write", "dispatch.send", "call.provider", "checkout.start", "notify.deliver", "call.endpoint"}
	w.until("the trace", func() bool {
		names, _ := c.names(c.traceOf(create))
		for _, name := range want {
			if names[name] == 0 {
				return false
			}
		}
		return names["dispatch.send"] == 3 // two requests and a receipt
	})
	_, raw := c.names("")
	silent(t, "what was sent to the collector", raw, code)
	silent(t, "the log", w.log.String(), code)
	if strings.Contains(raw, w.key) {
		t.Error("the API key is in a trace")
	}
	if trace := c.traceOf(create); !strings.Contains(w.log.String(), `"trace":"`+trace+`"`) {
		t.Errorf("no log line names the trace %s", trace)
	}
}

// A stranger who sends a traceparent must not decide what is kept, nor put himself into our traces; our
// own load balancer may.
func TestOnlyTrustedProxiesBringATrace(t *testing.T) {
	const brought = "0af7651916cd43dd8448eb211c80319c"
	for name, trusted := range map[string]bool{"a stranger": false, "a trusted proxy": true} {
		t.Run(name, func(t *testing.T) {
			c := collect(t)
			w := newTown(t, func(s *node.Settings) {
				s.TraceEndpoint, s.TraceRatio = c.server.URL, 1
				if trusted {
					s.Proxies = loopback(t)
				}
			})
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+"/robots.txt", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Traceparent", "00-"+brought+"-b7ad6b7169203331-01")
			w.ask(r)
			w.until("the request's span", func() bool { return c.traceOf("GET /robots.txt") != "" })
			if got := c.traceOf("GET /robots.txt"); (got == brought) != trusted {
				t.Errorf("the request stands in trace %s", got)
			}
		})
	}
}

// A collector that is away must cost nothing but its traces.
func TestACollectorThatIsAwayHurtsNobody(t *testing.T) {
	w := newTown(t, func(s *node.Settings) { s.TraceEndpoint, s.TraceRatio = "http://127.0.0.1:1", 1 })
	w.paidLink()
	w.until("the count of lost batches", func() bool {
		return strings.Contains(w.get(w.admin+"/metrics"), "paylink_trace_exports_failed_total ") &&
			!strings.Contains(w.get(w.admin+"/metrics"), "paylink_trace_exports_failed_total 0")
	})
}
