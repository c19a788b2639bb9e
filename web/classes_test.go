package web

import (
	"net/http/httptest"
	"strings"
	"testing"

	"paylink/web/respond"
)

// A request in the wrong room is turned away in somebody else's flood: a notice that brings money in a
// flood of creates, a customer's page in a flood of streams.
func TestRequestsGoToTheirRooms(t *testing.T) {
	for call, want := range map[string]respond.Class{
		"POST /v1/payment_links":                   respond.Writes,
		"POST /v1/payment_links/plink_1/cancel":    respond.Writes,
		"GET /v1/payment_links":                    respond.Reads,
		"GET /v1/events":                           respond.Reads,
		"GET /v1/events/stream":                    respond.Streams,
		"POST /v1/payment_links/bulk":              respond.Uploads,
		"GET /v1/bulk/bulk_1":                      respond.Reads,
		"GET /v1/bulk/bulk_1/stream":               respond.Streams,
		"GET /v1/bulk/bulk_1/errors.csv":           respond.Uploads,
		"GET /v1/bulk/bulk_1/results.csv":          respond.Uploads,
		"POST /v1/bulk/bulk_1/pause":               respond.Writes,
		"POST /dashboard/test/bulk":                respond.Uploads,
		"POST /dashboard/test/settings/files":      respond.Uploads,
		"POST /inbound/gateway/sandbox/acct_1":     respond.Notices,
		"POST /inbound/channel/sandbox/acct_1":     respond.Notices,
		"GET /u/token":                             respond.Reads,
		"POST /u/token":                            respond.Writes,
		"GET /dashboard/test/":                     respond.Reads,
		"GET /dashboard/test/feed":                 respond.Streams,
		"POST /dashboard/test/links":               respond.Writes,
		"GET /dashboard/login":                     respond.Reads,
		"GET /AbCdEfGhIjKlMnOpQrStUv":              respond.Reads,
		"HEAD /AbCdEfGhIjKlMnOpQrStUv":             respond.Reads,
		"GET /ACME/AbCdEfGhIjKlMnOpQrStUv/stream":  respond.Streams,
		"GET /AbCdEfGhIjKlMnOpQrStUv/state":        respond.Reads,
		"POST /AbCdEfGhIjKlMnOpQrStUv/pay":         respond.Payments,
		"POST /AbCdEfGhIjKlMnOpQrStUv/return":      respond.Payments,
		"GET /p?c=AbCdEfGhIjKlMnOpQrStUv":          respond.Reads,
		"GET /brand/acme.png":                      respond.Reads,
		"GET /static/paypage.0123456789abcdef.css": respond.Free,
		"GET /robots.txt":                          respond.Free,
		"GET /openapi.json":                        respond.Free,
		"GET /docs":                                respond.Free,
		"GET /llms.txt":                            respond.Free,
		"POST /sandbox/pay":                        respond.Sandbox,
		"GET /sandbox":                             respond.Sandbox,
	} {
		method, to, _ := strings.Cut(call, " ")
		if got := classOf(httptest.NewRequest(method, to, nil)); got != want {
			t.Errorf("%s is one of the %q, want %q", call, got, want)
		}
	}
}
