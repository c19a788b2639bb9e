package smpp

import (
	"bufio"
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"paylink/channel"
)

// The protocol's timers: how long an answer may take, and how often an idle line is tried.
const (
	responseTimeout = 10 * time.Second
	enquireEvery    = 30 * time.Second
)

// maxUnanswered is how many requests may stay without an answer before a line is given up.
const maxUnanswered = 4096

var (
	errEnded   = errors.New("the connection to the operator has ended")
	errNoReply = errors.New("the operator did not answer")
)

// session is one bound connection.
type session struct {
	conn   net.Conn
	in     *bufio.Reader
	write  sync.Mutex
	window chan struct{} // a place for each request without an answer
	pace   *rate.Limiter

	mu       sync.Mutex
	sequence uint32
	waiting  map[uint32]*call
	ended    chan struct{} // closed when nothing more will be read
}

// call is a request that waits for its answer, which frees its place in the window. When nobody waits any
// more, late is told of it; it does not wait.
type call struct {
	answer chan pdu
	free   func()
	late   func(pdu)
}

// submit sends one message and waits for its answer. An error is *Broken, and NotSent as long as nothing
// of it can have arrived whole; late is told of an answer that came when ctx was over.
func (n *session) submit(ctx context.Context, m short, late func(pdu)) (pdu, error) {
	select {
	case n.window <- struct{}{}:
	case <-ctx.Done():
		return pdu{}, notSent(ctx.Err())
	case <-n.ended:
		return pdu{}, notSent(errEnded)
	}
	if err := n.pace.Wait(ctx); err != nil {
		<-n.window
		return pdu{}, notSent(err)
	}
	return n.ask(ctx, pdu{command: submitSM, body: m.encode()}, func() { <-n.window }, late)
}

// ask writes a request and waits for its answer. free is called once, when the answer is there or waited for
// no longer.
func (n *session) ask(ctx context.Context, p pdu, free func(), late func(pdu)) (pdu, error) {
	if err := ctx.Err(); err != nil {
		free()
		return pdu{}, notSent(err)
	}
	free = sync.OnceFunc(free)
	c := &call{answer: make(chan pdu, 1), free: free}
	p.sequence = n.expect(c)
	if err := n.put(p); err != nil {
		n.forget(p.sequence)
		free()
		return pdu{}, notSent(err) // a unit that is not whole is not understood
	}
	ctx, cancel := context.WithTimeout(ctx, responseTimeout)
	defer cancel()
	select {
	case r := <-c.answer:
		return r, nil
	case <-n.ended:
		free()
		select {
		case r := <-c.answer: // the last thing that was read
			return r, nil
		default:
			return pdu{}, unknown(errEnded)
		}
	case <-ctx.Done():
		n.mu.Lock()
		defer n.mu.Unlock()
		select {
		case r := <-c.answer:
			return r, nil
		default:
		}
		c.late = late
		time.AfterFunc(responseTimeout, free) // an answer that never comes must not take a place for ever
		if len(n.waiting) > maxUnanswered {
			_ = n.conn.Close()
		}
		return pdu{}, unknown(errNoReply)
	}
}

// expect makes a place for an answer. Sequence numbers go from 1 to 0x7fffffff and begin again.
func (n *session) expect(c *call) uint32 {
	n.mu.Lock()
	defer n.mu.Unlock()
	for {
		if n.sequence++; n.sequence > 0x7fffffff {
			n.sequence = 1
		}
		if n.waiting[n.sequence] == nil {
			n.waiting[n.sequence] = c
			return n.sequence
		}
	}
}

func (n *session) forget(sequence uint32) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.waiting, sequence)
}

// put writes one unit whole. After an error, or when the other side takes nothing for too long, the line is
// of no use, and reading it ends too.
func (n *session) put(p pdu) error {
	n.write.Lock()
	defer n.write.Unlock()
	stuck := time.AfterFunc(responseTimeout, func() { _ = n.conn.Close() })
	defer stuck.Stop()
	_, err := n.conn.Write(p.bytes())
	if err != nil {
		_ = n.conn.Close()
	}
	return err
}

// read takes what arrives until the connection ends, which the error tells. Answers go to whom they
// belong, deliver_sm to deliver, which does not wait; the rest it answers itself.
func (n *session) read(deliver func(pdu)) error {
	defer close(n.ended)
	defer func() { _ = n.conn.Close() }()
	for {
		p, err := readPDU(n.in)
		if err != nil {
			return err
		}
		switch {
		case p.command&response != 0:
			n.resolve(p)
		case p.command == deliverSM:
			deliver(p)
		case p.command == enquireLink:
			err = n.put(p.answer(statusOK))
		case p.command == unbind:
			_ = n.put(p.answer(statusOK))
			return errors.New("the operator has ended the bind")
		case p.command == alert || p.command == outbind:
		default:
			err = n.put(pdu{command: genericNack, status: statusUnknownID, sequence: p.sequence})
		}
		if err != nil {
			return err
		}
	}
}

// resolve gives an answer to whom it belongs.
func (n *session) resolve(p pdu) {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := n.waiting[p.sequence]
	if c == nil {
		return
	}
	delete(n.waiting, p.sequence)
	c.free()
	if c.late != nil {
		c.late(p)
		return
	}
	c.answer <- p
}

// keepAlive tries the line until ctx is done or the session ends, and closes it when nobody answers.
func (n *session) keepAlive(ctx context.Context) {
	tick := time.NewTicker(enquireEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.ended:
			return
		case <-tick.C:
		}
		if _, err := n.ask(ctx, pdu{command: enquireLink}, func() {}, nil); err != nil && ctx.Err() == nil {
			_ = n.conn.Close()
		}
	}
}

// leave lets what was submitted be answered, for a while, and says goodbye.
func (n *session) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), responseTimeout/2)
	defer cancel()
	for range cap(n.window) { // who holds all places is alone
		select {
		case n.window <- struct{}{}:
		case <-ctx.Done():
		case <-n.ended:
		}
	}
	ctx, cancel = context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, _ = n.ask(ctx, pdu{command: unbind}, func() {}, nil)
	_ = n.conn.Close()
}

func notSent(err error) error { return &channel.Broken{When: channel.NotSent, Err: err} }
func unknown(err error) error { return &channel.Broken{When: channel.Unknown, Err: err} }
