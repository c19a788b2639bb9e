package outbound

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

// ErrDestination is wrapped when a URL or an address is one that this client may not call.
var ErrDestination = errors.New("destination not allowed")

const maxURL = 2048 // bytes

// guard decides where a client may connect: by the URL before anything is looked up, and by the
// address when the connection is made, so that a name cannot change its meaning in between.
type guard struct {
	loopback bool
	hosts    map[string]bool // "host:port", lower case
	dialer   net.Dialer
	public   *ssrf.Guardian
}

func newGuard(o Options) guard {
	g := guard{
		loopback: o.AllowLoopback,
		hosts:    map[string]bool{},
		dialer:   net.Dialer{Timeout: 10 * time.Second, Resolver: o.Resolver},
		public:   ssrf.New(ssrf.WithAnyPort()),
	}
	for _, host := range o.AllowHosts {
		g.hosts[strings.ToLower(host)] = true
	}
	return g
}

// CheckURL says whether a URL may be called, for the moment a merchant enters it. The error wraps
// ErrDestination and its text can be shown: it names the rule and does not repeat the URL. A name is
// not looked up here; what it stands for is judged at each call.
func (c *Client) CheckURL(raw string) error {
	if len(raw) > maxURL {
		return refuse("the URL is longer than %d bytes", maxURL)
	}
	for _, b := range []byte(raw) {
		if b == '#' {
			return refuse("the URL has a fragment (#)")
		}
		if b <= ' ' || b >= 0x7f || b == '\\' {
			return refuse("the URL holds a blank, a control character, a backslash or a letter outside ASCII (write an international name as xn--…)")
		}
	}
	u, err := url.Parse(raw)
	if err != nil {
		return refuse("the URL cannot be read")
	}
	return c.guard.checkURL(u)
}

func (g guard) checkURL(u *url.URL) error {
	host := strings.ToLower(u.Hostname())
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return refuse("the URL must begin with https://")
	case u.Opaque != "" || host == "":
		return refuse("the URL has no host")
	case u.User != nil:
		return refuse("the URL holds a user name or password")
	case u.Fragment != "":
		return refuse("the URL has a fragment (#)")
	}
	port, err := portOf(u)
	switch {
	case err != nil:
		return err
	case g.hosts[net.JoinHostPort(host, strconv.Itoa(port))]:
		return nil
	case g.loopback && isLoopback(host):
		return nil
	case u.Scheme != "https":
		return refuse("the URL must begin with https://")
	case port != 80 && port != 443 && port < 1024:
		return refuse("the port must be 80, 443 or from 1024 on")
	}
	return g.checkHost(host)
}

// checkHost judges a host outside the operator's list by its spelling alone.
func (g guard) checkHost(host string) error {
	if strings.Contains(host, "%") {
		return refuse("the host has an IPv6 zone or an escaped character")
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if g.public.SafeAddr(ip) != nil {
			return refuse("the host is a private or reserved address")
		}
		return nil
	}
	name := strings.TrimSuffix(host, ".")
	labels := strings.Split(name, ".")
	last := labels[len(labels)-1]
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return refuse("the host is not a domain name")
		}
	}
	// No top-level domain begins with a digit. Some resolvers read 127.1, 0177.0.0.1 and 2130706433
	// as addresses, so what looks like a number is refused whatever it means.
	if last[0] >= '0' && last[0] <= '9' {
		return refuse("the host is a number but not a usual IP address")
	}
	if len(labels) == 1 || last == "localhost" || len(name) > 253 {
		return refuse("the host is not a public domain name")
	}
	return nil
}

// dial connects to addr, "host:port" as the URL names it, by the rule that applies to that host.
func (g guard) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	dialer := g.dialer
	host, _, err := net.SplitHostPort(addr)
	switch {
	case err != nil:
		return nil, refuse("the host and port cannot be read")
	case g.hosts[strings.ToLower(addr)]:
	case g.loopback && isLoopback(strings.ToLower(host)):
		dialer.Control = onlyLoopback
	default:
		dialer.Control = g.onlyPublic
	}
	return dialer.DialContext(ctx, network, addr)
}

// onlyPublic runs for each address of a name, after the look-up and before the connection.
func (g guard) onlyPublic(network, address string, conn syscall.RawConn) error {
	if err := g.public.Safe(network, address, conn); err != nil {
		return fmt.Errorf("%w: %w", ErrDestination, err)
	}
	return nil
}

// onlyLoopback keeps a localhost that some resolver has pointed elsewhere from being called.
func onlyLoopback(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !at.Addr().Unmap().IsLoopback() {
		return refuse("localhost is not a loopback address here")
	}
	return nil
}

// isLoopback says whether a lower-case host names this machine by its spelling.
func isLoopback(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

func portOf(u *url.URL) (int, error) {
	text := u.Port()
	if text == "" {
		if strings.HasSuffix(u.Host, ":") {
			return 0, refuse("the URL has a colon without a port")
		}
		if u.Scheme == "http" {
			return 80, nil
		}
		return 443, nil
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 1 || port > 65535 {
		return 0, refuse("the port is not from 1 to 65535")
	}
	return port, nil
}

func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrDestination}, args...)...)
}
