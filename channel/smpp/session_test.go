package smpp

import (
	"bufio"
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"paylink/channel"
	"paylink/outbound"
)

// pipe gives a bound session and the operator's end of its line. Both are in memory, so that time is
// virtual.
func pipe(t *testing.T, window int) (*session, *operator) {
	t.Helper()
	ours, theirs := net.Pipe()
	n := &session{
		conn: ours, in: bufio.NewReader(ours), window: make(chan struct{}, window), pace: rate.NewLimiter(rate.Inf, 1),
		sequence: 1, waiting: map[uint32]*call{}, ended: make(chan struct{}),
	}
	o := &operator{conn: theirs, came: make(chan pdu, 100)}
	o.work.Go(func() {
		in := bufio.NewReader(theirs)
		for {
			p, err := readPDU(in)
			if err != nil {
				close(o.came)
				return
			}
			o.came <- p
		}
	})
	o.work.Go(func() { o.ended = n.read(func(pdu) {}) })
	t.Cleanup(func() { _ = theirs.Close(); o.work.Wait() })
	return n, o
}

type operator struct {
	conn  net.Conn
	came  chan pdu
	ended error // of reading by the session
	work  sync.WaitGroup
}

func (o *operator) answer(p pdu) {
	r := p.answer(statusOK)
	r.body = []byte("7\x00")
	_, _ = o.conn.Write(r.bytes())
}

// A firewall has forgotten the line, and nothing that is written ever arrives: only asking finds it out.
func TestSilentLinesAreGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, o := pipe(t, 10)
		ctx, stop := context.WithCancel(t.Context())
		var work sync.WaitGroup
		defer work.Wait()
		defer stop()
		work.Go(func() { n.keepAlive(ctx) })
		begin := time.Now()
		for range 3 {
			p := <-o.came
			if p.command != enquireLink {
				t.Fatalf("the idle line carries 0x%x", p.command)
			}
			o.answer(p)
		}
		if took := time.Since(begin); took != 90*time.Second {
			t.Errorf("three enquiries in %v, want one every 30 s", took)
		}
		<-o.came // and this one gets no answer
		<-n.ended
		if took := time.Since(begin); took != 130*time.Second {
			t.Errorf("given up after %v, want 10 s after the fourth enquiry", took)
		}
	})
}

// More messages under way than the operator allows, and it ends the bind.
func TestWindowIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, o := pipe(t, 3)
		var work sync.WaitGroup
		defer work.Wait()
		for range 7 {
			work.Go(func() {
				if _, err := n.submit(t.Context(), short{}, nil); err != nil {
					t.Error(err)
				}
			})
		}
		for _, want := range []int{3, 3, 1} {
			synctest.Wait()
			if len(o.came) != want {
				t.Errorf("%d are under way, want %d", len(o.came), want)
			}
			for range len(o.came) {
				o.answer(<-o.came)
			}
		}
	})
}

// Operators cut off who sends faster than agreed.
func TestPaceIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, o := pipe(t, 10)
		n.pace = rate.NewLimiter(20, 2)
		begin := time.Now()
		for range 42 {
			go func() { _, _ = n.submit(t.Context(), short{}, nil) }()
		}
		for range 42 {
			o.answer(<-o.came)
		}
		if took := time.Since(begin); took != 2*time.Second {
			t.Errorf("42 messages in %v, want 2 at once and 20 each second", took)
		}
	})
}

// An answer that never comes takes a place in the window; ten of them, and nothing is sent any more.
func TestLostAnswersFreeTheirPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, o := pipe(t, 2)
		late := make(chan pdu, 1)
		var lost []pdu
		for range 2 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, err := n.submit(ctx, short{}, func(p pdu) { late <- p })
			wantBroken(t, "without an answer", err, channel.Unknown)
			cancel()
			lost = append(lost, <-o.came)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := n.submit(ctx, short{}, nil)
		wantBroken(t, "with a full window", err, channel.NotSent)
		if len(o.came) > 0 {
			t.Error("it was written all the same")
		}
		time.Sleep(responseTimeout)
		go func() { o.answer(<-o.came) }()
		if _, err := n.submit(t.Context(), short{}, nil); err != nil {
			t.Errorf("after the answers' time: %v", err)
		}
		o.answer(lost[0])
		if p := <-late; p.sequence != lost[0].sequence {
			t.Errorf("the late answer is number %d, want %d", p.sequence, lost[0].sequence)
		}
	})
}

// A message that never left can be sent at once by another way; one that may have arrived must not.
func TestEndsOfALineAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, o := pipe(t, 10)
		go func() {
			<-o.came
			_ = o.conn.Close()
		}()
		_, err := n.submit(t.Context(), short{}, nil)
		wantBroken(t, "cut before the answer", err, channel.Unknown)
		_, err = n.submit(t.Context(), short{}, nil)
		wantBroken(t, "on a dead line", err, channel.NotSent)
	})
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer func() { _ = theirs.Close() }()
		n := &session{conn: ours, window: make(chan struct{}, 1), pace: rate.NewLimiter(rate.Inf, 1), waiting: map[uint32]*call{}, ended: make(chan struct{})}
		begin := time.Now()
		_, err := n.submit(t.Context(), short{}, nil)
		wantBroken(t, "when the operator reads nothing", err, channel.NotSent)
		if took := time.Since(begin); took != responseTimeout {
			t.Errorf("that took %v", took)
		}
	})
}

// What is not SMPP ends the line, whatever length it claims.
func TestNonsenseEndsTheLine(t *testing.T) {
	for _, bytes := range []string{"HTTP/1.1 400 Bad Request\r\n\r\n", "\xff\xff\xff\xff\x80\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x01", "\x00\x00\x00\x04"} {
		synctest.Test(t, func(t *testing.T) {
			n, o := pipe(t, 1)
			_, _ = o.conn.Write([]byte(bytes + "0000000000000000"))
			<-n.ended
			synctest.Wait()
			if !errors.Is(o.ended, errWire) {
				t.Errorf("%q: %v", bytes, o.ended)
			}
		})
	}
}

func wantBroken(t *testing.T, what string, err error, when outbound.When) {
	t.Helper()
	var broken *channel.Broken
	if !errors.As(err, &broken) || broken.When != when {
		t.Errorf("%s: %v, want %s", what, err, when)
	}
}
