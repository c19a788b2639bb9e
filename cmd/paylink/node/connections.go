package node

import (
	"net"
	"sync"
	"sync/atomic"
	"syscall"
)

// mostConnections bounds what callers that keep a connection open and say nothing can cost: some
// twenty kilobytes each.
const mostConnections = 10_000

// doorway is a listener with a bound on the connections that are open at once. One that comes when it
// is full is closed at once, which a caller takes for a refusal and tries again; if it were left
// waiting, it would wait for a connection of somebody else's to end.
//
// Half of the process's descriptors are kept for the database and for calling out. Without them a flood
// of connections would close the database to those that are in already.
type doorway struct {
	net.Listener
	most         int64
	open, turned atomic.Int64
}

func newDoorway(l net.Listener) *doorway {
	return &doorway{Listener: l, most: connectionsFor(descriptors())}
}

// connectionsFor gives how many connections may be open on so many descriptors.
func connectionsFor(descriptors uint64) int64 { return int64(min(mostConnections, descriptors/2)) }

// descriptors is how many the process may have.
func descriptors() uint64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return 2 * mostConnections // a system without such a limit
	}
	return limit.Cur
}

func (d *doorway) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if d.open.Add(1) <= d.most {
			return &visitor{Conn: c, left: sync.OnceFunc(func() { d.open.Add(-1) })}, nil
		}
		d.open.Add(-1)
		d.turned.Add(1)
		_ = c.Close() // it was never ours
	}
}

// visitor is a connection that gives its place back.
type visitor struct {
	net.Conn
	left func()
}

func (v *visitor) Close() error {
	v.left()
	return v.Conn.Close()
}
