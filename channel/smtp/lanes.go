package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"sync"
	"time"
)

const (
	longest    = 60 * time.Second // for one letter, from the connection to the last answer
	idle       = 45 * time.Second // servers hang up on the silent after a minute or more
	mostLines  = 8                // connections of one account at once; providers allow ten to twenty
	mostOnLine = 100              // letters on one connection, as many servers allow no more
)

// lanes are the open connections, by account. A letter takes a free one or opens another, up to the bound,
// and gives it back.
type lanes struct {
	dial  func(ctx context.Context, address string) (net.Conn, error)
	roots *x509.CertPool // who vouches for servers; nil: whom the machine believes

	mutex  sync.Mutex
	of     map[laneKey]*lane
	closed bool
}

// lane is what is open for one account.
type lane struct {
	room  chan struct{} // one for each connection that carries a letter
	users int
	free  []*line // the latest used at the end
}

// tls is how a server's certificate is judged: by its name, and nothing older than TLS 1.2.
func (s *lanes) tls(at laneKey) *tls.Config {
	return &tls.Config{ServerName: at.host, MinVersion: tls.VersionTLS12, RootCAs: s.roots}
}

// take gives a line to the server, when there is room for one.
func (s *lanes) take(ctx context.Context, at laneKey) (*line, error) {
	one := s.enter(at)
	select {
	case one.room <- struct{}{}:
	case <-ctx.Done():
		s.leave(at, one)
		return nil, notSent(ctx.Err())
	}
	if free := s.pick(one); free != nil {
		free.used = true
		return free, nil
	}
	line, err := s.fresh(ctx, at)
	if err != nil {
		<-one.room
		s.leave(at, one)
		return nil, err
	}
	return line, nil
}

// give takes a line back. One that broke, or has carried its share, is not used again.
func (s *lanes) give(at laneKey, l *line) {
	s.mutex.Lock()
	one := s.of[at]
	keep := !s.closed && l.letters < mostOnLine && !l.over
	if keep {
		l.rest = time.AfterFunc(idle, func() { s.expire(at, l) })
		one.free = append(one.free, l)
	}
	s.mutex.Unlock()
	if !keep {
		l.hangUp()
	}
	<-one.room
	s.leave(at, one)
}

// pick takes the line that was used last, whose end is least likely.
func (s *lanes) pick(one *lane) *line {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for len(one.free) > 0 {
		last := one.free[len(one.free)-1]
		one.free = one.free[:len(one.free)-1]
		if last.rest.Stop() {
			return last
		}
		// Its time is up, and expire is about to close it.
	}
	return nil
}

// expire closes a line that has waited too long.
func (s *lanes) expire(at laneKey, l *line) {
	s.mutex.Lock()
	if one := s.of[at]; one != nil {
		for i, other := range one.free {
			if other == l {
				one.free = append(one.free[:i], one.free[i+1:]...)
				break
			}
		}
		s.forget(at, one)
	}
	s.mutex.Unlock()
	l.hangUp()
}

func (s *lanes) enter(at laneKey) *lane {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.of[at] == nil {
		s.of[at] = &lane{room: make(chan struct{}, mostLines)}
	}
	s.of[at].users++
	return s.of[at]
}

func (s *lanes) leave(at laneKey, one *lane) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	one.users--
	s.forget(at, one)
}

// forget drops the lane of an account that nobody uses, so that changed passwords leave nothing behind.
func (s *lanes) forget(at laneKey, one *lane) {
	if one.users == 0 && len(one.free) == 0 {
		delete(s.of, at)
	}
}

func (s *lanes) close() {
	s.mutex.Lock()
	var all []*line
	for at, one := range s.of {
		for _, l := range one.free {
			if l.rest.Stop() {
				all = append(all, l)
			}
		}
		one.free = nil
		s.forget(at, one)
	}
	s.closed = true
	s.mutex.Unlock()
	for _, l := range all {
		l.hangUp()
	}
}
