package outbound

import (
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
)

// mailPorts are those below 1024 on which something listens that Dial is for.
var mailPorts = []int{25, 465, 587}

// Dial opens a connection to address, "host:port", for what is not spoken over HTTP, by the same rules as
// Do: whoever else may choose the address, the connection leads to a public one. The error is an *Error
// and NotSent. Deadlines and encryption are the caller's.
func (c *Client) Dial(ctx context.Context, address string) (net.Conn, error) {
	err := c.CheckAddress(address)
	if err == nil {
		var conn net.Conn
		if conn, err = c.connect(ctx, "tcp", strings.ToLower(address)); err == nil {
			return conn, nil
		}
	}
	if errors.Is(err, ErrDestination) {
		host, _, _ := net.SplitHostPort(address)
		c.log.WarnContext(ctx, "outbound.refused", "host", host, "reason", err.Error())
	}
	return nil, &Error{NotSent, err}
}

// CheckAddress says whether Dial may call an address, "host:port", as CheckURL does for URLs.
func (c *Client) CheckAddress(address string) error {
	host, number, err := net.SplitHostPort(strings.ToLower(address))
	if err != nil || host == "" || len(address) > maxURL {
		return refuse("the address is not host:port")
	}
	port, err := strconv.Atoi(number)
	switch {
	case err != nil || port < 1 || port > 65535:
		return refuse("the port is not from 1 to 65535")
	case c.guard.hosts[net.JoinHostPort(host, number)]:
		return nil
	case c.guard.loopback && isLoopback(host):
		return nil
	case port < 1024 && !slices.Contains(mailPorts, port):
		return refuse("the port must be 25, 465, 587 or from 1024 on")
	}
	return c.guard.checkHost(host)
}
