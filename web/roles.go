package web

import (
	"net/http"
	"strings"

	"paylink/web/api"
	"paylink/web/inbound"
	"paylink/web/respond"
)

// leaves tells whether a pattern belongs to a role that this node has not. Machines that call us come to
// the API's nodes, providers with their notices among them; people come to the pages' nodes. The sandbox
// clock is read by both, and what crawlers are told is no work.
func (d Doors) leaves(pattern string) bool {
	path := pattern[strings.IndexByte(pattern, '/'):]
	switch path {
	case "/v1/", "/openapi.json", "/openapi.yaml", pathOf(inbound.GatewayPath), pathOf(inbound.ChannelPath):
		return d.NoAPI
	case api.ClockPath:
		return d.NoAPI && d.NoPages
	case "/robots.txt":
		return false
	}
	return d.NoPages
}

func pathOf(pattern string) string { return pattern[strings.IndexByte(pattern, '/'):] }

// elsewhere answers for an address that other nodes serve. It is not 404: a customer's link that the load
// balancer sends to the wrong nodes must not look like one that does not exist.
func elsewhere(w http.ResponseWriter, r *http.Request) {
	respond.LineOf(r.Context()).Route = r.Method + " elsewhere"
	respond.Fail(w, r, respond.NewProblem(http.StatusMisdirectedRequest, "misdirected",
		"This node does not serve this address. The load balancer is to send it to one that has the role."))
}
