package store

import (
	"net"
	"time"
)

// silence is how long a server may leave what we sent without a sign of life. A machine that loses its
// power closes no connection; without this bound a write would wait for it for a quarter of an hour.
const silence = 15 * time.Second

// dialer makes the connections to PostgreSQL.
func dialer(within time.Duration) *net.Dialer {
	return &net.Dialer{
		Timeout:         within,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: silence / 3, Interval: silence / 3, Count: 3},
		ControlContext:  endSilence,
	}
}
