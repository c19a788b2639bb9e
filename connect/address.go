package connect

import (
	"net"
	"net/url"
)

// wires are the schemes of base URLs that are not spoken over HTTP, with the ports that they have without
// one. What an adapter does not speak it refuses itself.
var wires = map[string]string{"smtp": "587", "smtps": "465", "smpp": "2775", "smpps": "3550"}

// reachable tells whether a base URL leads where accounts may lead.
func (x *Accounts) reachable(base string) error {
	u, err := url.Parse(base)
	if err != nil || wires[u.Scheme] == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/" {
		return x.client.CheckURL(base)
	}
	port := u.Port()
	if port == "" {
		port = wires[u.Scheme]
	}
	return x.client.CheckAddress(net.JoinHostPort(u.Hostname(), port))
}
