package respond

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the load balancers in front of us, whose X-Forwarded-For is believed. It is the only
// header about the client that is: Forwarded, X-Real-IP, X-Forwarded-Host and X-Forwarded-Proto pass
// through most proxies as the client wrote them. What is https and how we are called say the settings.
type Proxies []netip.Prefix

// ParseProxies reads addresses and networks, such as "10.0.0.0/8" and "192.0.2.1".
func ParseProxies(list []string) (Proxies, error) {
	var all Proxies
	for _, text := range list {
		prefix, err := parseNetwork(text)
		if err != nil {
			return nil, fmt.Errorf("trusted proxy %q %w", text, err)
		}
		all = append(all, prefix)
	}
	return all, nil
}

func parseNetwork(text string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		addr, addrErr := netip.ParseAddr(text)
		if addrErr != nil || addr.Zone() != "" {
			return prefix, errors.New("is neither an address nor a network")
		}
		prefix = netip.PrefixFrom(addr, addr.BitLen())
	}
	// An IPv4 network may be written as part of IPv6; addresses are compared as IPv4.
	if addr := prefix.Addr(); addr.Is4In6() && prefix.Bits() >= 96 {
		prefix = netip.PrefixFrom(addr.Unmap(), prefix.Bits()-96)
	}
	if prefix.Bits() == 0 {
		return prefix, errors.New("is everybody: each client could then choose his own address")
	}
	return prefix.Masked(), nil
}

// Client tells who sent a request: the right-most address that is not one of our own proxies.
// Everything to the left of it was written by strangers. Where a proxy of ours wrote something that is
// no address, it is the proxy itself.
func (p Proxies) Client(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	client := peer.Addr().Unmap().WithZone("")
	left := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
	for left != "" && p.trusts(client) {
		cut := strings.LastIndexByte(left, ',')
		hop, ok := parseHop(strings.TrimSpace(left[cut+1:]))
		if !ok {
			break
		}
		client, left = hop, left[:max(0, cut)]
	}
	return client
}

// Told gives what a proxy of ours says about the client in a header of its own; empty when it says
// nothing, says it twice, or when whoever speaks to us is none of ours. The proxy must set the header
// itself: one that only passes it on says what the client wrote.
func (p Proxies) Told(r *http.Request, header string) string {
	said := r.Header.Values(header)
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || len(said) != 1 || !p.trusts(peer.Addr().Unmap().WithZone("")) {
		return ""
	}
	return strings.TrimSpace(said[0])
}

// parseHop reads an address as proxies write it: bare, in brackets, or with a port.
func parseHop(text string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	if err != nil {
		withPort, err := netip.ParseAddrPort(text)
		if err != nil {
			return netip.Addr{}, false
		}
		addr = withPort.Addr()
	}
	return addr.Unmap().WithZone(""), true
}

func (p Proxies) trusts(a netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(a) {
			return true
		}
	}
	return false
}
